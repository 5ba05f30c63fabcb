/**
 * Time in tests: it stands still while the run computes and jumps from wait to wait.
 *
 * PURE: no real clock and no timer. The interpreter does one thing at a time, so the work that waits is always the
 * innermost: a wait moves the time on, or up to the first deadline around it, which then cancels its scope. As with
 * Temporal, a cancelled scope starts nothing new, and what failed inside it because of that counts as its deadline.
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

interface Scope {
  /** Infinity for a shield, which also keeps away what lies around it. */
  readonly deadline_ms: number;
  readonly shield: boolean;
  passed: boolean;
}

export class TestClock {
  private now_ms: number;
  private readonly scopes: Scope[];

  constructor(now_ms: number, cancel_at_ms = Infinity) {
    this.now_ms = now_ms;
    this.scopes = [{ deadline_ms: cancel_at_ms, shield: false, passed: false }];
  }

  now(): number {
    return this.now_ms;
  }

  /** Throws where a deadline around this place has passed, or the run was cancelled. */
  check(): void {
    if (this.cancelled()) throw new TestCancellation();
  }

  /** Also notes which deadlines have passed. */
  cancelled(): boolean {
    const scopes = this.reaching();
    for (const scope of scopes) if (this.now_ms >= scope.deadline_ms) scope.passed = true;
    return scopes.some((scope) => scope.passed);
  }

  /** Moves on to `until_ms`, or to the first deadline around this place, and throws there. */
  waitUntil(until_ms: number): void {
    this.check();
    const next_ms = Math.min(...this.reaching().map((scope) => scope.deadline_ms));
    if (Math.min(next_ms, until_ms) === Infinity) throw new Error('the run waits for something that never comes');
    this.now_ms = Math.max(this.now_ms, Math.min(next_ms, until_ms));
    this.check();
  }

  /** Moves on whatever passes meanwhile: a write in flight is awaited. */
  spend(duration_ms: number): void {
    this.now_ms += duration_ms;
  }

  async within<T>(deadline_ms: number, step: string, work: () => Promise<T>): Promise<T> {
    const late = (): Error =>
      failure('timeout', `not finished by ${instantText(deadline_ms)}`, step === '' ? undefined : step);
    this.check();
    if (this.now_ms >= deadline_ms) throw late();
    const scope: Scope = { deadline_ms, shield: false, passed: false };
    this.scopes.push(scope);
    try {
      const value = await work();
      if (this.cancelled() && scope.passed) throw late();
      return value;
    } catch (error) {
      // What ended around this first stays what it is; what failed in here after the deadline is a consequence of it.
      this.cancelled();
      const around = this.reaching().some((other) => other !== scope && other.passed);
      throw scope.passed && !around && (error instanceof TestCancellation || isFailure(error)) ? late() : error;
    } finally {
      this.scopes.splice(this.scopes.indexOf(scope), 1);
    }
  }

  async shielded<T>(work: () => Promise<T>): Promise<T> {
    const scope: Scope = { deadline_ms: Infinity, shield: true, passed: false };
    this.scopes.push(scope);
    try {
      return await work();
    } finally {
      this.scopes.splice(this.scopes.indexOf(scope), 1);
    }
  }

  /** The scopes whose end reaches the work that runs now, outermost first. */
  private reaching(): readonly Scope[] {
    return this.scopes.slice(this.scopes.findLastIndex((scope) => scope.shield) + 1);
  }
}
