/**
 * How often a step's activity is tried and how long an attempt may take, where the author says nothing.
 *
 * PURE. One place for who asks (interpreter), who does it (workflows) and who says beforehand how long it can take
 * (compiler): what `firn validate` prints would be wrong if they differed.
 */
import type { NodeBase, Retry } from './plan.js';

const RETRY: Retry = { attempts: 10, first_ms: 1_000, factor: 2, most_ms: 30_000 };
/** A message that cannot be delivered should reach its owner while it still matters. */
const TELL_RETRY: Retry = { ...RETRY, attempts: 5 };
const ONCE: Retry = { ...RETRY, attempts: 1 };

const ATTEMPT_MS = 10_000;
const LONG_ATTEMPT_MS = 60_000;
/**
 * A question may wait for the model process to load or to come back; another system takes the time that its connection
 * allows, twice where it is asked first whether it has been done.
 */
const LONG: ReadonlySet<string> = new Set(['decide', 'http', 'use', 'settle']);

export function retryOf({ once, retry }: Pick<NodeBase, 'once' | 'retry'>, tells: boolean): Retry {
  return once === true ? ONCE : (retry ?? (tells ? TELL_RETRY : RETRY));
}

/** Milliseconds that one attempt of an activity may take. */
export function attemptTime(activity: string): number {
  return LONG.has(activity) ? LONG_ATTEMPT_MS : ATTEMPT_MS;
}

/** The most that all attempts and the waits between them can take, in milliseconds. */
export function longestTime(retry: Retry, attempt_ms: number): number {
  let wait_ms = retry.first_ms;
  let total_ms = attempt_ms;
  for (let attempt = 1; attempt < retry.attempts; attempt += 1) {
    total_ms += Math.min(wait_ms, retry.most_ms) + attempt_ms;
    wait_ms *= retry.factor;
  }
  return total_ms;
}
