/**
 * The host: everything the interpreter asks for that lies outside it.
 *
 * PURE. Two hosts exist: Temporal (workflows/temporal-host.ts) and the test host (interpreter/test-host.ts). A host
 * answers deterministically under replay: the interpreter makes the same calls in the same order.
 * Every promise of a host rejects with a `Failure` (code `timeout` where a deadline passed), or with the host's own
 * cancellation, which `isCancellation` knows and which the interpreter never swallows.
 */
import type { Json, JsonMap } from './json.js';
import type { Retry } from './plan.js';

export interface ActivityCall {
  /** Activity Type: the verb, or one of the engine's own (`open item`, `close item`, `settle`). */
  readonly type: string;
  /** Activity ID: the step's path, or a place below it (`refund.undo`). */
  readonly id: string;
  /** What Temporal's UI shows: "step id: what it does", at most 120 characters. */
  readonly summary: string;
  readonly input: JsonMap;
  /** A write is awaited even when its scope is cancelled (it may have happened); others are let go. */
  readonly write: boolean;
  readonly retry?: Retry;
  /** Total time of all attempts; absent = what the attempts and their waits can take. */
  readonly timeout_ms?: number;
  /** Goes on until it succeeds: what the engine owes whatever happens (settling, closing items). */
  readonly patient?: true;
  /** Made once: an attempt of which nobody hears is failure `outcome_unknown`. */
  readonly once?: true;
}

/** Another workflow, started by a `call`. */
export interface ChildCall {
  /** The step's place. */
  readonly id: string;
  readonly summary: string;
  readonly workflow: string;
  readonly hash: string;
  readonly ticket: string;
  /** Start of the child's effect keys: a place in the program of its parent. */
  readonly prefix: string;
  readonly input: JsonMap;
  readonly detached: boolean;
}

/** What a parent hears: `started` of a detached child, else one of the two ends that are results. */
export type ChildEnd = {
  readonly ended: 'started' | 'done' | 'refused';
  readonly ticket: string;
  readonly output?: JsonMap;
  readonly reason?: string;
};

/** A message that somebody sent to the run. */
export interface ReceivedMessage {
  readonly name: string;
  readonly values: JsonMap;
  /** Epoch milliseconds. */
  readonly at_ms: number;
}

export interface SendCall {
  readonly id: string;
  /** Ticket of the run that it is for. */
  readonly to: string;
  readonly message: string;
  readonly values: JsonMap;
}

/** Work in a cancellable scope of its own, beside others. */
export interface Branch<T> {
  readonly result: Promise<T>;
  cancel(): void;
}

/** A thing that waits for a person. Becomes a row of the inbox and an update handler of the run. */
export interface OpenItem {
  /** Unique in the run: the step's path. */
  readonly id: string;
  readonly kind: 'approve' | 'answer';
  /** An `answer` item that asks for fields: their JSON Schema. Its decision is `answered`, with the values. */
  readonly form?: JsonMap;
  readonly role: string;
  /** A person of the role who may not decide this: whoever asked for it. */
  readonly not_by?: string;
  /** One line for lists: "approve refund of 12.50 for order A-1". */
  readonly title: string;
  /** What the person decides on. `exact` is the evaluated request; `written` are texts from outside, marked as such. */
  readonly body: ItemBody;
  /** SHA-256 of `body`; a decision must name it. */
  readonly digest: string;
  /** The listed answers of an `answer` item. */
  readonly answers?: readonly string[];
  /** Epoch milliseconds; no later decision counts. */
  readonly deadline_ms?: number;
}

export interface ItemBody {
  readonly what: string;
  readonly exact?: readonly { readonly step: string; readonly verb: string; readonly request: JsonMap }[];
  readonly written?: readonly { readonly from: string; readonly text: string }[];
  readonly answers?: readonly { readonly answer: string; readonly is: string; readonly probability?: number }[];
  readonly why?: string;
  readonly [key: string]: unknown;
}

/** What a person decided, once it has been checked and recorded. */
export interface PersonDecision {
  readonly item: string;
  /** For an `approve` item: `approve` or `reject`. For an `answer` item: one of the answers, or `none of these`. */
  readonly decision: string;
  readonly comment?: string;
  /** What was filled in, of an item with a form. */
  readonly values?: JsonMap;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

/** What current details show: where the run is and what it has done so far. */
export interface Progress {
  readonly at: string;
  readonly waiting_for?: string;
  readonly since_ms?: number;
  readonly until_ms?: number;
  readonly trail: readonly TrailEntry[];
}

/** One finished step, for people. */
export interface TrailEntry {
  readonly step: string;
  readonly verb: string;
  readonly said: string;
}

/**
 * One place of a run. `within`, `shielded` and `branch` give the work inside them a host of its own: what it asks there is
 * reached by that scope's end, and by those around it.
 */
export interface Host {
  /** Epoch milliseconds; under replay, the recorded ones. */
  now(): number;
  activity(call: ActivityCall): Promise<Json>;
  sleep(call: { readonly id: string; readonly until_ms: number; readonly summary: string }): Promise<void>;
  /** Opens the item, waits for a decision that counts, closes it. Failure `timeout` when the deadline passes first. */
  person(item: OpenItem): Promise<PersonDecision>;
  /** Waits until this holds; looked at whenever something has come from outside. */
  until(holds: () => boolean): Promise<void>;
  child(call: ChildCall): Promise<ChildEnd>;
  send(call: SendCall): Promise<void>;
  /** Runs `work`; at `deadline_ms` cancels it, waits for writes in flight and rejects with failure `timeout` naming `step`. */
  within<T>(deadline_ms: number, step: string, work: (host: Host) => Promise<T>): Promise<T>;
  /** Runs `work` so that neither a deadline nor a cancellation of the run reaches it: undo and settling. */
  shielded<T>(work: (host: Host) => Promise<T>): Promise<T>;
  /** Starts `work` beside what runs already. */
  branch<T>(work: (host: Host) => Promise<T>): Branch<T>;
  isCancellation(error: unknown): boolean;
  /** Throws the host's cancellation where this place has been cancelled. */
  check(): void;
  /** What is started here now would be refused at once: a deadline around it has passed, or the run was cancelled. */
  cancelled(): boolean;
  progress(progress: Progress): void;
  /** The history has grown long: continue as new at the next place where nothing is in flight. */
  mustContinue(): boolean;
  /** It has grown so long that loops start no further item until the run has continued. */
  mustWait(): boolean;
  /**
   * From now on (until told otherwise) whatever only waits, for a time, a person or a message, rejects with what
   * `isSuspension` knows: the run is about to continue as new and will wait there again.
   */
  suspend(on: boolean): void;
  isSuspension(error: unknown): boolean;
}

export type Outcome = 'done' | 'refused' | 'handed_over' | 'failed' | 'cancelled';
