/** The data verbs, `settle` and `tell` as activities: what Temporal is told, and that a retry does nothing twice. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containing } from '../real/expecting.js';
import type { SettleCall, TellCall } from '../../language/plan/calls.js';
import type { Door } from '../../connections/door.js';
import { messagesOf } from '../../store/message.js';
import type { Pool } from '../../store/pool.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openShop, openStore, shopDoor } from '../real/shop.js';
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

const refund = { in: 'shop.refunds', rows: [{ order_id: 'A-1', amount: 12.5 }], many: false, key: 't/r/refund' };

function settling(connection: string, key: string): SettleCall {
  return { verb: 'create', connection, key, request: null, failed_with: null };
}

describe('writes', () => {
  it('a retry gives the same row, and writes none', async () => {
    const first = await worker.run(worker.activities.create, refund);
    expect(first).toEqual({ id: 1, order_id: 'A-1', amount: 12.5 });
    expect(await worker.run(worker.activities.create, refund)).toEqual(first);
    const { rows } = await shop.pool.query('select count(*)::int as n from refunds');
    expect(rows).toEqual([{ n: 1 }]);
  });

  it('other values, or another verb, under the same key are refused', async () => {
    const rows = [{ order_id: 'A-1', amount: 13 }];
    expect(await failureOf(worker.run(worker.activities.create, { ...refund, rows }))).toMatchObject({
      type: 'effect_changed',
      final: true,
    });
    const where = { from: 'shop.refunds', where: { order_id: 'A-1' }, expect: 'one', key: refund.key };
    expect(await failureOf(worker.run(worker.activities.delete, where))).toMatchObject({
      type: 'effect_changed',
      final: true,
    });
  });

  it('a refusal of the database is final and says why', async () => {
    const again = { ...refund, key: 't/r/again' };
    expect(await failureOf(worker.run(worker.activities.create, again))).toEqual({
      ...{ type: 'conflict', final: true, category: 'BENIGN', delay: undefined, stack: '' },
      message: 'shop.refunds: there is already a row with order_id = "A-1" (constraint refunds_order_id_key)',
    });
  });

  it('settled and undone: the effect is gone and stays gone', async () => {
    const settled = await worker.run(worker.activities.settle, settling('shop', refund.key));
    expect(settled).toEqual({ happened: true, result: { id: 1, order_id: 'A-1', amount: 12.5 } });
    const undo = { from: 'shop.refunds', where: { id: 1 }, expect: 'one', key: `${refund.key}.undo` };
    for (let time = 0; time < 2; time += 1)
      expect(await worker.run(worker.activities.delete, undo)).toEqual({ id: 1, order_id: 'A-1', amount: 12.5 });
    expect(await failureOf(worker.run(worker.activities.create, refund))).toMatchObject({
      type: 'effect_changed',
      final: true,
    });
    expect(await failureOf(worker.run(worker.activities.settle, settling('crm', 'k')))).toMatchObject({
      type: 'invalid',
      final: true,
    });
  });

  it('a database that is gone is tried again', async () => {
    const gone = testWorker(pool, [shopDoor('postgres://x:secret@127.0.0.1:1/shop')], []);
    const failed = await failureOf(gone.run(gone.activities.create, refund));
    expect(failed).toMatchObject({
      type: 'unreachable',
      final: false,
      message: 'the database at 127.0.0.1:1/shop cannot be used now: ECONNREFUSED',
    });
  });

  it('read and list', async () => {
    const read = { from: 'shop.orders', where: { id: 'A-9' }, optional: false };
    expect(await failureOf(worker.run(worker.activities.read, read))).toMatchObject({ type: 'not_found', final: true });
    const list = { from: 'shop.orders', where: {}, order_by: ['id desc'], limit: 5, first: false };
    expect(await worker.run(worker.activities.list, list)).toMatchObject([{ id: 'A-2' }, { id: 'A-1' }]);
  });
});

describe('tell', () => {
  const letter = (key: string, more: Partial<TellCall> = {}): TellCall => ({
    ...{
      who: 'customer',
      to: 'a@example.com',
      via: null,
      subject: null,
      text: 'We refunded 12.50.',
      ticket: key,
      key: `${key}/r/tell`,
    },
    ...more,
  });

  it('delivers once; a retry answers when that was; other words under the key are refused', async () => {
    const first = await worker.run(worker.activities.tell, letter('one'));
    expect(await worker.run(worker.activities.tell, letter('one'))).toEqual(first);
    expect(worker.printed).toEqual(['--- to customer <a@example.com> · one\n  We refunded 12.50.']);
    expect(await failureOf(worker.run(worker.activities.tell, letter('one', { text: 'Other.' })))).toMatchObject({
      type: 'effect_changed',
      final: true,
    });
    expect(await messagesOf(pool, 'one')).toMatchObject([
      { status: 'sent', via: 'console', recipient: 'a@example.com', at: first.at },
    ]);
  });

  it('an unknown channel is final', async () => {
    const failed = await failureOf(worker.run(worker.activities.tell, letter('two', { via: 'pigeon' })));
    expect(failed).toMatchObject({
      type: 'delivery',
      final: true,
      message: 'this worker has no channel named "pigeon"; its channels: console',
    });
  });

  describe('by webhook', () => {
    let server: Server;
    let url = '';
    let statuses: number[] = [];
    const keys: string[] = [];
    beforeAll(async () => {
      server = createServer((request, response) => {
        keys.push(String(request.headers['idempotency-key']));
        response.writeHead(statuses.shift() ?? 200, { 'retry-after': '3' }).end();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/`;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));
    const desk = () =>
      testWorker(pool, [], [], {
        channels: new Map([
          ['console', { name: 'console', kind: 'webhook', url: { resolve: () => url }, allowPrivate: true }],
        ]),
      });

    it('is tried again when the other side says so, with the same key, and then sent', async () => {
      statuses = [503];
      const worker = desk();
      expect(await failureOf(worker.run(worker.activities.tell, letter('three')))).toMatchObject({
        type: 'unreachable',
        final: false,
        delay: 3000,
      });
      expect(await messagesOf(pool, 'three')).toMatchObject([{ status: 'sending' }]);
      await worker.run(worker.activities.tell, letter('three'));
      expect(keys).toEqual(['"three/r/tell"', '"three/r/tell"']);
      expect(await messagesOf(pool, 'three')).toMatchObject([{ status: 'sent' }]);
    });

    it('is given up when the other side refuses', async () => {
      statuses = [422];
      const worker = desk();
      expect(await failureOf(worker.run(worker.activities.tell, letter('four')))).toMatchObject({
        type: 'delivery',
        final: true,
      });
      expect(await messagesOf(pool, 'four')).toMatchObject([
        { status: 'failed', problem: containing('status 422'), at: null },
      ]);
    });
  });
});
