/**
 * Time and concurrency for the reference: generators that wait, stepped by a clock that jumps to the next instant at
 * which anything can happen. Nothing here knows what a step is.
 */
import type { Json } from '../../language/plan/json.js';

/** Why a block did not come to its end. */
export type Stop =
  | { readonly is: 'failure'; readonly code: string; readonly step: string }
  | { readonly is: 'fail'; readonly code: string; readonly message: string; readonly step: string }
  | { readonly is: 'refuse'; readonly reason: string }
  | { readonly is: 'return'; readonly output: Json }
  | { readonly is: 'cancelled' };

export class Stopped extends Error {
  readonly stop: Stop;
  constructor(stop: Stop) {
    super(stop.is);
    this.stop = stop;
  }
}

export function failed(code: string, step: string): Stopped {
  return new Stopped({ is: 'failure', code, step });
}

export function stopOf(error: unknown): Stop {
  if (error instanceof Stopped) return error.stop;
  throw error;
}

/** What a deadline or a cancellation reaches. One without a parent is a shield. */
export class Scope {
  cut = false;
  readonly parent: Scope | undefined;
  readonly deadline_ms: number;
  constructor(parent: Scope | undefined, deadline_ms = Infinity) {
    this.parent = parent;
    this.deadline_ms = deadline_ms;
  }
}

export interface Wait {
  readonly at_ms: number;
  readonly ready: () => boolean;
  readonly scope: Scope;
  /** Goes on at once when its scope is cut. */
  readonly letGo: boolean;
}
export type Work<T> = Generator<Wait, T, void>;

export type Ended = { readonly value: Json } | { readonly stop: Stop };

interface Fiber {
  readonly work: Work<void>;
  wait: Wait | undefined;
}

export class Clock {
  now_ms = 0;
  /** Two things happened so close together that either could have been the first. */
  ambiguous = false;
  private readonly fibers = new Set<Fiber>();
  private readonly gap_ms: number;
  private readonly alarms: readonly number[];

  /** `alarms`: instants at which something comes from outside. */
  constructor(gap_ms: number, alarms: readonly number[]) {
    this.gap_ms = gap_ms;
    this.alarms = alarms;
  }

  start(work: Work<Json>, ended: (how: Ended) => void): void {
    this.fibers.add({ work: guarded(work, ended), wait: undefined });
  }

  /** Lets time pass until it is so and nothing more happens at this instant. */
  until(done: () => boolean): void {
    for (;;) {
      const fiber = [...this.fibers].find(({ wait }) => this.goesOn(wait));
      if (fiber === undefined) {
        if (done()) return;
        this.now_ms = this.next();
        continue;
      }
      const next = fiber.work.next();
      if (next.done === true) this.fibers.delete(fiber);
      else fiber.wait = next.value;
    }
  }

  isCut(scope: Scope): boolean {
    if (scope.cut || this.now_ms >= scope.deadline_ms) return true;
    return scope.parent !== undefined && this.isCut(scope.parent);
  }

  check(scope: Scope): void {
    if (this.isCut(scope)) throw new Stopped({ is: 'cancelled' });
  }

  *pause(for_ms: number, scope: Scope, letGo: boolean): Work<void> {
    this.check(scope);
    const at_ms = this.now_ms + for_ms;
    yield { at_ms, ready: () => this.now_ms >= at_ms, scope, letGo };
    if (letGo) this.check(scope);
  }

  /** The end came so near to its deadline that it could have come after it, or two deadlines lie so near. */
  isNear(deadline_ms: number, other_ms: number): void {
    const left_ms = deadline_ms - this.now_ms;
    if (left_ms > 0 && left_ms < this.gap_ms) this.ambiguous = true;
    if (left_ms <= 0 && other_ms - deadline_ms < this.gap_ms) this.ambiguous = true;
  }

  private goesOn(wait: Wait | undefined): boolean {
    return wait === undefined || wait.ready() || (wait.letGo && this.isCut(wait.scope));
  }

  private next(): number {
    const scopes = new Set<Scope>();
    const times = [...this.alarms];
    for (const { wait } of this.fibers) {
      times.push(wait?.at_ms ?? Infinity);
      for (let scope = wait?.scope; scope !== undefined; scope = scope.parent) scopes.add(scope);
    }
    for (const { deadline_ms } of scopes) times.push(deadline_ms);
    const coming = times.filter((at_ms) => at_ms > this.now_ms).sort((one, other) => one - other);
    const [first = Infinity, second = Infinity] = coming;
    if (first === Infinity) throw new Error('the program waits for ever');
    if (second - first < this.gap_ms) this.ambiguous = true;
    return first;
  }
}

function* guarded(work: Work<Json>, ended: (how: Ended) => void): Work<void> {
  try {
    ended({ value: yield* work });
  } catch (error) {
    ended({ stop: stopOf(error) });
  }
}
