/**
 * One run, by its ticket: what it has come to, what it waits for, and what people tell it.
 *
 * HOST. A handle holds no state; two handles of one ticket are the same run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowNotFoundError, type Client, type WorkflowHandle } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { Json, JsonMap } from '../language/plan/json.js';
import {
  ANSWERED,
  ANSWER,
  APPROVE,
  APPROVED,
  HAND_OVER,
  MESSAGE,
  REJECTED,
  STATUS,
  type DecisionReceipt,
  type DecisionRequest,
  type HandOverRequest,
  type MessageRequest,
  type RunStatus,
} from '../language/plan/messages.js';
import { listItems } from '../store/item.js';
import type { Queryable } from '../store/pool.js';
import { isConnectionLost } from '../store/failures.js';
import { readRun } from '../store/run.js';
import { FirnError, fromTables, innermost, isUnanswered, noSuchRun, translate } from './errors.js';
import { endOfResult, endOfRow, NOTHING_YET, reportOf, sentMessages, type Ended, type RunReport } from './report.js';

/** How long an update or a query may take, workers that are just starting included. */
const ASK_MS = 30_000;
const FIRST_LOOK_MS = 50;
const LONGEST_LOOK_MS = 1_000;
/** How long one wait for the end may take before it is begun anew. */
const LONGEST_WAIT_MS = 100_000;

export interface Until {
  /** `wait`: also when the run waits for a person. */
  readonly until?: 'end' | 'wait';
  /** After that, whatever there is: a run that has not ended is reported as `waiting`. */
  readonly timeout_ms?: number;
}

export interface Person {
  readonly by: string;
  readonly comment?: string;
  /** Digest of what the person saw; without it, of what the run shows now. */
  readonly digest?: string;
}

/** What a handle asks: made by `Firn.connect`. */
export interface Doors {
  readonly client: Client;
  readonly db: Queryable | undefined;
  /** Aborted by `Firn.close`: nobody waits any longer. */
  readonly closed: AbortSignal;
}

export class RunHandle {
  readonly ticket: string;
  /** Temporal's id of the first execution; undefined for a handle made from a ticket. */
  readonly runId: string | undefined;
  private readonly client: Client;
  private readonly db: Queryable | undefined;
  private readonly closed: AbortSignal;

  constructor({ client, db, closed }: Doors, ticket: string, runId?: string) {
    this.client = client;
    this.db = db;
    this.closed = closed;
    this.ticket = ticket;
    this.runId = runId;
  }

  /** The output of a run that is done. Any other ending rejects: the error's code is the outcome, or what a `fail` said. */
  async result(): Promise<Json> {
    const ended = await this.ended(this.closed);
    if (ended.outcome === 'done') return ended.output;
    throw FirnError.of(ended.code ?? ended.outcome, ended.reason ?? `the run ended as ${ended.outcome}`);
  }

  /** What the run has come to, once it has ended (or waits for a person, or the time is over). */
  async report(options: Until = {}): Promise<RunReport> {
    const ended = await this.endedOrWaits(options);
    if (ended === undefined) {
      const status = await this.status().catch(() => undefined);
      return reportOf(this.ticket, { outcome: 'waiting' }, status?.so_far ?? NOTHING_YET, await this.messages());
    }
    const recorded = await this.recorded();
    if (recorded !== undefined) {
      return reportOf(this.ticket, recorded.ended, recorded.soFar, await this.messages());
    }
    const status = await this.status().catch(() => undefined);
    return reportOf(this.ticket, ended, status?.so_far ?? NOTHING_YET, await this.messages());
  }

  /** Where it is now. Needs a worker, also for a run that has ended. */
  async status(): Promise<RunStatus> {
    return await this.ask((run) => run.query<RunStatus>(STATUS));
  }

  /** Answers a question: one of its answers, or "none of these"; or fills in the fields that an `ask` wants. */
  async answer(item: string, answer: string | JsonMap, person: Person): Promise<DecisionReceipt> {
    if (typeof answer === 'string') return await this.decide(ANSWER, item, answer, person);
    return await this.decide(ANSWER, item, ANSWERED, person, answer);
  }

  /** Sends the run a message for a `receive` step. Error `not_received` when no step of it could take this one. */
  async send(message: string, values: JsonMap = {}): Promise<void> {
    const request: MessageRequest = { message, values };
    await this.ask((run) => run.executeUpdate(MESSAGE, { args: [request] }));
  }

  /** Says yes to exactly what the item shows. */
  async approve(item: string, person: Person): Promise<DecisionReceipt> {
    return await this.decide(APPROVE, item, APPROVED, person);
  }

  /** Says no; the comment says why. */
  async reject(item: string, person: Person & { readonly comment: string }): Promise<DecisionReceipt> {
    return await this.decide(APPROVE, item, REJECTED, person);
  }

  /** Asks the run to stop; what has an undo is undone. Resolves when the request is there, not when the run has ended. */
  async cancel(): Promise<void> {
    await this.ask((run) => run.cancel());
  }

  /** "A person, please": ends the run and puts it before its owner. */
  async handOver(reason: string, by: string): Promise<void> {
    const request: HandOverRequest = { reason, by };
    await this.ask((run) => run.executeUpdate(HAND_OVER, { args: [request] }));
  }

  private async decide(
    update: string,
    item: string,
    decision: string,
    person: Person,
    values?: JsonMap,
  ): Promise<DecisionReceipt> {
    const { by, comment } = person;
    const digest = person.digest ?? (await this.digestOf(item));
    const request: DecisionRequest = {
      item,
      decision,
      by,
      digest,
      ...(values === undefined ? {} : { values }),
      ...(comment === undefined ? {} : { comment }),
    };
    return await this.ask((run) => run.executeUpdate<DecisionReceipt, [DecisionRequest]>(update, { args: [request] }));
  }

