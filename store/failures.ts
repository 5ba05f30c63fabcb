/**
 * What goes wrong in a database, as failures that people can read, and whether trying again can help.
 *
 * HOST. Decides by SQLSTATE and by the codes of the network, never by a message's words, which depend on the server's
 * language. Never names a password or a whole row.
 */
import { Failure } from '../language/plan/failure.js';
import type { FailureCode } from '../language/plan/failure.js';

/** A failure that may be gone by itself at the next attempt. */
export class TransientFailure extends Failure {
  /** How long the other side asked to be left alone. */
  readonly retry_after_ms: number | undefined;

  /** A code of the engine, or the status of an answer: `http.503`. */
  constructor(code: FailureCode | `http.${number}`, message: string, retry_after_ms?: number) {
    super(code, message);
    this.retry_after_ms = retry_after_ms;
  }
}

const NETWORK_CODES: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOENT', 'EACCES', 'ECONNABORTED', 'ENETDOWN', 'EHOSTDOWN'],
]);
/** What `pg` throws without a code when the connection itself is gone or never came. */
const CONNECTION_WORDS = /timeout|terminated|connection|not queryable|pool after/i;
const CHANGE_AGAIN = new Set(['40001', '40P01', '55P03']);

interface DatabaseError {
  readonly code: string;
  readonly message: string;
  readonly detail: string | undefined;
  readonly constraint: string | undefined;
  readonly column: string | undefined;
  readonly table: string | undefined;
}

/**
 * The failure that a thrown database error means. `place` is where the database is ("localhost:5432/shop"), `subject`
 * what was worked on ("shop.orders"). Undefined when the error did not come from a database: a bug, to be thrown on.
 */
export function databaseFailure(error: unknown, place: string, subject: string): Failure | undefined {
  const seen = readError(error);
  if (seen === undefined) return undefined;
  const { code } = seen;
  if (code === '' || NETWORK_CODES.has(code)) return unreachable(place, code === '' ? seen.message : code);
  if (CHANGE_AGAIN.has(code)) {
    const why = code === '55P03' ? 'another transaction held it too long' : 'another transaction changed it as well';
    return new TransientFailure('conflict', `${subject}: ${why} (${seen.message})`);
  }
  if (code === '57014') return unreachable(place, 'it did not answer in time');
  if (/^(08|53|57|58|XX|28|3D)/.test(code)) return unreachable(place, seen.message);
  if (code.startsWith('23')) return new Failure('conflict', `${subject}: ${describeConstraint(seen)}`);
  if (code === '42P01' || code === '42703' || code === '3F000') {
    const missing = new Failure('invalid', `${subject}: ${seen.message}; ${introspectHint(subject)}`);
    missingParts.add(missing);
    return missing;
  }
  if (code === '42501') return new Failure('invalid', `${subject}: the database user may not do this: ${seen.message}`);
  return new Failure('invalid', `${subject}: ${seen.message}${seen.detail === undefined ? '' : ` (${seen.detail})`}`);
}

/** True when the connection itself is gone, or silent: nothing more can be said on it, not even `rollback`. */
export function isConnectionLost(error: unknown): boolean {
  const code = readError(error)?.code;
  return code === '' || (code !== undefined && NETWORK_CODES.has(code));
}

const missingParts = new WeakSet<Error>();

/** True for a failure of `databaseFailure` that says that a schema, a table or a column is missing. */
export function isMissingPart(error: unknown): boolean {
  return error instanceof Error && missingParts.has(error);
}

function unreachable(place: string, why: string): TransientFailure {
  return new TransientFailure('unreachable', `the database at ${place} cannot be used now: ${why}`);
}

function introspectHint(subject: string): string {
  const connection = subject.split('.')[0] ?? subject;
  return `the database has changed since its columns were written down: run \`firn connections introspect ${connection}\``;
}

/** A refused change in plain words, with the constraint's name for whoever looks it up. */
function describeConstraint(error: DatabaseError): string {
  const name = error.constraint === undefined ? '' : ` (constraint ${error.constraint})`;
  const key = /\((.+)\)=\((.*)\)/s.exec(error.detail ?? '');
  const pair = key === null ? error.detail : `${key[1] ?? ''} = ${JSON.stringify(key[2] ?? '')}`;
  switch (error.code) {
    case '23505':
      return `there is already a row with ${pair ?? 'these values'}${name}`;
    case '23503':
      return error.detail?.includes('still referenced') === true
        ? `other rows still refer to ${pair ?? 'it'}${name}`
        : `nothing exists with ${pair ?? 'these values'}, to which it would refer${name}`;
    case '23502':
      return `the column "${error.column ?? '?'}" needs a value`;
    case '23514':
      return `the database does not allow these values${name}`;
    default:
      return `${error.message}${name}`;
  }
}

/** Code '' stands for a broken or missing connection. */
function readError(error: unknown): DatabaseError | undefined {
  if (!(error instanceof Error) || error.name === 'Failure') return undefined;
  const nested: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  if (nested instanceof Error) return readError(nested);
  const code = text(error, 'code');
  const sql = code !== undefined && /^[0-9A-Z]{5}$/.test(code) && text(error, 'severity') !== undefined;
  if (sql || (code !== undefined && NETWORK_CODES.has(code))) {
    return {
      code,
      message: error.message,
      detail: text(error, 'detail'),
      constraint: text(error, 'constraint'),
      column: text(error, 'column'),
      table: text(error, 'table'),
    };
  }
  const lost = code === undefined && error.constructor === Error && CONNECTION_WORDS.test(error.message);
  return lost
    ? {
        code: '',
        message: error.message,
        detail: undefined,
        constraint: undefined,
        column: undefined,
        table: undefined,
      }
    : undefined;
}

function text(error: Error, key: string): string | undefined {
  const value: unknown = Reflect.get(error, key);
  return typeof value === 'string' ? value : undefined;
}
