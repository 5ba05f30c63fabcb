/**
 * Outages: the database, Temporal, the worker or the model process goes away under a run, and comes back. Nothing is lost,
 * nothing happens twice, and every run comes to an end that says what it is.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunHandle } from '../../client/index.js';
import { ensureEncoder, isOff } from '../../models/store.js';
import { ownServer, type TestPostgres } from '../real/postgres.js';
import { ownTemporal, type TestTemporal } from '../real/temporal.js';
import { openPlace, type Place } from './place.js';
import { spawnWorker, type ChaosWorker } from './worker.js';

const MODELS = process.env['FIRN_TEST_MODELS'] ?? '.firn/models';
const encoder = await ensureEncoder({ directory: MODELS });
if (isOff(encoder))
  console.log(`not tested: a killed model process, because there is no encoder:\n  ${encoder.off.join('\n  ')}`);

let temporal: TestTemporal;
let database: TestPostgres;
let place: Place;
let worker: ChaosWorker;
let tests = 0;

beforeAll(async () => {
  [temporal, database] = await Promise.all([ownTemporal(), ownServer()]);
  const models = isOff(encoder) ? {} : { models: MODELS };
  place = await openPlace({ databaseUrl: database.url, address: temporal.address, orders: 20, ...models });
  worker = spawnWorker(place);
  await worker.ready();
}, 180_000);

afterEach(async () => {
  if (worker.alive()) return;
  worker = spawnWorker(place);
  await worker.ready();
});

afterAll(async () => {
  await worker.kill('SIGTERM');
  await place.close();
  await temporal.stop();
  await database.stop();
});

/** Starts a flow on an order that no other test uses. */
async function start(workflow: 'refund' | 'patient'): Promise<{ readonly run: RunHandle; readonly order: string }> {
  const order = place.orders[tests]?.id ?? '';
  tests += 1;
  return { run: await place.firn.start(workflow, { order_id: order }), order };
}

async function refundsOf(order: string): Promise<number> {
  const { rows } = await place.pool.query<{ n: number }>(
    `select count(*)::int as n from ${place.shop}.refunds where order_id = $1`,
    [order],
  );
  return rows[0]?.n ?? -1;
}

/** The whole of it: done, one row, one message. */
async function expectExact(run: RunHandle, order: string): Promise<void> {
  const report = await run.report();
  expect(report).toMatchObject({ outcome: 'done', reason: null });
  expect(report.messages).toHaveLength(1);
  expect(await refundsOf(order)).toBe(1);
}

/** Resolves when it holds; a test that waits for ever is ended by its own limit. */
async function when(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(50);
}

const waitsForTime = async (run: RunHandle): Promise<boolean> => (await run.status()).waiting_for === 'time';

describe('the database', () => {
  it('is away when a run starts: the run waits for it, visibly, and is done when it is back', async () => {
    await database.pause();
    const { run, order } = await start('refund');
    await withTemporal(async (client) => {
      const handle = client.workflow.getHandle(run.ticket);
      await when(async () => {
        const { raw } = await handle.describe();
        return (raw.pendingActivities ?? []).some((pending) => pending.activityId === 'open run');
      });
    });
    await database.resume();
    await expectExact(run, order);
  });

  it('goes away in the middle of a run, and comes back', async () => {
    const { run, order } = await start('patient');
    await when(() => waitsForTime(run));
    await database.pause();
    // Long enough that the step behind the pause has met a closed door.
    await delay(3_000);
    await database.resume();
    await expectExact(run, order);
    const [attempt = 0] = await withTemporal((client) => attemptsOf(client, run.ticket, 'refund'));
    expect(attempt, 'the step has met the closed door').toBeGreaterThan(1);
  });
});

describe('Temporal', () => {
  it('is killed in the middle of a run and started again on its database', async () => {
    const { run, order } = await start('patient');
    await when(() => waitsForTime(run));
    await temporal.pause();
    await temporal.resume();
    await expectExact(run, order);
  });
});

