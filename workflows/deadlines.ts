/**
 * Deadlines and shields: cancellation scopes with a name.
 *
 * SANDBOX. A deadline cancels the work under it and waits until that has let go (a write in flight is awaited); then it
 * is a failure `timeout`. When the run itself is cancelled, the timer goes with it and the cancellation stays one.
 */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';
import { failure, isFailure } from '../language/plan/failure.js';
import { cut } from './activities-proxy.js';
import type { Clock } from './clock.js';

export async function within<T>(clock: Clock, deadline_ms: number, step: string, work: () => Promise<T>): Promise<T> {
  const late = (): Error =>
    failure('timeout', `not finished by ${new Date(deadline_ms).toISOString()}`, step === '' ? undefined : step);
  if (deadline_ms <= clock.now()) throw late();
  const scope = new CancellationScope({ cancellable: true });
  const timer = new CancellationScope({ cancellable: true });
  const deadline = { passed: false };
  const ticking = timer
    .run(() => alarm(clock, deadline_ms, step))
    .then(
      () => {
        deadline.passed = true;
        scope.cancel();
      },
      (error: unknown) => {
        if (!isCancellation(error)) throw error;
      },
    );
  try {
    const value = await scope.run(work);
    if (deadline.passed) throw late();
    return value;
  } catch (error) {
    // What the work failed with after its deadline is a consequence of being cut short.
    throw deadline.passed && (isCancellation(error) || isFailure(error)) ? late() : error;
  } finally {
    timer.cancel();
    await ticking;
  }
}

export function shielded<T>(work: () => Promise<T>): Promise<T> {
  return CancellationScope.nonCancellable(work);
}

/** Sleeps until then; the timer's name says whose deadline it is. */
export async function alarm(clock: Clock, until_ms: number, what: string): Promise<void> {
  const name = what === '' ? 'the deadline of the whole run; after it, its owner gets it' : `${what}: deadline`;
  await sleep(Math.max(1, until_ms - clock.now()), { summary: cut(name) });
}
