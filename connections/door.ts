/**
 * A door: one configured PostgreSQL connection, as the activities use it.
 *
 * HOST. A door knows where it leads and whether its database has Firn's effect table; which tables and columns exist was
 * checked when the definition was compiled. Definitions name doors, never addresses.
 */
import { failure } from '../language/plan/failure.js';
import { databaseFailure } from '../store/failures.js';
import { createPool, placeOf, quoteIdentifier } from '../store/pool.js';
import type { Pool } from '../store/pool.js';

export interface Door {
  /** As firn.yaml and definitions name it. */
  readonly name: string;
  readonly pool: Pool;
  /** "localhost:5432/shop": for messages; without the password. */
  readonly place: string;
  /** `none`: writes are at-least-once, because the database has no effect table. */
  readonly effects: 'exactly-once' | 'none';
  /** The schema of the effect table: the project's name. */
  readonly effectSchema: string;
  /** The schema of the connection's own tables; undefined = the database's search path. */
  readonly tableSchema: string | undefined;
}

export interface DoorSettings {
  readonly name: string;
  readonly url: string;
  readonly effects: Door['effects'];
  readonly effectSchema: string;
  readonly tableSchema: string | undefined;
  readonly size?: number;
  readonly statement_timeout_ms?: number;
  readonly lock_timeout_ms?: number;
}

export function createDoor(settings: DoorSettings): Door {
  const { name, url, effects, effectSchema, tableSchema, ...limits } = settings;
  return { name, pool: createPool(url, limits), place: placeOf(url), effects, effectSchema, tableSchema };
}

/** The door to a connection. Failure `invalid` where this worker has none of that name. */
export function findDoor(doors: ReadonlyMap<string, Door>, name: string): Door {
  const door = doors.get(name);
  if (door === undefined) throw failure('invalid', `this worker has no connection named "${name}"`);
  return door;
}

/** A table behind a door: `connection.table` taken apart. */
export interface TableRef {
  readonly door: Door;
  /** Quoted SQL. */
  readonly sql: string;
  /** As the author wrote it: `shop.orders`. */
  readonly shown: string;
}

export function findTable(doors: ReadonlyMap<string, Door>, reference: string): TableRef {
  const dot = reference.indexOf('.');
  const name = reference.slice(0, dot);
  const table = reference.slice(dot + 1);
  const door = doors.get(name);
  if (dot < 1 || table === '' || door === undefined) {
    const known = [...doors.keys()].join(', ');
    throw failure(
      'invalid',
      `"${reference}" names no table of a connection of this worker; its connections: ${known || 'none'}`,
    );
  }
  const schema = door.tableSchema === undefined ? '' : `${quoteIdentifier(door.tableSchema)}.`;
  return { door, sql: `${schema}${quoteIdentifier(table)}`, shown: reference };
}

/** Runs `work`; what its database throws becomes a failure that names the table. */
export async function naming<T>(door: Door, shown: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw databaseFailure(error, door.place, shown) ?? error;
  }
}
