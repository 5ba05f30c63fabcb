/**
 * The state of a run: everything that must outlive a continuation, as plain JSON from the first step on.
 *
 * PURE data. The interpreter changes it in place; whoever started it keeps the same object, hands it to the next run when
 * it continues as new, and reads it when the run has ended. A skipped, failed or not yet reached step has no slot: its
 * place in `slots` is null, which no result ever is (there is one kind of absence, a field that is not there).
 */
import type { Json, JsonMap } from '../language/plan/json.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import { SLOT_INPUT, SLOT_RUN } from '../language/plan/plan.js';
import { instantText } from '../language/steps/bodies.js';
import type { RecordedDecision } from '../language/steps/kind.js';
import type { RuleDecision } from '../language/plan/calls.js';
import type { TrailEntry } from '../language/plan/host.js';

/** Who this run is, fixed when it starts and the same in all its continuations. */
export interface RunFacts {
  readonly ticket: string;
  readonly first_run_id: string;
  /** Start of every effect key; `ticket/first_run_id` unless a parent lends its own. */
  readonly prefix: string;
  readonly started_at_ms: number;
}

/** A block that is being walked. */
export interface Frame {
  readonly block: number;
  /** Index into the block's steps of the one that runs, or runs next. */
  at: number;
  /** The step that entered the block, by its node; the first frame has none. */
  readonly node?: number;
  /** Epoch milliseconds: the entering step's own timeout. */
  readonly deadline_ms?: number;
}

/** An effect that may have happened and can be taken back. */
export interface UndoEntry {
  readonly node: number;
  readonly id: string;
  readonly key: string;
  readonly connection: string;
}

/** What a person said to the exact request of a later step. */
export interface Approval {
  /** Path of the step that asked. */
  readonly by: string;
  readonly node: number;
  readonly digest: string;
  readonly yes: boolean;
}

export interface State {
  readonly run: RunFacts;
  /** Epoch milliseconds of the run's own deadline. */
  readonly ends_at_ms: number;
  readonly slots: Json[];
  readonly frames: Frame[];
  /** Oldest first. */
  readonly undo: UndoEntry[];
  /** Effects that a `tell` made final, oldest first. */
  readonly sealed: UndoEntry[];
  readonly approvals: Approval[];
  /** Steps started so far. */
  steps: number;
  /** Paths of the steps that ran, in order; the first PATH_LIMIT of them. */
  readonly path: string[];
  /** The newest TRAIL_LIMIT entries. */
  readonly trail: TrailEntry[];
  readonly decisions: RecordedDecision[];
  readonly rule_decisions: RuleDecision[];
  model_calls: number;
}

/** The state of a run before its first step. `input` has been validated and has its defaults. */
export function start<Node extends NodeBase>(
  plan: Plan<Node>,
  input: JsonMap,
  run: {
    readonly ticket: string;
    readonly first_run_id: string;
    readonly started_at_ms: number;
    readonly prefix?: string;
  },
): State {
  const { ticket, first_run_id, started_at_ms } = run;
  const slots: Json[] = plan.slots.map(() => null);
  slots[SLOT_INPUT] = input;
  slots[SLOT_RUN] = {
    ticket,
    started_at: instantText(started_at_ms),
    workflow: plan.name,
    version: plan.hash.slice(0, 12),
  };
  return {
    run: { ticket, first_run_id, started_at_ms, prefix: run.prefix ?? `${ticket}/${first_run_id}` },
    ends_at_ms: started_at_ms + plan.ends_within_ms,
    slots,
    frames: [{ block: 0, at: 0 }],
    undo: [],
    sealed: [],
    approvals: [],
    steps: 0,
    path: [],
    trail: [],
    decisions: [],
    rule_decisions: [],
    model_calls: 0,
  };
}
