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
import type { ModelPort } from '../models/port.js';
import type { Configuration } from '../setup/configuration.js';
import { openDoor } from '../setup/doors.js';
import { createPool, placeOf } from '../store/pool.js';

export interface Parts {
  readonly plans: PlanRegistry;
  readonly models: ModelPort;
  readonly searchAttributes: readonly string[];
  readonly logger: Logger;
  readonly print: Print;
}

export interface Composed {
  readonly dependencies: Dependencies;
  /** Closes every pool. */
  readonly close: () => Promise<void>;
}

export function composeDependencies(configuration: Configuration, parts: Parts): Composed {
  const { schema, limits, project, channels, customerChannel } = configuration;
  const url = configuration.databaseUrl.resolve();
  const pool = createPool(url, { schema, size: limits.pool_size });
  const doors = openDoors(configuration);
  const dependencies = {
    ...parts,
    store: { pool, place: placeOf(url) },
    connections: doors,
    channels,
    defaultChannel: customerChannel,
    roles: project.roles,
  };
  const close = async (): Promise<void> => {
    await Promise.all([pool.end(), ...[...doors.values()].map((door) => door.pool.end())]);
  };
  return { dependencies, close };
}

function openDoors(configuration: Configuration): ReadonlyMap<string, Door> {
  const { connections, limits } = configuration;
  return new Map(
    [...connections].map(([name, connection]) => [name, openDoor(configuration, connection, limits.pool_size)]),
  );
}
