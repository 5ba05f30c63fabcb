/** Blocks on a real Temporal server: branches at once, loops, messages, called workflows, and continuing as new in the midst. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Worker } from '@temporalio/worker';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { STATUS, type RunStatus } from '../../language/plan/messages.js';
import { compileSteps } from '../steps/definitions.js';
import { Bench, failureOf, statusWhen, waiting } from './bench.js';
import { World } from './world.js';

let bench: Bench;
const world = new World();
const ORDER = { id: 'A-1', email: 'a@b', status: 'processing', total: 10, ordered_at: '2026-01-01T00:00:00Z' };
const INPUT = { order_id: 'A-1' };

function pay(id: string, amount: string): string {
  return `{ id: ${id}, create: { in: shop.refunds, values: { order_id: A-1, amount: ${amount} } }, undo: { delete: { from: shop.refunds, where: { id: "\${{ ${id}.id }}" } } } }`;
}

/** Compiles the steps and makes them known to the worker as a workflow of this name. */
function define(name: string, steps: string): void {
  const { plan, problems } = compileSteps(steps);
  if (plan === undefined) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  world.plans.set(name, { ...plan, name });
}

beforeAll(async () => {
  bench = await Bench.open();
  await bench.startWorker(world);
  world.on('read', () => ORDER);
  world.on('create', (input) => ({ id: 1, ...rowOf(input['rows']) }));
  world.on('settle', () => ({ happened: true, result: { id: 1 } }));
  world.on('tell', () => ({ at: '2026-01-01T00:00:00Z' }));
}, 90_000);

afterAll(async () => {
  await bench.close();
});

function rowOf(rows: unknown): object {
  const first: unknown = Array.isArray(rows) ? rows[0] : undefined;
  return typeof first === 'object' && first !== null ? first : {};
}

/** Every execution of the run, the continued ones too, replays. */
async function replay(ticket: string): Promise<number> {
  let runs = 0;
  const { client, code } = bench;
  for (
    let handle: WorkflowHandle | undefined = client.workflow.getHandle(ticket, await firstOf(ticket));
    handle !== undefined;
  ) {
    const history: Awaited<ReturnType<WorkflowHandle['fetchHistory']>> = await handle.fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: { code }, replayName: ticket }, history, ticket);
    runs += 1;
    const next: string | null | undefined =
      history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    handle = next === undefined || next === null ? undefined : client.workflow.getHandle(ticket, next);
  }
  return runs;
}

async function firstOf(ticket: string): Promise<string> {
  const { raw } = await bench.client.workflow.getHandle(ticket).describe();
  return raw.workflowExecutionInfo?.firstRunId ?? '';
}

