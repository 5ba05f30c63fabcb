/** Activity `list`: the rows that are asked for, never silently fewer. HOST. Repeatable; in a READ ONLY transaction. */
import { findTable } from '../connections/door.js';
import { listRows } from '../connections/postgres.js';
import type { ListCall } from '../language/plan/calls.js';
import type { JsonMap } from '../language/plan/json.js';
import type { Dependencies } from './dependencies.js';

export function createList({
  connections,
}: Pick<Dependencies, 'connections'>): (call: ListCall) => Promise<readonly JsonMap[]> {
  return async (call) => listRows(findTable(connections, call.from), call);
}
