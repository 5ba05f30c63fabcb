/**
 * Which failures a `try` (and a loop that collects) may answer, and what its author sees of one.
 *
 * PURE. What ends the run as a whole is never answered: else a flow could go on for ever, or past its own end.
 */
import type { Failure } from '../language/plan/failure.js';
import type { JsonMap } from '../language/plan/json.js';

const NEVER: ReadonlySet<string> = new Set(['too_many_steps', 'tainted']);

export function isCatchable({ code }: Failure): boolean {
  return !NEVER.has(code);
}

/** True where `on` names the failure, or names nothing. `http.4xx` stands for every status from 400 to 499. */
export function isNamed(on: readonly string[] | undefined, { code }: Failure): boolean {
  return on === undefined || on.some((name) => name === code || isClassOf(name, code));
}

function isClassOf(name: string, code: string): boolean {
  const status = statusOf(code);
  return status !== undefined && name === `http.${Math.floor(status / 100)}xx`;
}

/** `{type, message, step, status?}` */
export function caughtFailure(error: Failure): JsonMap {
  const { code, message, step = '' } = error;
  const status = statusOf(code);
  return { type: code, message, step, ...(status === undefined ? {} : { status }) };
}

function statusOf(code: string): number | undefined {
  const found = /^http\.(\d{3})$/.exec(code);
  return found === null ? undefined : Number(found[1]);
}
