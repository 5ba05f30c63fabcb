/**
 * The line between activities and Temporal: what an activity throws becomes what Temporal's UI shows and retries by.
 *
 * HOST. A failure that trying again cannot help is final (`nonRetryable`) and BENIGN: expected refusals are no alarm.
 * Type = the failure's code. The stack of a failure is left out: it names machines' paths on the first screen, and a
 * failure is no bug. Anything else is thrown on as it is: a bug, with its stack.
 */
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { isFailure } from '../language/plan/failure.js';
import type { Failure } from '../language/plan/failure.js';
import { databaseFailure, isMissingPart, TransientFailure } from '../store/failures.js';

/** `place`: where Firn's own database is, for errors of it that no activity named. */
export function atBoundary<Call, Answer>(
  place: string,
  work: (call: Call) => Promise<Answer>,
): (call: Call) => Promise<Answer> {
  return async (call) => {
    try {
      return await work(call);
    } catch (error) {
      const failed = isFailure(error) ? error : ownFailure(error, place);
      throw failed === undefined ? error : applicationFailure(failed);
    }
  };
}

/** An error of Firn's own database. Tables that are not there yet will be: a worker starts before it could migrate. */
function ownFailure(error: unknown, place: string): Failure | undefined {
  const failed = databaseFailure(error, place, "Firn's own tables");
  if (!isMissingPart(failed)) return failed;
  return new TransientFailure(
    'unreachable',
    `Firn's own tables at ${place} are not made, or not brought up to date, yet`,
  );
}

function applicationFailure(failed: Failure): ApplicationFailure {
  const transient = failed instanceof TransientFailure;
  const delay_ms = transient ? failed.retry_after_ms : undefined;
  const made = ApplicationFailure.create({
    type: failed.code,
    message: failed.message,
    nonRetryable: !transient,
    ...(delay_ms === undefined ? {} : { nextRetryDelay: delay_ms }),
    ...(transient ? {} : { category: ApplicationFailureCategory.BENIGN }),
  });
  made.stack = '';
  return made;
}
