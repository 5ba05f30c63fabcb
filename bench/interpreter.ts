/**
 * `npm run bench`: what the interpreter costs beside a workflow written by hand. `--rounds N`, `--profile FOLDER`.
 *
 * HOST. Servers of its own. Ratios are what counts; absolute times differ from machine to machine. Exit code 1 only when
 * events or workflow tasks per step differ, which is no noise.
 */
import { parseArgs } from 'node:util';
import { ownServer } from '../test/real/postgres.js';
import { ownTemporal } from '../test/real/temporal.js';
import { countedPerStep, fixed, perRun, perStep, rowOf, type Figure } from './figures.js';
import { measure, SIDES, type Sample } from './measure.js';

const SIZES = [1, 10, 50] as const;
const [ONE, SMALL, LARGE] = SIZES;
const CPU_AIM = 1.05;
const WALL_AIM = 1.1;
const WARM_UPS = 3;

process.exitCode = await bench();

async function bench(): Promise<number> {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' }, profile: { type: 'string' } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds is "${values.rounds}" and must be a whole number`);
  const [temporal, database] = await Promise.all([ownTemporal(), ownServer()]);
  try {
    const samples = await measure({
      ...{ address: temporal.address, databaseUrl: database.url, sizes: SIZES, rounds, warmUps: WARM_UPS },
      ...{ profiles: values.profile, say: print },
    });
    return report(samples, rounds);
  } finally {
    await temporal.stop();
    await database.stop();
  }
}

function report(samples: readonly Sample[], rounds: number): number {
  print(
    `\nThe interpreter beside a hand-written workflow: ${rounds} rounds after ${WARM_UPS} to warm up, the two in turn.`,
  );
  print(
    `A step is (N=${LARGE} less N=${SMALL}) over ${LARGE - SMALL}. Medians; ratios within a round, with quartiles.\n`,
  );
  print(`${''.padEnd(34)}${SIDES.map((side) => side.padStart(15)).join('')}   ratio`);
  const cpu = perStep(samples, 'cpu_ms', SMALL, LARGE);
  const wall = perStep(samples, 'wall_ms', SMALL, LARGE);
  const rows = [cpu, wall, fixed(samples, 'cpu_ms', SMALL, LARGE), fixed(samples, 'wall_ms', SMALL, LARGE)];
  for (const size of [ONE, SMALL, LARGE]) rows.push(perRun(samples, 'cpu_ms', size), perRun(samples, 'wall_ms', size));
  for (const row of rows) print(rowOf(row));
  const equal = (['events', 'tasks'] as const).map((what) => {
    const [written = 0, interpreted = 0] = SIDES.map((side) => countedPerStep(samples, what, side, SMALL, LARGE));
    const name = what === 'tasks' ? 'workflow tasks per step' : 'events per step';
    print(
      `${name.padEnd(34)}${written.toFixed(3).padStart(15)}${interpreted.toFixed(3).padStart(15)}   ${written === interpreted ? 'equal' : 'DIFFERENT'}`,
    );
    return written === interpreted;
  });
  print(`\n${judge('worker CPU per step', cpu, CPU_AIM)}\n${judge('wall per step', wall, WALL_AIM)}`);
  return equal.every((same) => same) ? 0 : 1;
}

function judge(name: string, { ratio }: Figure, aim: number): string {
  const holds = ratio.median <= aim ? 'within' : 'OVER';
  return `${name}: ${ratio.median.toFixed(3)}x, ${holds} the aim of ${aim}x (n = ${ratio.n})`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
