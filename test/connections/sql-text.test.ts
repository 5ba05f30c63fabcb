/**
 * The reading of statements against PostgreSQL itself: wherever no fault is found, every expression is a parameter there too.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { splitTemplate } from '../../language/expressions/template.js';
import { readSql } from '../../language/steps/sql-text.js';
import { createPool } from '../../store/pool.js';
import type { Pool } from '../../store/pool.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';

const HOLE = '${{ order.id }}';
let postgres: TestPostgres;
let pool: Pool;
beforeAll(async () => {
  postgres = await startPostgres();
  pool = createPool(postgres.url, { size: 1 });
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const odd = fc
  .array(
    fc.constantFrom(
      "'",
      "''",
      '"',
      '""',
      '$',
      '$$',
      '$a$',
      '\\',
      '--',
      '/*',
      '*/',
      '\n',
      ';',
      'a',
      'E',
      ' ',
      HOLE,
      '1',
    ),
    {
      maxLength: 6,
    },
  )
  .map((pieces) => pieces.join(''));
const item = fc.oneof(
  odd.map((text) => `'${text}'`),
  odd.map((text) => `E'${text}'`),
  odd.map((text) => `$$${text}$$`),
  odd.map((text) => `$a$${text}$a$`),
  odd.map((text) => `1 as "${text}"`),
  odd.map((text) => `1 /*${text}*/`),
  odd.map((text) => `1 --${text}\n`),
  odd.map((text) => `1 ${text}`),
  fc.constant(`${HOLE}::text`),
);

it('counts the same parameters', { timeout: 120_000 }, async () => {
  const seen = { agreed: 0, found: 0, refused: 0 };
  const statements = fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => `select ${items.join(', ')}`);
  await fc.assert(
    fc.asyncProperty(statements, async (statement) => {
      const template = splitTemplate(statement);
      const { text, faults } = readSql(template);
      const holes = template.parts.filter((part) => typeof part !== 'string').length;
      if (faults.length > 0) {
        seen.found += 1;
        return;
      }
      const count = await parameters(text);
      if (count === undefined) seen.refused += 1;
      else {
        seen.agreed += 1;
        expect(count).toBe(holes);
      }
    }),
    { numRuns: 1_500 },
  );
  // Each of the three ways is really taken.
  expect(Math.min(seen.agreed, seen.found, seen.refused)).toBeGreaterThan(20);
});

/** How many parameters PostgreSQL sees; undefined where it sees no statement. */
async function parameters(text: string): Promise<number | undefined> {
  try {
    await pool.query(`prepare probe as ${text}`);
  } catch {
    return undefined;
  }
  const { rows } = await pool.query<{ n: number }>(
    "select coalesce(array_length(parameter_types, 1), 0) as n from pg_prepared_statements where name = 'probe'",
  );
  await pool.query('deallocate probe');
  return rows[0]?.n;
}
