/**
 * From Temporal's failures to the engine's: code and sentence of what went wrong inside an activity.
 *
 * SANDBOX. Temporal wraps what an activity threw three levels deep; people and `catch` need the innermost type and
 * message. A cancellation is passed through untouched: it is not a failure.
 */
import { ApplicationFailure, isCancellation, TemporalFailure, TimeoutFailure } from '@temporalio/workflow';
import { failure, Failure, messageOf } from '../language/plan/failure.js';
import { formatDuration } from '../language/plan/duration.js';

export interface Patience {
  readonly attempt_ms: number;
  readonly total_ms: number | undefined;
  /** There is no other attempt: one that nobody hears of may have happened. */
  readonly once: boolean;
}

/** What a step's activity threw, as the interpreter knows it; cancellations and our own bugs come back as they are. */
export function failureOf(error: unknown, activity: string, patience: Patience): unknown {
  if (isCancellation(error) || !(error instanceof TemporalFailure)) return error;
  const timeout = timeoutOf(error);
  const inner = innermost(error);
  if (timeout === undefined) return inner ?? new Failure('unexpected', messageOf(error));
  const last = inner === undefined ? '' : `; the last attempt said: ${inner.message}`;
  switch (timeout.timeoutType) {
    case 'SCHEDULE_TO_CLOSE':
      return failure('timeout', `"${activity}" was not finished within ${span(patience.total_ms)}${last}`);
    case 'SCHEDULE_TO_START':
      return failure('unreachable', `no worker took up "${activity}"${last}`);
    default:
      return failure(
        patience.once ? 'outcome_unknown' : 'unreachable',
        `"${activity}" gave no answer within ${span(patience.attempt_ms)}: the worker or what it talks to is gone or slow${last}`,
      );
  }
}

/** A failure for people to read: without a stack, which would show machines' paths on the first screen of a run. */
export function forPeople(message: string, code: string): ApplicationFailure {
  const made = ApplicationFailure.nonRetryable(message, code);
  made.stack = '';
  return made;
}

/** Temporal puts one failure around what an ordinary activity threw, and none around what a local one did. */
function timeoutOf(error: TemporalFailure): TimeoutFailure | undefined {
  if (error instanceof TimeoutFailure) return error;
  return error.cause instanceof TimeoutFailure ? error.cause : undefined;
}

/** True when no further attempt can help: what was thrown says so itself. */
export function isFinal(error: unknown): boolean {
  const thrown = error instanceof ApplicationFailure ? error : error instanceof Error ? error.cause : undefined;
  return thrown instanceof ApplicationFailure && thrown.nonRetryable === true;
}

/** The innermost application failure of a chain of causes. */
export function innermost(error: unknown): Failure | undefined {
  let found: Failure | undefined;
  let at: unknown = error;
  while (at instanceof Error) {
    if (at instanceof ApplicationFailure) found = new Failure(codeOf(at.type), messageOf(at));
    at = at.cause;
  }
  return found;
}

/** Types that are codes stay; a class name such as `TypeError` says only that nobody foresaw it. */
function codeOf(type: string | null | undefined): string {
  return typeof type === 'string' && /^[a-z][a-z0-9_.-]*$/.test(type) ? type : 'unexpected';
}

function span(duration_ms: number | undefined): string {
  return duration_ms === undefined ? 'its time' : formatDuration(duration_ms);
}
