/**
 * `npm run chaos`: refunds under kill -9, and the control. `--refunds N --kills K --seed S`.
 *
 * Servers of its own, in temporary folders. Prints a table; exit code 1 when anything is not exact, when the control does
 * not double, or when too few kills landed where they were aimed.
 */
import { parseArgs } from 'node:util';
import { messageOf } from '../../language/plan/failure.js';
import { ownServer } from '../real/postgres.js';
import { ownTemporal } from '../real/temporal.js';
import { refundsUnderKills } from './refunds.js';
import { boundOf, tableOf, wrongWith } from './verdict.js';

process.exitCode = await chaos();

async function chaos(): Promise<number> {
  const { refunds, kills, seed } = flags();
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

function flags(): { readonly refunds: number; readonly kills: number; readonly seed: number } {
  const { values } = parseArgs({
    options: {
      refunds: { type: 'string', default: '200' },
      kills: { type: 'string', default: '40' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  return {
    refunds: whole('refunds', values.refunds),
    kills: whole('kills', values.kills),
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
