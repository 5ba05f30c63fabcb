/**
 * Effects happen once: workers are killed between COMMIT and report, and at random, while refunds are under way; the same
 * without effect rows must show doubles. The long version is `npm run chaos`.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../real/postgres.js';
import { startTemporal, type TestTemporal } from '../real/temporal.js';
import { refundsUnderKills, type ChaosReport } from './refunds.js';
import { tableOf, wrongWith } from './verdict.js';

const REFUNDS = 30;
const KILLS = 6;
const SEED = Date.now() % 1_000_000;

describe(`refunds under kill -9, seed ${SEED}`, () => {
  let temporal: TestTemporal;
  let database: TestPostgres;
  let ours: ChaosReport;
  let control: ChaosReport;

  beforeAll(async () => {
    [temporal, database] = await Promise.all([startTemporal(), startPostgres()]);
    const options = {
      refunds: REFUNDS,
      kills: KILLS,
      seed: SEED,
      address: temporal.address,
      databaseUrl: database.url,
    };
    const say = (): void => undefined;
    [ours, control] = await Promise.all([
      refundsUnderKills({ ...options, say, mutant: false }),
      refundsUnderKills({ ...options, say, mutant: true }),
    ]);
    console.log(`seed ${SEED}\n${tableOf(ours, control)}`);
  }, 180_000);
  afterAll(async () => {
    await temporal.stop();
    await database.stop();
  });

  it('is exact with effect rows, and doubles without', () => {
    expect(wrongWith(ours, control)).toEqual([]);
  });

  it('kills where it aims: each kill in the window doubles an effect of the control', () => {
    expect(ours.in_window).toBeGreaterThanOrEqual(KILLS / 2);
    expect(control.doubled).toBeGreaterThanOrEqual(control.in_window);
  });
});
