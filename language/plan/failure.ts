/**
 * A failure: why a step, and with it a run, could not go on.
 *
 * PURE. Branch on `code`, never on the class: across the sandbox line and after a replay the class is another one.
 */
import { isJsonMap } from './json.js';

export class Failure extends Error {
  readonly code: string;
  /** The step that failed, by its path in the program; filled in by the interpreter. */
  readonly step: string | undefined;

  constructor(code: string, message: string, step?: string) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.step = step;
  }
}

export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure' && typeof Reflect.get(error, 'code') === 'string';
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message === '' ? error.name : error.message;
  return isJsonMap(error) ? JSON.stringify(error) : String(error);
}

/** Codes that the engine itself gives; a `fail` step may use any other. */
export const FAILURE_CODES = {
  timeout: 'a step, or the run, did not finish in its time',
  not_found: 'no row matched where one was expected',
  not_unique: 'several rows matched where one was expected',
  too_many: 'a list has more rows than its limit',
  not_ensured: 'what `ensure` demands does not hold of the recorded result',
  not_as_approved: 'a step was about to do something else than what was approved',
  undecided: 'a person chose "none of these"',
  no_policy: 'no version of the policy was in force at that time',
  result_too_large: 'a result, or all results of a run together, are larger than a run may hold',
  conflict: 'the database refused the change: a unique or foreign key, or a check',
  invalid: 'a value does not fit where it was put',
  precision: 'a number has more digits than can be kept without loss',
  unreachable: 'the other side could not be reached',
  rejected: 'the other side refused what it was asked',
  unexpected: 'an activity failed in a way that nobody foresaw',
  effect_changed: 'the same place in the program asked for another effect than the recorded one',
  delivery: 'a message could not be delivered',
  outcome_unknown: 'nobody can say whether the effect happened',
  expression: 'an expression could not be computed on the values of this run',
  not_reached: 'a `repeat` ran as often as it may, and its `until` never held',
  cancelled: 'a called workflow was cancelled',
  too_many_steps: 'the run has taken more steps than a run may take',
  invalid_input: 'the input does not fit the definition',
  unknown_workflow: 'no definition of that name is known',
  ticket_used: 'another run has had this ticket',
  handed_over: 'somebody asked for a person',
  tainted: 'a value from outside would have chosen what only the definition may choose',
  not_startable: 'the run was started in a way that Firn refuses',
} as const;
export type FailureCode = keyof typeof FAILURE_CODES;

export function failure(code: FailureCode, message: string, step?: string): Failure {
  return new Failure(code, message, step);
}
