/**
 * What goes wrong with a server of tools, as failures that people can read, and whether anything may have happened.
 *
 * HOST. Decides by codes, never by a message's words. `unreachable` is said only where the request was certainly not taken
 * up, or may be asked again; of a tool that is asked once, anything less certain is `outcome_unknown`.
 */
import { StreamableHTTPError } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { failure, isFailure, messageOf, type Failure } from '../language/plan/failure.js';
import type { Callable } from '../language/plan/project.js';
import { TransientFailure } from '../store/failures.js';
import { PrivateAddressError } from './addresses.js';

type Effect = Callable['effect'];

/** The other side was never reached: nothing can have happened. */
const NOT_SENT: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOENT', 'EACCES'],
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** A server answers so to a request that it does not take up: it has forgotten the session, or has too much to do. */
const NOT_TAKEN: ReadonlySet<number> = new Set([400, 404, 410, 425, 429]);
/** What it answers to a request that nobody could carry out. */
const MALFORMED: ReadonlySet<number> = new Set([
  ErrorCode.MethodNotFound,
  ErrorCode.InvalidParams,
  ErrorCode.InvalidRequest,
  ErrorCode.ParseError,
]);

/** Of opening a session, or of listing tools. */
export function sessionFailure(error: unknown, shown: string): Failure {
  if (isFailure(error)) return error;
  const refused = privateAddress(error);
  if (refused !== undefined) return refusedAddress(shown, refused);
  if (isUnauthorized(error)) return failure('invalid', `${shown} lets nobody in without authorization; ${AUTHORIZE}`);
  return new TransientFailure('unreachable', `${shown} cannot be reached: ${reasonOf(error)}`);
}

/** Of a call of a tool. */
export function toolFailure(error: unknown, shown: string, effect: Effect): Failure {
  if (isFailure(error)) return error;
  const refused = privateAddress(error);
  if (refused !== undefined) return refusedAddress(shown, refused);
  if (isUnauthorized(error)) return failure('invalid', `${shown} was refused without authorization; ${AUTHORIZE}`);
  if (error instanceof McpError && !isLost(error)) return answeredError(error, shown, effect);
  const status = error instanceof StreamableHTTPError ? error.code : undefined;
  const notTaken = status !== undefined && NOT_TAKEN.has(status);
  if (notTaken || NOT_SENT.has(codeOf(error))) {
    return new TransientFailure('unreachable', `${shown} was not taken up: ${reasonOf(error)}`);
  }
  if (effect !== 'once') return new TransientFailure('unreachable', `${shown} gave no answer: ${reasonOf(error)}`);
  return failure('outcome_unknown', `${shown} gave no answer: ${reasonOf(error)}; ${ONLY_ONCE}`);
}

/** True where the next call needs a new session. */
export function endsSession(error: unknown): boolean {
  if (error instanceof McpError) return error.code === ErrorCode.ConnectionClosed;
  if (error instanceof StreamableHTTPError) return error.code !== undefined && [400, 404, 410].includes(error.code);
  // A call that was given up by its own step says nothing of the session.
  return !(error instanceof Error && error.name === 'AbortError');
}

const ONLY_ONCE = 'it may be asked only once, so nobody can say whether it was done';
const AUTHORIZE = 'give it under `headers` of the connection in firn.yaml, as { Authorization: env:NAME }';

function answeredError(error: McpError, shown: string, effect: Effect): Failure {
  const text = `${shown} answered with an error: ${reasonOf(error)}`;
  if (MALFORMED.has(error.code)) return failure('invalid', text);
  if (effect !== 'once') return new TransientFailure('rejected', text);
  return failure('outcome_unknown', `${text}; ${ONLY_ONCE}`);
}

/** No answer came: the time was over, or the connection closed. */
function isLost({ code }: McpError): boolean {
  return code === ErrorCode.RequestTimeout || code === ErrorCode.ConnectionClosed;
}

function isUnauthorized(error: unknown): boolean {
  if (error instanceof UnauthorizedError) return true;
  return error instanceof StreamableHTTPError && (error.code === 401 || error.code === 403);
}

function refusedAddress(shown: string, address: string): Failure {
  const why = 'which is not on the public internet; `allow_private: true` under `mcp` in firn.yaml allows it';
  return failure('invalid', `${shown} leads to ${address}, ${why}`);
}

function privateAddress(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause)
    if (at instanceof PrivateAddressError) return at.message.split(' leads to ').at(-1);
  return undefined;
}

/** The code of the innermost cause, as Node gives it. */
function codeOf(error: unknown): string {
  let found = '';
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code: unknown = Reflect.get(at, 'code');
    if (typeof code === 'string') found = code;
    const inner: unknown = at instanceof AggregateError ? at.errors[0] : undefined;
    if (inner instanceof Error && inner !== at.cause) found = codeOf(inner) === '' ? found : codeOf(inner);
  }
  return found;
}

/** By its code where it has one: never with the address. */
function reasonOf(error: unknown): string {
  if (error instanceof StreamableHTTPError) return `status ${error.code ?? 'unknown'}`;
  const code = codeOf(error);
  if (code !== '') return code;
  return messageOf(error).replace(/^MCP error -?\d+: /, '');
}
