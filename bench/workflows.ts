/**
 * The two sides of the comparison, in one bundle: the interpreter as default export, and a workflow as a person would write
 * it, asking for the same activities with the same options.
 *
 * SANDBOX.
 */
import { proxyActivities } from '@temporalio/workflow';

export { default } from '../workflows/run-plan.js';

interface Reads {
  read(call: { from: string; where: { id: string }; optional: boolean }): Promise<{ id: string; n: number }>;
}

/** What the interpreter asks for where a `read` says nothing else; the test compares what was scheduled. */
const OPTIONS = {
  startToCloseTimeout: 10_000,
  scheduleToCloseTimeout: 251_000,
  cancellationType: 'TRY_CANCEL',
  retry: { initialInterval: 1_000, backoffCoefficient: 2, maximumInterval: 30_000, maximumAttempts: 10 },
} as const;

export async function handWritten({ id, steps }: { id: string; steps: number }): Promise<{ n: number }> {
  let n = 0;
  for (let step = 1; step <= steps; step += 1) {
    const activityId = `step_${step}`;
    const { read } = proxyActivities<Reads>({
      ...OPTIONS,
      activityId,
      summary: `${activityId}: read shop.rows where id`,
    });
    const row = await read({ from: 'shop.rows', where: { id }, optional: false });
    n = row.n;
  }
  return { n };
}
