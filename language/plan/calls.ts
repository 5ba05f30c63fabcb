/**
 * What the interpreter's activities are asked and what they answer: the contract between steps/ and activities/.
 *
 * PURE types. Everything is JSON. Rows come back with NULL columns left out, timestamps as RFC 3339 text, numeric and
 * int8 as numbers where that loses nothing (else failure `precision`).
 */
import type { Json, JsonMap } from './json.js';

/** `column: value`, or `column: {lt, le, gt, ge, ne, in}`; all hold together. Never empty for a write. */
export type Where = JsonMap;

export interface ReadCall extends JsonMap {
  /** `connection.table` */
  readonly from: string;
  readonly where: Where;
  readonly optional: boolean;
}
export interface ListCall extends JsonMap {
  readonly from: string;
  readonly where: Where;
  /** Columns, each with an optional ` desc`. */
  readonly order_by: readonly string[];
  readonly limit: number;
  /** Take the first `limit` rows instead of failing when there are more. */
  readonly first: boolean;
}
export interface CreateCall extends JsonMap {
  readonly in: string;
  readonly rows: readonly JsonMap[];
  /** Answer with a list even for one row. */
  readonly many: boolean;
  readonly key: string;
}
export interface UpdateCall extends JsonMap {
  readonly in: string;
  readonly where: Where;
  readonly set: JsonMap;
  readonly expect: string;
  readonly key: string;
}
export interface DeleteCall extends JsonMap {
  readonly from: string;
  readonly where: Where;
  readonly expect: string;
  readonly key: string;
}
export interface TellCall extends JsonMap {
  readonly who: string;
  /** Absent for roles, whose channel is configured. */
  readonly to: string | null;
  /** A channel of firn.yaml; null = the default one. */
  readonly via: string | null;
  readonly subject: string | null;
  readonly text: string;
  readonly ticket: string;
  readonly key: string;
}
export interface TellAnswer extends JsonMap {
  readonly at: string;
}

/** How a request may be asked again: `once` is never; `lookup` asks before, whether it is done already. */
export type Repeat = 'once' | 'header' | 'repeatable' | 'lookup';

/** Lower-case names. */
export interface Headers extends JsonMap {
  readonly [name: string]: string;
}

/** Where a lookup asks, or a request goes: below the address of the connection. */
export interface HttpPlace extends JsonMap {
  /** Begins with `/`; every part that a run computed is percent-encoded in it. */
  readonly path: string;
  /** Texts, numbers, booleans, and lists of them: a name with a list stands several times. */
  readonly query: JsonMap;
}
/** What a person approves of a request, and what its effect is. */
export interface HttpRequest extends HttpPlace {
  readonly connection: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Headers;
  /** The body; absent where the request has none. */
  readonly json?: Json;
  readonly repeat: Repeat;
  /** Of `repeat: lookup`. */
  readonly lookup: HttpPlace | null;
}
export interface HttpCall extends HttpRequest {
  /** The path for messages: without what is private. */
  readonly shown: string;
  /** JSON Schema of the body; null = whatever comes. */
  readonly returns: JsonMap | null;
  /** Statuses (`204`) and classes (`2xx`) that are no failure. */
  readonly expect: readonly string[];
  /** Null for a request that changes nothing. */
  readonly key: string | null;
}
export interface HttpAnswer extends JsonMap {
  readonly status: number;
  readonly headers: Headers;
  /** Absent where the answer has none. */
  readonly body?: Json;
}

export interface SqlCall extends JsonMap {
  readonly connection: string;
  /** One statement; the values stand for `$1`, `$2`, … in it. */
  readonly text: string;
  readonly values: readonly Json[];
  readonly write: boolean;
  /** JSON Schema of a row; null = rows as they come. */
  readonly returns: JsonMap | null;
  /** The most rows of its answer; null = it answers how many rows it met. */
  readonly limit: number | null;
  /** Null for a query. */
  readonly key: string | null;
}

export interface QuestionAnswer extends JsonMap {
  readonly answer: string;
  readonly is: string;
  readonly hints: readonly string[];
  /** Texts that this answer was given to; absent where the author gives none. */
  readonly examples?: readonly string[];
}
/** The closed question a model is asked. Its hash (digest of this value) names the question's epoch. */
export interface Question extends JsonMap {
  /** `workflow.step` */
  readonly step: string;
  readonly ask: string;
  readonly answers: readonly QuestionAnswer[];
}
export interface DecideCall extends JsonMap {
  readonly question: Question;
  readonly about: string;
  /** Of the answers taken, so many should be right: 0 to 1. */
  readonly accept: number;
  /** Named values the rules can see; recorded with the decision. */
  readonly features: JsonMap;
  readonly ticket: string;
  readonly key: string;
}
export interface Proposal extends JsonMap {
  readonly answer: string;
  /** Three digits. */
  readonly probability: number;
}
export interface DecideAnswer extends JsonMap {
  /** Null: no rung accepted, a person must answer. */
  readonly answer: string | null;
  readonly by: string;
  readonly probability: number | null;
  /** Why it was taken or not, for people: "0.93 >= 0.9", "agrees with the hint \"broken\"", "models are off". */
  readonly why: string;
  readonly proposals: readonly Proposal[];
  /** Questions really put to a model: 1, or 0 with models off or an empty text. */
  readonly model_calls: number;
}