  private async digestOf(item: string): Promise<string> {
    const { waiting } = await this.status();
    const found = waiting.find((candidate) => candidate.item === item);
    if (found !== undefined) return found.digest;
    const known = waiting.map((candidate) => `"${candidate.item}"`).join(', ');
    const what = known === '' ? 'nothing waits for a person there now' : `what waits: ${known}`;
    throw new FirnError('not_open', `${this.ticket} does not wait with "${item}"; ${what}`);
  }

  private async ask<T>(question: (run: WorkflowHandle) => Promise<T>): Promise<T> {
    try {
      const run = this.client.workflow.getHandle(this.ticket);
      return await this.client.connection.withDeadline(Date.now() + ASK_MS, () => question(run));
    } catch (error) {
      throw translate(error, this.ticket);
    }
  }

  private async messages(): Promise<RunReport['messages']> {
    const { db } = this;
    return db === undefined ? [] : await fromTables(() => sentMessages(db, this.ticket));
  }

  /** How it ended and what it did, by the table; undefined while it is open, and for a client without a database. */
  private async recorded(): Promise<ReturnType<typeof endOfRow>> {
    const { db } = this;
    const row = db === undefined ? undefined : await fromTables(() => readRun(db, this.ticket));
    return row === undefined ? undefined : endOfRow(row);
  }

  /** Undefined: it waits, or the time is over. */
  private async endedOrWaits({ until = 'end', timeout_ms }: Until): Promise<Ended | undefined> {
    const [late, left] = [new AbortController(), new AbortController()];
    const timer = timeout_ms === undefined ? undefined : setTimeout(() => late.abort(), timeout_ms);
    const end = this.ended(AbortSignal.any([left.signal, this.closed]));
    // Whoever gives up first leaves the other behind; its failure is then nobody's.
    end.catch(() => undefined);
    try {
      return await Promise.race([end, this.look(until === 'wait', AbortSignal.any([late.signal, left.signal]))]);
    } finally {
      clearTimeout(timer);
      left.abort();
    }
  }

  /** Resolves when the signal says so, or (with `waits`) when something waits for a person. */
  private async look(waits: boolean, over: AbortSignal): Promise<undefined> {
    let pause_ms = FIRST_LOOK_MS;
    for (;;) {
      await pause(pause_ms, over);
      if (over.aborted || (waits && (await this.waits()))) return undefined;
      pause_ms = Math.min(LONGEST_LOOK_MS, pause_ms * 1.5);
    }
  }

  private async waits(): Promise<boolean> {
    try {
      if (this.db !== undefined) {
        const items = await listItems(this.db, { ticket: this.ticket, open: true });
        return items.some(({ kind }) => kind === 'approve' || kind === 'answer');
      }
    } catch (error) {
      // Without its tables the run itself is asked.
      if (!isConnectionLost(error)) throw error;
    }
    try {
      const { waiting } = await this.status();
      return waiting.length > 0;
    } catch (error) {
      if (error instanceof FirnError && (error.code === 'unreachable' || error.code === 'not_found')) return false;
      throw error;
    }
  }

  /** How it ended, by Temporal, or by the table once Temporal has forgotten it. Rejects when the signal says so. */
  private async ended(over: AbortSignal): Promise<Ended & { readonly code?: string }> {
    for (;;) {
      try {
        return endOfResult(await this.resultWithin(LONGEST_WAIT_MS, over));
      } catch (error) {
        if (error instanceof WorkflowFailedError) return endOfFailure(error);
        if (error instanceof WorkflowNotFoundError) return await this.endedLongAgo(error);
        if (this.closed.aborted) {
          throw new FirnError('unreachable', `the client was closed while it waited for ${this.ticket}`, error);
        }
        if (over.aborted || !isUnanswered(error)) throw translate(error, this.ticket);
        await pause(LONGEST_LOOK_MS, over);
      }
    }
  }

  /**
   * Temporal's answer. Each call of the connection leaves a listener on the signal it is given, for as long as that lives:
   * so each wait has a signal of its own, and an end.
   */
  private async resultWithin(limit_ms: number, over: AbortSignal): Promise<unknown> {
    const { connection, workflow } = this.client;
    const wait = new AbortController();
    const stop = (): void => wait.abort();
    const timer = setTimeout(stop, limit_ms);
    over.addEventListener('abort', stop, { once: true });
    if (over.aborted) stop();
    try {
      return await connection.withAbortSignal(wait.signal, () => workflow.getHandle(this.ticket).result());
    } finally {
      clearTimeout(timer);
      over.removeEventListener('abort', stop);
    }
  }

  private async endedLongAgo(error: WorkflowNotFoundError): Promise<Ended> {
    const recorded = await this.recorded();
    if (recorded !== undefined) return recorded.ended;
    throw noSuchRun(this.ticket, error);
  }
}

function endOfFailure(error: WorkflowFailedError): Ended & { readonly code?: string } {
  const { cause } = error;
  if (cause instanceof CancelledFailure) return { outcome: 'cancelled', output: null, reason: 'the run was cancelled' };
  if (cause instanceof TerminatedFailure)
    return { outcome: 'failed', output: null, reason: 'the run was terminated in Temporal' };
  if (cause instanceof TimeoutFailure)
    return { outcome: 'failed', output: null, reason: 'the run reached the time limit it was started with' };
  const { type, message } = innermost(error);
  return { outcome: 'failed', output: null, reason: message, ...(type === undefined ? {} : { code: type }) };
}

/** Resolves after the time, or at once when the signal says so. */
async function pause(duration_ms: number, signal: AbortSignal): Promise<void> {
  await delay(duration_ms, undefined, { signal }).catch(() => undefined);
}
