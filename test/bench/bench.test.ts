/**
 * The bench runs, compares like with like, and the interpreter asks for no more of Temporal than a hand-written workflow.
 * How fast it is, `npm run bench` says.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countedPerStep, spread } from '../../bench/figures.js';
import { measure, SIDES, type Sample } from '../../bench/measure.js';
import { startPostgres, type TestPostgres } from '../real/postgres.js';
import { startTemporal, type TestTemporal } from '../real/temporal.js';

const SIZES = [2, 8] as const;

describe('the interpreter beside a hand-written workflow', () => {
  let temporal: TestTemporal;
  let database: TestPostgres;
  let samples: readonly Sample[];

  beforeAll(async () => {
    [temporal, database] = await Promise.all([startTemporal(), startPostgres()]);
    samples = await measure({
      ...{ address: temporal.address, databaseUrl: database.url, sizes: SIZES, rounds: 2, warmUps: 0 },
      say: () => undefined,
    });
  }, 180_000);
  afterAll(async () => {
    await temporal.stop();
    await database.stop();
  });

  it.each(['events', 'tasks'] as const)('has equally many %s per step', (what) => {
    const [written, interpreted] = SIDES.map((side) => countedPerStep(samples, what, side, ...SIZES));
    expect(interpreted).toBe(written);
    expect(interpreted).toBe(what === 'tasks' ? 1 : 6);
  });

  it.each(SIZES)('asks for the same activities with the same options, at %i steps', (size) => {
    const [written, interpreted] = SIDES.map(
      (side) => samples.find((sample) => sample.side === side && sample.size === size)?.scheduled ?? [],
    );
    expect(written).toHaveLength(size);
    expect(interpreted).toEqual(written);
  });

  it('measures something', () => {
    expect(samples).toHaveLength(SIZES.length * SIDES.length * 2);
    expect(samples.every(({ wall_ms, cpu_ms }) => wall_ms > 0 && cpu_ms > 0)).toBe(true);
  });

  it.each([
    [[1], { lower: 1, median: 1, upper: 1, n: 1 }],
    [[4, 1, 3, 2], { lower: 1.75, median: 2.5, upper: 3.25, n: 4 }],
    [[5, 1, 3], { lower: 2, median: 3, upper: 4, n: 3 }],
  ])('finds the quartiles of %j', (values, expected) => {
    expect(spread(values)).toEqual(expected);
  });
});