/** An activity of an application by its name, or a tool as `server.tool`. */
export interface UseCall extends JsonMap {
  readonly activity: string;
  readonly with: JsonMap;
  /** `read`, `repeatable` or `once`: what may be said of an attempt that nobody has answered. */
  readonly effect: string;
  readonly key: string;
}

/** `settle`: after it the effect either has a result or can never happen. */
export interface SettleCall extends JsonMap {
  /** Of the step whose effect it is: `http` and `use` are settled otherwise than what a database holds. */
  readonly verb: string;
  readonly connection: string;
  readonly key: string;
  /** What the step asked for, where settling may have to ask for it again (`http`, `use`); else null. */
  readonly request: JsonMap | null;
  /** The failure that the step's call ended with; null where it was cancelled. */
  readonly failed_with: string | null;
}
export interface SettleAnswer extends JsonMap {
  /** Null: nobody can know. It is not undone then, but put before the owner. */
  readonly happened: boolean | null;
  readonly result: Json;
}

/** `open item`: writes the inbox row and tells the role's channel that something waits. Repeatable. */
export interface OpenItemCall extends JsonMap {
  readonly ticket: string;
  readonly item: JsonMap;
}
/** `close item`: the deadline passed, or the run went on without it. */
export interface CloseItemCall extends JsonMap {
  readonly ticket: string;
  readonly item: string;
  readonly how: string;
}
/** `check decision`: the recorded check of role, row and repetition, and its record. */
export interface CheckDecisionCall extends JsonMap {
  readonly ticket: string;
  readonly item: string;
  readonly decision: string;
  /** What was filled in, of an item with a form. */
  readonly values: JsonMap | null;
  readonly comment: string | null;
  readonly by: string;
  readonly digest: string;
}
export interface CheckDecisionAnswer extends JsonMap {
  readonly accepted: boolean;
  readonly because: string;
  readonly at: string;
}

/** `open run`: the first thing a run does. */
export interface OpenRunCall extends JsonMap {
  readonly workflow: string;
  readonly ticket: string;
  readonly first_run_id: string;
  readonly run_id: string;
  readonly input: Json;
  /** Hash of the plan to use, from the memo `firn_plan`; null = the newest. */
  readonly hash: string | null;
  readonly started_at: string;
}
export interface OpenRunAnswer extends JsonMap {
  readonly plan: JsonMap;
  /** The validated input with its defaults. */
  readonly input: JsonMap;
  /** Search attributes that exist in this namespace; no other is ever upserted. */
  readonly search_attributes: readonly string[];
  /** When it was answered, RFC 3339: a time that the history records, which no clock of the sandbox is there. */
  readonly at?: string;
  /** Continue as new from so many events of history on; absent = 1,000. Tests set it low. */
  readonly continue_after_events?: number;
}

/** A decision by a rule, recorded at the end of the run. */
export interface RuleDecision extends JsonMap {
  readonly step: string;
  readonly answer: string;
  readonly rule: string;
  readonly key: string;
}
/** `close run`: the last thing a run does. Opens the owner's item when it hands over. */
export interface CloseRunCall extends JsonMap {
  readonly ticket: string;
  readonly first_run_id: string;
  readonly workflow: string;
  readonly hash: string;
  readonly owner: string;
  readonly outcome: string;
  readonly output: Json;
  readonly reason: string | null;
  readonly code: string | null;
  readonly step: string | null;
  /** Paths of the steps that ran, in order. */
  readonly path: readonly string[];
  readonly decisions: readonly JsonMap[];
  readonly rule_decisions: readonly RuleDecision[];
  readonly model_calls: number;
  /** What each finished step said, for `firn show`. */
  readonly trail: readonly JsonMap[];
  /** For a hand-over: what was undone, what could not be, what stays. */
  readonly undo: readonly JsonMap[];
}
export interface CloseRunAnswer extends JsonMap {
  /** The inbox item of a hand-over. */
  readonly item: string | null;
}
