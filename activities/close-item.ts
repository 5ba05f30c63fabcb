/** Activity `close item`: nobody decided in time, or the run went on without it. HOST. Repeatable. */
import type { CloseItemCall } from '../language/plan/calls.js';
import type { JsonMap } from '../language/plan/json.js';
import { closeItem } from '../store/item.js';
import type { Dependencies } from './dependencies.js';

export function createCloseItem({ store }: Pick<Dependencies, 'store'>): (call: CloseItemCall) => Promise<JsonMap> {
  return async ({ ticket, item, how }) => {
    await closeItem(store.pool, ticket, item, how);
    return {};
  };
}
