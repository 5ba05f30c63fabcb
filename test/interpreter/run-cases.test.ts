/** Cases beside a flow: what is canned, what is assumed, and what differences read like. */
import { describe, expect, it } from 'vitest';
import { compareJson } from '../../interpreter/compare.js';
import { runCase } from '../../interpreter/run-cases.js';
import type { Case, Expectation } from '../../language/plan/test-case.js';
import { kindOf } from '../../language/steps/index.js';
import { Draft, DAY, MINUTE } from './plans.js';
import { idle, always, fails, NOW } from './running.js';

/** order -> reason (a model, then a person) -> refund -> tell; refused where the reason is `changed`. */
function flow() {
  const d = new Draft('order', 'reason', 'refund');
  const answers = [
    { answer: 'damaged', is: 'broken', hints: [] },
    { answer: 'changed', is: 'not wanted', hints: [] },
  ];
  const about = d.value('${input.message}');
  const reason = d.step(
    'reason',
    { verb: 'decide', ask: 'why?', about, answers, rules: [], accept: 0.9, otherwise: 'desk' },
    { timeout_ms: 2 * DAY },
  );
  const refund = d.undoable('refund', { amount: '${order.total}' });
  const refuse = d.refuse('no', 'not a reason', { when: d.x("reason.answer == 'changed'", 'boolean') });
  const steps = [d.read('order'), reason, refund, refuse, d.tell('tell', 'we paid')];
  return d.plan(steps, { refund: '${refund.id}', amount: '${refund.amount}', by: '${reason.by}' });
}

const order = always({ order: { total: 12 }, reason: 'damaged' });

async function differences(part: Partial<Case>, expectation: Expectation): Promise<readonly string[]> {
  const test: Case = {
    name: 'a case',
    line: 3,
    input: { message: 'it is broken' },
    now_ms: NOW,
    steps: order,
    people: new Map(),
    messages: [],
    expect: expectation,
    ...part,
  };
  const result = await runCase(flow(), test, kindOf, idle);
  expect(result).toMatchObject({ name: 'a case', line: 3, passed: result.differences.length === 0 });
  return result.differences;
}

describe('a case passes', () => {
  it('with everything that it says', async () => {
    const expectation: Expectation = {
      outcome: 'done',
      output: { amount: 12, by: 'encoder' },
      path: ['order', 'reason', 'refund', 'tell'],
      messages: ['paid'],
      model_calls: 1,
      effects: ['refund'],
      undone: [],
    };
    expect(await differences({}, expectation)).toEqual([]);
  });

  it.each<[string, Partial<Case>, Expectation]>([
    [
      'a refusal',
      { steps: always({ order: { total: 12 }, reason: 'changed' }) },
      { outcome: 'refused', reason: 'not a', effects: ['refund'], undone: ['refund'] },
    ],
    [
      'a failure',
      { steps: new Map([['order', fails('not_found', 'no order')]]) },
      { outcome: 'handed_over', code: 'not_found', reason: 'order: no order', item: 'owners' },
    ],
    [
      'a person where no model is asked',
      {
        input: { message: '' },
        steps: always({ order: { total: 1 } }),
        people: new Map([['reason', { decision: 'damaged', after_ms: MINUTE }]]),
      },
      { output: { by: 'person' }, model_calls: 0 },
    ],
    [
      'a person where the model abstains',
      {
        steps: always({ order: { total: 1 } }),
        people: new Map([['reason', { decision: 'damaged', after_ms: MINUTE }]]),
      },
      { output: { by: 'person' }, model_calls: 1 },
    ],
    ['nobody', { steps: always({ order: { total: 1 } }) }, { outcome: 'handed_over', code: 'timeout' }],
    [
      'a probability',
      { steps: always({ order: { total: 1 }, reason: { answer: 'damaged', probability: 0.93 } }) },
      { outcome: 'done' },
    ],
    [
      'what the database adds to a written row',
      { steps: always({ order: { total: 1 }, reason: 'damaged', refund: { id: 77 } }) },
      { output: { refund: 77, amount: 1 } },
    ],
  ])('with %s', async (_, part, expectation) => {
    expect(await differences(part, expectation)).toEqual([]);
  });

  it('with a second attempt', async () => {
    const steps = new Map(order);
    steps.set('order', {
      use: 'in_order',
      answers: [
        { is: 'failure', code: 'unreachable' },
        { is: 'result', value: { total: 5 } },
      ],
    });
    expect(await differences({ steps }, { outcome: 'done', output: { amount: 5 } })).toEqual([]);
    steps.set('order', {
      use: 'in_order',
      answers: [
        { is: 'failure', code: 'not_found' },
        { is: 'result', value: { total: 5 } },
      ],
    });
    expect(await differences({ steps }, { outcome: 'handed_over', code: 'not_found' })).toEqual([
      'steps.order: the case has 2 answers for it, and one call asked for one: take out what is not used',
      'steps.reason: the case has an answer for it, and no call asked for it: take out what is not used',
    ]);
  });
});

describe('a difference reads', () => {
  it.each<[Partial<Case>, Expectation, string]>([
    [
      { steps: new Map([['order', fails('not_found', 'no order')]]) },
      { outcome: 'done' },
      'outcome: expected done, came handed_over (order: no order)',
    ],
    [{}, { output: { amount: 13 } }, 'output.amount: expected 13, came 12'],
    [{}, { output: { nothing: 'x' } }, 'output.nothing: expected "x", came nothing'],
    [{}, { reason: 'late' }, 'reason: expected to contain "late", came nothing'],
    [{}, { code: 'timeout' }, 'code: expected timeout, came none'],
    [{}, { path: ['order'] }, 'path: expected order; came order, reason, refund, tell'],
    [{}, { messages: ['refused'] }, 'messages: expected to contain "refused"; came "we paid"'],
    [{}, { messages: [] }, 'messages: expected to contain none; came "we paid"'],
    [{}, { model_calls: 0 }, 'model_calls: expected 0, came 1'],
    [{}, { effects: [] }, 'effects: expected none; came refund'],
    [{}, { undone: ['refund'] }, 'undone: expected refund; came none'],
    [{}, { item: 'owners' }, 'item: expected one for owners, but the run was not handed over: done'],
    [
      { steps: always({ reason: 'damaged' }) },
      { outcome: 'done' },
      '"order" (read) was reached, and the case does not say what it finds: add it under `steps`, as in `order: { id: A-1 }`',
    ],
    [
      { steps: always({ order: {}, reason: 'lost' }) },
      { outcome: 'done' },
      '"reason" cannot be answered "lost"; its answers are: damaged, changed',
    ],
    [
      { input: { message: '' }, people: new Map([['reason', { decision: 'lost', after_ms: 1 }]]) },
      { outcome: 'done' },
      'nobody can answer "reason" with "lost"; it can be: damaged, changed, none of these',
    ],
  ])('%#', async (part, expectation, said) => {
    expect(await differences(part, expectation)).toEqual([said]);
  });
});

it.each([
  [{ a: 1 }, { a: 1, b: 2 }, []],
  [{ a: { b: [1, 2] } }, { a: { b: [1, 3] } }, ['output.a.b[1]: expected 2, came 3']],
  [[1], [1, 2], ['output: expected [1], came [1,2]']],
  [{ a: 1 }, [1], ['output: expected {"a":1}, came [1]']],
  [1, '1', ['output: expected 1, came "1"']],
])('%j of %j', (expected, came, said) => {
  expect(compareJson('output', expected, came)).toEqual(said);
});
