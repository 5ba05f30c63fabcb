/**
 * A few generated programs on real Temporal, with a worker that keeps three runs in memory. The long version is
 * `npm run chaos -- --programs 300`.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTemporal, type TestTemporal } from '../real/temporal.js';
import { programsOnTemporal } from './programs.js';

const PROGRAMS = 12;
const SEED = Number(process.env['FIRN_SEED'] ?? 4);

let temporal: TestTemporal;
beforeAll(async () => {
  temporal = await startTemporal();
});
afterAll(async () => {
  await temporal.stop();
});

it(
  `${PROGRAMS} programs come to what the reference predicts on Temporal (seed ${SEED})`,
  { timeout: 240_000 },
  async () => {
    const { address, taskQueue } = temporal;
    const report = await programsOnTemporal({
      address,
      taskQueue,
      programs: PROGRAMS,
      seed: SEED,
      at_once: PROGRAMS,
      longest_ms: 12_000,
      say: () => undefined,
    });
    const { different, ...figures } = report;
    console.log(figures);
    expect(different).toEqual([]);
    expect(report.programs).toBe(PROGRAMS);
  },
);
