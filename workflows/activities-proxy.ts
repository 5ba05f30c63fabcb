/**
 * Calls to activities: which options each one gets, and what the UI shows of it.
 *
 * SANDBOX. A step is one ordinary activity with finite attempts. What the engine owes whatever happens (opening and
 * closing the run, checking a decision) is first tried twice as a local activity, which costs one event, and then
 * goes on as an ordinary one without a limit of attempts: the UI shows what it waits for, and the history does not grow.
 */
import {
  CancellationScope,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
  type ActivityOptions,
  type LocalActivityOptions,
} from '@temporalio/workflow';
import { attemptTime, longestTime, retryOf } from '../language/plan/attempts.js';
import { Failure } from '../language/plan/failure.js';
import type { ActivityCall } from '../language/plan/host.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { failureOf, isFinal, type Patience } from './failures.js';

type Activities = Record<string, (input: JsonMap) => Promise<Json>>;

/** What the UI's timeline shows of a summary. */
const SUMMARY_LIMIT = 120;
const PATIENT_FIRST_MS = 500;
const PATIENT_MOST_MS = 5_000;
const LOCAL: LocalActivityOptions = {
  startToCloseTimeout: 2_000,
  retry: { maximumAttempts: 2, initialInterval: 200 },
};

/** One of the engine's own activities, which is not a step. */
export interface OwnCall {
  readonly type: string;
  readonly id: string;
  /** Shown as long as all is well. */
  readonly summary: string;
  /** Shown when the database does not answer. */
  readonly waits: string;
  readonly input: JsonMap;
}

/** Runs a step's activity. Rejects with a `Failure`, or with Temporal's cancellation. */
export function callActivity(call: ActivityCall): Promise<Json> {
  const attempt_ms = attemptTime(call.type);
  const retry = call.retry ?? retryOf({}, false);
  const total_ms = call.patient === true ? undefined : (call.timeout_ms ?? longestTime(retry, attempt_ms));
  const options: ActivityOptions = {
    activityId: call.id,
    summary: cut(call.summary),
    startToCloseTimeout: attempt_ms,
    // With TRY_CANCEL a write would commit after the scope that asked for it has returned.
    cancellationType: call.write || call.patient === true ? 'WAIT_CANCELLATION_COMPLETED' : 'TRY_CANCEL',
    ...(total_ms === undefined ? {} : { scheduleToCloseTimeout: total_ms }),
    retry:
      call.patient === true
        ? { initialInterval: PATIENT_FIRST_MS, backoffCoefficient: 2, maximumInterval: PATIENT_MOST_MS }
        : {
            initialInterval: retry.first_ms,
            backoffCoefficient: Math.max(1, retry.factor),
            maximumInterval: Math.max(retry.first_ms, retry.most_ms),
            maximumAttempts: retry.attempts,
          },
  };
  return run(proxyActivities<Activities>(options)[call.type], call, { attempt_ms, total_ms, once: call.once === true });
}

/**
 * Runs one of the engine's own activities until it answers or refuses for good. The local attempts are not reached by a
 * cancellation: they take seconds, and what they wrote must be known. Waiting for the database can be cancelled.
 */
export async function callOwn(call: OwnCall): Promise<Json> {
  const local = proxyLocalActivities<Activities>({ ...LOCAL, summary: cut(call.summary) })[call.type];
  try {
    return await CancellationScope.nonCancellable(() => run(local, call, undefined));
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error) || isFinal(error)) {
      throw failureOf(error, call.type, { attempt_ms: attemptTime(call.type), total_ms: undefined, once: false });
    }
  }
  return await callActivity({ ...call, summary: call.waits, write: true, patient: true });
}

function run(
  activity: ((input: JsonMap) => Promise<Json>) | undefined,
  call: { readonly type: string; readonly input: JsonMap },
  patience: Patience | undefined,
): Promise<Json> {
  if (activity === undefined) throw new Failure('unexpected', `Temporal has no activity "${call.type}"`);
  const answer = activity(call.input);
  if (patience === undefined) return answer;
  // Not awaited: in Temporal's sandbox each promise more costs a stack trace, and this one is in every step.
  return answer.catch((error: unknown) => {
    throw failureOf(error, call.type, patience);
  });
}

export function cut(text: string): string {
  return text.length <= SUMMARY_LIMIT ? text : `${text.slice(0, SUMMARY_LIMIT - 1)}…`;
}