/** Approves whatever waits, as soon as it waits, until the run is over. */
async function approveAll(handle: WorkflowHandle, most: number): Promise<string[]> {
  const approved: string[] = [];
  while (approved.length < most) {
    const { waiting: items } = await handle.query<RunStatus>(STATUS);
    for (const { item } of items) {
      if (approved.includes(item)) continue;
      await handle.executeUpdate('approve', { args: [{ item, decision: 'approve', by: 'maria' }] });
      approved.push(item);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return approved;
}

describe('branches', () => {
  test('run at the same time; the winner of a race lets the others go, which undo what they did', async () => {
    define(
      'branches',
      `- id: first
  race:
    slow: { steps: [${pay('slowly', '1')}, { wait: { for: 30s } }], output: { n: 1 } }
    fast: { steps: [${pay('fastly', '2')}, { wait: { for: 1s } }], output: { n: 2 } }
- id: both
  parallel:
    one: { steps: [{ wait: { for: 1s } }, { id: a, set: { n: 1 } }], output: { n: "\${{ a.n }}" } }
    two: { output: { n: 2 } }
- return: { winner: "\${{ first.winner }}", sum: "\${{ both.one.n + both.two.n }}" }
`,
    );
    const handle = await bench.start('branches', 'branches-1', [INPUT]);
    expect(await handle.result()).toEqual({ outcome: 'done', output: { winner: 'fast', sum: 3 } });
    const writes = world.of('branches-1').filter(({ type }) => type === 'create' || type === 'delete');
    expect(writes.map(({ id }) => id)).toEqual(['slowly', 'fastly', 'slowly.undo']);
    await replay('branches-1');
  });

  test('a timeout lets go of all that waits inside it and is answered by a try', async () => {
    define(
      'late-block',
      `- id: got
  try:
    steps:
      - parallel:
          one: { steps: [${pay('mine', '1')}, { receive: { message: never } }] }
          two: { steps: [{ approve: { what: nothing, by: returns-desk } }] }
        timeout: 1s
    output: { how: well }
    catch: [{ on: [timeout], output: { how: "\${{ e.type }}" } }]
    finally: [${pay('final', '2')}]
- return: { how: "\${{ got.how }}" }
`,
    );
    const handle = await bench.start('late-block', 'late-block-1', [INPUT]);
    expect(await handle.result()).toEqual({ outcome: 'done', output: { how: 'timeout' } });
    const ids = world.of('late-block-1').map(({ id }) => id);
    expect(ids.filter((id) => /mine|final/.test(id))).toEqual(['mine', 'mine.settle', 'mine.undo', 'final']);
    expect(ids.some((id) => id.endsWith('.item.close'))).toBe(true);
    await replay('late-block-1');
  });
});

describe('continuing as new', () => {
  test('loops, timers, messages and open approvals go on where they were', async () => {
    world.continueAfterEvents = 40;
    define(
      'busy',
      `- id: all
  parallel:
    rows:
      steps:
        - id: each
          for_each:
            in: \${{ [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20] }}
            as: n
            at_once: 3
            steps:
              - id: row
                read: { from: shop.orders, where: { id: "\${{ string(n) }}" } }
            output: { n: "\${{ n }}", id: "\${{ row.id }}" }
      output: { all: "\${{ each }}" }
    passes:
      steps:
        - id: three
          repeat:
            at_most: 5
            every: 1s
            steps: [${pay('paid', '"${{ pass }}"')}]
            until: \${{ pass == 3 }}
            output: { n: "\${{ pass }}" }
      output: { n: "\${{ three.n }}" }
    person:
      steps: [{ id: ok, approve: { what: all of it, by: returns-desk } }]
      output: { yes: "\${{ ok.approved }}" }
    message:
      steps:
        - { id: word, receive: { message: word, fields: { text: string } } }
        - { id: other, receive: { message: word, fields: { text: string } } }
      output: { text: "\${{ word.text + other.text }}" }
- return: { rows: "\${{ all.rows.all.map(r, r.n) }}", passes: "\${{ all.passes.n }}", yes: "\${{ all.person.yes }}", text: "\${{ all.message.text }}" }
`,
    );
    const handle = await bench.start('busy', 'busy-1', [INPUT]);
    await handle.signal('word', { text: 'snow' });
    await statusWhen(handle, (status) => status.trail.some(({ step }) => step === 'three'));
    await handle.signal('word', { text: 'firn' });
    await statusWhen(handle, waiting);
    await handle.executeUpdate('approve:ok', { args: [{ decision: 'approve', by: 'maria' }] });
    expect(await handle.result()).toEqual({
      outcome: 'done',
      output: { rows: Array.from({ length: 20 }, (_, index) => index + 1), passes: 3, yes: true, text: 'snowfirn' },
    });
    world.continueAfterEvents = undefined;
    expect(world.of('busy-1', 'read')).toHaveLength(21);
    expect(world.of('busy-1', 'create').map(({ id }) => id)).toEqual(['paid[1]', 'paid[2]', 'paid[3]']);
    expect(world.of('busy-1', 'close item')).toEqual([]);
    expect(await replay('busy-1')).toBeGreaterThan(3);
  });

  test('no approval is lost or doubled, however often the run continues', async () => {
    world.continueAfterEvents = 25;
    define(
      'asking',
      `- id: all
  for_each:
    in: \${{ [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] }}
    as: n
    at_once: 4
    steps:
      - { id: ok, approve: { for: [paid], by: returns-desk } }
      - { id: paid, create: { in: shop.refunds, values: { order_id: A-1, amount: "\${{ n }}" } } }
    output: { yes: "\${{ ok.approved }}" }
- return: { yes: "\${{ all.filter(a, a.yes).size() }}" }
`,
    );
    const handle = await bench.start('asking', 'asking-1', [INPUT]);
    await approveAll(handle, 12);
    expect(await handle.result()).toEqual({ outcome: 'done', output: { yes: 12 } });
    world.continueAfterEvents = undefined;
    const paid = world.of('asking-1', 'create').map(({ id }) => id);
    expect(paid.toSorted()).toEqual(Array.from({ length: 12 }, (_, index) => `paid[${index + 1}]`).toSorted());
    expect(await replay('asking-1')).toBeGreaterThan(2);
  });
});

describe('called workflows', () => {
  const CALLER = `- id: got
  try:
    steps: [{ id: repaid, call: { workflow: refund, with: { order_id: A-1 } } }]
    output: { ended: "\${{ repaid.ended }}", refund: "\${{ repaid.?output.?refund.orValue(0) }}", why: "\${{ repaid.?reason.orValue('') }}" }
    catch: [{ output: { ended: "\${{ e.type }}", refund: 0, why: "\${{ e.message }}" } }]
- return: { ended: "\${{ got.ended }}", refund: "\${{ got.refund }}", why: "\${{ got.why }}" }
`;

  test.each([
    ['done', `- return: { refund: 7 }\n`, { ended: 'done', refund: 7, why: '' }],
    ['refused', `- refuse: not today\n`, { ended: 'refused', refund: 0, why: 'not today' }],
    ['failed', `- fail: { type: bad_order, message: no }\n`, { ended: 'bad_order', refund: 0 }],
    ['handed over', `- create: { in: shop.refunds, values: { order_id: B, amount: 1 } }\n`, { ended: 'handed_over' }],
  ])('a child that was %s', async (name, child, output) => {
    define('caller', CALLER);
    define('refund', child);
    world.on('create create', () => {
      throw ApplicationFailure.nonRetryable('no such order', 'conflict');
    });
    const ticket = `caller-${name.replace(' ', '-')}`;
    const handle = await bench.start('caller', ticket, [INPUT]);
    expect(await handle.result()).toMatchObject({ outcome: 'done', output });
    expect(world.of(`${ticket}.repaid`, 'close run')).toHaveLength(1);
    world.reactions.delete('create create');
    await replay(ticket);
  });

  test('effects of a child have keys that are places in the program of its caller', async () => {
    define('caller', CALLER);
    define('refund', `- ${pay('paid', '1')}\n- return: { refund: 1 }\n`);
    const handle = await bench.start('caller', 'keys-1', [INPUT]);
    await handle.result();
    const [created] = world.of('keys-1.repaid', 'create');
    expect(created?.input['key']).toBe(`keys-1/${handle.firstExecutionRunId}/repaid/paid`);
  });

  test('a caller that is cancelled cancels its child, which undoes what it did', async () => {
    define('caller', CALLER);
    define('refund', `- ${pay('paid', '1')}\n- receive: { message: never }\n- return: { refund: 1 }\n`);
    const handle = await bench.start('caller', 'cancelled-1', [INPUT]);
    await statusWhen(bench.client.workflow.getHandle('cancelled-1.repaid'), ({ trail }) => trail.length > 1).catch(
      () => undefined,
    );
    await until(() => world.of('cancelled-1.repaid', 'create').length === 1);
    await handle.cancel();
    expect((await failureOf(handle.result())).type).toMatch(/Cancel/);
    expect(world.of('cancelled-1.repaid', 'delete')).toHaveLength(1);
    expect(world.of('cancelled-1.repaid', 'close run')[0]?.input).toMatchObject({ outcome: 'cancelled' });
    await replay('cancelled-1');
  });

  test('a child that is cancelled alone is a failure of its caller', async () => {
    define('caller', CALLER);
    define('refund', `- receive: { message: never }\n- return: { refund: 1 }\n`);
    const handle = await bench.start('caller', 'alone-1', [INPUT]);
    await until(() => world.of('alone-1.repaid', 'open run').length === 1);
    await bench.client.workflow.getHandle('alone-1.repaid').cancel();
    expect(await handle.result()).toMatchObject({ output: { ended: 'cancelled' } });
    await replay('alone-1');
  });

  test('a detached child goes on by itself', async () => {
    define(
      'starter',
      `- id: gone\n  call: { workflow: refund, with: { order_id: A-1 }, detached: true }\n- return: { ticket: "\${{ gone.ticket }}" }\n`,
    );
    define('refund', `- receive: { message: go }\n- return: { refund: 3 }\n`);
    const handle = await bench.start('starter', 'detached-1', [INPUT]);
    expect(await handle.result()).toEqual({ outcome: 'done', output: { ticket: 'detached-1.gone' } });
    const child = bench.client.workflow.getHandle('detached-1.gone');
    await child.signal('go', {});
    expect(await child.result()).toEqual({ outcome: 'done', output: { refund: 3 } });
    await replay('detached-1');
  });

  test('a loop of children that overlap lets them end, and continues', async () => {
    world.continueAfterEvents = 10;
    define(
      'many',
      `- id: all
  for_each:
    in: \${{ [1, 2, 3, 4, 5, 6, 7, 8] }}
    as: n
    at_once: 2
    steps: [{ id: one, call: { workflow: refund, with: { order_id: "\${{ string(n) }}" } } }]
    output: { refund: "\${{ one.?output.?refund.orValue(0) }}" }
- return: { sum: "\${{ sum(all.map(a, a.?refund.orValue(0))) }}" }
`,
    );
    define('refund', `- return: { refund: 1 }\n`);
    const handle = await bench.start('many', 'many-1', [INPUT]);
    expect(await handle.result()).toEqual({ outcome: 'done', output: { sum: 8 } });
    world.continueAfterEvents = undefined;
    expect(await replay('many-1')).toBeGreaterThan(1);
  });
});

describe('messages between runs', () => {
  test('send reaches the run that waits; nobody there is failure not_found', async () => {
    define(
      'waiter',
      `- id: got\n  receive: { message: paid, fields: { amount: number } }\n- return: { amount: "\${{ got.amount }}" }\n`,
    );
    define(
      'sender',
      `- id: sent
  try:
    steps: [{ send: { to: waiter-1, message: paid, values: { amount: 5 } } }]
    output: { how: sent }
    catch: [{ on: [not_found], output: { how: nobody } }]
- return: { how: "\${{ sent.how }}" }
`,
    );
    const handle = await bench.start('waiter', 'waiter-1', [INPUT]);
    const sender = await bench.start('sender', 'sender-1', [INPUT]);
    expect(await sender.result()).toEqual({ outcome: 'done', output: { how: 'sent' } });
    expect(await handle.result()).toEqual({ outcome: 'done', output: { amount: 5 } });
    const again = await bench.start('sender', 'sender-2', [INPUT]);
    expect(await again.result()).toEqual({ outcome: 'done', output: { how: 'nobody' } });
    await replay('sender-2');
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}
