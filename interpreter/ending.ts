/**
 * How a run ended, and what `close run` is told about it.
 *
 * PURE. Everything the outside learns about a finished run is derived here from its plan, its state and its ending.
 */
import type { CloseRunCall } from '../language/plan/calls.js';
import type { Outcome } from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import type { State } from './state.js';

export interface Ending {
  readonly outcome: Outcome;
  /** Of a run that is done. */
  readonly output?: Json;
  /** One sentence, of every outcome but `done`. */
  readonly reason?: string;
  /** Of a run that failed or was handed over. */
  readonly code?: string;
  /** Path of the step that ended the run, where one did. */
  readonly step?: string;
  /** What became of the effects that have an `undo`, newest first; empty for a run that is done. */
  readonly undo: readonly UndoReport[];
}

/**
 * `undone`: it had happened and was taken back · `never_happened`: it had not, and now cannot · `failed`: it may still
 * stand, somebody must look · `unknown`: nobody can say whether it happened, somebody must look · `kept`: a message had been
 * sent after it.
 */
export interface UndoReport {
  readonly step: string;
  readonly status: 'undone' | 'never_happened' | 'failed' | 'unknown' | 'kept';
  /** Why it failed, or is not known. */
  readonly message?: string;
}

/** The input of `close run`. */
export function closeRequest<Node extends NodeBase>(plan: Plan<Node>, state: State, ending: Ending): CloseRunCall {
  return {
    ticket: state.run.ticket,
    first_run_id: state.run.first_run_id,
    workflow: plan.name,
    hash: plan.hash,
    owner: plan.owner,
    outcome: ending.outcome,
    output: ending.output ?? null,
    reason: ending.reason ?? null,
    code: ending.code ?? null,
    step: ending.step ?? null,
    path: [...state.path],
    decisions: state.decisions.map((decision) => ({ ...decision })),
    rule_decisions: [...state.rule_decisions],
    model_calls: state.model_calls,
    trail: state.trail.map((entry) => ({ ...entry })),
    undo: [...state.taken_back, ...ending.undo].map((report) => ({ ...report })),
  };
}
