/**
 * The composition root: from a configuration to what the activities are made of.
 *
 * HOST. Opens nothing that is not there: pools connect with their first query, so that a worker starts without its
 * database and waits for it inside the activities, where Temporal's UI shows it.
 */
import type { Logger } from 'pino';
import type { Dependencies, PlanRegistry } from '../activities/index.js';
import type { Print } from '../connections/channels.js';
import type { Door } from '../connections/door.js';
import type { Service } from '../connections/http.js';
import { createToolDoor, type ToolDoor } from '../connections/mcp.js';
import type { ModelPort } from '../models/port.js';
import type { RegisteredActivity } from '../setup/application-activities.js';
import type { Configuration } from '../setup/configuration.js';
import { openDoor } from '../setup/doors.js';
import { createPool, placeOf } from '../store/pool.js';

export interface Parts {
  readonly plans: PlanRegistry;
  /** Activities that the application registers. */
  readonly registered: ReadonlyMap<string, RegisteredActivity>;
  readonly models: ModelPort;
  readonly searchAttributes: readonly string[];
  readonly logger: Logger;
  readonly print: Print;
}

export interface Composed {
  readonly dependencies: Dependencies;
  /** Closes every pool, and ends the programs of tool servers. */
  readonly close: () => Promise<void>;
}

export function composeDependencies(configuration: Configuration, parts: Parts): Composed {
  const { schema, limits, project, channels, customerChannel } = configuration;
  const url = configuration.databaseUrl.resolve();
  const pool = createPool(url, { schema, size: limits.pool_size });
  const doors = openDoors(configuration);
  const toolServers = openToolServers(configuration, parts.logger);
  const dependencies = {
    ...parts,
    store: { pool, place: placeOf(url) },
    connections: doors,
    services: servicesOf(configuration),
    toolServers,
    channels,
    defaultChannel: customerChannel,
    roles: project.roles,
  };
  const close = async (): Promise<void> => {
    const tools = [...toolServers.values()].map((door) => door.close());
    await Promise.all([pool.end(), ...tools, ...[...doors.values()].map((door) => door.pool.end())]);
  };
  return { dependencies, close };
}

function openDoors(configuration: Configuration): ReadonlyMap<string, Door> {
  const { connections, limits } = configuration;
  return new Map(
    [...connections].flatMap(([name, connection]): [string, Door][] =>
      connection.kind === 'postgres' ? [[name, openDoor(configuration, connection, limits.pool_size)]] : [],
    ),
  );
}

/** Nothing is opened: every request has a connection of its own. */
function servicesOf({ connections }: Configuration): ReadonlyMap<string, Service> {
  return new Map(
    [...connections].flatMap(([name, connection]): [string, Service][] =>
      connection.kind === 'http' ? [[name, connection]] : [],
    ),
  );
}

/** Nothing is started yet: a server of tools is reached with its first call. */
function openToolServers({ connections }: Configuration, logger: Logger): ReadonlyMap<string, ToolDoor> {
  return new Map(
    [...connections].flatMap(([name, connection]): [string, ToolDoor][] => {
      if (connection.kind !== 'mcp') return [];
      const log = (line: string): void => logger.debug({ connection: name }, `tools: ${line}`);
      return [[name, createToolDoor({ ...connection, log })]];
    }),
  );
}
