/**
 * What activities are made of: everything they reach outside of themselves, handed in by worker/.
 *
 * HOST, types only. One value per worker process. Nothing in here is global, so that a test can run two of them.
 */
import type { Logger } from 'pino';
import type { Channel, Print } from '../connections/channels.js';
import type { Door } from '../connections/door.js';
import type { Service } from '../connections/http.js';
import type { ToolDoor } from '../connections/mcp.js';
import type { JsonMap } from '../language/plan/json.js';
import type { Role } from '../language/plan/project.js';
import type { ModelPort } from '../models/port.js';
import type { RegisteredActivity } from '../setup/application-activities.js';
import type { Pool } from '../store/pool.js';

/** The compiled definitions of this process. */
export interface PlanRegistry {
  newest(name: string): JsonMap | undefined;
  byHash(hash: string): JsonMap | undefined;
  names(): readonly string[];
}

export interface StoreDependency {
  /** Firn's own database; its search path is the project's schema. */
  readonly pool: Pool;
  /** "localhost:5432/firn": for messages. */
  readonly place: string;
}

export interface Dependencies {
  readonly store: StoreDependency;
  readonly connections: ReadonlyMap<string, Door>;
  /** HTTP services, by the names of their connections. */
  readonly services: ReadonlyMap<string, Service>;
  /** Servers of tools, by the name of their connection. */
  readonly toolServers: ReadonlyMap<string, ToolDoor>;
  /** Activities that the application registers, by name. */
  readonly registered: ReadonlyMap<string, RegisteredActivity>;
  readonly channels: ReadonlyMap<string, Channel>;
  /** The channel of a message that names none. */
  readonly defaultChannel: string;
  readonly roles: ReadonlyMap<string, Role>;
  readonly plans: PlanRegistry;
  readonly models: ModelPort;
  /** Search attributes that exist in this namespace. */
  readonly searchAttributes: readonly string[];
  readonly logger: Logger;
  /** Where the console channel prints. */
  readonly print: Print;
  /** Events of history after which a run continues as new; absent = the usual number. Tests set it low. */
  readonly continueAfterEvents?: number;
}
