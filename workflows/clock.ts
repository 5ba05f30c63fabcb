/**
 * The time in a run, the same again at every replay.
 *
 * SANDBOX. Temporal sets the sandbox's `Date` to the start of each workflow task, and that is recorded. Around a local
 * activity it is not reliable: measured, the same run reads there up to a second more or less when it is replayed (a task
 * that waits for a local activity is prolonged by further ones, and a replay sees only the last). So time stands still
 * behind a local activity, at an instant that is on record, until the next workflow task.
 */
import { workflowInfo } from '@temporalio/workflow';

export class Clock {
  private still: { readonly at_ms: number; readonly historyLength: number } | undefined;

  /** Epoch milliseconds. */
  now(): number {
    // The length of the history changes with each workflow task and with nothing else.
    if (this.still?.historyLength === workflowInfo().historyLength) return this.still.at_ms;
    return new Date().getTime();
  }

  /** Time stands still at this instant, which the history knows, until the next workflow task. */
  stop(at_ms: number): void {
    if (Number.isFinite(at_ms)) this.still = { at_ms, historyLength: workflowInfo().historyLength };
  }
}
