/**
 * From samples to figures: the cost of one step (the slope between a small and a large run), the fixed cost of a run, and
 * their ratios, each with median and quartiles over rounds.
 *
 * Pure arithmetic. A ratio is taken within a round, between runs that were seconds apart.
 */
import { SIDES, type Sample, type Side } from './measure.js';

export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
  readonly n: number;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly sides: Readonly<Record<Side, Spread>>;
  readonly ratio: Spread;
}

type Quantity = 'wall_ms' | 'cpu_ms';

/** Cost of one step: what the large run costs more than the small one, over the steps it has more. */
export function perStep(samples: readonly Sample[], quantity: Quantity, small: number, large: number): Figure {
  return figure(
    `${nameOf(quantity)} per step`,
    samples,
    (read) => (read(large) - read(small)) / (large - small),
    quantity,
  );
}

/** What a run costs besides its steps: a run of one step, less a step. */
export function fixed(samples: readonly Sample[], quantity: Quantity, small: number, large: number): Figure {
  return figure(
    `${nameOf(quantity)}, fixed cost of a run`,
    samples,
    (read) => read(1) - (read(large) - read(small)) / (large - small),
    quantity,
  );
}

export function perRun(samples: readonly Sample[], quantity: Quantity, size: number): Figure {
  return figure(`${nameOf(quantity)}, run of ${size}`, samples, (read) => read(size), quantity);
}

/** The fewest of all rounds: a machine that stalls can add events (a task that timed out), and none can take any away. */
export function counted(samples: readonly Sample[], what: 'events' | 'tasks', side: Side, size: number): number {
  return Math.min(
    ...samples.filter((sample) => sample.side === side && sample.size === size).map((sample) => sample[what]),
  );
}

export function countedPerStep(
  samples: readonly Sample[],
  what: 'events' | 'tasks',
  side: Side,
  small: number,
  large: number,
): number {
  return (counted(samples, what, side, large) - counted(samples, what, side, small)) / (large - small);
}

function figure(
  name: string,
  samples: readonly Sample[],
  compute: (read: (size: number) => number) => number,
  quantity: Quantity,
): Figure {
  const rounds = [...new Set(samples.map(({ round }) => round))];
  const of = (side: Side): readonly number[] =>
    rounds.map((round) =>
      compute((size) => {
        const found = samples.find((sample) => sample.side === side && sample.round === round && sample.size === size);
        if (found === undefined) throw new Error(`round ${round} has no run of ${size} steps of the ${side} side`);
        return found[quantity];
      }),
    );
  const [written, interpreted] = [of('hand-written'), of('interpreter')];
  const ratios = interpreted.map((value, index) => value / (written[index] ?? Number.NaN));
  return {
    name,
    unit: 'ms',
    sides: { 'hand-written': spread(written), interpreter: spread(interpreted) },
    ratio: spread(ratios),
  };
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  return {
    median: quantile(sorted, 0.5),
    lower: quantile(sorted, 0.25),
    upper: quantile(sorted, 0.75),
    n: sorted.length,
  };
}

/** Between the two nearest values, in proportion. */
function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

function nameOf(quantity: Quantity): string {
  return quantity === 'cpu_ms' ? 'worker CPU' : 'wall';
}

export function rowOf({ name, unit, sides, ratio }: Figure): string {
  const cells = SIDES.map((side) => `${sides[side].median.toFixed(2)} ${unit}`.padStart(15));
  const quartiles = `${ratio.median.toFixed(3)} (${ratio.lower.toFixed(3)} to ${ratio.upper.toFixed(3)})`;
  return `${name.padEnd(34)}${cells.join('')}   ${quartiles}`;
}
