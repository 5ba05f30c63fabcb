/**
 * Statements that an author wrote, with bound values: rows out, or how many were changed.
 *
 * HOST. Values are parameters of the protocol and never part of the text, and the text is one statement: the extended
 * protocol, which is used even without values, takes no second. A query runs in a READ ONLY transaction and by a cursor, so
 * that more rows than the limit are never fetched.
 */
import type pg from 'pg';
import type { SqlCall } from '../language/plan/calls.js';
import { failure } from '../language/plan/failure.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { databaseFailure } from '../store/failures.js';
import { inTransaction, quoteIdentifier } from '../store/pool.js';
import type { PoolClient } from '../store/pool.js';
import { fitted } from './answers.js';
import { resultColumns, rowValue } from './column-values.js';
import type { ResultColumn } from './column-values.js';
import type { Door } from './door.js';

type Asked = Pick<SqlCall, 'text' | 'values' | 'returns' | 'limit'>;

/** Failures `too_many`, `invalid`, `precision`, `unreachable`. */
export async function queryRows(door: Door, call: Asked): Promise<readonly Json[]> {
  const limit = call.limit ?? 0;
  const work = async (client: PoolClient): Promise<readonly Json[]> => {
    await lookIn(door, client);
    await run(client, `declare firn_rows no scroll cursor for ${call.text}`, call.values);
    const result = await run(client, `fetch forward ${Math.trunc(limit) + 1} from firn_rows`, []);
    return rowsOf(door, client, result, call);
  };
  return explaining(door, () => inTransaction(door.pool, work, 'begin transaction read only'));
}

/** `{count}`, or the rows where the call has a limit for them. */
export async function executeStatement(door: Door, client: PoolClient, call: Asked): Promise<Json> {
  return explaining(door, async () => {
    await lookIn(door, client);
    const result = await run(client, call.text, call.values);
    return call.limit === null ? { count: result.rowCount ?? 0 } : rowsOf(door, client, result, call);
  });
}

/** A table without a schema is one of the connection's own schema, as it is for the other verbs; until the transaction ends. */
async function lookIn({ tableSchema }: Door, client: PoolClient): Promise<void> {
  if (tableSchema === undefined) return;
  const path = `select set_config('search_path', $1 || ', ' || current_setting('search_path'), true)`;
  await run(client, path, [quoteIdentifier(tableSchema)]);
}

/** What the database says of the text is about the author's own statement, and not about the columns file. */
async function explaining<T>(door: Door, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (error instanceof Error && typeof code === 'string' && OF_THE_TEXT.test(code)) {
      const hint = code === '25006' ? ' (a `query` only reads; `execute` changes rows)' : '';
      throw failure('invalid', `the database of ${door.name} refuses the statement: ${error.message}${hint}`);
    }
    throw databaseFailure(error, door.place, door.name) ?? error;
  }
}

/** Syntax, names, types and values (42, 22), what it does not do (0A), and writing where it may only read. */
const OF_THE_TEXT = /^(42(?!501)[0-9A-Z]{3}|22[0-9A-Z]{3}|0A000|25006)$/;

type Rows = pg.QueryArrayResult<(string | null)[]>;

const RAW_TEXT = { getTypeParser: () => (text: string) => text } satisfies pg.CustomTypesConfig;

function run(client: PoolClient, text: string, values: readonly Json[]): Promise<Rows> {
  const config = { text, values: [...values], rowMode: 'array', types: RAW_TEXT, queryMode: 'extended' } as const;
  return client.query<(string | null)[]>(config);
}

async function rowsOf(door: Door, client: PoolClient, result: Rows, call: Asked): Promise<readonly Json[]> {
  const limit = call.limit ?? 0;
  if (result.rows.length > limit) {
    const hint = 'raise `limit`, or let the statement give fewer';
    throw failure('too_many', `the statement gives more than ${limit} rows, the limit of this step: ${hint}`);
  }
  const columns = await resultColumns(door.pool, client, result.fields);
  checkNames(columns);
  return result.rows.map((texts, index) => {
    const row: JsonMap = rowValue(door.name, columns, texts);
    return call.returns === null ? row : fitted(call.returns, row, `row ${index + 1} of the statement`);
  });
}

function checkNames(columns: readonly ResultColumn[]): void {
  const names = columns.map(({ column }) => column);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  const hint = 'give each a name of its own with `as`';
  throw failure('invalid', `the statement gives two columns with the name "${twice}": ${hint}`);
}
