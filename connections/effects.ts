/**
 * Effects that happen once: the key of an effect and the effect itself are one transaction.
 *
 * HOST. The key is a place in the program under the run's first execution, so retries, zombies, continuations and
 * resets of a run meet on the same row. Whoever comes second waits on the unique index and gets the first one's result.
 * A door with `effects: none` does the write without the row: at least once, and the control of the chaos tests.
 */
import { failure } from '../language/plan/failure.js';
import { digest } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { isMissingPart } from '../store/failures.js';
import { inTransaction, quoteIdentifier } from '../store/pool.js';
import type { PoolClient } from '../store/pool.js';
import { naming } from './door.js';
import type { Door } from './door.js';
import { passFailpoint } from './failpoint.js';

export interface Effect {
  readonly key: string;
  /** What is asked: the evaluated call without its key. Another request under the same key is refused. */
  readonly request: JsonMap;
}

interface EffectRow {
  readonly request_hash: string | null;
  readonly result: Json;
  readonly status: 'running' | 'done' | 'settled' | 'tombstone';
}

/** Does `work` unless it was done before, and answers what it gave when it was done. */
export async function withEffect(
  door: Door,
  effect: Effect,
  work: (client: PoolClient) => Promise<Json>,
): Promise<Json> {
  const { done, result } = await naming(door, door.name, async () => {
    if (door.effects === 'none') return { done: true, result: await inTransaction(door.pool, work) };
    return doOnce(door, effect, work);
  });
  if (done) await passFailpoint('after-commit', effect.key);
  return result;
}

/** `done` is false when the result is an earlier attempt's. */
async function doOnce(
  door: Door,
  effect: Effect,
  work: (client: PoolClient) => Promise<Json>,
): Promise<{ readonly done: boolean; readonly result: Json }> {
  const table = effectTable(door);
  const request_hash = digest(effect.request);
  return inTransaction(door.pool, async (client) => {
    const { rowCount } = await withTable(door, () =>
      client.query(
        `insert into ${table} (key, request_hash, request, status) values ($1, $2, $3, 'running')
         on conflict (key) do nothing`,
        [effect.key, request_hash, JSON.stringify(effect.request)],
      ),
    );
    if (rowCount === 0) return { done: false, result: await storedResult(client, table, effect.key, request_hash) };
    const value = await work(client);
    await client.query(`update ${table} set result = $2, status = 'done', at = clock_timestamp() where key = $1`, [
      effect.key,
      JSON.stringify(value),
    ]);
    return { done: true, result: value };
  });
}

async function storedResult(client: PoolClient, table: string, key: string, request_hash: string): Promise<Json> {
  const row = await readEffect(client, table, key);
  if (row === undefined) throw failure('effect_changed', `the record of the effect ${key} was removed`);
  if (row.status === 'tombstone') {
    throw failure('effect_changed', 'this was settled as never having happened, and may not happen any more');
  }
  if (row.request_hash !== request_hash) {
    throw failure('effect_changed', 'this step has already done something else, under the same key, with other values');
  }
  if (row.status === 'settled') throw failure('effect_changed', 'this was done, and then taken back');
  return row.result;
}

async function readEffect(client: PoolClient, table: string, key: string): Promise<EffectRow | undefined> {
  const { rows } = await client.query<EffectRow>(`select request_hash, result, status from ${table} where key = $1`, [
    key,
  ]);
  return rows[0];
}

/**
 * After it, the effect either has a result, which is handed to its undo, or can never happen: a late attempt finds the
 * tombstone. Repeatable. Failure `outcome_unknown` where the door keeps no effect rows.
 */
export async function settleEffect(door: Door, key: string): Promise<{ happened: boolean; result: Json }> {
  if (door.effects === 'none') {
    const why = `the connection ${door.name} keeps no record of effects (effects: none)`;
    throw failure('outcome_unknown', `whether this happened is not known: ${why}`);
  }
  const table = effectTable(door);
  return withTable(door, () =>
    inTransaction(door.pool, async (client) => {
      await client.query(`insert into ${table} (key, status) values ($1, 'tombstone') on conflict (key) do nothing`, [
        key,
      ]);
      const row = await readEffect(client, table, key);
      if (row === undefined || row.status === 'tombstone') return { happened: false, result: null };
      await client.query(`update ${table} set status = 'settled' where key = $1 and status = 'done'`, [key]);
      return { happened: true, result: row.result };
    }),
  );
}

function effectTable(door: Door): string {
  return `${quoteIdentifier(door.effectSchema)}.firn_effect`;
}

/** Runs `work`; when the effect table is missing, says how to make it. */
async function withTable<T>(door: Door, work: () => Promise<T>): Promise<T> {
  try {
    return await naming(door, `${door.name}.firn_effect`, work);
  } catch (error) {
    if (!isMissingPart(error)) throw error;
    const how = `\`firn connections prepare ${door.name}\` makes it`;
    throw failure('invalid', `the database of the connection ${door.name} has no table ${effectTable(door)}: ${how}`);
  }
}
