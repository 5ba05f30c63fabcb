/**
 * Every change of replayed behaviour, numbered.
 *
 * SANDBOX. A run in flight is replayed by whatever worker is there, also a newer one. So a change in what a step kind, the
 * interpreter or this folder asks of Temporal (an activity more, another id, another order) gets an entry in `PATCHES`:
 * the code asks `patched(PATCHES.…)` and keeps the old behaviour beside the new one, and a history from before is
 * stored in test/histories/ as `before-<name>`. Names are never reused. Activity inputs, summaries, timeouts and retries
 * are not compared by a replay and need no patch; test/replay compares inputs and summaries, so that they change on purpose.
 *
 * `PLANS` lists the shapes of plan (`irVersion`) that this code can run: older ones stay, because runs and the
 * registry keep them.
 */
export const PATCHES = {} as const;

export const PLANS: readonly number[] = [1];
