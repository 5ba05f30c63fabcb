/**
 * `npm run chaos`: refunds under kill -9, and the control. `--refunds N --kills K --seed S`. With `--programs N`, generated
 * programs against the reference instead.
 *
 * Servers of its own, in temporary folders. Prints a table; exit code 1 when anything is not exact, when the control does
 * not double, or when too few kills landed where they were aimed.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../../language/plan/failure.js';
import { ownServer } from '../real/postgres.js';
import { ownTemporal } from '../real/temporal.js';
import { programsOnTemporal } from './programs.js';
import { refundsUnderKills } from './refunds.js';
import { boundOf, tableOf, wrongWith } from './verdict.js';

const { refunds, kills, programs, seed } = flags();
process.exitCode = await (programs === 0 ? chaos() : generated());

async function chaos(): Promise<number> {
  print(`${refunds} refunds, ${kills} kills, seed ${seed}`);
  const started = performance.now();
  const [temporal, database] = await Promise.all([ownTemporal(), ownServer()]);
  try {
    const options = { refunds, kills, seed, address: temporal.address, databaseUrl: database.url, say: print };
    // One after the other: each gets the whole machine, and kills meet runs and not queues.
    const ours = await refundsUnderKills({ ...options, mutant: false });
    const control = await refundsUnderKills({ ...options, mutant: true });
    const wrong = wrongWith(ours, control);
    print(`\n${tableOf(ours, control)}\n`);
    if (wrong.length === 0) print(boundOf(ours));
    for (const sentence of wrong) print(`WRONG: ${sentence}`);
    print(
      `seed ${seed}, ${Math.round((performance.now() - started) / 1000)} s; again: npm run chaos -- --refunds ${refunds} --kills ${kills} --seed ${seed}`,
    );
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    print(`chaos could not be finished (seed ${seed}): ${messageOf(error)}`);
    return 1;
  } finally {
    await temporal.stop();
    await database.stop();
  }
}

async function generated(): Promise<number> {
  print(`${programs} generated programs on Temporal, seed ${seed}`);
  const started = performance.now();
  const temporal = await ownTemporal();
  try {
    const { address, taskQueue } = temporal;
    const report = await programsOnTemporal({
      address,
      taskQueue,
      programs,
      seed,
      at_once: 40,
      longest_ms: 45_000,
      say: print,
    });
    const { different, ...figures } = report;
    for (const [what, figure] of Object.entries(figures)) print(`${what}: ${JSON.stringify(figure)}`);
    for (const one of different) print(`WRONG: ${one}`);
    const bound = different.length === 0 ? `, less than ${(300 / report.programs).toFixed(2)} % of all` : '';
    print(`${different.length} of ${report.programs} programs differ${bound}`);
    print(
      `seed ${seed}, ${Math.round((performance.now() - started) / 1000)} s; again: npm run chaos -- --programs ${programs} --seed ${seed}`,
    );
    return different.length === 0 ? 0 : 1;
  } catch (error) {
    print(`chaos could not be finished (seed ${seed}): ${messageOf(error)}`);
    return 1;
  } finally {
    await temporal.stop();
  }
}

interface Flags {
  readonly refunds: number;
  readonly kills: number;
  /** 0: refunds under kills. */
  readonly programs: number;
  readonly seed: number;
}

function flags(): Flags {
  const { values } = parseArgs({
    options: {
      refunds: { type: 'string', default: '200' },
      kills: { type: 'string', default: '40' },
      programs: { type: 'string', default: '0' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  return {
    refunds: whole('refunds', values.refunds),
    kills: whole('kills', values.kills),
    programs: whole('programs', values.programs),
    seed: whole('seed', values.seed),
  };
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} is "${text}" and must be a whole number`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
