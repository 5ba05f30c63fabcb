/**
 * What the client's promises reject with: one class, told apart by `code`.
 *
 * HOST. Temporal's own errors are translated at the seam, so that an application needs to know Firn's words only.
 */
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { messageOf } from '../language/plan/failure.js';
import type { Refusal } from '../language/plan/messages.js';
import { ticketChecks } from '../language/plan/ticket.js';
import { isConnectionLost } from '../store/failures.js';

/** Reasons of the client's own; a refused decision has the code of its refusal, a run that ended badly its outcome. */
export const CLIENT_ERRORS = {
  unreachable: 'Temporal or the database does not answer, or no worker took the request up in time',
  unknown_workflow: 'no definition of that name, or of that version, is known',
  invalid_input: 'the input does not fit the definition; no run was started',
  invalid_ticket: 'the ticket has characters that no ticket may have',
  ticket_used: 'another run has this ticket',
  not_found: 'no run has this ticket, or it has ended',
  timeout: 'the run was not that far in the time that was given',
  refused: 'the run ended as refused',
  handed_over: 'the run ended in the hands of its owner',
  failed: 'the run failed',
  cancelled: 'the run was cancelled',
} as const;
export type FirnErrorCode = keyof typeof CLIENT_ERRORS | Refusal;

export class FirnError extends Error {
  /** A `FirnErrorCode`, or the code that a definition or an activity gave. */
  readonly code: string;

  constructor(code: FirnErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'FirnError';
    this.code = code;
  }

  /** An error whose code came from a run. */
  static of(code: string, message: string, cause?: unknown): FirnError {
    const error = new FirnError('failed', message, cause);
    return Object.assign(error, { code });
  }
}

/** Type and message of the innermost cause. */
export function innermost(error: unknown): { readonly type: string | undefined; readonly message: string } {
  let at: unknown = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  const type: unknown = at instanceof Error ? Reflect.get(at, 'type') : undefined;
  return { type: typeof type === 'string' ? type : undefined, message: messageOf(at) };
}

/** A ticket that leads nowhere; one that cannot be right says so. */
export function noSuchRun(ticket: string, cause: unknown, or = ''): FirnError {
  const mistyped = ticketChecks(ticket) ? '' : '; its check character does not fit: it was mistyped';
  return new FirnError('not_found', `no run has the ticket "${ticket}"${or}${mistyped}`, cause);
}

/** Temporal's error in Firn's words; `ticket` names the run it was about. */
export function translate(error: unknown, ticket: string): unknown {
  if (error instanceof FirnError) return error;
  if (error instanceof WorkflowUpdateFailedError) {
    const { type, message } = innermost(error);
    return FirnError.of(type ?? 'failed', message, error);
  }
  if (error instanceof WorkflowNotFoundError) {
    return noSuchRun(ticket, error, ', or it has ended');
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || isUnanswered(error)) {
    return new FirnError(
      'unreachable',
      `${ticket}: no answer in time; is a worker running, and does Temporal answer?`,
      error,
    );
  }
  return error;
}

/** What Firn's tables say. Rejects with `unreachable` when their database cannot be asked. */
export async function fromTables<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    throw new FirnError('unreachable', `Firn's database cannot be used now: ${messageOf(error)}`, error);
  }
}

/** True for an error that says that nobody answered, where asking again may help. */
export function isUnanswered(error: unknown): boolean {
  const inner = error instanceof ServiceError ? error.cause : error;
  // CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE; FAILED_PRECONDITION is a query that no worker could answer.
  return isGrpcServiceError(inner) && [1, 4, 14, 9].includes(inner.code);
}
