/**
 * Activity `use`: asks an activity that the application registers, or a tool of an MCP connection.
 *
 * HOST. One Temporal activity for all of them: it finds by name, checks the arguments against the declaration, and the
 * result as well. What is said of an attempt that nobody answered hangs on the effect: what may be asked again is asked
 * again; what may be asked only once is `outcome_unknown`, and never asked again. `unreachable` and `invalid` of a call
 * that may be made only once say that it was not made.
 */
import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';
import { closest } from 'fastest-levenshtein';
import { RESULT_LIMIT } from '../interpreter/limits.js';
import { validateValue } from '../language/compiler/input.js';
import type { UseCall } from '../language/plan/calls.js';
import { failure, FAILURE_CODES, isFailure, messageOf } from '../language/plan/failure.js';
import type { Failure, FailureCode } from '../language/plan/failure.js';
import { isJson, isJsonMap, jsonSize, withoutNulls } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { Callable } from '../language/plan/project.js';
import type { RegisteredActivity } from '../setup/application-activities.js';
import { TransientFailure } from '../store/failures.js';
import type { Dependencies } from './dependencies.js';

/** Kept of an attempt's time to say what went wrong before Temporal says that nobody answered. */
const MARGIN_MS = 500;
const SHORTEST_MS = 100;

export type Callables = Pick<Dependencies, 'registered' | 'toolServers'>;

export function createUse(callables: Callables): (call: UseCall) => Promise<Json> {
  return async (call) => {
    const timeout_ms = Math.max(SHORTEST_MS, activityInfo().startToCloseTimeoutMs - MARGIN_MS);
    const result = await askCallable(callables, call, timeout_ms);
    const size = jsonSize(result);
    if (size <= RESULT_LIMIT) return result;
    throw failure(
      'result_too_large',
      `${call.activity} gave ${size} characters as JSON; a result may have ${RESULT_LIMIT}`,
    );
  };
}

async function askCallable(callables: Callables, call: UseCall, timeout_ms: number): Promise<Json> {
  const dot = call.activity.indexOf('.');
  if (dot < 0) return askActivity(findActivity(callables, call.activity), call, timeout_ms);
  const server = call.activity.slice(0, dot);
  const tool = call.activity.slice(dot + 1);
  const door = callables.toolServers.get(server);
  const recorded = door?.tools.get(tool);
  if (door === undefined || recorded === undefined) {
    throw missing(`tool "${call.activity}"`, 'the connection and its tools file must be those of the definition');
  }
  const input = checkedInput(call, recorded);
  const signal = cancellationSignal();
  return door.call(tool, input, { key: call.key, effect: effectOf(call), timeout_ms, signal });
}

function findActivity({ registered }: Callables, name: string): RegisteredActivity {
  const found = registered.get(name);
  if (found !== undefined) return found;
  const known = [...registered.keys()];
  const near =
    known.length === 0 ? 'it has none' : `it has ${known.join(', ')}; did you mean "${closest(name, known)}"?`;
  const how = 'export it with `defineActivity` from a module that firn.yaml names under `activities`';
  throw missing(`activity "${name}" (${near})`, how);
}

/** Another worker of the project may have it, as while a new version is rolled out: it is tried again. */
function missing(what: string, how: string): Failure {
  return new TransientFailure('unreachable', `this worker has no ${what}; ${how}, and start the worker again`);
}

/** A copy with its defaults filled in. Failure `invalid`: nothing was asked. */
function checkedInput(call: UseCall, { schema }: Callable): JsonMap {
  const copy = jsonOf(call.with);
  const input = isJsonMap(copy) ? copy : {};
  const problems = validateValue(schema, input, 'the arguments');
  if (problems.length === 0) return input;
  throw failure('invalid', `${call.activity} was not asked: ${problems.join(' ')}`);
}

async function askActivity(activity: RegisteredActivity, call: UseCall, timeout_ms: number): Promise<Json> {
  const input = checkedInput(call, activity);
  const late = AbortSignal.timeout(timeout_ms);
  const signal = AbortSignal.any([cancellationSignal(), late]);
  const context = { key: call.key, signal, heartbeat: (details?: unknown) => heartbeat(details) };
  let answer: unknown;
  try {
    answer = await Promise.race([Promise.resolve(activity.run(input, context)), whenAborted(late, timeout_ms)]);
  } catch (error) {
    throw thrownFailure(error, call);
  }
  return declaredResult(activity, answer);
}

/** Rejects when the time is over, whether or not the activity listens. */
function whenAborted(signal: AbortSignal, timeout_ms: number): Promise<never> {
  const code: FailureCode = 'unreachable';
  const late = Object.assign(new Error(`no answer within ${timeout_ms / 1000} s`), { code });
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(late), { once: true });
  });
}

/** Of what an activity threw. One that says so itself, and a failure of ours, is final; anything else is tried again. */
function thrownFailure(error: unknown, call: UseCall): Failure {
  if (isFailure(error)) return error;
  const said: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const code = isFailureCode(said) ? said : undefined;
  const text = `${call.activity}: ${messageOf(error)}`;
  if (error instanceof Error && Reflect.get(error, 'retryable') === false) return failure(code ?? 'rejected', text);
  if (effectOf(call) !== 'once') return new TransientFailure(code ?? 'unexpected', text);
  return failure('outcome_unknown', `${text}; it may be asked only once, so nobody can say whether it was done`);
}

function isFailureCode(code: unknown): code is FailureCode {
  return typeof code === 'string' && Object.hasOwn(FAILURE_CODES, code);
}

function declaredResult({ name, output }: RegisteredActivity, answer: unknown): Json {
  const result = answer === undefined ? {} : jsonOf(answer);
  if (result === undefined) throw failure('unexpected', `${name} gave something that cannot be written as JSON`);
  const problems = output === null ? [] : validateValue(output, result, 'the result');
  if (problems.length === 0) return withoutNulls(result);
  throw failure('unexpected', `${name} gave something else than it declares: ${problems.join(' ')}`);
}

/** As it will travel: a field that is undefined is not there. */
function jsonOf(value: unknown): Json | undefined {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    return isJson(copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}

function effectOf({ effect }: UseCall): Callable['effect'] {
  return effect === 'read' || effect === 'repeatable' ? effect : 'once';
}
