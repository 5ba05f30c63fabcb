/**
 * `firn connections prepare`: the one table that Firn needs in the database of a connection.
 *
 * HOST. The SQL is shown to whoever may not let a program create tables, and run for everybody else. Repeatable; the
 * same statement is one of the migrations of Firn's own database.
 */
import pg from 'pg';
import { failure } from '../language/plan/failure.js';
import { EFFECT_MIGRATION, migrationLock, readMigrations } from '../store/migrate.js';
import { quoteIdentifier } from '../store/pool.js';
import { naming } from './door.js';
import type { Door } from './door.js';

/** One transaction, complete: can be given to `psql`. */
export function prepareSql(effectSchema: string): string {
  const migration = readMigrations().find(({ name }) => name === EFFECT_MIGRATION);
  if (migration === undefined)
    throw failure('invalid', 'the migration of the effect table is missing from this installation');
  const schema = quoteIdentifier(effectSchema);
  const lock = pg.escapeLiteral(migrationLock(effectSchema));
  const lines = [
    'begin;',
    `select pg_advisory_xact_lock(hashtextextended(${lock}, 0));`,
    `create schema if not exists ${schema};`,
    `set local search_path to ${schema};`,
  ];
  return [...lines, migration.sql.trim(), 'commit;', ''].join('\n');
}

export async function prepareConnection(door: Door): Promise<void> {
  await naming(door, door.name, async () => {
    const client = await door.pool.connect();
    let failed = true;
    try {
      await client.query(prepareSql(door.effectSchema));
      failed = false;
    } finally {
      // A failed script leaves its transaction open: such a connection is not used again.
      client.release(failed);
    }
  });
}

/** Whether the effect table is there: what `doctor` and a worker's start ask. */
export async function isPrepared(door: Door): Promise<boolean> {
  return naming(door, door.name, async () => {
    const { rows } = await door.pool.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
      `${quoteIdentifier(door.effectSchema)}.firn_effect`,
    ]);
    return rows[0]?.there === true;
  });
}
