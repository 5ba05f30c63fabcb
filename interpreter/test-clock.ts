/**
 * Time in tests: it stands still while the run computes and jumps from event to event.
 *
 * PURE: no real clock and no timer. Whatever waits, in however many branches, is an event in one queue; when nothing can
 * go on (`idle` says when), the earliest event happens. As with Temporal, scopes form a tree, a cancelled scope starts
 * nothing new, and what failed inside it because of its deadline counts as that deadline.
 */
import { failure, isFailure } from '../language/plan/failure.js';
import { instantText } from '../language/steps/bodies.js';

/** What a cancelled wait rejects with; no `Failure`, so that no step can answer it. */
export class TestCancellation extends Error {
  constructor() {
    super('the test host cancelled this');
    this.name = 'TestCancellation';
  }
}

/** What a wait rejects with when the run is about to continue as new. */
export class TestSuspension extends Error {
  constructor() {
    super('the test host is about to continue as new');
    this.name = 'TestSuspension';
  }
}

interface Event {
  readonly at_ms: number;
  readonly happen: () => void;
}

/** A part of the run that can be cancelled as one. */
export class TestScope {
  cancelled = false;
  private readonly inner = new Set<TestScope>();
  private readonly waits = new Set<() => void>();
  private readonly parent: TestScope | undefined;

  /** A shield has no parent: nothing around reaches it. */
  constructor(parent?: TestScope) {
    this.parent = parent;
    this.cancelled = parent?.cancelled ?? false;
    parent?.inner.add(this);
  }

  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const wait of [...this.waits]) wait();
    for (const scope of [...this.inner]) scope.cancel();
  }

  /** `wake` is called once when the scope is cancelled; gives what takes it back. */
  onCancel(wake: () => void): () => void {
    this.waits.add(wake);
    return () => this.waits.delete(wake);
  }

  /** Nothing of this scope is under way any more. */
  close(): void {
    this.parent?.inner.delete(this);
  }
}

export class TestClock {
  private now_ms: number;
  private readonly idle: () => Promise<void>;
  private readonly events: Event[] = [];
  private readonly conditions = new Set<() => void>();
  private readonly suspendable = new Set<() => void>();
  private suspended = false;

  /** `idle` resolves when nothing that has been resolved is still being worked on: a turn of the event loop. */
  constructor(now_ms: number, idle: () => Promise<void>) {
    this.now_ms = now_ms;
    this.idle = idle;
  }

  now(): number {
    return this.now_ms;
  }

  /** Runs `work` to its end, one event after the other. Rejects when it waits for something that never comes. */
  async drive<T>(work: () => Promise<T>): Promise<T> {
    const end = { over: false };
    const result = work().finally(() => {
      end.over = true;
    });
    // Seen by whoever awaits `result` below; a failure that comes meanwhile is not left unhandled.
    result.catch(() => undefined);
    for (;;) {
      await this.idle();
      if (end.over) return await result;
      const next = this.events.shift();
      if (next === undefined) throw new Error('the run waits for something that never comes');
      this.now_ms = Math.max(this.now_ms, next.at_ms);
      next.happen();
      this.look();
    }
  }

  /** Something will happen then; gives what takes it back. Events of one instant happen in the order of their asking. */
  at(at_ms: number, happen: () => void): () => void {
    if (at_ms === Infinity) return () => undefined;
    const event = { at_ms, happen };
    const after = this.events.findIndex((other) => other.at_ms > at_ms);
    this.events.splice(after < 0 ? this.events.length : after, 0, event);
    return () => {
      const place = this.events.indexOf(event);
      if (place >= 0) this.events.splice(place, 1);
    };
  }

  /** Resolves then, whatever passes meanwhile: a write in flight is awaited. */
  spend(until_ms: number): Promise<void> {
    return until_ms <= this.now_ms ? Promise.resolve() : new Promise((resolve) => this.at(until_ms, resolve));
  }

  /** Resolves then; rejects when the scope is cancelled, and, where it only waits, when the run continues as new. */
  wait(scope: TestScope, until_ms: number, only: { readonly waits: boolean }): Promise<void> {
    return this.pending(scope, only.waits, (resolve) => this.at(until_ms, resolve));
  }

  /** Resolves once it holds; looked at after every event. */
  until(scope: TestScope, holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return this.pending(scope, true, (resolve) => {
      const look = (): void => {
        if (holds()) resolve();
      };
      this.conditions.add(look);
      return () => this.conditions.delete(look);
    });
  }

  suspend(on: boolean): void {
    this.suspended = on;
    if (on) for (const wake of [...this.suspendable]) wake();
  }

  async within<T>(
    around: TestScope,
    deadline_ms: number,
    step: string,
    work: (scope: TestScope) => Promise<T>,
  ): Promise<T> {
    const late = (): Error =>
      failure('timeout', `not finished by ${instantText(deadline_ms)}`, step === '' ? undefined : step);
    if (around.cancelled) throw new TestCancellation();
    if (this.now_ms >= deadline_ms) throw late();
    const scope = new TestScope(around);
    const deadline = { passed: false };
    const forget = this.at(deadline_ms, () => {
      deadline.passed = true;
      scope.cancel();
    });
    try {
      const value = await work(scope);
      if (deadline.passed && !isCancelled(around)) throw late();
      return value;
    } catch (error) {
      // What ended around this first stays what it is; what failed in here after the deadline is a consequence of it.
      const consequence = error instanceof TestCancellation || isFailure(error);
      throw deadline.passed && consequence && !isCancelled(around) ? late() : error;
    } finally {
      forget();
      scope.close();
    }
  }

  private look(): void {
    for (const condition of [...this.conditions]) condition();
  }

  private pending(scope: TestScope, onlyWaits: boolean, start: (resolve: () => void) => () => void): Promise<void> {
    if (scope.cancelled) return Promise.reject(new TestCancellation());
    if (onlyWaits && this.suspended) return Promise.reject(new TestSuspension());
    return new Promise((resolve, reject) => {
      const over = (end: () => void): (() => void) => {
        return () => {
          forgets.forEach((forget) => forget());
          end();
        };
      };
      const suspend = over(() => reject(new TestSuspension()));
      const forgets: (() => unknown)[] = [
        scope.onCancel(over(() => reject(new TestCancellation()))),
        start(over(() => resolve())),
        () => this.suspendable.delete(suspend),
      ];
      if (onlyWaits) this.suspendable.add(suspend);
    });
  }
}

/** Asked anew: it may have been cancelled while its work ran. */
function isCancelled(scope: TestScope): boolean {
  return scope.cancelled;
}
