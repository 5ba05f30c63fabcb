/**
 * The host of tests: runs a plan in milliseconds, with no server, no database and no model, and notes what it was asked.
 *
 * PURE. Time jumps; activities are answered from the case (test-answers.ts) against a world that remembers effects by key
 * (test-world.ts), so that settling answers what really happened. `faults` lets attempts fail before or after they took
 * effect, or take time: for generated programs.
 */
import { Failure, failure } from '../language/plan/failure.js';
import type { ActivityCall, Host, OpenItem, PersonDecision, Progress } from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { Canned, PersonScript } from '../language/plan/test-case.js';
import { instantText } from '../language/steps/bodies.js';
import { CaseProblem, TestAnswers, modelCalls } from './test-answers.js';
import { TestCancellation, TestClock } from './test-clock.js';
import { TestWorld } from './test-world.js';

/** What befalls one attempt. */
export interface Fault {
  /** Absent: the attempt succeeds. */
  readonly code?: string;
  readonly message?: string;
  /** A write took effect although its attempt failed: the answer got lost. */
  readonly landed?: boolean;
  /** No further attempt is made. */
  readonly final?: boolean;
  readonly takes_ms?: number;
}

export interface TestHostOptions {
  readonly now_ms: number;
  readonly steps?: ReadonlyMap<string, Canned>;
  readonly people?: ReadonlyMap<string, PersonScript>;
  /** Epoch milliseconds at which somebody cancels the run. */
  readonly cancel_at_ms?: number;
  readonly mustContinue?: () => boolean;
  /** Asked before each attempt; attempts count from 1. */
  readonly faults?: (call: ActivityCall, attempt: number) => Fault | undefined;
}

/** A patient call is repeated for ever; a test that never lets it succeed is wrong. */
const MOST_ATTEMPTS = 1_000;

export class TestHost implements Host {
  /** Activities in the order in which they were asked for, each once whatever its attempts. */
  readonly calls: ActivityCall[] = [];
  readonly items: OpenItem[] = [];
  readonly shown: Progress[] = [];
  readonly world = new TestWorld();
  model_calls = 0;
  private readonly options: TestHostOptions;
  private readonly clock: TestClock;
  private readonly answers: TestAnswers;

  constructor(options: TestHostOptions) {
    this.options = options;
    this.clock = new TestClock(options.now_ms, options.cancel_at_ms);
    this.answers = new TestAnswers(options.steps ?? new Map(), this.world);
  }

  /** Paths of the writes that happened, in order; undo steps and messages are not among them. */
  get effects(): string[] {
    return this.world.effects.filter(({ id, type }) => type !== 'tell' && !isUndo(id)).map(({ id }) => id);
  }

  /** Paths of the steps whose effect was taken back, in order. */
  get undone(): string[] {
    return this.world.effects.filter(({ id }) => isUndo(id)).map(({ id }) => id.slice(0, -UNDO.length));
  }

  now(): number {
    return this.clock.now();
  }

  activity(call: ActivityCall): Promise<Json> {
    return promised(() => this.attempts(call));
  }

  sleep(call: { readonly until_ms: number }): Promise<void> {
    return promised(() => this.clock.waitUntil(call.until_ms));
  }

  person(item: OpenItem): Promise<PersonDecision> {
    return promised(() => {
      this.clock.check();
      this.items.push(item);
      const script = this.options.people?.get(item.id);
      const deadline_ms = item.deadline_ms ?? Infinity;
      const decides_ms = script === undefined ? Infinity : this.clock.now() + script.after_ms;
      if (script === undefined || decides_ms >= deadline_ms) {
        this.clock.waitUntil(deadline_ms);
        throw failure('timeout', 'nobody decided in time');
      }
      checkDecision(item, script);
      this.clock.waitUntil(decides_ms);
      const { decision, comment, by = `somebody of ${item.role}` } = script;
      const at = instantText(this.clock.now());
      return { item: item.id, decision, by, at, ...(comment === undefined ? {} : { comment }) };
    });
  }

  within<T>(deadline_ms: number, step: string, work: () => Promise<T>): Promise<T> {
    return this.clock.within(deadline_ms, step, work);
  }

  shielded<T>(work: () => Promise<T>): Promise<T> {
    return this.clock.shielded(work);
  }

  isCancellation(error: unknown): boolean {
    return error instanceof TestCancellation;
  }

  cancelled(): boolean {
    return this.clock.cancelled();
  }

  progress(progress: Progress): void {
    this.shown.push(progress);
  }

  mustContinue(): boolean {
    return this.options.mustContinue?.() ?? false;
  }

  private attempts(call: ActivityCall): Json {
    this.clock.check();
    this.calls.push(call);
    if (call.type === 'decide') this.model_calls += modelCalls(call.input);
    const most = call.patient === true ? MOST_ATTEMPTS : (call.retry?.attempts ?? 1);
    for (let attempt = 1; ; attempt += 1) {
      const fault = this.options.faults?.(call, attempt) ?? {};
      this.pass(call, fault.takes_ms ?? 0);
      if (fault.code === undefined) return this.perform(call);
      if (fault.landed === true) this.perform(call);
      if (fault.final === true || attempt === most) {
        throw new Failure(fault.code, fault.message ?? `injected ${fault.code}`);
      }
      this.clock.waitUntil(this.clock.now() + backoff_ms(call, attempt));
    }
  }

  /** Time that an attempt takes: a write in flight is awaited, anything else is let go. */
  private pass(call: ActivityCall, takes_ms: number): void {
    if (call.write) this.clock.spend(takes_ms);
    else if (takes_ms > 0) this.clock.waitUntil(this.clock.now() + takes_ms);
  }

  private perform(call: ActivityCall): Json {
    if (call.type !== 'settle') return this.answers.answer(call, this.clock.now());
    const { key } = call.input;
    if (typeof key !== 'string') throw new Error(`"${call.id}" settles nothing: it has no key`);
    return { ...this.world.settle(key) };
  }
}

const UNDO = '.undo';

function isUndo(id: string): boolean {
  return id.endsWith(UNDO);
}

function backoff_ms({ retry }: ActivityCall, attempt: number): number {
  if (retry === undefined) return 1_000;
  return Math.min(retry.most_ms, retry.first_ms * retry.factor ** (attempt - 1));
}

/** What the inbox would refuse, so that no case passes with a decision that nobody can make. */
function checkDecision(item: OpenItem, { decision, comment }: PersonScript): void {
  const allowed = item.kind === 'approve' ? ['approve', 'reject'] : [...(item.answers ?? []), 'none of these'];
  if (!allowed.includes(decision)) {
    throw new CaseProblem(`nobody can answer "${item.id}" with "${decision}"; it can be: ${allowed.join(', ')}`);
  }
  if (decision === 'reject' && comment === undefined)
    throw new CaseProblem(`"${item.id}" is rejected without a comment, which says why`);
}

/** What throws becomes a promise that rejects. */
function promised<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
