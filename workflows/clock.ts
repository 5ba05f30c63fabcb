/**
 * The time in a run, the same again at every replay.
 *
 * SANDBOX. Temporal sets the sandbox's `Date` to the start of each workflow task, and that is recorded. Behind a local
 * activity it is not: measured, the same run reads another time there when it is replayed, by up to half a second on a
 * busy machine. So time stands still from before a local activity until the next workflow task.
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

  /** Runs a local activity. */
  async local<T>(work: () => Promise<T>): Promise<T> {
    const at_ms = this.now();
    try {
      return await work();
    } finally {
      this.still = { at_ms, historyLength: workflowInfo().historyLength };
    }
  }
}
