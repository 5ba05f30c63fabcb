/** `sql` as an activity on a real database: rows, changes that happen once, and values that never become SQL. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Door } from '../../connections/door.js';
import type { SqlCall } from '../../language/plan/calls.js';
import type { Json } from '../../language/plan/json.js';
import type { Pool } from '../../store/pool.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openShop, openStore } from '../real/shop.js';
import { failureOf, testWorker } from './worker.js';
import type { TestWorker } from './worker.js';

let postgres: TestPostgres;
let pool: Pool;
let shop: Door;
let worker: TestWorker;
beforeAll(async () => {
  postgres = await startPostgres();
  pool = await openStore(postgres.url);
  shop = await openShop(postgres.url);
  worker = testWorker(pool, [shop], []);
});
afterAll(async () => {
  await Promise.all([pool.end(), shop.pool.end()]);
  await postgres.stop();
});

const QUERY: SqlCall = {
  ...{ connection: 'shop', text: 'select 1 as n', values: [], write: false, returns: null, limit: 100, key: null },
};
const run = (call: Partial<SqlCall>): Promise<Json> =>
  worker.run(worker.activities.sql, Object.assign({}, QUERY, call));
const failed = (call: Partial<SqlCall>) => failureOf(run(call));
const change = (key: string, text: string, values: readonly Json[] = [], more: Partial<SqlCall> = {}) =>
  run({ text, values, write: true, limit: null, key, ...more });
const ROW = { type: 'object', additionalProperties: false };

describe('query', () => {
  const cases: readonly (readonly [name: string, text: string, values: readonly Json[], rows: readonly Json[]])[] = [
    ['a text', 'select id from orders where id = $1', ['A-1'], [{ id: 'A-1' }]],
    ['a number', 'select id from orders where total < $1', [13], [{ id: 'A-1' }]],
    ['a boolean', 'select $1::boolean as yes', [true], [{ yes: true }]],
    ['an instant', 'select id from orders where created_at > $1', ['2099-01-01T00:00:00Z'], []],
    [
      'a list',
      'select id from orders where id = any($1) order by id',
      [['A-1', 'A-2', 'x']],
      [{ id: 'A-1' }, { id: 'A-2' }],
    ],
    ['an empty list', 'select id from orders where id = any($1)', [[]], []],
    ['a limit', 'select id from orders order by id limit $1', [1], [{ id: 'A-1' }]],
    ['the same twice', 'select $1::text as a, $2::text as b', ['x', 'x'], [{ a: 'x', b: 'x' }]],
    ['with', 'with o as (select * from orders) select count(*) as n from o', [], [{ n: 2 }]],
    ['values', 'values (1), (2)', [], [{ column1: 1 }, { column1: 2 }]],
    ['NULL is absence', 'select null::text as a, 1 as b', [], [{ b: 1 }]],
    ['a semicolon at the end', 'select 1 as n;', [], [{ n: 1 }]],
    ['a comment at the end', 'select 1 as n -- so be it', [], [{ n: 1 }]],
  ];
  it.each(cases)('%s', async (_name, text, values, rows) => {
    expect(await run({ text, values })).toEqual(rows);
  });

  it('one row more than the limit is a failure, and no million is fetched', async () => {
    expect(await run({ text: 'select * from generate_series(1, 3) n', limit: 3 })).toHaveLength(3);
    expect(await failed({ text: 'select generate_series(1, 1000000000) as n', limit: 3 })).toMatchObject({
      type: 'too_many',
      final: true,
      message:
        'the statement gives more than 3 rows, the limit of this step: raise `limit`, or let the statement give fewer',
    });
  });

  it('rows are as `returns` says, and nothing else', async () => {
    const returns = {
      ...ROW,
      properties: { id: { type: 'string' }, total: { type: 'number' } },
      required: ['id', 'total'],
    };
    expect(await run({ text: 'select id, total, email from orders order by id limit 1', returns })).toEqual([
      { id: 'A-1', total: 12.5 },
    ]);
    expect(await failed({ text: "select 'x' as id, 'y' as total", returns })).toMatchObject({
      type: 'invalid',
      message: 'row 1 of the statement is not as `returns` says: total is "y"; it must be a number.',
    });
    expect((await failed({ text: 'select id, null as total from orders', returns })).message).toMatch(
      /total is missing/,
    );
  });

  const refused: readonly (readonly [name: string, text: string, type: string, message: RegExp])[] = [
    ['what writes', 'with gone as (delete from orders returning id) select id from gone', 'invalid', /data-modifying/],
    ['what locks', 'select id from orders for update', 'invalid', /a `query` only reads/],
    ['what writes by a function', "select nextval('refunds_id_seq')", 'invalid', /a `query` only reads/],
    [
      'a table that is not there',
      'select 1 from nowhere',
      'invalid',
      /refuses the statement: relation "nowhere" does not exist$/,
    ],
    ['no SQL', 'selct 1', 'invalid', /syntax error/],
    ['a value that does not fit', 'select id from counters where n = $1', 'invalid', /invalid input syntax/],
    ['two columns of one name', 'select 1 as a, 2 as a', 'invalid', /two columns with the name "a"/],
    [
      'a number that is too long',
      'select 12345678901234567::bigint as n',
      'precision',
      /shop.n holds 12345678901234567/,
    ],
  ];
  it.each(refused)('%s is refused', async (_name, text, type, message) => {
    const values = text.includes('$1') ? ['x'] : [];
    const found = await failed({ text, values });
    expect([found.type, found.final]).toEqual([type, true]);
    expect(found.message).toMatch(message);
  });

  it('a second statement is refused by the protocol itself, with and without values', async () => {
    for (const [text, values] of [
      ['select 1; delete from counters', []],
      ['select $1::text; delete from counters', ['x']],
    ] as const) {
      expect((await failed({ text, values })).message).toMatch(/multiple commands|syntax error/);
    }
    await expect(change('t/r/two', 'select 1; select 2')).rejects.toThrow(/multiple commands/);
  });
});

describe('execute', () => {
  it('answers how many rows it met, once', async () => {
    const text = 'insert into counters (id, n) values ($1, $2), ($3, $4)';
    expect(await change('t/r/count', text, ['a', 1, 'b', 2])).toEqual({ count: 2 });
    expect(await change('t/r/count', text, ['a', 1, 'b', 2])).toEqual({ count: 2 });
    expect(await failureOf(change('t/r/count', text, ['a', 1, 'b', 3]))).toMatchObject({ type: 'effect_changed' });
    expect(await run({ text: 'select count(*) as n from counters' })).toEqual([{ n: 2 }]);
  });

  it('answers what RETURNING gives', async () => {
    const returns = { ...ROW, properties: { n: { type: 'integer' } }, required: ['n'] };
    const text = 'update counters set n = n + $1 where id = $2 returning id, n';
    expect(await change('t/r/rows', text, [10, 'a'], { limit: 100, returns })).toEqual([{ n: 11 }]);
    expect(await change('t/r/rows', text, [10, 'a'], { limit: 100, returns })).toEqual([{ n: 11 }]);
  });

  it('more rows than the limit take everything back', async () => {
    const text = 'update counters set n = 0 returning n';
    const returns = { ...ROW, properties: { n: { type: 'integer' } }, required: ['n'] };
    expect(await failureOf(change('t/r/many', text, [], { limit: 1, returns }))).toMatchObject({ type: 'too_many' });
    expect(await run({ text: 'select sum(n) as n from counters' })).toEqual([{ n: 13 }]);
  });

  it('is settled by its key', async () => {
    const settle = { verb: 'sql', connection: 'shop', request: {}, failed_with: null };
    expect(await worker.run(worker.activities.settle, { ...settle, key: 't/r/rows' })).toEqual({
      happened: true,
      result: [{ n: 11 }],
    });
    expect(await worker.run(worker.activities.settle, { ...settle, key: 't/r/never' })).toEqual({
      happened: false,
      result: null,
    });
    expect(await failureOf(change('t/r/never', 'delete from counters'))).toMatchObject({ type: 'effect_changed' });
  });

  it('a broken rule of the database is a conflict', async () => {
    const text = 'insert into counters (id) values ($1)';
    expect(await failureOf(change('t/r/again', text, ['a']))).toMatchObject({ type: 'conflict', final: true });
  });
});

describe('values never become SQL', () => {
  const payloads = [
    ...[
      "' or '1'='1",
      "'; drop table orders; --",
      "A-1' union select email from orders --",
      '\\',
      "\\'; drop table orders; --",
    ],
    ...[
      '$1',
      '$$ drop table orders $$',
      '/* */',
      '--',
      '${{ order.id }}',
      '{{1}}',
      '%',
      '_',
      '\u2019',
      "'||pg_sleep(9)||'",
    ],
    ...[
      'a;b',
      '"orders"',
      'null',
      'NULL',
      'default',
      "E'\\x27'",
      '{a,b}',
      '{"a":null}',
      '(select 1)',
      '\n; drop table orders',
    ],
  ];
  it.each(payloads)('%j', async (payload) => {
    expect(await run({ text: 'select $1::text as said', values: [payload] })).toEqual([{ said: payload }]);
    expect(await run({ text: 'select $1::text[] as said', values: [[payload, payload]] })).toEqual([
      { said: [payload, payload] },
    ]);
    expect(
      await run({ text: 'select id from orders where id = $1 or id = any($2)', values: [payload, [payload]] }),
    ).toEqual([]);
    expect(await run({ text: 'select count(*) as n from orders' })).toEqual([{ n: 2 }]);
  });

  it('a character that no text can hold is refused', async () => {
    expect(await failed({ text: 'select $1::text as said', values: ['a\u0000b'] })).toMatchObject({ type: 'invalid' });
  });
});
