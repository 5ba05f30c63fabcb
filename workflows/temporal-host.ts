/**
 * The host on Temporal: what the interpreter asks for, done with activities, timers, scopes and updates.
 *
 * SANDBOX. One per run. It decides nothing about the plan; it keeps what people see of the run (status, current details,
 * search attributes) in step with what the interpreter tells it.
 */
import { CancellationScope, isCancellation, setCurrentDetails, sleep, workflowInfo } from '@temporalio/workflow';
import type { ActivityCall, Host, OpenItem, PersonDecision, Progress, TrailEntry } from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { RunSoFar, RunStatus } from '../language/plan/messages.js';
import { callActivity, cut } from './activities-proxy.js';
import type { Attributes } from './attributes.js';
import type { Clock } from './clock.js';
import { within, shielded } from './deadlines.js';
import { renderDetails } from './details.js';
import { Items } from './items.js';
import { listenForDecisions, stopListening } from './messages.js';

/** Events of history after which a run continues as new: a short history replays fast after a crash. */
export const CONTINUE_AFTER_EVENTS = 1_000;

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
    await sleep(Math.max(1, call.until_ms - this.clock.now()), { summary: cut(call.summary) });
  }

  async person(item: OpenItem): Promise<PersonDecision> {
    const answers = item.kind === 'approve' ? '"approve" or "reject"' : (item.answers ?? []).join(', ');
    listenForDecisions(
      this.items,
      item.kind,
      item.id,
      `${item.title}. {"decision": ${answers}, "by": "<who>", "comment": …}`,
    );
    try {
      return await this.items.person(item);
    } finally {
      stopListening(item.kind, item.id);
    }
  }

  within<T>(deadline_ms: number, step: string, work: () => Promise<T>): Promise<T> {
    return within(this.clock, deadline_ms, step, work);
  }

  shielded<T>(work: () => Promise<T>): Promise<T> {
    return shielded(work);
  }

  isCancellation(error: unknown): boolean {
    return isCancellation(error);
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
