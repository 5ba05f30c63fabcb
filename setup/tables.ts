/**
 * The tables that have to be there before a run can start: Firn's own, and one beside the tables of each connection.
 *
 * HOST. Repeatable, and safe when several start at once. `npm start` and every worker do it.
 */
import type { Door } from '../connections/door.js';
import { prepareConnection } from '../connections/prepare.js';
import { failure, messageOf } from '../language/plan/failure.js';
import { migrate } from '../store/migrate.js';
import { createPool } from '../store/pool.js';
import type { Configuration } from './configuration.js';
import { openDoor } from './doors.js';

/** Failure `unreachable` with the reason. */
export async function prepareTables(configuration: Configuration): Promise<{ readonly said: string }> {
  const pool = createPool(configuration.databaseUrl.resolve(), { size: 1 });
  const doors: Door[] = [];
  try {
    const applied = await migrate(pool, configuration.schema);
    for (const connection of configuration.connections.values()) {
      if (connection.kind !== 'postgres' || connection.effects === 'none') continue;
      const door = openDoor(configuration, connection, 1);
      doors.push(door);
      await prepareConnection(door);
    }
    return { said: applied.length === 0 ? 'up to date' : `applied ${applied.length} migrations` };
  } catch (error) {
    throw failure('unreachable', `the tables could not be made: ${messageOf(error)}`);
  } finally {
    await Promise.all([pool.end(), ...doors.map((door) => door.pool.end())]);
  }
}
