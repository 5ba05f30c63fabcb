/**
 * Refunds under kill -9: runs on a real Temporal and a real PostgreSQL while worker after worker is killed. Not a test
 * itself; the test, the script and the control (a project without effect rows) are this same function.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunHandle } from '../../client/index.js';
import { messageOf } from '../../language/plan/failure.js';
import { planKills, type Kill } from './kills.js';
import { openPlace, type Place, type Servers } from './place.js';
import { takeStock, type Stock } from './stock.js';
import { spawnWorker, type ChaosWorker } from './worker.js';

export interface ChaosOptions extends Servers {
  readonly refunds: number;
  readonly kills: number;
  readonly seed: number;
  /** The control: connection with `effects: none`. */
  readonly mutant: boolean;
  readonly say: (line: string) => void;
}

export interface ChaosReport extends Stock {
  readonly refunds: number;
  readonly kills: number;
  /** Kills that struck between a COMMIT and its report, by the worker's own last words. */
  readonly in_window: number;
  /** Kills at random moments that met runs which had not ended. */
  readonly amid_runs: number;
  /** Runs that ended as anything but done, with what they ended as. */
  readonly not_done: readonly string[];
}

/** An aimed kill that does not strike in this time is counted as one that missed. */
const STRIKE_LIMIT_MS = 60_000;
/** After the last kill; each step that was in flight waits out its attempt of 10 s. */
const END_LIMIT_MS = 180_000;

export async function refundsUnderKills(options: ChaosOptions): Promise<ChaosReport> {
  const { refunds, kills, seed, mutant, say, databaseUrl, address } = options;
  const plan = planKills(refunds, kills, seed);
  const place = await openPlace({
    databaseUrl,
    address,
    orders: refunds,
    ...(mutant ? { environment: 'mutant' } : {}),
  });
  const workers: ChaosWorker[] = [];
  try {
    const runs = new Runs(place, `${mutant ? 'control' : 'chaos'}-${seed}`);
    let amid_runs = 0;
    for (const [index, kill] of plan.entries()) {
      const worker = spawnWorker(place, failpointFor(kill, runs));
      workers.push(worker);
      // The first worker publishes the definitions; later ones find their runs waiting.
      if (index === 0) await worker.ready();
      await runs.start(kill.from, kill.to);
      if (kill.kind === 'random') {
        await worker.ready();
        await delay(kill.after_ms);
        if (runs.open() > 0) amid_runs += 1;
        await worker.kill();
      } else {
        await Promise.race([worker.ended, delay(STRIKE_LIMIT_MS, undefined, { ref: false })]);
        if (worker.alive()) await worker.kill();
      }
      if ((index + 1) % 10 === 0) say(`${mutant ? 'control' : 'refunds'}: ${index + 1} of ${kills} kills`);
    }
    const last = spawnWorker(place);
    workers.push(last);
    await runs.start(plan.at(-1)?.to ?? 0, refunds);
    const not_done = await runs.ended(END_LIMIT_MS);
    await last.kill('SIGTERM');
    const in_window = workers.flatMap(({ logged }) =>
      logged.filter((line) => line.startsWith('failpoint after-commit ')),
    );
    const printed = workers.flatMap((worker) => worker.printed);
    const stock = await takeStock(place, runs.tickets(), printed);
    return { refunds, kills, in_window: in_window.length, amid_runs, not_done, ...stock };
  } finally {
    for (const worker of workers) if (worker.alive()) await worker.kill();
    await place.close();
  }
}

function failpointFor({ kind, victim, effect }: Kill, runs: Runs): string | undefined {
  return kind === 'window' ? `after-commit:^${runs.ticket(victim)}/[^/]+/${effect}$` : undefined;
}

/** The runs by number: started in groups, awaited together. */
class Runs {
  private readonly place: Place;
  private readonly prefix: string;
  private readonly results: Promise<string | undefined>[] = [];
  private left = 0;

  constructor(place: Place, prefix: string) {
    this.place = place;
    this.prefix = prefix;
  }

  ticket(index: number): string {
    return `${this.prefix}-${String(index + 1).padStart(4, '0')}`;
  }

  tickets(): readonly string[] {
    return this.results.map((_, index) => this.ticket(index));
  }

  open(): number {
    return this.left;
  }

  async start(from: number, to: number): Promise<void> {
    const { firn, orders } = this.place;
    const starting = orders
      .slice(from, to)
      .map(({ id }, index) => firn.start('refund', { order_id: id }, { ticket: this.ticket(from + index) }));
    for (const run of await Promise.all(starting)) {
      this.left += 1;
      this.results.push(this.follow(run));
    }
  }

  /** What did not end as done. */
  async ended(limit_ms: number): Promise<readonly string[]> {
    const late = delay(limit_ms, 'not ended', { ref: false });
    const all = await Promise.all(this.results.map((result) => Promise.race([result, late])));
    return all.flatMap((how, index) => (how === undefined ? [] : [`${this.ticket(index)}: ${how}`]));
  }

  private async follow(run: RunHandle): Promise<string | undefined> {
    try {
      await run.result();
      return undefined;
    } catch (error) {
      return messageOf(error);
    } finally {
      this.left -= 1;
    }
  }
}
