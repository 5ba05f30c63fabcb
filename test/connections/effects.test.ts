/** Effects once, on a real PostgreSQL: retries, zombies, tombstones, and a control without the protection. */
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { containing } from '../real/expecting.js';
import type { Door } from '../../connections/door.js';
import { settleEffect, withEffect } from '../../connections/effects.js';
import { isPrepared, prepareConnection, prepareSql } from '../../connections/prepare.js';
import type { Json } from '../../language/plan/json.js';
import type { PoolClient } from '../../store/pool.js';
import { ownServer } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openShop, shopDoor } from '../real/shop.js';

let postgres: TestPostgres;
let shop: Door;
let unprotected: Door;
beforeAll(async () => {
  postgres = await ownServer();
  shop = await openShop(postgres.url);
  unprotected = shopDoor(postgres.url, { effects: 'none' });
});
afterAll(async () => {
  await Promise.all([shop.pool.end(), unprotected.pool.end()]);
  await postgres.stop();
});

const count = async (): Promise<number> => {
  const { rows } = await shop.pool.query<{ n: number }>('select n from counters');
  return rows[0]?.n ?? -1;
};
const increment = async (client: PoolClient): Promise<Json> => {
  const { rows } = await client.query<{ n: number }>("update counters set n = n + 1 where id = 'c' returning n");
  return { n: rows[0]?.n ?? -1 };
};
beforeEach(async () => {
  await shop.pool.query("delete from counters; insert into counters (id) values ('c'); delete from firn.firn_effect");
});
const effect = (key: string, request = {}) => ({ key, request });

describe('once', () => {
  it('20 at the same time under one key: one effect, one result', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => withEffect(shop, effect('k'), increment)));
    expect(all).toEqual(Array.from({ length: 20 }, () => ({ n: 1 })));
    expect(await count()).toBe(1);
  });

  it('the control without effect rows does it 20 times', async () => {
    await Promise.all(Array.from({ length: 20 }, () => withEffect(unprotected, effect('k'), increment)));
    expect(await count()).toBe(20);
  });

  it('an effect that failed leaves no row, and may be tried again', async () => {
    const fails = async (client: PoolClient): Promise<Json> => {
      await increment(client);
      throw new Error('no');
    };
    await expect(withEffect(shop, effect('k'), fails)).rejects.toThrow('no');
    expect(await count()).toBe(0);
    expect(await withEffect(shop, effect('k'), increment)).toEqual({ n: 1 });
  });

  it('the stored result has the fields in the order of the first answer', async () => {
    const row = { zeta: 1, alpha: [1.5, 'x'], nothing: {} };
    await withEffect(shop, effect('k'), () => Promise.resolve(row));
    const again = await withEffect(shop, effect('k'), () => Promise.reject(new Error('never')));
    expect(JSON.stringify(again)).toBe(JSON.stringify(row));
  });

  it('a zombie that is slow to commit and its retry: the retry waits and gets its result', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const zombie = withEffect(shop, effect('k'), async (client) => {
      const result = await increment(client);
      entered();
      await held;
      return result;
    });
    await inside;
    const retry = withEffect(shop, effect('k'), increment);
    expect(await Promise.race([retry, sleep(300, 'waits')])).toBe('waits');
    release();
    expect(await Promise.all([zombie, retry])).toEqual([{ n: 1 }, { n: 1 }]);
    expect(await count()).toBe(1);
  });

  it('a zombie that never commits: its retry does it', async () => {
    const client = await shop.pool.connect();
    await client.query("begin; insert into firn.firn_effect (key, request_hash, status) values ('k', 'x', 'running')");
    const retry = withEffect(shop, effect('k'), increment);
    expect(await Promise.race([retry, sleep(300, 'waits')])).toBe('waits');
    await client.query('rollback');
    client.release();
    expect(await retry).toEqual({ n: 1 });
  });

  it('another request under the same key is refused', async () => {
    await withEffect(shop, effect('k', { amount: 1 }), increment);
    await expect(withEffect(shop, effect('k', { amount: 2 }), increment)).rejects.toMatchObject({
      code: 'effect_changed',
    });
    expect(await count()).toBe(1);
  });
});

