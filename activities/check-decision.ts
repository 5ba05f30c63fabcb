/**
 * Activity `check decision`: whether a person's decision counts, and the record of it either way.
 *
 * HOST. The row is held while it is judged, so of two decisions at the same moment one waits and is then second. A retry
 * of a decision that was accepted is accepted again. What does not count is recorded with its reason. The deadline is
 * the run's to keep, by its own clock: a decision that came in time is not lost because the database was slow; after the
 * deadline the run closes the row.
 */
import type { CheckDecisionAnswer, CheckDecisionCall } from '../language/plan/calls.js';
import { conform } from '../language/expressions/conform.js';
import { canonicalJson, isJsonMap, type JsonMap } from '../language/plan/json.js';
import { APPROVED, NONE_OF_THESE, REJECTED } from '../language/plan/messages.js';
import { decideItem, lockItem, recordRefusedDecision } from '../store/item.js';
import type { ItemRow } from '../store/item.js';
import { recordPersonAnswer } from '../store/decision.js';
import { inTransaction } from '../store/pool.js';
import type { PoolClient } from '../store/pool.js';
import type { Dependencies } from './dependencies.js';

export function createCheckDecision({
  store,
  roles,
}: Pick<Dependencies, 'store' | 'roles'>): (call: CheckDecisionCall) => Promise<CheckDecisionAnswer> {
  return (call) =>
    inTransaction(store.pool, async (client) => {
      const item = await lockItem(client, call.ticket, call.item);
      if (item !== undefined && isRepeated(item, call)) {
        return { accepted: true, because: 'decided', at: item.closed_at ?? '' };
      }
      const because = item === undefined ? 'nothing waits there' : refusal(item, call, roles);
      if (because !== undefined) return refuse(client, call, because);
      const { ticket, item: id, decision, values, comment, by } = call;
      const at = await decideItem(client, { ticket, id, decision, filled: values, comment, by });
      if (at === undefined) return refuse(client, call, 'it is closed');
      if (item?.kind === 'answer' && formOf(item) === undefined)
        await recordPersonAnswer(client, { ticket, step: item.step, answer: decision, by });
      return { accepted: true, because: 'decided', at };
    });
}

async function refuse(client: PoolClient, call: CheckDecisionCall, because: string): Promise<CheckDecisionAnswer> {
  const { ticket, item, decision, comment, by, digest } = call;
  const at = await recordRefusedDecision(client, { ticket, item, decision, comment, by, digest, because });
  return { accepted: false, because, at };
}

/** The fields that the item asks for, where it does. */
function formOf({ body }: ItemRow): JsonMap | undefined {
  return isJsonMap(body) && isJsonMap(body['form']) ? body['form'] : undefined;
}

function isRepeated(item: ItemRow, { decision, values, comment, by, digest }: CheckDecisionCall): boolean {
  const filled = canonicalJson(item.filled) === canonicalJson(values);
  const same = filled && item.decision === decision && item.decided_by === by && item.digest === digest;
  return item.how === 'decided' && same && item.comment === comment;
}

/** Why the decision does not count, for the person who made it; undefined when it does. */
function refusal(item: ItemRow, call: CheckDecisionCall, roles: Dependencies['roles']): string | undefined {
  const { by, decision, values, comment, digest } = call;
  if (item.closed_at !== null) {
    const who = item.decided_by === null ? (item.how ?? 'closed') : `"${item.decision ?? ''}" by ${item.decided_by}`;
    return `it was already closed at ${item.closed_at}: ${who}`;
  }
  if (item.digest !== digest) return 'it has changed since it was shown: look at it again';
  const people = roles.get(item.role)?.people ?? [];
  if (!people.includes(by)) return `"${by}" is not one of ${item.role} (${people.join(', ') || 'nobody is'})`;
  if (item.not_by === by) return `"${by}" asked for this and may not decide it`;
  const form = formOf(item);
  if (form !== undefined) return conform(form, values ?? {}, 'values');
  const allowed = item.kind === 'approve' ? [APPROVED, REJECTED] : [...(item.answers ?? []), NONE_OF_THESE];
  if (!allowed.includes(decision)) return `"${decision}" is not one of: ${allowed.join(', ')}`;
  if (decision === REJECTED && (comment === null || comment.trim() === '')) return 'a rejection needs a reason';
  return undefined;
}
