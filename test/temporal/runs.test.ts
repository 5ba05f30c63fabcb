/** Runs on a real Temporal server: endings, refused starts, hand-over, cancelling, continuing as new, restarts, replay. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { attributesOf, Bench, failureOf, statusWhen, waiting } from './bench.js';
import { jsonOf, literal, planOf, value } from './plans.js';
import { World } from './world.js';

let bench: Bench;
const world = new World();

const INPUT = { input: 0 };
const refund = {
  verb: 'create',
  id: 'refund',
  path: 'refund',
  slot: 2,
  in: 'shop.refunds',
  rows: literal({ amount: 12 }),
  many: false,
  columns: ['amount'],
} as const;
const PLANS = [
  planOf({
    name: 'done',
    slots: ['sums'],
    nodes: [{ verb: 'set', id: 'sums', path: 'sums', slot: 2, values: literal({ half: 2 }) }],
    output: { is: 'map', entries: [{ key: 'got', value: value('input.a', INPUT) }] },
  }),
  planOf({
    name: 'refused',
    slots: ['refund'],
    nodes: [
      { ...refund, undo: 2 },
      { verb: 'refuse', path: 'refuse', reason: literal('outside the terms') },
      { verb: 'delete', path: 'refund.undo', from: 'shop.refunds', where: literal({ id: 'r-1' }), expect: 'one' },
    ],
    steps: [0, 1],
  }),
  planOf({
    name: 'failed',
    nodes: [{ verb: 'fail', path: 'fail', type: 'bad_order', message: literal('the order has no amount') }],
  }),
  planOf({
    name: 'broken-step',
    slots: ['order'],
    nodes: [
      {
        verb: 'read',
        id: 'order',
        path: 'order',
        slot: 2,
        from: 'shop.orders',
        where: literal({ id: 1 }),
        optional: false,
      },
    ],
  }),
  planOf({ name: 'sleeper', nodes: [{ verb: 'wait', path: 'wait', how: 'for', literal_ms: 3_600_000 }] }),
  planOf({
    name: 'overdue',
    ends_within_ms: 1_500,
    nodes: [{ verb: 'wait', path: 'wait', how: 'for', literal_ms: 3_600_000 }],
  }),
  planOf({
    name: 'undone-when-stopped',
    slots: ['refund'],
    nodes: [
      { ...refund, undo: 2 },
      { verb: 'wait', path: 'wait', how: 'for', literal_ms: 3_600_000 },
      { verb: 'delete', path: 'refund.undo', from: 'shop.refunds', where: literal({ id: 'r-1' }), expect: 'one' },
    ],
    steps: [0, 1],
  }),
  planOf({
    name: 'late-write',
    slots: ['late'],
    nodes: [
      { ...refund, id: 'late', path: 'late', timeout_ms: 500, undo: 1 },
      { verb: 'delete', path: 'late.undo', from: 'shop.refunds', where: literal({ id: 'r-1' }), expect: 'one' },
    ],
    steps: [0],
  }),
  planOf({
    name: 'flaky',
    nodes: [
      {
        verb: 'read',
        path: 'flaky',
        from: 'shop.orders',
        where: literal({ id: 1 }),
        optional: false,
        retry: { attempts: 3, first_ms: 50, factor: 1, most_ms: 50 },
      },
    ],
  }),
  planOf({
    name: 'long',
    slots: Array.from({ length: 30 }, (_, index) => `row${index}`),
    nodes: Array.from({ length: 30 }, (_, index) => ({
      verb: 'read' as const,
      id: `row${index}`,
      path: `row${index}`,
      slot: index + 2,
      from: 'shop.orders',
      where: literal({ id: index }),
      optional: true,
    })),
    output: { is: 'map', entries: [{ key: 'last', value: value('row29.n', { row29: 31 }) }] },
  }),
];

beforeAll(async () => {
  for (const plan of PLANS) world.plans.set(plan.name, plan);
  bench = await Bench.open(['--search-attribute', 'FirnOutcome=Keyword', '--search-attribute', 'FirnVersion=Keyword']);
  await bench.startWorker(world);
});
afterAll(async () => {
  await bench.close();
});

async function replay(ticket: string): Promise<void> {
  const history = await bench.client.workflow.getHandle(ticket).fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: { code: bench.code } }, history, ticket);
}

describe('endings', () => {
  test('done: completed with the output', async () => {
    const handle = await bench.start('done', 'done-1', [{ a: 'x' }]);
    expect(await handle.result()).toEqual({ outcome: 'done', output: { got: 'x' } });
    expect((await handle.describe()).status.name).toBe('COMPLETED');
    expect(world.of('done-1', 'close run')[0]?.input).toMatchObject({
      outcome: 'done',
      path: ['sums'],
      model_calls: 0,
    });
    await replay('done-1');
  });

  test('refused: completed, and what has an undo is settled and undone', async () => {
    const handle = await bench.start('refused', 'refused-1');
    expect(await handle.result()).toEqual({ outcome: 'refused', reason: 'outside the terms' });
    expect(world.of('refused-1').map(({ type }) => type)).toEqual([
      'open run',
      'create',
      'settle',
      'delete',
      'close run',
    ]);
    expect(world.of('refused-1').map(({ id }) => id)).toEqual([
      'open run',
      'refund',
      'refund.settle',
      'refund.undo',
      'close run',
    ]);
    await replay('refused-1');
  });

  test('failed: type is the code, message a sentence', async () => {
    const handle = await bench.start('failed', 'failed-1');
    expect(await failureOf(handle.result())).toEqual({ type: 'bad_order', message: 'fail: the order has no amount' });
    await replay('failed-1');
  });

  test('an uncaught failure hands over, with the innermost code and message', async () => {
    world.on('read order', () => {
      throw ApplicationFailure.nonRetryable('no row in shop.orders with id 1', 'not_found');
    });
    const handle = await bench.start('broken-step', 'broken-1');
    expect(await handle.result()).toEqual({
      outcome: 'handed_over',
      reason: 'order: no row in shop.orders with id 1',
      item: 'hand-over',
    });
    expect(world.of('broken-1', 'close run')[0]?.input).toMatchObject({ code: 'not_found', step: 'order' });
    await replay('broken-1');
  });

  test('the deadline of the run hands over', async () => {
    const handle = await bench.start('overdue', 'overdue-1');
    expect(await handle.result()).toEqual({
      outcome: 'handed_over',
      reason: 'not finished within 1s500ms',
      item: 'hand-over',
    });
    await replay('overdue-1');
  });

  test('cancelled: undone first, then canceled', async () => {
    const handle = await bench.start('undone-when-stopped', 'cancel-1');
    await statusWhen(handle, (status) => status.at === 'wait');
    await handle.cancel();
    expect((await failureOf(handle.result())).message).toContain('cancel');
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(world.of('cancel-1').map(({ type }) => type)).toEqual([
      'open run',
      'create',
      'settle',
      'delete',
      'close run',
    ]);
    await replay('cancel-1');
  });

  test('"a person, please": handed over, undone', async () => {
    const handle = await bench.start('undone-when-stopped', 'person-1');
    await statusWhen(handle, (status) => status.at === 'wait');
    await expect(handle.executeUpdate('hand_over', { args: [{ by: 'eve' }] })).rejects.toMatchObject({
      cause: { type: 'malformed', message: '"reason" is missing: why a person should take over' },
    });
    await handle.executeUpdate('hand_over', { args: [{ by: 'eve', reason: 'the customer calls' }] });
    expect(await handle.result()).toEqual({
      outcome: 'handed_over',
      reason: 'eve asked for a person: the customer calls',
      item: 'hand-over',
    });
    expect(world.of('person-1', 'delete')).toHaveLength(1);
    await replay('person-1');
  });
});

describe('starts', () => {
  const CASES: readonly (readonly [string, string, unknown[], object, string, string])[] = [
    ['a second argument', 'done', [{ a: 1 }, { plan: {}, state: {} }], {}, 'not_startable', 'takes one argument'],
    ['three arguments', 'done', [1, 2, 3], {}, 'not_startable', 'started with 3'],
    ['a retry policy', 'done', [{}], { retry: { maximumAttempts: 2 } }, 'not_startable', 'retry policy'],
    ['bytes', 'done', [new Uint8Array([1])], {}, 'not_startable', 'not JSON'],
    ['a text', 'done', ['hello'], {}, 'invalid_input', 'must be a map'],
    ['an unknown workflow', 'nobody', [{}], {}, 'unknown_workflow', 'known: done, refused'],
  ];
  test.each(CASES)('%s is refused', async (what, workflow, args, options, type, message) => {
    const ticket = `start-${what.replaceAll(' ', '-')}`;
    const handle = await bench.start(workflow, ticket, args, options);
    const failure = await failureOf(handle.result());
    expect(failure.type).toBe(type);
    expect(failure.message).toContain(message);
  });

  test('a cron schedule is refused at its first tick', async () => {
    const handle = await bench.start('done', 'start-cron', [{}], { cronSchedule: '@every 1s' });
    const { runId } = await handle.describe();
    const first = bench.client.workflow.getHandle('start-cron', runId, { followRuns: false });
    await failureOf(first.result());
    await handle.terminate();
    const { events } = await first.fetchHistory();
    const failure = events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
    expect(failure?.applicationFailureInfo).toMatchObject({ type: 'not_startable', nonRetryable: true });
    expect(failure?.message).toContain('cron schedule ("@every 1s")');
  });

  test('no argument is an empty input', async () => {
    const handle = await bench.start('failed', 'start-nothing', []);
    expect((await failureOf(handle.result())).type).toBe('bad_order');
    expect(world.of('start-nothing', 'open run')[0]?.input['input']).toEqual({});
  });

  test('unknown updates and queries are refused with the names that exist', async () => {
    const handle = await bench.start('sleeper', 'names-1');
    await statusWhen(handle, (status) => status.at === 'wait');
    expect(await failureOf(handle.executeUpdate('nonsense', { args: [] }))).toEqual({
      type: 'not_found',
      message: 'a run takes no update "nonsense"; it takes approve, answer, message and hand_over',
    });
    await expect(handle.query('nonsense')).rejects.toThrow('a run answers no query "nonsense"; it answers status');
    await handle.signal('nonsense', { a: 1 });
    expect((await statusWhen(handle, () => true)).waiting_for).toBe('time');
    await handle.terminate();
  });
});

describe('patience', () => {
  test('a database that is down at start and at the end costs time only', async () => {
    let [opened, closed] = [0, 0];
    const down = (): never => {
      throw new Error('connect ECONNREFUSED');
    };
    const other = new World();
    const done = world.plans.get('done') ?? planOf({ name: 'done', nodes: [] });
    await bench.stopWorker();
    other.on('open run', () => {
      opened += 1;
      if (opened < 4) down();
      return { plan: jsonOf(done), input: { a: 1 }, search_attributes: [] };
    });
    other.on('close run', () => {
      closed += 1;
      if (closed < 4) down();
      return { item: null };
    });
    await bench.startWorker(other);
    const handle = await bench.start('done', 'patient-1', [{ a: 1 }]);
    expect(await handle.result()).toEqual({ outcome: 'done', output: { got: 1 } });
    expect([opened, closed]).toEqual([4, 4]);
    const { events } = await handle.fetchHistory();
    const ids = events?.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityId ?? []);
    expect(ids).toEqual(['open run', 'close run']);
    await bench.stopWorker();
    await bench.startWorker(world);
    await replay('patient-1');
  });

  test('who asks for a person while the database is down is heard', async () => {
    const other = new World();
    const sleeper = world.plans.get('sleeper');
    if (sleeper !== undefined) other.plans.set('sleeper', sleeper);
    let down = true;
    other.on('open run', () => {
      if (down) throw new Error('connect ECONNREFUSED');
      return {
        plan: jsonOf(planOf({ name: 'sleeper', nodes: sleeper?.nodes ?? [] })),
        input: {},
        search_attributes: [],
      };
    });
    await bench.stopWorker();
    await bench.startWorker(other);
    const handle = await bench.start('sleeper', 'patient-2');
    expect(await statusWhen(handle, () => true)).toMatchObject({ at: 'opening the run', version: null, waiting: [] });
    await handle.executeUpdate('hand_over', { args: [{ by: 'eve', reason: 'now' }] });
    down = false;
    expect(await handle.result()).toMatchObject({ outcome: 'handed_over', reason: 'eve asked for a person: now' });
    await bench.stopWorker();
    await bench.startWorker(world);
    await replay('patient-2');
  });
});

describe('activities', () => {
  test('a write in flight is awaited when its step runs out of time, settled and undone', async () => {
    let finished = false;
    world.on('create late', async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      finished = true;
      return { id: 'r-1' };
    });
    world.on('settle', () => ({ happened: finished, result: { id: 'r-1' } }));
    const handle = await bench.start('late-write', 'late-write-1');
    expect(JSON.stringify(await handle.result())).toMatch(/"reason":"late: not finished by 20/);
    expect(world.of('late-write-1').map(({ type }) => type)).toEqual([
      'open run',
      'create',
      'settle',
      'delete',
      'close run',
    ]);
    world.reactions.delete('settle');
    await replay('late-write-1');
  });

  test('attempts end: the last message is the reason', async () => {
    const attempts: number[] = [];
    world.on('read flaky', (_input, attempt) => {
      attempts.push(attempt);
      throw ApplicationFailure.retryable(`the shop does not answer (${attempt})`, 'unreachable');
    });
    const handle = await bench.start('flaky', 'flaky-1');
    expect(await handle.result()).toMatchObject({ reason: 'flaky: the shop does not answer (3)' });
    expect(attempts).toEqual([1, 2, 3]);
    expect(world.of('flaky-1', 'close run')[0]?.input).toMatchObject({ code: 'unreachable' });
  });

  test('the history shows ids, summaries and readable input', async () => {
    const { events } = await bench.client.workflow.getHandle('refused-1').fetchHistory();
    const scheduled = events?.flatMap((event) => {
      const attributes = event.activityTaskScheduledEventAttributes;
      const summary = event.userMetadata?.summary?.data;
      return attributes
        ? [[attributes.activityType?.name, attributes.activityId, Buffer.from(summary ?? '').toString()]]
        : [];
    });
    expect(scheduled).toEqual([
      ['create', 'refund', '"refund: create shop.refunds"'],
      ['settle', 'refund.settle', '"refund: find out whether it happened"'],
      ['delete', 'refund.undo', '"refund.undo: delete shop.refunds"'],
    ]);
  });
});

describe('continuing as new', () => {
  test('a run with a long history goes on, with all that it had', async () => {
    world.continueAfterEvents = 40;
    world.searchAttributes = ['FirnOutcome', 'FirnVersion'];
    world.on('read', (input) => ({ n: Number(Reflect.get(Object(input['where']), 'id')) }));
    const handle = await bench.start('long', 'long-1', [{}], { memo: { note: 'kept' } });
    expect(await handle.result()).toEqual({ outcome: 'done', output: { last: 29 } });
    const closing = world.of('long-1', 'close run')[0]?.input;
    expect(closing?.['path']).toEqual(Array.from({ length: 30 }, (_, index) => `row${index}`));
    expect(world.of('long-1', 'open run')).toHaveLength(1);
    expect(world.of('long-1', 'read')).toHaveLength(30);
    const last = await bench.client.workflow.getHandle('long-1').describe();
    expect(last.runId).not.toBe(handle.firstExecutionRunId);
    expect(closing?.['first_run_id']).toBe(handle.firstExecutionRunId);
    expect(last.memo).toEqual({ note: 'kept' });
    expect(attributesOf(last)).toMatchObject({ FirnOutcome: 'done' });
    expect(attributesOf(last)).toHaveProperty('FirnVersion');
    expect(last.raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds?.toString()).toBe('3');
    await replay('long-1');
    world.continueAfterEvents = undefined;
    world.searchAttributes = [];
  });
});

describe('restarts', () => {
  test('a run goes on with another worker where it was', async () => {
    const handle = await bench.start('undone-when-stopped', 'restart-1');
    await statusWhen(handle, (status) => status.at === 'wait');
    await bench.stopWorker();
    await bench.startWorker(world);
    const status = await statusWhen(handle, (now) => now.at === 'wait');
    expect(status.trail.map(({ step }) => step)).toEqual(['refund']);
    await handle.executeUpdate('hand_over', { args: [{ by: 'eve', reason: 'enough' }] });
    expect(await handle.result()).toMatchObject({ outcome: 'handed_over' });
    expect(world.of('restart-1', 'create')).toHaveLength(1);
    expect(waiting(status)).toBe(false);
  });
});
