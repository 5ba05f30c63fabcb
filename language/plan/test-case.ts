/**
 * A test case beside a flow, after reading: what the outside answers, and what must come of it.
 *
 * PURE types. compiler/tests-file.ts makes cases of `*.test.yaml` (names checked against the plan, durations and instants
 * in milliseconds, defaults filled in); interpreter/run-cases.ts runs them. Steps are named by their path in the plan,
 * which for a step with an id is that id; an undo step's path is `<path>.undo`. One time that a step runs in a loop is
 * named by its place: `remind[2]`, `try_again[3][1]`, `remind[2].undo`.
 */
import type { Json, JsonMap } from './json.js';
import type { Outcome, ReceivedMessage } from './host.js';

export interface Case {
  readonly name: string;
  /** 1-based line of the case in its file. */
  readonly line: number;
  /** The run's argument, already validated and with the defaults of the definition. */
  readonly input: JsonMap;
  /** Epoch milliseconds at which the run starts; time then jumps from wait to wait. */
  readonly now_ms: number;
  /** By step path, or place; a place comes before its path. */
  readonly steps: ReadonlyMap<string, Canned>;
  /** By path or place of the approval or question; a step that is not here finds nobody. */
  readonly people: ReadonlyMap<string, People>;
  /** Messages that the run is sent, each at its time. */
  readonly messages: readonly ReceivedMessage[];
  /** Epoch milliseconds at which somebody cancels the run. */
  readonly cancel_at_ms?: number;
  readonly expect: Expectation;
}

/**
 * What the calls of one step are answered with. `every`: each call gets the first answer. `in_order`: the first call gets
 * the first answer and so on; an attempt that is retried is a call of its own, so `[{fail: unreachable}, {…}]` is a step
 * that succeeds at its second attempt.
 */
export interface Canned {
  readonly use: 'every' | 'in_order';
  readonly answers: readonly CannedAnswer[];
  /** From the defaults of the file: a case need not use it. */
  readonly default?: true;
}

/**
 * `value` is what the activity answers: a row, rows, `{}`. For a `decide` step: the text of an answer (the encoder gave it
 * with probability 1), or a map `{answer, by?, probability?}`, or null (no model accepted). For a `call`: `{ended, output?,
 * reason?}`. `takes_ms`: so long does the attempt take.
 */
export type CannedAnswer =
  | { readonly is: 'result'; readonly value: Json; readonly takes_ms?: number }
  | { readonly is: 'failure'; readonly code: string; readonly message?: string; readonly takes_ms?: number };

/** One script for every time that the step asks; or a list, in the order in which it asks. */
export type People = PersonScript | InTurn;

export interface InTurn {
  /** Behind the last one there is nobody. */
  readonly in_turn: readonly PersonScript[];
}

/** What a person does with an item. A decision at or after the item's deadline does not count. */
export interface PersonScript {
  /** `approve` or `reject` for an approval; one of the listed answers, or `none of these`, for a question. */
  readonly decision: string;
  readonly by?: string;
  readonly comment?: string;
  /** What is filled in, of an `ask`. */
  readonly values?: JsonMap;
  /** Milliseconds after the item opened. */
  readonly after_ms: number;
  /** From the defaults of the file: a case need not use it. */
  readonly default?: true;
}

/** Nobody ever decides. */
export const NOBODY: PersonScript = { decision: 'nobody', after_ms: Infinity };

/** At least one is given. What is not given is not looked at. */
export interface Expectation {
  readonly outcome?: Outcome;
  /** A map is compared field by field and may say less than there is; anything else must be equal. */
  readonly output?: Json;
  /** Must be contained in the reason of a run that was refused, failed or handed over. */
  readonly reason?: string;
  readonly code?: string;
  /** Place of the step that ended the run. */
  readonly step?: string;
  /** Exactly the places of the steps that ran (not those skipped by `when`), in order. */
  readonly path?: readonly string[];
  /** Paths of steps that did not run, not even once. */
  readonly not_run?: readonly string[];
  /** As many messages to people, in order; a text stands for `{text}`. */
  readonly messages?: readonly (string | ExpectedMessage)[];
  /** As many messages to other runs, in order. */
  readonly sent?: readonly ExpectedSent[];
  readonly model_calls?: number;
  /** Exactly the places of the writes that happened, in order; undone ones included, undo steps not. */
  readonly effects?: readonly string[];
  /** Exactly the places of the steps whose effect was undone, in order. */
  readonly undone?: readonly string[];
  /** The role before which a run that was handed over is put. */
  readonly item?: string;
  /** Milliseconds from the start of the run to its end. */
  readonly took_ms?: number;
  /** Everything that it does is as kept beside the test file. */
  readonly snapshot?: true;
}

/** `text` and `subject` must be contained, `who` and `to` equal. */
export interface ExpectedMessage {
  readonly who?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly text?: string;
}

/** Values are compared as an output is. */
export interface ExpectedSent {
  readonly to?: string;
  readonly message?: string;
  readonly values?: JsonMap;
}
