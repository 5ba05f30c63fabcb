/** The data verbs against a real PostgreSQL: what rows become, what is refused, and in which words. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containing, matching } from '../real/expecting.js';
import type { Door } from '../../connections/door.js';
import { findTable } from '../../connections/door.js';
import { createRows, deleteRows, listRows, readRow, updateRows } from '../../connections/postgres.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import { TransientFailure } from '../../store/failures.js';
import { inTransaction } from '../../store/pool.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openShop, shopDoor } from '../real/shop.js';

let postgres: TestPostgres;
let shop: Door;
beforeAll(async () => {
  postgres = await startPostgres();
  shop = await openShop(postgres.url);
});
afterAll(async () => {
  await shop.pool.end();
  await postgres.stop();
});

const table = (name: string) => findTable(new Map([['shop', shop]]), `shop.${name}`);
const read = (name: string, where: JsonMap, optional = false) =>
  readRow(table(name), { from: `shop.${name}`, where, optional });
const list = (name: string, where: JsonMap, options: { order_by?: string[]; limit?: number; first?: boolean } = {}) =>
  listRows(table(name), { from: `shop.${name}`, where, order_by: ['id'], limit: 100, first: false, ...options });
const create = (name: string, ...rows: JsonMap[]) =>
  inTransaction(shop.pool, (client) =>
    createRows(client, table(name), { in: `shop.${name}`, rows, many: rows.length > 1, key: 'k' }),
  );
const update = (name: string, where: JsonMap, set: JsonMap, expected = 'one') =>
  inTransaction(shop.pool, (client) =>
    updateRows(client, table(name), { in: `shop.${name}`, where, set, expect: expected, key: 'k' }),
  );
const remove = (name: string, where: JsonMap, expected = 'one') =>
  inTransaction(shop.pool, (client) =>
    deleteRows(client, table(name), { from: `shop.${name}`, where, expect: expected, key: 'k' }),
  );

describe('rows', () => {
  it('leaves NULL columns out and gives instants as RFC 3339', async () => {
    const row = await read('orders', { id: 'A-1' });
    expect(row).toEqual({
      id: 'A-1',
      status: 'delivered',
      total: 12.5,
      email: 'a@example.com',
      created_at: matching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/),
    });
  });

  const values: [column: string, sql: string, value: Json][] = [
    ['big', '999999999999999', 999_999_999_999_999],
    ['big', '100000000000000000', 1e17],
    ['exact', '0.1234567890', 0.123456789],
    ['exact', '-12.50', -12.5],
    ['money', '1.5', 1.5],
    ['at', "'2026-03-01 12:00:00'", '2026-03-01T12:00:00Z'],
    ['at', "'2026-03-01 12:00:00.120'", '2026-03-01T12:00:00.12Z'],
    ['day', "'2026-03-01'", '2026-03-01T00:00:00Z'],
    ['flags', "'{t,f}'", [true, false]],
    ['words', `'{"a b",c,"d\\"e"}'`, ['a b', 'c', 'd"e']],
    ['words', "'{}'", []],
    ['moods', "'{calm,cross}'", ['calm', 'cross']],
    ['doc', `'{"a": 1, "b": null, "c": ["9999999999999999"]}'`, { a: 1, c: ['9999999999999999'] }],
    ['who', "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    ['span', "'1 day'", '1 day'],
  ];
  it.each(values)('reads %s %s as %j', async (column, sql, value) => {
    await shop.pool.query(`delete from odd; insert into odd (id, ${column}) values (1, ${sql})`);
    expect(await read('odd', { id: 1 })).toEqual({ id: 1, [column]: value });
  });

  const refused: [column: string, sql: string, code: string, words: RegExp][] = [
    ['big', '9007199254740993', 'precision', /shop\.odd\.big holds 9007199254740993/],
    ['exact', '1234567890.123456', 'precision', /shop\.odd\.exact holds 1234567890\.123456, which has 16 significant/],
    ['money', "'NaN'", 'precision', /odd\.money holds NaN/],
    ['doc', `'{"n": 12345678901234567}'`, 'precision', /odd\.doc holds 12345678901234567/],
    ['raw', `'\\x00'`, 'invalid', /odd\.raw is of type bytea/],
    ['at', "'infinity'", 'invalid', /odd\.at holds "infinity"/],
    ['words', "'{a,NULL}'", 'invalid', /odd\.words holds a list with NULL/],
  ];
  it.each(refused)('refuses %s %s as %s', async (column, sql, code, words) => {
    await shop.pool.query(`delete from odd; insert into odd (id, ${column}) values (1, ${sql})`);
    await expect(read('odd', { id: 1 })).rejects.toMatchObject({ code, message: matching(words) });
  });

  it('gives back what it was given', async () => {
    const row = {
      id: 7,
      big: 12,
      exact: 0.25,
      at: '2026-03-01T12:00:00Z',
      words: ['x', 'y z'],
      doc: ['a', { b: 1 }],
      who: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    };
    expect(await create('odd', row)).toEqual(row);
    expect(await update('odd', { id: 7 }, { doc: 'text', day: '2026-03-01T00:00:00Z' })).toEqual({
      ...row,
      doc: 'text',
      day: '2026-03-01T00:00:00Z',
    });
  });
});

describe('reading', () => {
  it('not_found, and {} where that is allowed', async () => {
    const code = 'not_found';
    await expect(read('orders', { id: 'X' })).rejects.toMatchObject({
      code,
      message: 'shop.orders has no row with id = "X"',
    });
    expect(await read('orders', { id: 'X' }, true)).toEqual({});
  });
  it('not_unique', async () => {
    await expect(read('orders', { total: { gt: 0 } })).rejects.toMatchObject({ code: 'not_unique' });
  });

  const conditions: [where: JsonMap, ids: string[]][] = [
    [{}, ['A-1', 'A-2']],
    [{ total: { gt: 12.5 } }, ['A-2']],
    [{ total: { ge: 12.5, lt: 20 } }, ['A-1']],
    [{ id: { in: ['A-1', 'A-9'] } }, ['A-1']],
    [{ id: { in: [] } }, []],
    [{ email: { ne: 'a@example.com' } }, ['A-2']],
    [{ status: 'delivered', total: { le: 12.5 } }, ['A-1']],
    [{ id: "A-1' or true --" }, []],
  ];
  it.each(conditions)('where %j', async (where, ids) => {
    expect((await list('orders', where)).map((row) => row['id'])).toEqual(ids);
  });

  it('fails rather than cut, unless told to take the first', async () => {
    const message =
      'shop.orders has more than 1 rows with any value, the limit of this step: raise `limit`, narrow `where`, or take some with `first`';
    await expect(list('orders', {}, { limit: 1 })).rejects.toMatchObject({ code: 'too_many', message });
    const rows = await list('orders', {}, { order_by: ['total desc'], limit: 1, first: true });
    expect(rows.map((row) => row['id'])).toEqual(['A-2']);
  });

  it('cannot write', async () => {
    await shop.pool.query(`create or replace function sneaky() returns text language plpgsql volatile as $$
      begin insert into counters (id) values ('sneaky'); return 'x'; end $$`);
    await shop.pool.query('create or replace view sneaks as select sneaky() as id');
    await expect(list('sneaks', {})).rejects.toMatchObject({
      code: 'invalid',
      message: containing('read-only'),
    });
    expect(await list('counters', {})).toEqual([]);
  });

  it('names a table or column that has gone, with what to do', async () => {
    const message = matching(/shop\.nothing: relation "nothing" does not exist; .*firn connections introspect shop/);
    await expect(read('nothing', { id: 1 })).rejects.toMatchObject({ code: 'invalid', message });
    await expect(read('orders', { ordr: 1 })).rejects.toMatchObject({
      code: 'invalid',
      message: containing('ordr'),
    });
    await expect(read('orders', { id: { like: 'A%' } })).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('writing', () => {
  const refusals: [what: string, work: () => Promise<unknown>, code: string, words: string][] = [
    [
      'unique',
      () => create('orders', { id: 'A-3', status: 'delivered', total: 1, email: 'a@example.com' }),
      'conflict',
      'shop.orders: there is already a row with email = "a@example.com" (constraint orders_email_key)',
    ],
    [
      'foreign key',
      () => create('refunds', { order_id: 'X', amount: 1 }),
      'conflict',
      'shop.refunds: nothing exists with order_id = "X", to which it would refer (constraint refunds_order_id_fkey)',
    ],
    [
      'check',
      () => create('refunds', { order_id: 'A-1', amount: -1 }),
      'conflict',
      'shop.refunds: the database does not allow these values (constraint refunds_amount_check)',
    ],
    [
      'not null',
      () => create('refunds', { order_id: 'A-1' }),
      'conflict',
      'shop.refunds: the column "amount" needs a value',
    ],
    [
      'too long',
      () => create('orders', { id: 'L', status: 'delivered', total: 1e15 }),
      'invalid',
      'shop.orders: numeric field overflow',
    ],
    [
      'not a number',
      () => update('orders', { id: 'A-1' }, { total: 'lots' }),
      'invalid',
      'invalid input syntax for type numeric: "lots"',
    ],
    ['no condition', () => update('orders', {}, { total: 1 }), 'invalid', 'a write needs a condition'],
    ['empty condition', () => remove('orders', { id: {} }), 'invalid', 'a write needs a condition'],
    [
      'none',
      () => update('orders', { id: 'X' }, { total: 1 }),
      'not_found',
      'shop.orders has no row with id = "X"; nothing was changed',
    ],
    [
      'several',
      () => update('orders', { total: { gt: 0 } }, { total: 1 }),
      'not_unique',
      'shop.orders has 2 rows with total gt 0; nothing was changed',
    ],
    [
      'unknown connection',
      () => Promise.resolve().then(() => findTable(new Map(), 'crm.people')),
      'invalid',
      '"crm.people"',
    ],
  ];
  it.each(refusals)('%s', async (_what, work, code, words) => {
    const error: unknown = await work().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code, message: containing(words) });
    expect(error).not.toBeInstanceOf(TransientFailure);
    expect(await read('orders', { id: 'A-1' })).toMatchObject({ total: 12.5 });
  });

  it('expect: none-or-one and any', async () => {
    expect(await update('counters', { id: 'none' }, { n: 1 }, 'none-or-one')).toEqual({});
    expect(await create('counters', { id: 'a' }, { id: 'b', n: 2 })).toEqual([
      { id: 'a', n: 0 },
      { id: 'b', n: 2 },
    ]);
    expect(await update('counters', { n: { ge: 0 } }, { n: 5 }, 'any')).toHaveLength(2);
    expect(await remove('counters', { id: 'a' })).toEqual({ id: 'a', n: 5 });
    expect(await remove('counters', { id: { in: ['a', 'b'] } }, 'any')).toEqual([{ id: 'b', n: 5 }]);
  });

  it('a row that somebody holds is a failure that is tried again', async () => {
    const impatient = shopDoor(postgres.url, { lock_timeout_ms: 200 });
    const holder = await shop.pool.connect();
    try {
      await holder.query("begin; update orders set total = total where id = 'A-1'");
      const orders = findTable(new Map([['shop', impatient]]), 'shop.orders');
      const call = { in: 'shop.orders', where: { id: 'A-1' }, set: { total: 1 }, expect: 'one', key: 'k' };
      const work = inTransaction(impatient.pool, (client) => updateRows(client, orders, call));
      await expect(work).rejects.toSatisfy((error) => error instanceof TransientFailure && error.code === 'conflict');
    } finally {
      await holder.query('rollback');
      holder.release();
      await impatient.pool.end();
    }
  });

  it('a statement that takes too long is a failure that is tried again', async () => {
    await shop.pool.query('create or replace view slow as select 1 as id, pg_sleep(20)::text as x');
    const impatient = shopDoor(postgres.url, { statement_timeout_ms: 200 });
    const slow = findTable(new Map([['shop', impatient]]), 'shop.slow');
    await expect(readRow(slow, { from: 'shop.slow', where: { id: 1 }, optional: false })).rejects.toMatchObject({
      code: 'unreachable',
      message: containing('did not answer in time'),
    });
    await impatient.pool.end();
  });

  it('an address where nobody answers is named, without the password', async () => {
    const gone = shopDoor('postgres://someone:secret@127.0.0.1:1/shop');
    const orders = findTable(new Map([['shop', gone]]), 'shop.orders');
    const error: unknown = await readRow(orders, { from: 'shop.orders', where: { id: 1 }, optional: false }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(TransientFailure);
    expect(error).toMatchObject({
      code: 'unreachable',
      message: 'the database at 127.0.0.1:1/shop cannot be used now: ECONNREFUSED',
    });
    expect(String(error)).not.toContain('secret');
    await gone.pool.end();
  });
});
