/**
 * The host of tests: runs a plan in milliseconds, with no server, no database and no model, and notes what it was asked.
 *
 * PURE. Time jumps; activities are answered from the case (test-answers.ts) against a world that remembers effects by key
 * (test-world.ts), so that settling answers what really happened. `faults` lets attempts fail before or after they took
 * effect, or take time: for generated programs.
 */
import { Failure, failure, isFailure } from '../language/plan/failure.js';
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
} from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { CannedAnswer } from '../language/plan/test-case.js';
import { instantText } from '../language/steps/bodies.js';
import { TestAnswers, modelCalls } from './test-answers.js';
import { TestCancellation, TestClock, TestScope, TestSuspension } from './test-clock.js';
import type { TestHostOptions } from './test-options.js';
import { decisionOf, TestPeople } from './test-people.js';
import { settled } from './test-settle.js';
import { TestWorld } from './test-world.js';

export type { Fault, TestHostOptions } from './test-options.js';

/** A patient call is repeated for ever; a test that never lets it succeed is wrong. */
const MOST_ATTEMPTS = 1_000;
const UNDO = '.undo';

/** What all places of one run share. */
interface Shared {
  readonly options: TestHostOptions;
  readonly clock: TestClock;
  readonly answers: TestAnswers;
  readonly people: TestPeople;
  readonly world: TestWorld;
  readonly calls: ActivityCall[];
  readonly children: ChildCall[];
  readonly items: OpenItem[];
  readonly shown: Progress[];
  readonly counted: { model_calls: number };
}

/** One place of the run: what it asks is reached by its scope's end. */
class PlaceHost implements Host {
  protected readonly shared: Shared;
  private readonly scope: TestScope;

  constructor(shared: Shared, scope: TestScope) {
    this.shared = shared;
    this.scope = scope;
  }

  now(): number {
    return this.shared.clock.now();
  }

  async activity(call: ActivityCall): Promise<Json> {
    const { options, calls, counted } = this.shared;
    this.check();
    calls.push(call);
    if (call.type === 'decide') counted.model_calls += modelCalls(call.input);
    const most = call.patient === true ? MOST_ATTEMPTS : (call.retry?.attempts ?? 1);
    for (let attempt = 1; ; attempt += 1) {
      const fault = options.faults?.(call, attempt) ?? {};
      await this.pass(call.write, fault.takes_ms ?? 0);
      if (fault.code === undefined) {
        const answer = await this.attempt(call, attempt < most);
        if (answer !== undefined) return answer;
      } else {
        if (fault.landed === true) this.perform(call, this.shared.answers.next(call.id));
        if (fault.final === true || attempt === most) {
          throw new Failure(fault.code, fault.message ?? `injected ${fault.code}`);
        }
      }
      await this.wait(this.now() + backoff_ms(call, attempt), false);
    }
  }

  async sleep(call: { readonly until_ms: number }): Promise<void> {
    await this.wait(call.until_ms, true);
  }

  async person(item: OpenItem): Promise<PersonDecision> {
    const { people, items } = this.shared;
    this.check();
    if (!items.some(({ id }) => id === item.id)) items.push(item);
    const { opened_ms, script } = people.find(item.id, this.now());
    const deadline_ms = item.deadline_ms ?? Infinity;
    const decides_ms = opened_ms + script.after_ms;
    if (decides_ms === Infinity || decides_ms >= deadline_ms) {
      await this.wait(deadline_ms, true);
      throw failure('timeout', 'nobody decided in time');
    }
    const decision = decisionOf(item, script);
    await this.wait(decides_ms, true);
    return { ...decision, at: instantText(this.now()) };
  }

  async until(holds: () => boolean): Promise<void> {
    await this.shared.clock.until(this.scope, holds);
  }

  async child(call: ChildCall): Promise<ChildEnd> {
    this.check();
    this.shared.children.push(call);
    const { options, answers } = this.shared;
    const fault = options.faults?.({ id: call.id, type: 'call' }, 1) ?? {};
    const canned = fault.code === undefined ? answers.next(call.id) : undefined;
    await this.wait(this.now() + (fault.takes_ms ?? canned?.takes_ms ?? 0), false);
    if (fault.code !== undefined) throw new Failure(fault.code, fault.message ?? `injected ${fault.code}`);
    return answers.child(call, canned);
  }

  send({ id, to, message, values }: SendCall): Promise<void> {
    this.check();
    this.shared.answers.send(id);
    this.shared.world.sent.push({ step: id, to, message, values });
    return Promise.resolve();
  }

  within<T>(deadline_ms: number, step: string, work: (host: Host) => Promise<T>): Promise<T> {
    return this.shared.clock.within(this.scope, deadline_ms, step, (scope) => work(new PlaceHost(this.shared, scope)));
  }

