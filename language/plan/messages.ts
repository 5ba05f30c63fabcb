/**
 * What a run can be told and asked while it lives: its updates, its query, and what they carry.
 *
 * PURE: the contract between workflows/ (which answers) and client/ (which asks). Any Temporal client, or the form in
 * Temporal's UI, may send the same: everything is plain JSON under names that people can read.
 */
import type { JsonMap } from './json.js';
import type { OpenItem, TrailEntry } from './host.js';

/** Names of updates and queries. While an item is open, `approve:<item>` or `answer:<item>` exists too. */
export const APPROVE = 'approve';
export const ANSWER = 'answer';
export const HAND_OVER = 'hand_over';
export const MESSAGE = 'message';
export const STATUS = 'status';

/** What a run's memo may say: which plan it runs, and, of a called workflow, where its effect keys begin. */
export const MEMO_PLAN = 'firn_plan';
export const MEMO_PREFIX = 'firn_prefix';
/** After a crash of its worker a run goes on after so long; short, because histories are. */
export const TASK_TIMEOUT = '3s';

/** The two decisions of an `approve` item, and what an `answer` item takes besides its answers. */
export const APPROVED = 'approve';
export const REJECTED = 'reject';
export const NONE_OF_THESE = 'none of these';
/** The decision of an item with a form; what counts are its values. */
export const ANSWERED = 'answered';

/** Why a decision does not count: the type of the failure that its update gets. */
export const REFUSALS = {
  malformed: 'the decision is incomplete or has the wrong shape',
  not_open: 'nothing of that name waits here, or no longer',
  wrong_kind: 'an approval was sent to a question, or an answer to an approval',
  wrong_digest: 'the person saw something else than what is to be decided',
  too_late: 'the deadline has passed',
  being_decided: 'another decision on it is being checked',
  no_comment: 'a rejection says why',
  not_received: 'no step of the run receives such a message',
  not_accepted: 'the check of role, row and repetition refused it',
} as const;
export type Refusal = keyof typeof REFUSALS;

/** The argument of `approve` and `answer`. */
export interface DecisionRequest {
  /** The step's path. May be left out where the update's name says it (`approve:<item>`). */
  readonly item: string;
  /** `approve` or `reject`; for an `answer` item one of its answers, or `none of these`. */
  readonly decision: string;
  readonly comment?: string;
  /** What is filled in, of an item with a form. */
  readonly values?: JsonMap;
  /** Who decides. */
  readonly by: string;
  /** SHA-256 of what the person saw; Firn's own clients always send it. */
  readonly digest?: string;
}

/** What `approve` and `answer` give back: the decision counts. */
export interface DecisionReceipt extends JsonMap {
  readonly item: string;
  readonly decision: string;
  readonly by: string;
  /** RFC 3339. */
  readonly at: string;
}

/** The argument of `hand_over`: "a person, please". */
export interface HandOverRequest {
  readonly reason: string;
  readonly by: string;
}

/** The argument of `message`: for a `receive` step, and told at once when none can take it; a signal of its name is not. */
export interface MessageRequest {
  readonly message: string;
  readonly values: JsonMap;
}

/** Something that waits for a person now. */
export interface WaitingItem {
  readonly item: string;
  readonly kind: OpenItem['kind'];
  readonly role: string;
  readonly title: string;
  readonly digest: string;
  /** RFC 3339. */
  readonly since: string;
  readonly deadline: string | null;
  readonly answers: readonly string[] | null;
  /** JSON Schema of the fields that it asks for. */
  readonly form: JsonMap | null;
  readonly being_decided: boolean;
}

/** What the query `status` gives. */
export interface RunStatus {
  readonly ticket: string;
  readonly workflow: string;
  /** Hash of the definition; null until the run is open. */
  readonly version: string | null;
  /** The step it is at, or what it does besides steps. */
  readonly at: string;
  readonly waiting: readonly WaitingItem[];
  /** What it waits for besides persons: a timer. */
  readonly waiting_for: string | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly trail: readonly TrailEntry[];
  /** Present once the run has ended, or waits: what `firn run --json` prints of it. */
  readonly so_far: RunSoFar | null;
}

/** What a run has come to: at its end, and while it waits. */
export interface RunSoFar {
  readonly path: readonly string[];
  readonly decisions: readonly JsonMap[];
  readonly model_calls: number;
}
