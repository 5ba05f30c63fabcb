/**
 * The definitions of this worker: compiled once, kept in memory, and published to the table of plans.
 *
 * HOST. A definition with problems is left out and named; the others run. Publishing is tried until it succeeds, in the
 * background: a worker starts without its database.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PlanRegistry } from '../activities/index.js';
import { messageOf } from '../language/plan/failure.js';
import { isJsonMap, type JsonMap } from '../language/plan/json.js';
import type { CompiledDefinition } from '../setup/definitions.js';
import { publishPlan } from '../store/plan.js';
import type { Pool } from '../store/pool.js';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

interface Kept {
  readonly name: string;
  readonly hash: string;
  readonly plan: JsonMap;
  readonly source: string;
}

export interface Plans {
  readonly registry: PlanRegistry;
  /** Resolves when all are in the table (`prepare` makes it where publishing fails), or when the signal says to stop. */
  publish(pool: Pool, prepare: () => Promise<unknown>, log: Logger, over: AbortSignal): Promise<void>;
}

export function keepPlans(definitions: readonly CompiledDefinition[], log: Logger): Plans {
  const kept = definitions.flatMap((definition) => keep(definition, log));
  const byName = new Map(kept.map((one) => [one.name, one.plan]));
  const byHash = new Map(kept.map((one) => [one.hash, one.plan]));
  return {
    registry: {
      newest: (name) => byName.get(name),
      byHash: (hash) => byHash.get(hash),
      names: () => [...byName.keys()],
    },
    publish: (pool, prepare, logger, over) => publishAll(kept, pool, prepare, logger, over),
  };
}

function keep({ file, plan, problems, source }: CompiledDefinition, log: Logger): Kept[] {
  if (plan === undefined) {
    const first = problems.find(({ severity }) => severity === 'error');
    const what = first === undefined ? '' : `: line ${first.line}: ${first.message}`;
    log.error(
      { file, problems: problems.length },
      `${file} is left out, because it has problems (firn validate shows all)${what}`,
    );
    return [];
  }
  const json: unknown = JSON.parse(JSON.stringify(plan));
  if (!isJsonMap(json)) throw new Error(`the plan of ${file} is no JSON map: a bug of the compiler`);
  return [{ name: plan.name, hash: plan.hash, plan: json, source }];
}

async function publishAll(
  kept: readonly Kept[],
  pool: Pool,
  prepare: () => Promise<unknown>,
  log: Logger,
  over: AbortSignal,
): Promise<void> {
  let pause_ms = FIRST_PAUSE_MS;
  while (!over.aborted) {
    try {
      for (const row of kept) await publishPlan(pool, row);
      log.info({ plans: kept.length }, 'definitions are published');
      return;
    } catch (error) {
      log.warn({ problem: messageOf(error) }, 'definitions could not be published yet; trying again');
      await prepare().catch((reason: unknown) =>
        log.warn({ problem: messageOf(reason) }, 'the tables could not be made'),
      );
    }
    // An aborted pause is the end of trying, and no failure.
    await delay(pause_ms, undefined, { signal: over }).catch(() => undefined);
    pause_ms = Math.min(LONGEST_PAUSE_MS, pause_ms * 2);
  }
}