  shielded<T>(work: (host: Host) => Promise<T>): Promise<T> {
    return work(new PlaceHost(this.shared, new TestScope()));
  }

  branch<T>(work: (host: Host) => Promise<T>): Branch<T> {
    const scope = new TestScope(this.scope);
    const result = work(new PlaceHost(this.shared, scope)).finally(() => {
      scope.close();
    });
    return {
      result,
      cancel: () => {
        scope.cancel();
      },
    };
  }

  isCancellation(error: unknown): boolean {
    return error instanceof TestCancellation;
  }

  isSuspension(error: unknown): boolean {
    return error instanceof TestSuspension;
  }

  check(): void {
    if (this.scope.cancelled) throw new TestCancellation();
  }

  cancelled(): boolean {
    return this.scope.cancelled;
  }

  progress(progress: Progress): void {
    this.shared.shown.push(progress);
  }

  mustContinue(): boolean {
    return this.shared.options.mustContinue?.() ?? false;
  }

  mustWait(): boolean {
    return this.mustContinue();
  }

  suspend(on: boolean): void {
    this.shared.clock.suspend(on);
  }

  private wait(until_ms: number, waits: boolean): Promise<void> {
    return this.shared.clock.wait(this.scope, until_ms, { waits });
  }

  /** Time that an attempt takes: a write in flight is awaited, anything else is let go. */
  private async pass(write: boolean, takes_ms: number): Promise<void> {
    if (takes_ms <= 0) return;
    if (write) await this.shared.clock.spend(this.now() + takes_ms);
    else await this.wait(this.now() + takes_ms, false);
  }

  /** One attempt, in the time that it takes; undefined where it failed, and another one comes. */
  private async attempt(call: ActivityCall, again: boolean): Promise<Json | undefined> {
    const { answers } = this.shared;
    const canned = call.type === 'settle' ? undefined : answers.next(call.id);
    if (canned?.takes_ms !== undefined) await this.pass(call.write, canned.takes_ms);
    try {
      return this.perform(call, canned);
    } catch (error) {
      if (again && isFailure(error) && answers.goesOn(call, error.code)) return undefined;
      throw error;
    }
  }

  private perform(call: ActivityCall, canned: CannedAnswer | undefined): Json {
    const { answers, world, clock } = this.shared;
    return call.type === 'settle' ? settled(world, call.input) : answers.answer(call, canned, clock.now());
  }
}

export class TestHost extends PlaceHost {
  constructor(options: TestHostOptions) {
    const {
      now_ms,
      idle,
      steps = new Map(),
      people: scripts = new Map(),
      messages = [],
      inbox,
      cancel_at_ms,
    } = options;
    const clock = new TestClock(now_ms, idle);
    const world = new TestWorld();
    const answers = new TestAnswers(steps, world);
    const people = new TestPeople(scripts);
    const lists = { calls: [], children: [], items: [], shown: [] };
    const scope = new TestScope();
    super({ options, clock, answers, people, world, ...lists, counted: { model_calls: 0 } }, scope);
    if (cancel_at_ms !== undefined) {
      clock.at(cancel_at_ms, () => {
        scope.cancel();
      });
    }
    for (const message of messages) clock.at(message.at_ms, () => inbox?.().push(message));
  }

  /** Runs `work`, which asks this host, to its end. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.shared.clock.drive(work);
  }

  /** What the case says and nothing in the run asked for, one sentence each. */
  get unused(): string[] {
    return [...this.shared.answers.unused(), ...this.shared.people.unused()];
  }

  get world(): TestWorld {
    return this.shared.world;
  }

  /** Activities in the order in which they were asked for, each once whatever its attempts. */
  get calls(): readonly ActivityCall[] {
    return this.shared.calls;
  }

  get children(): readonly ChildCall[] {
    return this.shared.children;
  }

  get items(): readonly OpenItem[] {
    return this.shared.items;
  }

  get shown(): readonly Progress[] {
    return this.shared.shown;
  }

  get model_calls(): number {
    return this.shared.counted.model_calls;
  }

  /** Places of the writes that happened, in order; undo steps and messages are not among them. */
  get effects(): string[] {
    return this.world.effects.filter(({ id, type }) => type !== 'tell' && !id.endsWith(UNDO)).map(({ id }) => id);
  }

  /** Places of the steps whose effect was taken back, in order. */
  get undone(): string[] {
    return this.world.effects.filter(({ id }) => id.endsWith(UNDO)).map(({ id }) => id.slice(0, -UNDO.length));
  }
}

function backoff_ms({ retry }: ActivityCall, attempt: number): number {
  if (retry === undefined) return 1_000;
  return Math.min(retry.most_ms, retry.first_ms * retry.factor ** (attempt - 1));
}
