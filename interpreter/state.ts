/**
 * The state of a run: everything that must outlive a continuation, as plain JSON from the first step on.
 *
 * PURE data. The interpreter changes it in place; whoever started it keeps the same object, hands it to the next run when
 * it continues as new, and reads it when the run has ended. A skipped, failed or not yet reached step has no slot: its
 * place in `slots` is null, which no result ever is (there is one kind of absence, a field that is not there).
 *
 * Where a run stands is a tree: a frame for each block that is being walked, and in a running step what its own blocks have
 * come to. Blocks that run side by side, and items of a loop, are lanes: each has values and a book of its own.
 */
import type { Json, JsonMap } from '../language/plan/json.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import { SLOT_INPUT, SLOT_RUN } from '../language/plan/plan.js';
import { instantText } from '../language/steps/bodies.js';
import type { RecordedDecision } from '../language/steps/kind.js';
import type { RuleDecision } from '../language/plan/calls.js';
import type { ReceivedMessage, TrailEntry } from '../language/plan/host.js';
import type { UndoReport } from './ending.js';

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
  /** What the step at `at` has come to; absent before it starts. */
  running?: Running;
}

/** A step that has started and not finished. */
export interface Running {
  /** Epoch milliseconds: the step's own timeout. */
  readonly deadline_ms?: number;
  /** What its activity answered, where the step goes on to wait for somebody. */
  answer?: Json;
  /** Epoch milliseconds: what it sleeps until. */
  until_ms?: number;
  inside?: Inside;
}

/** What the blocks of a step have come to. */
export type Inside = Inner | Items | Passes | Branches | Attempt;

export interface Inner {
  readonly is: 'block';
  readonly frame: Frame;
}

export interface Items {
  readonly is: 'items';
  /** Index of the item that is taken next. */
  next: number;
  /** By item; null where it has not finished. */
  readonly results: Json[];
  /** Those that run. */
  readonly lanes: Lane[];
  /** What finished items did. */
  readonly book: Book;
}

export interface Passes {
  readonly is: 'passes';
  /** Counts from 1. */
  pass: number;
  /** Output of the pass before. */
  last: Json;
  /** Absent between two passes. */
  frame?: Frame;
  /** Epoch milliseconds at which the next pass may begin. */
  until_ms?: number;
}

export interface Branches {
  readonly is: 'branches';
  readonly lanes: Lane[];
}

export interface Attempt {
  readonly is: 'attempt';
  /** Which of the catches runs; absent = the body. */
  caught?: number;
  frame: Frame;
  /** What the body did: undone before a `catch`. */
  readonly book: Book;
}

/** What was done and approved in one stretch of a run: what is taken back together. */
export interface Book {
  /** Effects that may have happened and can be taken back, oldest first. */
  readonly undo: UndoEntry[];
  /** Effects that a `tell` made final, oldest first. */
  readonly sealed: UndoEntry[];
  readonly approvals: Approval[];
}

/** A branch or an item: runs beside others, with values of its own. */
export interface Lane extends Book {
  /** The branch's place among its siblings, or the item's in its list. */
  readonly index: number;
  readonly frame: Frame;
  /** Values of the names inside its block, by slot from the block's first one on; written when the run continues as new. */
  own: Json[];
  /** Its output, once it has finished. */
  output?: Json;
}

/** An effect that may have happened and can be taken back. */
export interface UndoEntry {
  /** Effects of a run are numbered as they are asked for: newest is undone first, whichever lane it is from. */
  readonly number: number;
  readonly node: number;
  /** The step's place: its path, and its number in each loop around it. */
  readonly id: string;
  readonly key: string;
  readonly connection: string;
  /** What it asked for, where settling must know. */
  readonly request?: JsonMap;
  /** Values that its undo reads and that end with their loop, by slot. */
  readonly values?: readonly (readonly [slot: number, value: Json])[];
  /** What it gave, where no effect table keeps that. */
  result?: Json;
  /** The failure that its call ended with. */
  failed_with?: string;
}

/** What a person said to the exact request of a later step. */
export interface Approval {
  /** Place and node of the step that asked. */
  readonly by: string;
  readonly by_node: number;
  readonly node: number;
  readonly digest: string;
  readonly yes: boolean;
}

export interface State extends Book {
  readonly run: RunFacts;
  /** Epoch milliseconds of the run's own deadline. */
  readonly ends_at_ms: number;
  readonly slots: Json[];
  readonly frame: Frame;
  /** Number of the newest effect. */
  effects: number;
  /** What became of effects that were taken back while the run went on. */
  readonly taken_back: UndoReport[];
  /** Messages that no step has taken yet, oldest first. */
  readonly messages: ReceivedMessage[];
  /** Steps started so far. */
  steps: number;
  /** Places of the steps that ran, in order; the first PATH_LIMIT of them. */
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
    /** Ticket of the run that called this one. */
    readonly parent?: string;
  },
): State {
  const { ticket, first_run_id, started_at_ms, parent } = run;
  const slots: Json[] = plan.slots.map(() => null);
  slots[SLOT_INPUT] = input;
  slots[SLOT_RUN] = {
    ticket,
    started_at: instantText(started_at_ms),
    workflow: plan.name,
    version: plan.hash.slice(0, 12),
    ...(parent === undefined ? {} : { parent }),
  };
  return {
    run: { ticket, first_run_id, started_at_ms, prefix: run.prefix ?? `${ticket}/${first_run_id}` },
    ends_at_ms: started_at_ms + plan.ends_within_ms,
    slots,
    frame: { block: 0, at: 0 },
    undo: [],
    sealed: [],
    approvals: [],
    effects: 0,
    taken_back: [],
    messages: [],
    steps: 0,
    path: [],
    trail: [],
    decisions: [],
    rule_decisions: [],
    model_calls: 0,
  };
}
