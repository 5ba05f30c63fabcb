/**
 * The time in a workflow.
 *
 * SANDBOX. Temporal sets the sandbox's `Date` at each workflow task and to the recorded time under replay, so this is the
 * one clock that a run may read.
 */

/** Epoch milliseconds. */
export function now(): number {
  return new Date().getTime();
}
