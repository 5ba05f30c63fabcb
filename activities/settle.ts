/** Activity `settle`: finds out whether an effect happened, and makes sure that it cannot happen later. HOST. */
import { settleEffect } from '../connections/effects.js';
import type { SettleAnswer, SettleCall } from '../language/plan/calls.js';
import { failure } from '../language/plan/failure.js';
import type { Dependencies } from './dependencies.js';

export function createSettle({
  connections,
}: Pick<Dependencies, 'connections'>): (call: SettleCall) => Promise<SettleAnswer> {
  return async ({ connection, key }) => {
    const door = connections.get(connection);
    if (door === undefined) throw failure('invalid', `this worker has no connection named "${connection}"`);
    return settleEffect(door, key);
  };
}
