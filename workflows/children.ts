/**
 * Other workflows: those that this one calls, and those that it sends messages to.
 *
 * SANDBOX. A child is a Temporal child workflow with a ticket of its own; which plan it runs, and where its effect keys
 * begin, travels in its memo, and is believed only because Temporal itself names the parent. A child that is waited for is
 * cancelled with its caller and waited for even then, because what it did must be known.
 */
import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  startChild,
  TemporalFailure,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { failure, Failure, messageOf } from '../language/plan/failure.js';
import type { ChildCall, ChildEnd, SendCall } from '../language/plan/host.js';
import { isJsonMap, type Json } from '../language/plan/json.js';
import { MEMO_PLAN, MEMO_PREFIX, TASK_TIMEOUT } from '../language/plan/messages.js';
import { cut } from './activities-proxy.js';
import { innermost } from './failures.js';

/** Starts a child, and waits for its end unless it is detached. Rejects with what it failed with. */
export async function callChild(call: ChildCall): Promise<ChildEnd> {
  const { workflow, ticket, input, detached } = call;
  try {
    const handle = await startChild(workflow, {
      workflowId: ticket,
      args: [input],
      memo: { [MEMO_PLAN]: call.hash, [MEMO_PREFIX]: call.prefix },
      staticSummary: cut(call.summary),
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowTaskTimeout: TASK_TIMEOUT,
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      parentClosePolicy: detached ? 'ABANDON' : 'REQUEST_CANCEL',
    });
    return detached ? { ended: 'started', ticket } : ended(await handle.result(), call);
  } catch (error) {
    throw failureOfChild(error, call);
  }
}

/** What a run's result says to its caller. */
function ended(result: unknown, { ticket, workflow }: ChildCall): ChildEnd {
  const { outcome, output, reason } = isJsonMap(result) ? result : {};
  if (outcome === 'done') return { ended: 'done', ticket, output: isJsonMap(output) ? output : {} };
  if (outcome === 'refused') return { ended: 'refused', ticket, reason: text(reason) };
  if (outcome === 'handed_over') {
    throw failure('handed_over', `${workflow} ${ticket} was handed over to its owner: ${text(reason)}`);
  }
  throw new Failure('unexpected', `${workflow} ${ticket} ended with something that is no result of a run`);
}

function failureOfChild(error: unknown, { workflow, ticket }: ChildCall): unknown {
  if (error instanceof WorkflowExecutionAlreadyStartedError) {
    return failure('ticket_used', `another run has had the ticket ${ticket}`);
  }
  if (isCancellation(error)) {
    // A child that is cancelled alone, from outside, is a failure of the step; with its caller, it is the caller's end.
    const around = CancellationScope.current().consideredCancelled;
    return around ? error : failure('cancelled', `${workflow} ${ticket} was cancelled`);
  }
  if (!(error instanceof TemporalFailure)) return error;
  const inner = innermost(error);
  const message = `${workflow} ${ticket}: ${inner?.message ?? messageOf(error)}`;
  return new Failure(inner?.code ?? 'unexpected', message);
}

/** Sends a message to another run. Failure `not_found` where there is none, or it has ended. */
export async function sendMessage({ to, message, values }: SendCall): Promise<void> {
  try {
    await getExternalWorkflowHandle(to).signal(message, values);
  } catch (error) {
    if (isCancellation(error) || !(error instanceof TemporalFailure)) throw error;
    throw failure('not_found', `the message "${message}" reached nobody: no run with the ticket ${to} goes on`);
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
