/**
 * Items that wait for a person: opened, decided once, closed.
 *
 * SANDBOX. An item can be decided from the moment its row may exist, which is before `open item` has answered. A decision
 * reserves the item, `check decision` is recorded, and only then it counts, or the item is open again. A deadline that
 * passes during the check waits for it: the decision came in time.
 */
import { ApplicationFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { CheckDecisionAnswer } from '../language/plan/calls.js';
import { failure, isFailure } from '../language/plan/failure.js';
import type { OpenItem, PersonDecision } from '../language/plan/host.js';
import { isJsonMap, type Json } from '../language/plan/json.js';
import type { DecisionReceipt, DecisionRequest, Refusal, WaitingItem } from '../language/plan/messages.js';
import { callActivity, callOwn } from './activities-proxy.js';
import type { Clock } from './clock.js';
import { alarm, shielded } from './deadlines.js';
import { refusal, type Refused, type Waiting } from './decisions.js';
import { toJsonMap } from './json.js';

/** How an item is closed that nobody decided, in words. */
const CLOSED: Readonly<Record<string, string>> = {
  timeout: 'nobody decided in time',
  withdrawn: 'the run went on without it',
  failed: 'it could not be opened',
};

interface Entry extends Waiting {
  readonly since_ms: number;
  decision?: PersonDecision;
}

/** An item that still waits, or was just decided, when the run continues as new. */
export interface KeptItem {
  readonly item: OpenItem;
  readonly since_ms: number;
  readonly decision?: PersonDecision;
}

export class Items {
  private readonly ticket: string;
  private readonly clock: Clock;
  private readonly changed: () => void;
  private readonly open = new Map<string, Entry>();
  private readonly closed = new Map<string, string>();

  /** `changed` is told whenever an item opens or closes. */
  constructor(ticket: string, clock: Clock, changed: () => void) {
    this.ticket = ticket;
    this.clock = clock;
    this.changed = changed;
  }

  /** Takes over what waited in the run that this one continues: it can be decided from the first moment on. */
  take(kept: readonly KeptItem[]): void {
    for (const { item, since_ms, decision } of kept) {
      this.open.set(item.id, { item, since_ms, reserved: false, ...(decision === undefined ? {} : { decision }) });
    }
  }

  /** What waits when the run continues as new, or was decided when no step was there any more to hear of it. */
  kept(): KeptItem[] {
    return [...this.open.values()].map(({ item, since_ms, decision }) => ({
      item,
      since_ms,
      ...(decision === undefined ? {} : { decision }),
    }));
  }

  waiting(): WaitingItem[] {
    const undecided = [...this.open.values()].filter(({ decision }) => decision === undefined);
    return undecided.map(({ item, since_ms, reserved }) => ({
      item: item.id,
      kind: item.kind,
      role: item.role,
      title: item.title,
      digest: item.digest,
      since: new Date(since_ms).toISOString(),
      deadline: item.deadline_ms === undefined ? null : new Date(item.deadline_ms).toISOString(),
      answers: item.answers ?? null,
      form: item.form ?? null,
      being_decided: reserved,
    }));
  }

  refusal(kind: OpenItem['kind'], request: DecisionRequest): Refused | undefined {
    return refusal(kind, request, this.open, this.closed, this.clock.now());
  }

  /**
   * Opens the item and waits. Failure `timeout` at its deadline; when cancelled, the item is withdrawn first, unless the
   * run is about to continue as new: then it stays open and is taken up again there.
   */
  async person(item: OpenItem, suspended: () => boolean): Promise<PersonDecision> {
    const before = this.open.get(item.id);
    const entry: Entry =
      before?.item.digest === item.digest ? before : { item, reserved: false, since_ms: this.clock.now() };
    this.open.set(item.id, entry);
    this.closed.delete(item.id);
    this.changed();
    try {
      if (entry.decision === undefined) await this.untilDecided(entry);
    } catch (error) {
      // It stays open: a decision counts also while the run is on its way into its continuation.
      if (isCancellation(error) && suspended()) throw error;
      await this.over(entry, isCancellation(error) ? 'withdrawn' : 'failed');
      throw error;
    }
    await this.over(entry, 'timeout');
    if (entry.decision !== undefined) return entry.decision;
    throw failure('timeout', `nobody of "${item.role}" decided in time${by(item)}`, item.id);
  }

  /** What an update does: reserves, checks, and resolves the item or opens it again. */
  async decide(kind: OpenItem['kind'], request: DecisionRequest): Promise<DecisionReceipt> {
    // Asked again although the validator asked: two updates may have been accepted in one go, and replays skip validators.
    // The deadline is not: whatever came before it counts, and time may read differently at a replay here.
    const refused = refusal(kind, request, this.open, this.closed, undefined);
    const entry = this.open.get(request.item);
    if (refused !== undefined || entry === undefined) {
      throw refusedUpdate(refused ?? { code: 'not_open', message: `"${request.item}" does not wait` });
    }
    entry.reserved = true;
    try {
      // The run's cancellation must not leave it open whether a recorded decision counts.
      const answer = readCheck(await shielded(() => this.check(entry.item, request)));
      this.clock.stop(Math.max(Date.parse(answer.at), entry.since_ms));
      if (!answer.accepted) throw refusedUpdate({ code: 'not_accepted', message: answer.because });
      const { decision, by, comment, values } = request;
      const { at } = answer;
      entry.decision = {
        item: entry.item.id,
        decision,
        by,
        at,
        ...(comment === undefined ? {} : { comment }),
        ...(values === undefined ? {} : { values }),
      };
      return { item: entry.item.id, decision, by, at };
    } catch (error) {
      if (!isFailure(error)) throw error;
      throw ApplicationFailure.nonRetryable(`the decision could not be checked: ${error.message}`, error.code);
    } finally {
      entry.reserved = false;
    }
  }

  /** Resolves when the item is decided or its deadline passes. */
  private async untilDecided(entry: Entry): Promise<void> {
    const { item } = entry;
    const scope = new CancellationScope({ cancellable: true });
    let late = false;
    const deadline = this.deadline(scope, item, () => {
      late = true;
    });
    const opening = scope.run(() =>
      callActivity({
        type: 'open item',
        id: `${item.id}.item`,
        summary: `${item.id}: ask ${item.role}: ${item.title}`,
        input: { ticket: this.ticket, item: toJsonMap(item) },
        write: true,
        patient: true,
      }),
    );
    try {
      await scope.run(async () => {
        await Promise.race([opening, condition(() => late)]);
        await condition(() => late || entry.decision !== undefined);
      });
    } finally {
      scope.cancel();
      await settled(opening);
      await deadline;
    }
  }

  private async deadline(scope: CancellationScope, item: OpenItem, passed: () => void): Promise<void> {
    const { deadline_ms } = item;
    if (deadline_ms === undefined) return;
    try {
      await scope.run(() => alarm(this.clock, deadline_ms, item.id));
      passed();
    } catch (error) {
      if (!isCancellation(error)) throw error;
    }
  }

  /** Closes the item, after a decision that is just being checked; without a decision its row is closed too. */
  private async over(entry: Entry, how: string): Promise<void> {
    const { item } = entry;
    await shielded(async () => {
      await condition(() => !entry.reserved);
      const { decision } = entry;
      this.open.delete(item.id);
      this.closed.set(item.id, decision === undefined ? (CLOSED[how] ?? how) : said(decision));
      this.changed();
      if (decision === undefined) await this.withdraw(item, how);
    });
  }

  private async check(item: OpenItem, request: DecisionRequest): Promise<Json> {
    return await callOwn({
      type: 'check decision',
      id: `${item.id}.check`,
      summary: `${item.id}: check the decision of ${request.by}`,
      waits: `${item.id}: check the decision of ${request.by}: waits for Firn's database`,
      input: {
        ticket: this.ticket,
        item: item.id,
        decision: request.decision,
        values: request.values ?? null,
        comment: request.comment ?? null,
        by: request.by,
        digest: request.digest ?? item.digest,
      },
    });
  }

  private async withdraw(item: OpenItem, how: string): Promise<void> {
    await callActivity({
      type: 'close item',
      id: `${item.id}.item.close`,
      summary: `${item.id}: close its item: ${CLOSED[how] ?? how}`,
      input: { ticket: this.ticket, item: item.id, how },
      write: true,
      patient: true,
    });
  }
}

function said(decision: PersonDecision): string {
  return `${decision.by} decided "${decision.decision}" at ${decision.at}`;
}

function by(item: OpenItem): string {
  return item.deadline_ms === undefined ? '' : `, by ${new Date(item.deadline_ms).toISOString()}`;
}

export function refusedUpdate(refused: { readonly code: Refusal; readonly message: string }): ApplicationFailure {
  const { code: type, message } = refused;
  const made = ApplicationFailure.create({ type, message, nonRetryable: true, category: 'BENIGN' });
  made.stack = '';
  return made;
}

function readCheck(answer: Json): CheckDecisionAnswer {
  if (!isJsonMap(answer) || typeof answer.accepted !== 'boolean') {
    throw new Error('"check decision" gave something else than an answer: a bug of the activity');
  }
  const because = typeof answer.because === 'string' ? answer.because : '';
  const at = typeof answer.at === 'string' ? answer.at : '';
  return { accepted: answer.accepted, because, at };
}

/** Waits until a promise is over, whatever came of it: it was reported elsewhere. */
async function settled(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch {
    // Already seen by the race.
  }
}
