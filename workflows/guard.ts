/**
 * What a run must not be started with, refused before anything else happens.
 *
 * SANDBOX. Any client may start any workflow type with anything. A plain TypeError in here would make Temporal retry
 * the first task for ever, so whatever cannot be read becomes a readable failure that ends the run.
 * A second argument is the state of a run that continues as new. It brings its own plan, so it is believed only where
 * Temporal itself says that this run continues another: a cron tick and a workflow retry say so as well, with the
 * client's arguments, and are refused for that.
 */
import type { WorkflowInfo } from '@temporalio/workflow';
import type { FailureCode } from '../language/plan/failure.js';
import { isJson, isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import { forPeople } from './failures.js';

/** What was given to the run: its business input, and after continuing as new what it had reached. */
export interface Given {
  readonly input: Json;
  readonly continuation: JsonMap | undefined;
}

/** Throws a non-retryable `not_startable` that says what to change. */
export function readArguments(args: readonly unknown[], run: WorkflowInfo): Given {
  if (run.cronSchedule !== undefined && run.cronSchedule !== '') {
    refuse(
      `a run of Firn cannot have a cron schedule ("${run.cronSchedule}"): each tick would look like a continuation; ` +
        'use a Temporal Schedule, which starts a run of its own each time',
    );
  }
  if (run.retryPolicy !== undefined) {
    refuse(
      'a run of Firn cannot have a workflow retry policy: its steps retry by themselves, and a second attempt would ' +
        'look like a continuation; start it without one',
    );
  }
  const continued = run.continuedFromExecutionRunId !== undefined && run.continuedFromExecutionRunId !== '';
  if (args.length > (continued ? 2 : 1)) {
    refuse(
      `a run takes one argument, its input, and this one was started with ${String(args.length)}; ` +
        'put everything into one JSON object',
    );
  }
  const input = args[0] === undefined ? {} : args[0];
  if (!isJson(input)) refuse('the input is not JSON; send one JSON object (encoding json/plain)');
  const continuation = args[1];
  if (continued && !isJsonMap(continuation)) {
    refuse('this run continues another but has not been given what that one had reached');
  }
  return { input, continuation: isJsonMap(continuation) ? continuation : undefined };
}

function refuse(message: string): never {
  throw forPeople(message, 'not_startable' satisfies FailureCode);
}