describe('the worker', () => {
  it('is killed between two steps: the next one goes on from there', async () => {
    const { run, order } = await start('patient');
    await when(() => waitsForTime(run));
    await worker.kill();
    worker = spawnWorker(place);
    await expectExact(run, order);
    const { path } = await run.report();
    expect(path).toEqual(['order', 'pause', 'refund', 'tell']);
  });

  it('that is told to stop lets a running step finish', async () => {
    const { run, order } = await start('patient');
    await when(() => waitsForTime(run));
    const holder = await place.pool.connect();
    try {
      await holder.query(`begin; lock table ${place.shop}.refunds in exclusive mode`);
      await when(async () => {
        const { rowCount } = await place.pool.query('select 1 from pg_locks where not granted');
        return (rowCount ?? 0) > 0;
      });
      const ended = worker.kill('SIGTERM');
      await delay(1_000);
      expect(worker.alive(), 'the worker waits for its step').toBe(true);
      await holder.query('commit');
      await ended;
    } finally {
      holder.release();
    }
    await expect(worker.ended).resolves.toEqual({ code: 0, signal: null });
    // No worker is there: what Temporal knows now, the one that stopped has told it.
    expect(await refundsOf(order)).toBe(1);
    expect(await withTemporal((client) => attemptsOf(client, run.ticket, 'refund'))).toEqual([1]);
    worker = spawnWorker(place);
    await expectExact(run, order);
  });
});

describe.skipIf(isOff(encoder) || process.platform !== 'linux')('the model process', () => {
  it('is killed in the middle of a question: the question is asked again, or a person is', async () => {
    const before = await place.firn.start('question', { message: 'It never arrived.' });
    await before.report({ until: 'wait' });
    const model = modelOf(worker.pid);
    process.kill(model, 'SIGSTOP');
    const run = await place.firn.start('question', { message: 'It was broken when I opened the parcel.' });
    await withTemporal(async (client) => {
      await when(async () => {
        const { raw } = await client.workflow.getHandle(run.ticket).describe();
        return (raw.pendingActivities ?? []).some((pending) => pending.lastWorkerIdentity !== '');
      });
    });
    // Stopped, it cannot have answered: this question is in it.
    await delay(500);
    process.kill(model, 'SIGKILL');
    const report = await run.report({ until: 'wait' });
    const [attempt = 0] = await withTemporal((client) => attemptsOf(client, run.ticket, 'reason'));
    expect(attempt, 'the kill has met the question').toBeGreaterThan(1);
    expect(['done', 'waiting']).toContain(report.outcome);
    expect(report.decisions.every(({ answer }) => ['damaged', 'not_arrived', 'changed_mind'].includes(answer))).toBe(
      true,
    );
    if (report.outcome === 'waiting') {
      const { waiting } = await run.status();
      expect(waiting).toMatchObject([{ item: 'reason', kind: 'answer', role: 'returns-desk' }]);
      await run.answer('reason', 'damaged', { by: 'maria' });
      await run.result();
    }
    expect(modelOf(worker.pid), 'another model process is there').not.toBe(model);
  });
});

async function withTemporal<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: temporal.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

/** The attempt of each completion of an activity, in order: Temporal writes the start with the end. */
async function attemptsOf(client: Client, ticket: string, activityId: string): Promise<readonly number[]> {
  const { events = [] } = await client.workflow.getHandle(ticket).fetchHistory();
  const found = events ?? [];
  const scheduled = found.filter((event) => event.activityTaskScheduledEventAttributes?.activityId === activityId);
  const ids = new Set(scheduled.map(({ eventId }) => String(eventId)));
  const completed = found.flatMap(({ activityTaskCompletedEventAttributes: end }) =>
    ids.has(String(end?.scheduledEventId)) ? [String(end?.startedEventId)] : [],
  );
  return found.flatMap(({ eventId, activityTaskStartedEventAttributes: started }) =>
    completed.includes(String(eventId)) ? [started?.attempt ?? 0] : [],
  );
}

/** The child of a worker that runs the model. */
function modelOf(parent: number): number {
  const children = readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[1]) === parent && fields[0] !== 'Z';
    } catch {
      // Gone while we looked.
      return false;
    }
  });
  const [child] = children;
  if (child === undefined || children.length !== 1)
    throw new Error(`a worker has one child, and this one has ${children.length}`);
  return Number(child);
}
