/**
 * Activity `close run`: the last thing a run does.
 *
 * HOST. One transaction: how it ended, the answers its rules gave, what still waited is withdrawn, and the owner's item
 * where there is something left to do. Repeatable. The owner is told afterwards; that cannot fail the run.
 */
import { activityInfo } from '@temporalio/activity';
import type { CloseRunAnswer, CloseRunCall, RuleDecision } from '../language/plan/calls.js';
import type { Outcome } from '../language/plan/host.js';
import { failure } from '../language/plan/failure.js';
import { recordDecision } from '../store/decision.js';
import type { DecisionDraft } from '../store/decision.js';
import { closeItemsOfRun, openItem } from '../store/item.js';
import { inTransaction } from '../store/pool.js';
import { closeRun, readRun } from '../store/run.js';
import type { Dependencies } from './dependencies.js';
import { notifyRole } from './notify-role.js';
import { ownerItem } from './owner-item.js';
import type { Senders } from './send-message.js';

const OUTCOMES: readonly Outcome[] = ['done', 'refused', 'handed_over', 'failed', 'cancelled'];

export function createCloseRun(
  dependencies: Senders & Pick<Dependencies, 'logger'>,
): (call: CloseRunCall) => Promise<CloseRunAnswer> {
  return async (call) => {
    const outcome = OUTCOMES.find((known) => known === call.outcome);
    if (outcome === undefined)
      throw failure('invalid', `"${call.outcome}" is no outcome; there are ${OUTCOMES.join(', ')}`);
    const run_id = activityInfo().workflowExecution?.runId ?? '';
    const item = await inTransaction(dependencies.store.pool, async (client) => {
      const row = await readRun(client, call.ticket);
      const closed = await closeRun(client, { ...call, outcome });
      if (!closed) throw failure('ticket_used', `the ticket ${call.ticket} does not belong to this run`);
      for (const decision of call.rule_decisions) await recordDecision(client, ruleDecision(call, decision));
      await closeItemsOfRun(client, call.ticket);
      const draft = ownerItem(call, row?.input ?? null, run_id);
      if (draft !== undefined) await openItem(client, draft);
      return draft;
    });
    if (item !== undefined) await notifyRole(dependencies, item);
    return { item: item?.id ?? null };
  };
}

function ruleDecision({ ticket, workflow }: CloseRunCall, { key, step, answer, rule }: RuleDecision): DecisionDraft {
  const nothing = { question_hash: null, features: null, text: null, text_hash: null };
  const noModel = { probability: null, probabilities: null, model_sha256: null, model_ms: null };
  return { key, ticket, workflow, step, ...nothing, answer, rung: 'rule', rule, why: null, ...noModel };
}
