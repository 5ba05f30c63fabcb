/**
 * The data verbs on PostgreSQL: rows in, rows out.
 *
 * HOST. `read` and `list` run in READ ONLY transactions. Writes run inside the transaction of their effect row, so the
 * functions here take its client. Failures: not_found, not_unique, too_many, conflict, invalid, precision, unreachable.
 */
import type pg from 'pg';
import type { CreateCall, DeleteCall, ListCall, ReadCall, UpdateCall } from '../language/plan/calls.js';
import { failure } from '../language/plan/failure.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { inTransaction } from '../store/pool.js';
import type { PoolClient } from '../store/pool.js';
import { resultColumns, rowValue } from './column-values.js';
import { naming } from './door.js';
import type { TableRef } from './door.js';
import { deleteStatement, insertStatement, selectStatement, showWhere, updateStatement } from './statement.js';
import type { JsonColumns, Statement } from './statement.js';

const READ_ONLY = 'begin transaction read only';

/** The row, or `{}` where the call says optional. */
export async function readRow(table: TableRef, call: ReadCall): Promise<JsonMap> {
  const rows = await query(table, selectStatement(table.sql, call.where, [], 2));
  const [row] = rows;
  if (row === undefined) {
    if (call.optional) return {};
    throw failure('not_found', `${table.shown} has no row with ${showWhere(call.where)}`);
  }
  if (rows.length > 1) throw failure('not_unique', `${table.shown} has several rows with ${showWhere(call.where)}`);
  return row;
}

export async function listRows(table: TableRef, call: ListCall): Promise<readonly JsonMap[]> {
  const { where, order_by, limit, first } = call;
  const rows = await query(table, selectStatement(table.sql, where, order_by, first ? limit : limit + 1));
  if (rows.length <= limit) return rows;
  const hint = 'raise `limit`, narrow `where`, or take some with `first`';
  throw failure(
    'too_many',
    `${table.shown} has more than ${limit} rows with ${showWhere(where)}, the limit of this step: ${hint}`,
  );
}

/** The row as stored, or a list of them where the call says many. */
export async function createRows(client: PoolClient, table: TableRef, call: CreateCall): Promise<Json> {
  return naming(table.door, table.shown, async () => {
    const json = await jsonColumns(client, table);
    const stored: JsonMap[] = [];
    for (const row of call.rows) stored.push(...(await run(client, table, insertStatement(table.sql, row, json))));
    const [only] = stored;
    return call.many || only === undefined ? stored : only;
  });
}

export async function updateRows(client: PoolClient, table: TableRef, call: UpdateCall): Promise<Json> {
  return naming(table.door, table.shown, async () => {
    const json = await jsonColumns(client, table);
    const rows = await run(client, table, updateStatement(table.sql, call.where, call.set, json));
    return expected(table, call, rows);
  });
}

/** Answers what was deleted. */
export async function deleteRows(client: PoolClient, table: TableRef, call: DeleteCall): Promise<Json> {
  return naming(table.door, table.shown, async () => {
    const rows = await run(client, table, deleteStatement(table.sql, call.where));
    return expected(table, call, rows);
  });
}

/** What a write must have met; otherwise the whole transaction is taken back. */
function expected(
  table: TableRef,
  call: { readonly where: JsonMap; readonly expect: string },
  rows: readonly JsonMap[],
): Json {
  if (call.expect === 'any') return rows;
  if (rows.length > 1) {
    const which = `${rows.length} rows with ${showWhere(call.where)}`;
    throw failure('not_unique', `${table.shown} has ${which}; nothing was changed (expect: any would change them all)`);
  }
  const [row] = rows;
  if (row !== undefined) return row;
  if (call.expect === 'none-or-one') return {};
  throw failure('not_found', `${table.shown} has no row with ${showWhere(call.where)}; nothing was changed`);
}

async function query(table: TableRef, statement: Statement): Promise<readonly JsonMap[]> {
  return naming(table.door, table.shown, () =>
    inTransaction(table.door.pool, (client) => run(client, table, statement), READ_ONLY),
  );
}

const RAW_TEXT = { getTypeParser: () => (text: string) => text } satisfies pg.CustomTypesConfig;

async function run(client: PoolClient, table: TableRef, statement: Statement): Promise<readonly JsonMap[]> {
  const result = await client.query<(string | null)[]>({
    text: statement.text,
    values: [...statement.values],
    rowMode: 'array',
    types: RAW_TEXT,
  });
  const columns = await resultColumns(table.door.pool, client, result.fields);
  return result.rows.map((row) => rowValue(table.shown, columns, row));
}

/** Columns of json type by table, per pool: what a list, a map or a text becomes when it is stored depends on them. */
const seenJsonColumns = new WeakMap<object, Map<string, JsonColumns>>();

async function jsonColumns(client: PoolClient, table: TableRef): Promise<JsonColumns> {
  const { pool } = table.door;
  const seen = seenJsonColumns.get(pool) ?? new Map<string, JsonColumns>();
  seenJsonColumns.set(pool, seen);
  const known = seen.get(table.sql);
  if (known !== undefined) return known;
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_catalog.pg_attribute
     where attrelid = $1::regclass and attnum > 0 and atttypid in ('json'::regtype, 'jsonb'::regtype)`,
    [table.sql],
  );
  const columns: JsonColumns = new Set(rows.map((row) => row.name));
  seen.set(table.sql, columns);
  return columns;
}
