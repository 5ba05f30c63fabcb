/**
 * Activity `sql`: a query in a READ ONLY transaction, or a change of rows that happens once under its key. HOST.
 */
import { findDoor } from '../connections/door.js';
import { withEffect } from '../connections/effects.js';
import { executeStatement, queryRows } from '../connections/sql.js';
import type { SqlCall } from '../language/plan/calls.js';
import { failure } from '../language/plan/failure.js';
import type { Json } from '../language/plan/json.js';
import type { Dependencies } from './dependencies.js';

export function createSql({ connections }: Pick<Dependencies, 'connections'>): (call: SqlCall) => Promise<Json> {
  return async (call) => {
    const door = findDoor(connections, call.connection);
    if (!call.write) return queryRows(door, call);
    const { key, ...asked } = call;
    if (key === null) throw failure('invalid', 'a statement that changes rows came without the key of its step');
    return withEffect(door, { key, request: { verb: 'sql', ...asked } }, (client) =>
      executeStatement(door, client, call),
    );
  };
}
