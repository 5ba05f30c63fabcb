/** The client library against a real Temporal server, without a database: what it starts, waits for, decides and refuses. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Firn, FirnError, type RunHandle } from '../../client/index.js';
import { TICKET_PATTERN, ticketChecks } from '../../language/plan/ticket.js';
import { Bench, QUEUE } from './bench.js';
import { literal, planOf, value } from './plans.js';
import { World } from './world.js';

let bench: Bench;
let firn: Firn;
const world = new World();

beforeAll(async () => {
  const review = {
    verb: 'approve',
    id: 'review',
    path: 'review',
    slot: 2,
    for: [],
    steps: [],
    what: literal('Pay?'),
    by: 'desk',
  } as const;
  const plans = [
    planOf({
      name: 'echo',
      nodes: [],
      output: { is: 'map', entries: [{ key: 'got', value: value('input.a', { input: 0 }) }] },
    }),
    planOf({
      name: 'review',
      slots: ['review'],
      nodes: [review],
      output: { is: 'map', entries: [{ key: 'review', value: value('review', { review: 2 }) }] },
    }),
    planOf({ name: 'refuser', nodes: [{ verb: 'refuse', path: 'refuse', reason: literal('too late') }] }),
    planOf({
      name: 'failer',
      nodes: [{ verb: 'fail', path: 'fail', type: 'bad_order', message: literal('no amount') }],
    }),
  ];
  for (const plan of plans) world.plans.set(plan.name, plan);
  world.searchAttributes = ['FirnOutcome'];
  bench = await Bench.open(['--search-attribute', 'FirnOutcome=Keyword']);
  await bench.startWorker(world);
  firn = await Firn.connect({ address: bench.server.address, queue: QUEUE });
});
afterAll(async () => {
  await firn.close();
  await bench.close();
});

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FirnError)) throw new Error(`no FirnError: ${String(error)}`);
  return `${error.code}: ${error.message}`;
}

describe('starting', () => {
  test('a run gets a ticket, and its output comes back', async () => {
    const handle = await firn.start('echo', { a: 1 });
    expect(handle.ticket).toMatch(/^echo-[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(handle.ticket).toMatch(TICKET_PATTERN);
    expect(ticketChecks(handle.ticket)).toBe(true);
    expect(await handle.result()).toEqual({ got: 1 });
    expect(await firn.execute('echo', { a: 'b' })).toEqual({ got: 'b' });
  });

  test('a ticket is used once', async () => {
    await firn.execute('echo', { a: 1 }, { ticket: 'mine:1' });
    expect(await codeOf(firn.start('echo', { a: 1 }, { ticket: 'mine:1' }))).toMatch(
      /^ticket_used: the ticket "mine:1" has had its run/,
    );
    expect(await codeOf(firn.start('echo', {}, { ticket: 'mine/1' }))).toMatch(
      /^invalid_ticket: "mine\/1" cannot be a ticket/,
    );
  });

  test('nobody at the address is said after a while', async () => {
    expect(await codeOf(Firn.connect({ address: '127.0.0.1:1' }))).toMatch(
      /^unreachable: no Temporal server answers at 127.0.0.1:1/,
    );
  });
});

describe('endings', () => {
  const ENDINGS: readonly (readonly [string, string, RegExp, object])[] = [
    ['refuser', 'refused', /^refused: too late$/, { outcome: 'refused', reason: 'too late', output: null }],
    [
      'failer',
      'failed',
      /^bad_order: fail: no amount$/,
      { outcome: 'failed', reason: 'fail: no amount', output: null },
    ],
    ['nobody', 'failed', /^unknown_workflow: no definition is named "nobody"/, { outcome: 'failed' }],
  ];
  test.each(ENDINGS)('%s ends as %s', async (workflow, _outcome, message, report) => {
    const handle = await firn.start(workflow, {});
    expect(await codeOf(handle.result())).toMatch(message);
    expect(await handle.report()).toMatchObject(report);
  });

  test('a report has exactly its fields', async () => {
    const report = await (await firn.start('echo', { a: 1 }, { ticket: 'report-1' })).report();
    expect(report).toEqual({
      ticket: 'report-1',
      outcome: 'done',
      output: { got: 1 },
      reason: null,
      path: [],
      decisions: [],
      model_calls: 0,
      messages: [],
    });
  });

  test('cancelled', async () => {
    const handle = await firn.start('review', {});
    await handle.report({ until: 'wait' });
    await handle.cancel();
    expect(await codeOf(handle.result())).toBe('cancelled: the run was cancelled');
    expect(await handle.report()).toMatchObject({ outcome: 'cancelled' });
    await handle.cancel();
    expect(await handle.report()).toMatchObject({ outcome: 'cancelled' });
  });
});

describe('waiting', () => {
  async function waiting(): Promise<RunHandle> {
    const handle = await firn.start('review', {});
    expect(await handle.report({ until: 'wait' })).toMatchObject({
      outcome: 'waiting',
      reason: null,
      output: null,
      path: ['review'],
    });
    return handle;
  }

  test('approve', async () => {
    const handle = await waiting();
    const { waiting: items } = await handle.status();
    expect(await handle.approve('review', { by: 'maria' })).toMatchObject({ decision: 'approve', by: 'maria' });
    expect(world.of(handle.ticket, 'check decision')[0]?.input['digest']).toBe(items[0]?.digest);
    expect(await handle.report()).toMatchObject({ outcome: 'done', output: { review: { approved: true } } });
  });

  test('reject, and what does not count', async () => {
    const handle = await waiting();
    expect(await codeOf(handle.approve('nothing', { by: 'maria' }))).toMatch(/^not_open: .* what waits: "review"$/);
    expect(await codeOf(handle.approve('review', { by: 'mallory' }))).toBe('not_accepted: mallory is not in the role');
    expect(await codeOf(handle.approve('review', { by: 'maria', digest: 'f'.repeat(64) }))).toMatch(/^wrong_digest: /);
    expect(await codeOf(handle.reject('review', { by: 'maria', comment: ' ' }))).toMatch(/^no_comment: /);
    expect(await codeOf(handle.answer('review', 'yes', { by: 'maria' }))).toMatch(/^wrong_kind: /);
    await handle.reject('review', { by: 'maria', comment: 'too much' });
    expect(await handle.report()).toMatchObject({ output: { review: { approved: false, comment: 'too much' } } });
    expect(await codeOf(handle.approve('review', { by: 'maria' }))).toMatch(/^not_open: /);
  });

  test('hand over', async () => {
    const handle = await waiting();
    await handle.handOver('the customer calls', 'eve');
    expect(await handle.report()).toMatchObject({
      outcome: 'handed_over',
      reason: 'eve asked for a person: the customer calls',
    });
    expect(await codeOf(handle.result())).toMatch(/^handed_over: eve asked/);
  });

  test('a report in a given time says that it waits', async () => {
    const handle = await waiting();
    expect(await handle.report({ until: 'end', timeout_ms: 300 })).toMatchObject({ outcome: 'waiting' });
    await handle.cancel();
  });

  test('a ticket that nobody has', async () => {
    const handle = firn.getHandle('nobody-1');
    expect(await codeOf(handle.report())).toMatch(/^not_found: /);
    expect(await codeOf(handle.approve('x', { by: 'maria' }))).toMatch(/^not_found: /);
  });
});

test('list', async () => {
  await expect
    .poll(async () =>
      (await firn.list({ workflow: 'refuser' })).map(({ workflow, outcome }) => `${workflow} ${outcome}`),
    )
    .toEqual(['refuser refused']);
  expect((await firn.list({ outcome: 'handed_over' })).length).toBe(1);
});
