/**
 * A test case beside a flow, after reading: what the outside answers, and what must come of it.
 *
 * PURE types. compiler/tests-file.ts makes cases of `*.test.yaml` (names checked against the plan, durations and instants
 * in milliseconds, defaults filled in); interpreter/run-cases.ts runs them. Steps are named by their path in the plan,
 * which for a step with an id is that id; an undo step's path is `<path>.undo`.
 */
import type { Json, JsonMap } from './json.js';
import type { Outcome } from './host.js';

export interface Case {
  readonly name: string;
  /** 1-based line of the case in its file. */
  readonly line: number;
  /** The run's argument, already validated and with the defaults of the definition. */
  readonly input: JsonMap;
  /** Epoch milliseconds at which the run starts; time then jumps from wait to wait. */
  readonly now_ms: number;
  /** By step path. */
  readonly steps: ReadonlyMap<string, Canned>;
  /** By step path of the approval or question; a step that is not here finds nobody. */
  readonly people: ReadonlyMap<string, PersonScript>;
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
}

/**
 * `value` is what the activity answers: a row, rows, `{}`. For a `decide` step: the text of an answer (the encoder gave it
 * with probability 1), or a map `{answer, by?, probability?}`, or null (no model accepted).
 */
export type CannedAnswer =
  | { readonly is: 'result'; readonly value: Json }
  | { readonly is: 'failure'; readonly code: string; readonly message?: string };

/** What a person does with an item. A decision at or after the item's deadline does not count. */
export interface PersonScript {
  /** `approve` or `reject` for an approval; one of the listed answers, or `none of these`, for a question. */
  readonly decision: string;
  readonly by?: string;
  readonly comment?: string;
  /** Milliseconds after the item opened. */
  readonly after_ms: number;
}

/** At least one is given. What is not given is not looked at. */
export interface Expectation {
  readonly outcome?: Outcome;
  /** A map is compared field by field and may say less than there is; anything else must be equal. */
  readonly output?: Json;
  /** Must be contained in the reason of a run that was refused, failed or handed over. */
  readonly reason?: string;
  readonly code?: string;
  /** Exactly the paths of the steps that ran (not those skipped by `when`), in order. */
  readonly path?: readonly string[];
  /** As many messages, and each must contain its text, in order. */
  readonly messages?: readonly string[];
  readonly model_calls?: number;
  /** Exactly the paths of the writes that happened, in order; undone ones included, undo steps not. */
  readonly effects?: readonly string[];
  /** Exactly the paths of the steps whose effect was undone, in order. */
  readonly undone?: readonly string[];
  /** The role before which a run that was handed over is put. */
  readonly item?: string;
}
