/**
 * Activity `settle`: finds out whether an effect happened, and makes sure that it cannot happen later, or says that nobody
 * can know. HOST. Who is asked depends on the verb: the other system, where no database holds the key.
 */
import { findDoor } from '../connections/door.js';
import { settleEffect } from '../connections/effects.js';
import type { SettleAnswer, SettleCall } from '../language/plan/calls.js';
import type { Dependencies } from './dependencies.js';
import { settleHttp } from './settle-http.js';
import { settleUse } from './settle-use.js';

export function createSettle(
  dependencies: Pick<Dependencies, 'connections' | 'services' | 'registered' | 'toolServers'>,
): (call: SettleCall) => Promise<SettleAnswer> {
  return async (call) => {
    if (call.verb === 'http') return settleHttp(dependencies, call);
    if (call.verb === 'use') return settleUse(dependencies, call);
    return settleEffect(findDoor(dependencies.connections, call.connection), call.key);
  };
}
