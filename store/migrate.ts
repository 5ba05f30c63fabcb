/**
 * Firn's own tables: brings a database to the shape this program knows, however many workers start at once.
 *
 * HOST. All in one transaction under an advisory lock: a crash in the middle leaves nothing half done, and the second
 * worker waits and then finds nothing to do. A database that is ahead of this program is refused, not touched.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { failure } from '../language/plan/failure.js';
import { inTransaction, quoteIdentifier } from './pool.js';
import type { Pool } from './pool.js';

export interface Migration {
  /** File name without `.sql`; names sort in the order of their numbers. */
  readonly name: string;
  readonly sql: string;
}

export const EFFECT_MIGRATION = '003_effect';

/** Beside this file in the sources and in a build that copied them; else in the sources next to the build. */
const FOLDERS = ['./migrations/', '../../store/migrations/'];

export function readMigrations(): readonly Migration[] {
  const found = FOLDERS.map((folder) => fileURLToPath(new URL(folder, import.meta.url))).find((path) =>
    existsSync(path),
  );
  if (found === undefined) throw new Error('the folder store/migrations is missing from this installation');
  return readdirSync(found)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.sql'.length), sql: readFileSync(`${found}/${file}`, 'utf8') }));
}

/** The name of the lock under which a schema is changed, whoever does it. */
export function migrationLock(schema: string): string {
  return `firn migrate ${schema}`;
}

/** Applies what is missing; answers the names of what it applied. Failure `invalid` when the database is newer. */
export async function migrate(pool: Pool, schema: string): Promise<readonly string[]> {
  const migrations = readMigrations();
  return inTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = '60s'; set local statement_timeout = '60s'`);
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [migrationLock(schema)]);
    await client.query(`create schema if not exists ${quoteIdentifier(schema)}`);
    await client.query(`set local search_path to ${quoteIdentifier(schema)}`);
    await client.query(
      'create table if not exists firn_migration (name text primary key, at timestamptz not null default clock_timestamp())',
    );
    const { rows } = await client.query<{ name: string }>('select name from firn_migration');
    const applied = new Set(rows.map((row) => row.name));
    const known = new Set(migrations.map((migration) => migration.name));
    const newer = [...applied].filter((name) => !known.has(name));
    if (newer.length > 0) {
      const names = newer.join(', ');
      throw failure('invalid', `the schema "${schema}" was made by a newer Firn (it has ${names}): use that version`);
    }
    const missing = migrations.filter((migration) => !applied.has(migration.name));
    for (const { name, sql } of missing) {
      await client.query(sql);
      await client.query('insert into firn_migration (name) values ($1)', [name]);
    }
    return missing.map((migration) => migration.name);
  });
}
