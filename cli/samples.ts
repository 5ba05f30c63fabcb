/**
 * The sample data that ships beside definitions: `definitions/<name>/*.sql`, each repeatable.
 *
 * HOST. The demo applies all of them, so that it starts from the same rows each time; a command that brought up an
 * environment for itself applies them only where their schema does not exist yet.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createPool } from '../store/pool.js';
import type { Environment } from '../setup/environment.js';

export async function prepareSamples(
  environment: Environment,
  mode: 'anew' | 'where missing',
): Promise<readonly string[]> {
  const { configuration } = environment;
  const pool = createPool(environment.database.url, { size: 1 });
  const applied: string[] = [];
  try {
    const folders = new Set(configuration.definitions.map((definition) => dirname(definition.path)));
    for (const folder of folders) {
      for (const file of readdirSync(folder)
        .filter((name) => name.endsWith('.sql'))
        .sort()) {
        const schema = file.replace(/\.sql$/, '');
        const { rows } = await pool.query<{ there: boolean }>('select to_regnamespace($1) is not null as there', [
          schema,
        ]);
        if (mode === 'where missing' && rows[0]?.there === true) continue;
        await pool.query(readFileSync(join(folder, file), 'utf8'));
        applied.push(schema);
      }
    }
  } finally {
    await pool.end();
  }
  return applied;
}
