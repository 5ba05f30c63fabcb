/** Activity `read`: the one row that is asked for. HOST. Repeatable; in a READ ONLY transaction. */
import { findTable } from '../connections/door.js';
import { readRow } from '../connections/postgres.js';
import type { ReadCall } from '../language/plan/calls.js';
import type { JsonMap } from '../language/plan/json.js';
import type { Dependencies } from './dependencies.js';

export function createRead({ connections }: Pick<Dependencies, 'connections'>): (call: ReadCall) => Promise<JsonMap> {
  return async (call) => readRow(findTable(connections, call.from), call);
}
