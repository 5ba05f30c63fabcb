/**
 * What a run has come to, for whoever started it: the document that `firn run --json` prints.
 *
 * HOST. Built from recorded facts: Firn's tables where the client has a database, else what Temporal knows.
 */
import type { Outcome } from '../language/plan/host.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { RunSoFar } from '../language/plan/messages.js';
import { messagesOf } from '../store/message.js';
import type { Queryable } from '../store/pool.js';
import type { RunRow } from '../store/run.js';

export interface RunReport {
  readonly ticket: string;
  readonly outcome: Outcome | 'waiting';
  /** Of a run that is done; else null. */
  readonly output: Json;
  /** One sentence; null for a run that is done, or waits. */
  readonly reason: string | null;
  /** Steps that ran, in order. */
  readonly path: readonly string[];
  readonly decisions: readonly ReportedDecision[];
  readonly model_calls: number;
  /** What people were told, oldest first. Known only to a client with a database; else empty. */
  readonly messages: readonly ReportedMessage[];
}

export interface ReportedDecision {
  readonly step: string;
  readonly answer: string;
  /** `rule`, `encoder`, … or the person. */
  readonly by: string;
  /** Null where nothing was uncertain. */
  readonly probability: number | null;
}

export interface ReportedMessage {
  /** `customer`, or a role. */
  readonly who: string;
  readonly to: string | null;
  readonly text: string;
}

/** How a run ended, as Temporal tells it. */
export interface Ended {
  readonly outcome: Outcome;
  readonly output: Json;
  readonly reason: string | null;
}

export const NOTHING_YET: RunSoFar = { path: [], decisions: [], model_calls: 0 };

export function reportOf(
  ticket: string,
  ended: Ended | { readonly outcome: 'waiting' },
  soFar: RunSoFar,
  messages: readonly ReportedMessage[],
): RunReport {
  const { outcome } = ended;
  const [output, reason] = outcome === 'waiting' ? [null, null] : [ended.output, ended.reason];
  const { path, decisions, model_calls } = soFar;
  return { ticket, outcome, output, reason, path, decisions: decisions.map(toDecision), model_calls, messages };
}

/** How it ended and what it did, from the table; undefined while it is open. */
export function endOfRow(row: RunRow): { readonly ended: Ended; readonly soFar: RunSoFar } | undefined {
  const { outcome, output, reason, path, decisions, model_calls } = row;
  if (outcome === null) return undefined;
  const ended = { outcome, output: outcome === 'done' ? output : null, reason: outcome === 'done' ? null : reason };
  return { ended, soFar: { path: path ?? [], decisions: decisions ?? [], model_calls: model_calls ?? 0 } };
}

/** What was really sent. */
export async function sentMessages(db: Queryable, ticket: string): Promise<ReportedMessage[]> {
  const rows = await messagesOf(db, ticket);
  return rows.flatMap(({ status, who, recipient, text }) => (status === 'sent' ? [{ who, to: recipient, text }] : []));
}

/** The result of a completed run as Temporal keeps it. */
export function endOfResult(result: unknown): Ended {
  const map: JsonMap = isJsonMap(result) ? result : {};
  const reason = typeof map['reason'] === 'string' ? map['reason'] : null;
  switch (map['outcome']) {
    case 'refused':
    case 'handed_over':
      return { outcome: map['outcome'], output: null, reason };
    default:
      return { outcome: 'done', output: map['output'] ?? null, reason: null };
  }
}

function toDecision(decision: JsonMap): ReportedDecision {
  const text = (key: string): string => {
    const value = decision[key];
    return typeof value === 'string' ? value : '';
  };
  const { probability } = decision;
  const known = typeof probability === 'number' ? probability : null;
  return { step: text('step'), answer: text('answer'), by: text('by'), probability: known };
}
