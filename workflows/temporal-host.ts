/**
 * The host on Temporal: what the interpreter asks for, done with activities, timers, scopes and updates.
 *
 * SANDBOX. One per run. It decides nothing about the plan; it keeps what people see of the run (status, current details,
 * search attributes) in step with what the interpreter tells it.
 */
import {
  CancellationScope,
  CancelledFailure,
  condition,
  isCancellation,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ActivityCall,
  Branch,
  ChildCall,
  ChildEnd,
  Host,
  OpenItem,
  PersonDecision,
  Progress,
  SendCall,
  TrailEntry,
} from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { RunSoFar, RunStatus } from '../language/plan/messages.js';
import { callActivity, cut } from './activities-proxy.js';
import type { Attributes } from './attributes.js';
import { callChild, sendMessage } from './children.js';
import type { Clock } from './clock.js';
import { within, shielded } from './deadlines.js';
import { renderDetails } from './details.js';
import { Items, type KeptItem } from './items.js';
import { listenForDecisions, stopListening } from './messages.js';
import { Suspension, Waits } from './waits.js';

/** Events of history after which a run continues as new: a short history replays fast after a crash. */
export const CONTINUE_AFTER_EVENTS = 1_000;
/** A loop of called workflows that overlap goes on so many times longer, and then lets them come to an end first. */
const WAIT_FACTOR = 4;

/** What is known once the run is open. */
export interface Known {
  readonly version: string;
  readonly continue_after_events: number;
  readonly attributes: Attributes;
  soFar(): RunSoFar;
}

export class TemporalHost implements Host {
  readonly items: Items;
  private readonly clock: Clock;
  private readonly waits = new Waits();
  private known: Known | undefined;
  private shown: Progress = { at: 'opening the run', trail: [] };
  private ended: string | null = null;
  /** Rows of the page that were rendered before: most of them stand there again after each step. */
  private readonly rows = new WeakMap<TrailEntry, string>();

  constructor(clock: Clock) {
    this.clock = clock;
    this.items = new Items(workflowInfo().workflowId, clock, () => {
      this.itemsChanged();
    });
    this.show();
  }

  /** What waited for people in the run that this one continues. */
  take(kept: readonly KeptItem[]): void {
    this.items.take(kept);
    for (const { item, decision } of kept) if (decision === undefined) this.listenFor(item);
  }

  /** The plan is there: from here on the interpreter may ask. */
  open(known: Known): void {
    this.known = known;
    this.shown = { at: 'starting', trail: [] };
    this.show();
  }

  /** The run is over; `how` is what its page says. */
  end(outcome: string, how: string, trail: Progress['trail']): void {
    this.ended = how;
    this.shown = { at: 'ended', trail };
    this.known?.attributes.ended(outcome);
    this.show();
  }

  status(): RunStatus {
    const { workflowId, workflowType } = workflowInfo();
    const { at, waiting_for, since_ms, until_ms, trail } = this.shown;
    const waiting = this.items.waiting();
    return {
      ticket: workflowId,
      workflow: workflowType,
      version: this.known?.version ?? null,
      at,
      waiting,
      waiting_for: waiting_for ?? null,
      since: instant(since_ms),
      until: instant(until_ms),
      trail,
      so_far: this.known?.soFar() ?? null,
    };
  }

  now(): number {
    return this.clock.now();
  }

  /** Like `within` and `shielded` it hands the promise on: each one more costs the worker a stack trace in every step. */
  activity(call: ActivityCall): Promise<Json> {
    this.shown = { at: call.id, trail: this.shown.trail };
    this.show();
    return callActivity(call);
  }

  async sleep(call: { readonly until_ms: number; readonly summary: string }): Promise<void> {
    this.known?.attributes.waiting([]);
    const wait = { summary: cut(call.summary) };
    await this.waits.during(() => sleep(Math.max(1, call.until_ms - this.clock.now()), wait));
  }

  async person(item: OpenItem): Promise<PersonDecision> {
    this.listenFor(item);
    try {
      return await this.waits.during(() => this.items.person(item, () => this.waits.suspended));
    } finally {
      stopListening(item.kind, item.id);
    }
  }

  async until(holds: () => boolean): Promise<void> {
    this.known?.attributes.waiting([]);
    await this.waits.during(() => condition(holds));
  }

  child(call: ChildCall): Promise<ChildEnd> {
    this.known?.attributes.waiting([]);
    return callChild(call);
  }

  send(call: SendCall): Promise<void> {
    return sendMessage(call);
  }

  /** Every place of a run asks the same host: which scope it is in, Temporal itself knows. */
  within<T>(deadline_ms: number, step: string, work: (host: Host) => Promise<T>): Promise<T> {
    return within(this.clock, deadline_ms, step, () => work(this));
  }

  shielded<T>(work: (host: Host) => Promise<T>): Promise<T> {
    return shielded(() => work(this));
  }

  branch<T>(work: (host: Host) => Promise<T>): Branch<T> {
    const scope = new CancellationScope({ cancellable: true });
    const result = scope.run(() => work(this));
    return {
      result,
      cancel: () => {
        scope.cancel();
      },
    };
  }

  isCancellation(error: unknown): boolean {
    return isCancellation(error);
  }

  check(): void {
    if (this.cancelled()) throw new CancelledFailure('cancelled');
  }

  cancelled(): boolean {
    return CancellationScope.current().consideredCancelled;
  }

  /** What a finished step gave is shown with what comes next: the next activity, a wait, or the end. */
  progress(progress: Progress): void {
    this.shown = progress;
    if (progress.waiting_for !== undefined) this.show();
  }

  mustContinue(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const most = this.known?.continue_after_events ?? CONTINUE_AFTER_EVENTS;
    return continueAsNewSuggested || historyLength >= most;
  }

  suspend(on: boolean): void {
    this.waits.suspend(on);
  }

  isSuspension(error: unknown): boolean {
    return error instanceof Suspension;
  }

  /** The item's own update, so that the form in Temporal's UI lists it. */
  private listenFor({ kind, id, title, form, answers }: OpenItem): void {
    const decision = kind === 'approve' ? '"approve" or "reject"' : (answers ?? []).join(', ');
    const filled = form === undefined ? `"decision": ${decision}` : '"values": {…}';
    listenForDecisions(this.items, kind, id, `${title}. {${filled}, "by": "<who>", "comment": …}`);
  }

  mustWait(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const most = this.known?.continue_after_events ?? CONTINUE_AFTER_EVENTS;
    return continueAsNewSuggested || historyLength >= most * WAIT_FACTOR;
  }

  private itemsChanged(): void {
    const waiting = this.items.waiting();
    if (waiting.length > 0) {
      this.known?.attributes.waiting([...new Set(waiting.flatMap(({ item, role }) => [item, role]))]);
    }
    this.show();
  }

  private show(): void {
    const { workflowId, workflowType } = workflowInfo();
    const { at, waiting_for, since_ms, until_ms, trail } = this.shown;
    setCurrentDetails(
      renderDetails(
        {
          ticket: workflowId,
          workflow: workflowType,
          at,
          waiting: this.items.waiting(),
          waiting_for: waiting_for ?? null,
          since: instant(since_ms),
          until: instant(until_ms),
          trail,
          ended: this.ended,
        },
        this.rows,
      ),
    );
  }
}

function instant(at_ms: number | undefined): string | null {
  return at_ms === undefined ? null : new Date(at_ms).toISOString();
}
