/** People on a real Temporal server: approvals and answers that count, and those that do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Worker } from '@temporalio/worker';
import { ApplicationFailure } from '@temporalio/common';
import { attributesOf, Bench, failureOf, statusWhen, waiting } from './bench.js';
import { literal, planOf, value } from './plans.js';
import { World } from './world.js';

let bench: Bench;
const world = new World();
const ATTRIBUTES = [
  'FirnOutcome=Keyword',
  'FirnWaitingFor=KeywordList',
  'FirnVersion=Keyword',
  'FirnOwner=Keyword',
  'FirnEndsBy=Datetime',
];

const approval = {
  verb: 'approve',
  id: 'review',
  path: 'review',
  slot: 2,
  for: [],
  steps: [],
  what: literal('Pay 12.50 back?'),
  by: 'desk',
} as const;
const output = { is: 'map', entries: [{ key: 'review', value: value('review', { review: 2 }) }] } as const;
const PLANS = [
  planOf({ name: 'review', slots: ['review'], nodes: [approval], output }),
  planOf({
    name: 'review-twice',
    slots: ['review', 'again'],
    nodes: [approval, { ...approval, id: 'again', path: 'again', slot: 3, timeout_ms: 3_600_000 }],
    ends_within_ms: 7_200_000,
  }),
  planOf({ name: 'review-late', slots: ['review'], nodes: [{ ...approval, timeout_ms: 1_500 }], output }),
  planOf({
    name: 'review-or-not',
    slots: ['review'],
    nodes: [{ ...approval, timeout_ms: 1_500, on_timeout: 'reject' }],
    output,
  }),
  planOf({ name: 'review-in-time', slots: ['review'], nodes: [approval], output, ends_within_ms: 2_000 }),
  planOf({
    name: 'question',
    slots: ['reason'],
    nodes: [
      {
        verb: 'decide',
        id: 'reason',
        path: 'reason',
        slot: 2,
        ask: 'Why?',
        about: literal('it is broken'),
        answers: [
          { answer: 'damaged', is: 'It is broken', hints: [] },
          { answer: 'late', is: 'It never came', hints: [] },
        ],
        rules: [],
        accept: 0.9,
        otherwise: 'desk',
      },
    ],
    output: { is: 'map', entries: [{ key: 'reason', value: value('reason.answer', { reason: 2 }) }] },
  }),
];

beforeAll(async () => {
  for (const plan of PLANS) world.plans.set(plan.name, plan);
  world.searchAttributes = ATTRIBUTES.map((attribute) => attribute.split('=')[0] ?? '');
  world.on('decide', () => ({
    answer: null,
    by: 'encoder',
    probability: 0.5,
    why: 'too unsure',
    proposals: [],
    model_calls: 1,
  }));
  bench = await Bench.open(ATTRIBUTES.flatMap((attribute) => ['--search-attribute', attribute]));
  await bench.startWorker(world);
});
afterAll(async () => {
  await bench.close();
});

const yes = { item: 'review', decision: 'approve', by: 'maria' };

async function replay(ticket: string): Promise<void> {
  const history = await bench.client.workflow.getHandle(ticket).fetchHistory();
  await Worker.runReplayHistory({ workflowBundle: { code: bench.code } }, history, ticket);
}

describe('an approval', () => {
  test('shows what waits, takes a yes, and says who said it', async () => {
    const handle = await bench.start('review', 'yes-1');
    const status = await statusWhen(handle, waiting);
    const [item] = status.waiting;
    expect(item).toMatchObject({ item: 'review', kind: 'approve', role: 'desk', being_decided: false, deadline: null });
    const shown = await handle.query<{ currentDetails: string; definition: { updateDefinitions: { name: string }[] } }>(
      '__temporal_workflow_metadata',
    );
    expect(shown.currentDetails).toContain('Waits for **desk**');
    expect(shown.definition.updateDefinitions.map(({ name }) => name)).toContain('approve:review');
    const now = attributesOf(await handle.describe());
    expect(now).toMatchObject({ FirnWaitingFor: ['review', 'desk'], FirnOwner: 'returns-desk' });
    const receipt = await handle.executeUpdate('approve', { args: [{ ...yes, digest: item?.digest }] });
    expect(receipt).toEqual({ item: 'review', decision: 'approve', by: 'maria', at: '2026-01-01T00:00:00.000Z' });
    expect(await handle.result()).toMatchObject({ output: { review: { approved: true, by: 'maria' } } });
    const attributes = attributesOf(await handle.describe());
    expect(attributes).toMatchObject({ FirnOutcome: 'done' });
    expect(attributes).not.toHaveProperty('FirnWaitingFor');
    expect(world.of('yes-1').map(({ type }) => type)).toEqual(['open run', 'open item', 'check decision', 'close run']);
    await replay('yes-1');
  });

  test('takes a no with its reason by the update that bears its name', async () => {
    const handle = await bench.start('review', 'no-1');
    await statusWhen(handle, waiting);
    await handle.executeUpdate('approve:review', { args: [{ decision: 'reject', by: 'maria', comment: 'too much' }] });
    expect(await handle.result()).toMatchObject({ output: { review: { approved: false, comment: 'too much' } } });
    await replay('no-1');
  });

  const REFUSED: readonly (readonly [string, unknown, string, string])[] = [
    ['nothing', undefined, 'malformed', 'a decision is one JSON object'],
    ['a text', 'approve', 'malformed', 'a decision is one JSON object'],
    ['nobody', { item: 'review', decision: 'approve' }, 'malformed', '"by" is missing'],
    ['another item', { ...yes, item: 'nothing' }, 'not_open', 'what waits: "review"'],
    [
      'another word',
      { ...yes, decision: 'maybe' },
      'malformed',
      '"maybe" is no decision on "review"; it can be: approve, reject',
    ],
    ['another digest', { ...yes, digest: 'f'.repeat(64) }, 'wrong_digest', 'shows something else'],
    ['a no without a reason', { ...yes, decision: 'reject' }, 'no_comment', 'say why "review" is rejected'],
    ['somebody else', { ...yes, by: 'mallory' }, 'not_accepted', 'mallory is not in the role'],
  ];
  test('refuses what does not count, with a reason, and stays open', async () => {
    const handle = await bench.start('review', 'refuse-1');
    await statusWhen(handle, waiting);
    for (const [what, argument, type, message] of REFUSED) {
      const failure = await failureOf(handle.executeUpdate('approve', { args: [argument] }));
      expect([what, failure.type]).toEqual([what, type]);
      expect(failure.message).toContain(message);
    }
    expect(await failureOf(handle.executeUpdate('answer', { args: [yes] }))).toMatchObject({ type: 'wrong_kind' });
    expect(await failureOf(handle.executeUpdate('approve:review', { args: [{ ...yes, item: 'x' }] }))).toMatchObject({
      type: 'malformed',
    });
    // What the validator refused left no event; what the check refused did.
    expect(world.of('refuse-1', 'check decision')).toHaveLength(1);
    await handle.executeUpdate('approve', { args: [yes] });
    expect(await handle.result()).toMatchObject({ outcome: 'done' });
    await replay('refuse-1');
  });

  test('is made once: a second decision during the check and after it is refused', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    let checks = 0;
    world.on('check decision', async () => {
      checks += 1;
      await held;
      return { accepted: true, because: '', at: '2026-01-01T00:00:00.000Z' };
    });
    const handle = await bench.start('review', 'once-1');
    await statusWhen(handle, waiting);
    const first = handle.executeUpdate('approve', { args: [yes] });
    await expect.poll(() => checks).toBe(1);
    const second = failureOf(handle.executeUpdate('approve', { args: [{ ...yes, by: 'paul' }] }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    letGo();
    expect((await second).type).toMatch(/being_decided|not_open|WorkflowNotFoundError|AcceptedUpdateCompletedWorkflow/);
    expect(await first).toMatchObject({ by: 'maria' });
    expect(await handle.result()).toMatchObject({ outcome: 'done', output: { review: { by: 'maria' } } });
    expect(checks).toBe(1);
    world.reactions.delete('check decision');
    await replay('once-1');
  });

  test('a deadline that passes during the check waits for it', async () => {
    let checking = false;
    world.on('check decision', async () => {
      checking = true;
      await new Promise((resolve) => setTimeout(resolve, 1_700));
      return { accepted: true, because: '', at: '2026-01-01T00:00:00.000Z' };
    });
    const handle = await bench.start('review-late', 'just-1');
    await statusWhen(handle, waiting);
    const receipt = handle.executeUpdate('approve', { args: [yes] });
    await expect.poll(() => checking).toBe(true);
    expect(await receipt).toMatchObject({ decision: 'approve' });
    expect(await handle.result()).toMatchObject({ outcome: 'done', output: { review: { approved: true } } });
    world.reactions.delete('check decision');
    await replay('just-1');
  });

  test('nobody decides: failure timeout, the row is closed, and a late decision is told so', async () => {
    const handle = await bench.start('review-late', 'late-1');
    expect(JSON.stringify(await handle.result())).toMatch(
      /"handed_over","reason":"review: nobody of \\"desk\\" decided in time, by /,
    );
    expect(world.of('late-1', 'close item')[0]?.input).toMatchObject({ item: 'review', how: 'timeout' });
    await replay('late-1');
  });

  test('nobody decides, and the flow says what that means', async () => {
    const handle = await bench.start('review-or-not', 'late-2');
    expect(await handle.result()).toMatchObject({
      output: { review: { approved: false, comment: 'nobody decided in time' } },
    });
    await replay('late-2');
  });

  test('the deadline of the run withdraws what waits', async () => {
    const handle = await bench.start('review-in-time', 'ends-1');
    expect(await handle.result()).toMatchObject({ outcome: 'handed_over', reason: 'not finished within 2s' });
    expect(world.of('ends-1', 'close item')[0]?.input).toMatchObject({ how: 'withdrawn' });
    await replay('ends-1');
  });

  test('cancelling withdraws what waits', async () => {
    const handle = await bench.start('review', 'cancel-2');
    await statusWhen(handle, waiting);
    await handle.cancel();
    await failureOf(handle.result());
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    expect(world.of('cancel-2').map(({ type }) => type)).toEqual(['open run', 'open item', 'close item', 'close run']);
    await replay('cancel-2');
  });

  test('a check that cannot be made opens the item again', async () => {
    world.on('check decision', () => {
      throw ApplicationFailure.nonRetryable('no such row', 'not_found');
    });
    const handle = await bench.start('review', 'reopen-1');
    await statusWhen(handle, waiting);
    expect(await failureOf(handle.executeUpdate('approve', { args: [yes] }))).toEqual({
      type: 'not_found',
      message: 'the decision could not be checked: no such row',
    });
    world.reactions.delete('check decision');
    await handle.executeUpdate('approve', { args: [yes] });
    expect(await handle.result()).toMatchObject({ outcome: 'done' });
  });

  test('a worker that restarts while it waits loses nothing', async () => {
    const handle = await bench.start('review', 'restart-2');
    const before = await statusWhen(handle, waiting);
    await bench.stopWorker();
    await bench.startWorker(world);
    expect((await statusWhen(handle, waiting)).waiting).toEqual(before.waiting);
    await handle.executeUpdate('approve', { args: [yes] });
    expect(await handle.result()).toMatchObject({ outcome: 'done' });
  });
});

describe('time', () => {
  test('is the same at a replay, also behind a local activity', async () => {
    const runs = Array.from({ length: 20 }, (_, index) => `time-${index}`);
    const handles = await Promise.all(runs.map((ticket) => bench.start('review-twice', ticket)));
    const statuses = (item: string): Promise<unknown[]> =>
      Promise.all(handles.map((handle) => statusWhen(handle, ({ waiting: [first] }) => first?.item === item)));
    const first = await statuses('review');
    await bench.stopWorker();
    await bench.startWorker(world);
    expect(await statuses('review')).toEqual(first);
    await Promise.all(handles.map((handle) => handle.executeUpdate('approve', { args: [yes] })));
    const second = await statuses('again');
    await bench.stopWorker();
    await bench.startWorker(world);
    expect(await statuses('again')).toEqual(second);
    await Promise.all(handles.map((handle) => handle.terminate()));
  });
});

describe('a question', () => {
  test('goes to a person when no rung answers, who chooses among the answers', async () => {
    const handle = await bench.start('question', 'question-1');
    const { waiting: items } = await statusWhen(handle, waiting);
    expect(items[0]).toMatchObject({
      item: 'reason',
      kind: 'answer',
    });
    expect(items[0]?.answers).toEqual(['damaged', 'late']);
    const wrong = await failureOf(
      handle.executeUpdate('answer', { args: [{ item: 'reason', decision: 'lost', by: 'maria' }] }),
    );
    expect(wrong.message).toMatch(/^"lost" is no decision on "reason"; it can be: damaged, late, none of these$/);
    await handle.executeUpdate('answer:reason', { args: [{ decision: 'damaged', by: 'maria' }] });
    expect(await handle.result()).toEqual({ outcome: 'done', output: { reason: 'damaged' } });
    await replay('question-1');
  });

  test('"none of these" is a failure of the step', async () => {
    const handle = await bench.start('question', 'question-2');
    await statusWhen(handle, waiting);
    await handle.executeUpdate('answer', { args: [{ item: 'reason', decision: 'none of these', by: 'maria' }] });
    expect(await handle.result()).toMatchObject({ outcome: 'handed_over' });
    expect(world.of('question-2', 'close run')[0]?.input).toMatchObject({ code: 'undecided' });
  });
});
