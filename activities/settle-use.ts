/**
 * Settling what a `use` step asked for: whether it happened, and where it may be asked again, what came of it.
 *
 * HOST. Repeatable effects are asked for again under the same key: twice is as once, so the answer is that of the first
 * time. Of what may be asked only once, the step's own failure is all that is known.
 */
import { activityInfo } from '@temporalio/activity';
import type { SettleAnswer, SettleCall } from '../language/plan/calls.js';
import { isFailure } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import { TransientFailure } from '../store/failures.js';
import { createUse } from './use.js';
import type { Callables } from './use.js';

/** Attempts of asking again, some minutes altogether. A server that is gone for good must not hold the end of a run. */
const MOST_ATTEMPTS = 60;
/** Failures that say that nothing was done: it was not asked, or the other side said no. */
const SAYS_NO: ReadonlySet<string> = new Set(['unreachable', 'invalid', 'rejected']);

const DID_NOT_HAPPEN: SettleAnswer = { happened: false, result: null };
const NOBODY_KNOWS: SettleAnswer = { happened: null, result: null };

export async function settleUse(callables: Callables, call: SettleCall): Promise<SettleAnswer> {
  const { key, request, failed_with } = call;
  const activity = request?.['activity'];
  const input = request?.['with'];
  if (typeof activity !== 'string' || !isJsonMap(input)) return NOBODY_KNOWS;
  if (request?.['effect'] !== 'repeatable') {
    return failed_with !== null && SAYS_NO.has(failed_with) ? DID_NOT_HAPPEN : NOBODY_KNOWS;
  }
  if (failed_with === 'invalid' || failed_with === 'rejected') return DID_NOT_HAPPEN;
  try {
    const result = await createUse(callables)({ activity, with: input, effect: 'repeatable', key });
    return { happened: true, result };
  } catch (error) {
    if (!isFailure(error)) throw error;
    if (error instanceof TransientFailure && activityInfo().attempt < MOST_ATTEMPTS) throw error;
    return error.code === 'rejected' || error.code === 'invalid' ? DID_NOT_HAPPEN : NOBODY_KNOWS;
  }
}
