/**
 * What the owner of a run gets when it was handed over, or when something could not be taken back.
 *
 * HOST, without I/O. Everything known is in it, so that nobody has to search: why, where, what stays, what was undone,
 * what it was started with. The input is marked as what it is: text from outside.
 */
import type { CloseRunCall } from '../language/plan/calls.js';
import { digest } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { ItemDraft } from '../store/item.js';

const TITLE_LIMIT = 200;

/** Undefined when nothing is left for the owner to do. */
export function ownerItem(call: CloseRunCall, input: Json, run_id: string): ItemDraft | undefined {
  const stays = call.undo
    .filter((report) => report['status'] === 'failed' || report['status'] === 'unknown')
    .flatMap(({ step }) => (typeof step === 'string' ? [step] : []));
  const handedOver = call.outcome === 'handed_over';
  if (!handedOver && stays.length === 0) return undefined;
  const reason = call.reason ?? call.code ?? 'no reason was given';
  const stuck = stays.length === 0 ? '' : `${stays.join(', ')} could not be taken back`;
  const what = handedOver ? [`handed over: ${reason}`, stuck] : [`${call.outcome}: ${reason}`, stuck];
  const sentence = `${call.workflow} ${what.filter((part) => part !== '').join('; ')}`;
  const body: JsonMap = {
    what: sentence,
    outcome: call.outcome,
    reason,
    code: call.code,
    step: call.step,
    workflow: call.workflow,
    version: call.hash,
    path: call.path,
    trail: call.trail,
    decisions: call.decisions,
    undo: call.undo,
    look: `firn show ${call.ticket}`,
    written: [{ from: 'input', text: JSON.stringify(input) }],
  };
  return {
    ticket: call.ticket,
    id: handedOver ? 'hand-over' : 'undo',
    run_id,
    workflow: call.workflow,
    step: call.step ?? '',
    kind: handedOver ? 'hand_over' : 'undo_failed',
    role: call.owner,
    title: sentence.length <= TITLE_LIMIT ? sentence : `${sentence.slice(0, TITLE_LIMIT - 1)}…`,
    body,
    digest: digest(body),
    answers: null,
    not_by: null,
    deadline: null,
  };
}
