/**
 * References to secrets: `env:NAME` and `file:path`, resolved at the moment of use.
 *
 * HOST. A value is never kept, and no message carries one: messages name the reference.
 */
import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { failure, messageOf } from '../language/plan/failure.js';
import type { Secret, Variables } from './configuration.js';

/** What a reference looks like; the schema of firn.yaml uses it too. */
export const SECRET_PATTERN = '^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$';

/** `directory` is where a relative `file:` path starts. The reference must match SECRET_PATTERN. */
export function secret(reference: string, directory: string, variables: Variables): Secret {
  const rest = reference.slice(reference.indexOf(':') + 1);
  const resolve = reference.startsWith('env:')
    ? (): string => fromVariable(rest, variables)
    : (): string => fromFile(resolvePath(directory, rest), reference);
  return Object.freeze({ reference, resolve });
}

/** Whether it can be resolved now; the reason when not. */
export function secretProblem(candidate: Secret): string | undefined {
  try {
    candidate.resolve();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function fromVariable(name: string, variables: Variables): string {
  const value = variables[name];
  if (value === undefined || value === '') {
    throw failure('unreachable', `the environment variable ${name} is not set`);
  }
  return value;
}

function fromFile(path: string, reference: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    throw failure('unreachable', `${reference} cannot be read: ${messageOf(error)}`);
  }
}
