/**
 * Which decisions of persons count: the checks that are cheap and synchronous.
 *
 * SANDBOX, and pure: it reads what is open and says no, or nothing. The recorded activity `check decision` looks at role,
 * row and repetition afterwards. Trusts nothing of a request; it comes from any client.
 */
import { conform } from '../language/expressions/conform.js';
import { isJsonMap } from '../language/plan/json.js';
import type { OpenItem, PersonDecision } from '../language/plan/host.js';
import {
  ANSWERED,
  APPROVED,
  NONE_OF_THESE,
  REJECTED,
  type DecisionRequest,
  type HandOverRequest,
  type MessageRequest,
  type Refusal,
} from '../language/plan/messages.js';

const TEXT_LIMIT = 4_000;

export interface Refused {
  readonly code: Refusal;
  readonly message: string;
}

/** What the checks need to know of an item that waits. */
export interface Waiting {
  readonly item: OpenItem;
  /** A decision is being checked. */
  reserved: boolean;
  /** It has been decided, and the step that asked has not heard of it yet. */
  readonly decision?: PersonDecision;
}

export function isRefused(value: object): value is Refused {
  return 'code' in value && 'message' in value;
}

/** Reads the argument of `approve` or `answer`. `named` is the item that the update's own name says. */
export function readDecision(argument: unknown, named: string | undefined): DecisionRequest | Refused {
  if (!isJsonMap(argument)) {
    return malformed('a decision is one JSON object: {"item": …, "decision": …, "by": …, "comment": …}');
  }
  const { item = named, comment, by, digest, values } = argument;
  const decision = argument.decision ?? (values === undefined ? undefined : ANSWERED);
  if (!isText(item)) return malformed('"item" is missing: which of the waiting items the decision is about');
  if (named !== undefined && item !== named) {
    return malformed(`"item" says "${item}", and this update is about "${named}"; leave "item" out`);
  }
  if (!isText(decision)) return malformed('"decision" is missing');
  if (!isText(by)) return malformed('"by" is missing: who decides');
  if (comment !== undefined && comment !== null && (typeof comment !== 'string' || comment.length > TEXT_LIMIT)) {
    return malformed(`"comment" must be a text of at most ${String(TEXT_LIMIT)} characters`);
  }
  if (digest !== undefined && digest !== null && !isText(digest)) {
    return malformed('"digest" must be the 64 hexadecimal digits that the inbox shows');
  }
  if (values !== undefined && values !== null && !isJsonMap(values)) {
    return malformed('"values" must be one JSON object: what is filled in');
  }
  return {
    item,
    decision,
    by,
    ...(isJsonMap(values) ? { values } : {}),
    ...(typeof comment === 'string' && comment.trim() !== '' ? { comment } : {}),
    ...(isText(digest) ? { digest } : {}),
  };
}

/**
 * Why the request does not count, or undefined. `closed` says how an item that is gone was closed; without `now_ms` the
 * deadline is not looked at.
 */
export function refusal(
  kind: OpenItem['kind'],
  request: DecisionRequest,
  open: ReadonlyMap<string, Waiting>,
  closed: ReadonlyMap<string, string>,
  now_ms: number | undefined,
): Refused | undefined {
  const waiting = open.get(request.item);
  if (waiting === undefined) return notOpen(request.item, open, closed);
  const { item, reserved, decision } = waiting;
  if (decision !== undefined) {
    return { code: 'not_open', message: `"${item.id}" no longer waits: ${decision.by} has decided` };
  }
  if (item.kind !== kind) {
    const use = item.kind === 'approve' ? 'is approved or rejected: use "approve"' : 'is answered: use "answer"';
    return { code: 'wrong_kind', message: `"${item.id}" ${use}` };
  }
  if (item.deadline_ms !== undefined && now_ms !== undefined && now_ms >= item.deadline_ms) {
    const at = new Date(item.deadline_ms).toISOString();
    return { code: 'too_late', message: `"${item.id}" could be decided until ${at}; it no longer can` };
  }
  if (request.digest !== undefined && request.digest !== item.digest) {
    return {
      code: 'wrong_digest',
      message:
        `"${item.id}" shows something else than what this decision is about (${item.digest.slice(0, 12)}, ` +
        `the decision names ${request.digest.slice(0, 12)}); look at the item again and decide on what it shows now`,
    };
  }
  return wrongDecision(item, request) ?? (reserved ? beingDecided(item) : undefined);
}

function wrongDecision(item: OpenItem, request: DecisionRequest): Refused | undefined {
  if (item.form !== undefined) {
    const wrong = conform(item.form, request.values ?? {}, 'values');
    return wrong === undefined ? undefined : malformed(`"${item.id}" asks for fields, and ${wrong}`);
  }
  const allowed = item.kind === 'approve' ? [APPROVED, REJECTED] : [...(item.answers ?? []), NONE_OF_THESE];
  if (!allowed.includes(request.decision)) {
    return malformed(`"${request.decision}" is no decision on "${item.id}"; it can be: ${allowed.join(', ')}`);
  }
  if (item.kind === 'approve' && request.decision === REJECTED && request.comment === undefined) {
    return { code: 'no_comment', message: `say why "${item.id}" is rejected: "comment" is missing` };
  }
  return undefined;
}

function beingDecided(item: OpenItem): Refused {
  return {
    code: 'being_decided',
    message: `another decision on "${item.id}" is being checked at this moment; see what comes of it, then try again`,
  };
}

function notOpen(id: string, open: ReadonlyMap<string, Waiting>, closed: ReadonlyMap<string, string>): Refused {
  const how = closed.get(id);
  if (how !== undefined) return { code: 'not_open', message: `"${id}" no longer waits: ${how}` };
  const others = [...open.keys()].map((name) => `"${name}"`).join(', ');
  const known = others === '' ? 'nothing waits for a person here now' : `what waits: ${others}`;
  return { code: 'not_open', message: `nothing named "${id}" waits in this run; ${known}` };
}

/** Reads the argument of `hand_over`. */
export function readHandOver(argument: unknown): HandOverRequest | Refused {
  if (!isJsonMap(argument)) return malformed('hand_over takes one JSON object: {"reason": …, "by": …}');
  const { reason, by } = argument;
  if (!isText(reason)) return malformed('"reason" is missing: why a person should take over');
  if (!isText(by)) return malformed('"by" is missing: who asks');
  return { reason, by };
}

/** Reads the argument of `message`. */
export function readMessage(argument: unknown): MessageRequest | Refused {
  if (!isJsonMap(argument)) return malformed('a message is one JSON object: {"message": "<name>", "values": {…}}');
  const { message, values = {} } = argument;
  if (!isText(message)) return malformed('"message" is missing: the name that a step receives');
  if (!isJsonMap(values)) return malformed('"values" must be one JSON object');
  return { message, values };
}

function malformed(message: string): Refused {
  return { code: 'malformed', message };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= TEXT_LIMIT;
}