describe('settle', () => {
  it('of what never happened: a tombstone that stops every later attempt', async () => {
    expect(await settleEffect(shop, 'k')).toEqual({ happened: false, result: null });
    await expect(withEffect(shop, effect('k'), increment)).rejects.toMatchObject({
      code: 'effect_changed',
      message: containing('settled as never having happened'),
    });
    expect(await settleEffect(shop, 'k')).toEqual({ happened: false, result: null });
    expect(await count()).toBe(0);
  });

  it('of what happened: its result, again and again; and the effect is not reused', async () => {
    await withEffect(shop, effect('k'), increment);
    expect(await settleEffect(shop, 'k')).toEqual({ happened: true, result: { n: 1 } });
    expect(await settleEffect(shop, 'k')).toEqual({ happened: true, result: { n: 1 } });
    await expect(withEffect(shop, effect('k'), increment)).rejects.toMatchObject({
      code: 'effect_changed',
      message: containing('taken back'),
    });
  });

  it('waits for an attempt that is under way', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const attempt = withEffect(shop, effect('k'), async (client) => {
      entered();
      await held;
      return increment(client);
    });
    await inside;
    const settled = settleEffect(shop, 'k');
    release();
    expect(await settled).toEqual({ happened: true, result: { n: 1 } });
    await attempt;
  });

  it('races with an attempt 40 times: either it happened, or it never will', async () => {
    const outcomes = new Set<boolean>();
    for (let round = 0; round < 40; round += 1) {
      const key = `race-${round}`;
      const before = await count();
      const work = [withEffect(shop, effect(key), increment), settleEffect(shop, key)] as const;
      const [attempt, settled] = await Promise.allSettled(round % 2 === 0 ? work : [work[0], work[1]]);
      if (settled.status === 'rejected') throw settled.reason;
      const { happened } = settled.value;
      expect(await count()).toBe(before + (happened ? 1 : 0));
      expect(attempt.status === 'fulfilled').toBe(happened);
      outcomes.add(happened);
    }
    expect(outcomes.size).toBeGreaterThan(0);
  });

  it('where no rows are kept, nobody knows', async () => {
    await expect(settleEffect(unprotected, 'k')).rejects.toMatchObject({ code: 'outcome_unknown' });
  });
});

describe('prepare', () => {
  it('says what to do where the table is missing, and can be repeated', async () => {
    const other = shopDoor(postgres.url, { effectSchema: 'other "one"' });
    expect(await isPrepared(other)).toBe(false);
    await expect(withEffect(other, effect('k'), increment)).rejects.toMatchObject({
      code: 'invalid',
      message: containing('`firn connections prepare shop` makes it'),
    });
    expect(await count()).toBe(0);
    for (let time = 0; time < 2; time += 1) await other.pool.query(prepareSql('other "one"'));
    expect(await isPrepared(other)).toBe(true);
    expect(await withEffect(other, effect('k'), increment)).toEqual({ n: 1 });
    await other.pool.end();
  });
});

describe('preparing by ten workers at once', () => {
  it('is done once, without a failure', async () => {
    const doors = Array.from({ length: 10 }, () => shopDoor(postgres.url, { effectSchema: 'fresh', size: 1 }));
    await Promise.all(doors.map((door) => prepareConnection(door)));
    const [door] = doors;
    expect(door === undefined ? false : await isPrepared(door)).toBe(true);
    await Promise.all(doors.map((one) => one.pool.end()));
  });
});

describe('a process that dies', () => {
  const script = (door: string) => `
    import { withEffect } from './connections/effects.ts';
    import { shopDoor } from './test/real/shop.ts';
    const door = shopDoor(${JSON.stringify(postgres.url)}, ${door});
    await withEffect(door, { key: 'run/refund', request: {} }, async (client) => {
      await client.query("update counters set n = n + 1 where id = 'c'");
      return { done: true };
    });
    console.log('reported');
    await door.pool.end();`;
  const attempt = (failpoint: string, door = '{}') =>
    new Promise<{ signal: string; stderr: string; stdout: string }>((resolve) => {
      const env = { ...process.env, FIRN_FAILPOINT: failpoint };
      const args = ['--input-type=module', '--import', './test/real/typescript.mjs', '-e', script(door)];
      execFile(process.execPath, args, { env, timeout: 60_000 }, (error, stdout, stderr) =>
        resolve({ signal: error?.signal ?? '', stderr, stdout }),
      );
    });

  it('after the commit and before the report: the next attempt gets the result', async () => {
    const killed = await attempt('after-commit:refund$');
    expect(killed).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    expect(killed.stderr).toContain('failpoint after-commit run/refund');
    expect(await count()).toBe(1);
    expect((await attempt('after-commit:refund$')).stdout).toBe('reported\n');
    expect(await count()).toBe(1);
  });

  it('the control without effect rows doubles it', async () => {
    expect((await attempt('after-commit:1', "{ effects: 'none' }")).signal).toBe('SIGKILL');
    expect((await attempt('after-commit:0', "{ effects: 'none' }")).stdout).toBe('reported\n');
    expect(await count()).toBe(2);
  });
});

describe('a database that goes away', () => {
  it('in the middle of an effect: a failure that is tried again; afterwards it happens once', async () => {
    const interrupted = withEffect(shop, effect('k'), async (client) => {
      await increment(client);
      await postgres.pause();
      return increment(client);
    });
    await expect(interrupted).rejects.toMatchObject({ code: 'unreachable' });
    await expect(withEffect(shop, effect('k'), increment)).rejects.toMatchObject({ code: 'unreachable' });
    await postgres.resume();
    const done = await retried(() => withEffect(shop, effect('k'), increment));
    expect(done).toEqual({ n: 1 });
    expect(await count()).toBe(1);
  });
});

/** As Temporal would: again after a pause, a limited number of times. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(200);
    }
  }
}
