/**
 * Activities `create`, `update`, `delete`: changes of rows, each happening once under its key.
 *
 * HOST. They differ in their statement only. What they answer is what the database stored and gave back; a retry answers
 * the same.
 */
import { findTable } from '../connections/door.js';
import { withEffect } from '../connections/effects.js';
import { createRows, deleteRows, updateRows } from '../connections/postgres.js';
import type { TableRef } from '../connections/door.js';
import type { CreateCall, DeleteCall, UpdateCall } from '../language/plan/calls.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { PoolClient } from '../store/pool.js';
import type { Dependencies } from './dependencies.js';

type Doors = Pick<Dependencies, 'connections'>;

export function createCreate({ connections }: Doors): (call: CreateCall) => Promise<Json> {
  return (call) => write('create', connections, call.in, call, createRows);
}

export function createUpdate({ connections }: Doors): (call: UpdateCall) => Promise<Json> {
  return (call) => write('update', connections, call.in, call, updateRows);
}

export function createDelete({ connections }: Doors): (call: DeleteCall) => Promise<Json> {
  return (call) => write('delete', connections, call.from, call, deleteRows);
}

async function write<Call extends JsonMap & { readonly key: string }>(
  verb: string,
  connections: Dependencies['connections'],
  reference: string,
  call: Call,
  change: (client: PoolClient, table: TableRef, call: Call) => Promise<Json>,
): Promise<Json> {
  const table = findTable(connections, reference);
  const { key, ...asked } = call;
  return withEffect(table.door, { key, request: { verb, ...asked } }, (client) => change(client, table, call));
}
