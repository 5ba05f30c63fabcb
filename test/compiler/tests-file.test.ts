/**
 * Test files: what is written becomes cases with times in milliseconds and answers per call.
 */
import { describe, expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import type { Case } from '../../language/plan/test-case.js';
import { AROUND, fixturePlan } from './everything.js';

function casesOf(text: string, name: 'refund' | 'everything' = 'refund'): readonly Case[] {
  const { cases, problems } = parseTests('x.test.yaml', text, fixturePlan(name), AROUND);
  expect(problems).toEqual([]);
  return cases;
}

test('a case is read with everything in it', () => {
  const [one] = casesOf(`workflow: refund
now: 2026-03-10T12:00:00Z
cases:
  - name: everything
    input: { order_id: A-1 }
    steps:
      order: { id: A-1, total: 5 }
      reason: { abstain: true }
      refund: [{ fail: unreachable, message: gone }, { id: 7 }]
      refund.undo: { id: 7 }
    people:
      reason: { answer: none of these, by: maria, after: 2h }
      approval: { approve: false, comment: "no" }
    expect: { outcome: handed_over, code: undecided, path: [order, outcome.refuse.tell], model_calls: 1, output: [1] }
`);
  expect(one).toMatchObject({
    name: 'everything',
    line: 4,
    input: { order_id: 'A-1' },
    now_ms: Date.UTC(2026, 2, 10, 12),
    expect: {
      outcome: 'handed_over',
      code: 'undecided',
      path: ['order', 'outcome.refuse.tell'],
      model_calls: 1,
      output: [1],
    },
  });
  expect(one?.steps.get('order')).toEqual({
    use: 'every',
    answers: [{ is: 'result', value: { id: 'A-1', total: 5 } }],
  });
  expect(one?.steps.get('reason')).toEqual({ use: 'every', answers: [{ is: 'result', value: null }] });
  expect(one?.steps.get('refund')).toEqual({
    use: 'in_order',
    answers: [
      { is: 'failure', code: 'unreachable', message: 'gone' },
      { is: 'result', value: { id: 7 } },
    ],
  });
  expect(one?.people.get('reason')).toEqual({ decision: 'none of these', by: 'maria', after_ms: 7_200_000 });
  expect(one?.people.get('approval')).toEqual({ decision: 'reject', comment: 'no', after_ms: 0 });
});

test('rows of a step that gives a list are its result, lists of rows are one per call', () => {
  const text = `workflow: rows\nsummary: Rows\nowner: support\nends_within: 1d\nuses: [shop]\nsteps:\n  - id: all\n    list: { from: shop.orders }\n  - return: { n: "\${{ size(all) }}" }\n`;
  const rows = compile({ file: 'rows.flow.yaml', text, ...AROUND, policies: () => undefined }).plan;
  if (rows === undefined) throw new Error('it does not compile');
  const read = (written: string) =>
    parseTests(
      'x',
      `workflow: rows\ncases: [{ name: one, steps: { all: ${written} }, expect: { outcome: done } }]\n`,
      rows,
      AROUND,
    ).cases[0]?.steps.get('all');
  expect(read('[{ id: A }, { id: B }]')).toMatchObject({
    use: 'every',
    answers: [{ value: [{ id: 'A' }, { id: 'B' }] }],
  });
  expect(read('[{ fail: timeout }, [{ id: A }]]')).toMatchObject({
    use: 'in_order',
    answers: [{ code: 'timeout' }, { value: [{ id: 'A' }] }],
  });
  expect(read('[]')).toMatchObject({ use: 'every', answers: [{ value: [] }] });
});

describe('answers of each kind of step', () => {
  const every = (value: unknown, more = {}) => ({ use: 'every', answers: [{ is: 'result', value, ...more }] });

  test.each<[step: string, written: string, canned: object]>([
    ['stock', '{ body: { left: 3 } }', every({ status: 200, headers: {}, body: { left: 3 } })],
    ['stock', '{ status: 404, takes: 2s }', every({ status: 404, headers: {} }, { takes_ms: 2000 })],
    ['stock', '{ fail: http.503, takes: 1m }', { answers: [{ is: 'failure', code: 'http.503', takes_ms: 60_000 }] }],
    ['order', '{ result: { id: A-1 }, takes: 3s }', every({ id: 'A-1' }, { takes_ms: 3000 })],
    ['order', '{ id: A-1, takes: 3s }', every({ id: 'A-1' }, { takes_ms: 3000 })],
    [
      'orders',
      '[{ result: [{ id: A-1 }], takes: 3s }, []]',
      { use: 'in_order', answers: [{ takes_ms: 3000 }, { value: [] }] },
    ],
    ['orders', '{ result: [{ id: A-1 }], takes: 3s }', every([{ id: 'A-1' }], { takes_ms: 3000 })],
    ['counted', '[{ n: 1 }]', every([{ n: 1 }])],
    ['repaid', '{ refused: too late }', every({ ended: 'refused', reason: 'too late' })],
    [
      'repaid',
      '{ ended: done, output: { refund: 7 }, takes: 1d }',
      every({ ended: 'done', output: { refund: 7 } }, { takes_ms: 86_400_000 }),
    ],
    [
      'repaid',
      '{ fail: bad_order, message: "no" }',
      { answers: [{ is: 'failure', code: 'bad_order', message: 'no' }] },
    ],
    ['send', '{ fail: not_found }', { answers: [{ is: 'failure', code: 'not_found' }] }],
    [
      'kind',
      '{ answer: goods, by: generator, probability: 0.8, takes: 1s }',
      every({ answer: 'goods', by: 'generator', probability: 0.8 }, { takes_ms: 1000 }),
    ],
    ['"seen[2][1]"', '{ status: shipped }', every({ status: 'shipped' })],
    ['"paid[2].undo"', '{ fail: conflict }', { answers: [{ code: 'conflict' }] }],
  ])('%s: %s', (step, written, canned) => {
    const [one] = casesOf(
      `workflow: everything\ncases:\n  - { name: a, input: { order_id: A-1 }, steps: { ${step}: ${written} }, expect: { outcome: done } }\n`,
      'everything',
    );
    expect(one?.steps.get(step.replaceAll('"', ''))).toMatchObject(canned);
  });
});

test('defaults hold for each case that does not say otherwise', () => {
  const [plain, own] = casesOf(
    `workflow: everything
now: 2026-03-10T12:00:00Z
defaults:
  input: { order_id: A-1, message: hello }
  steps: { order: { id: A-1 }, seen: { status: shipped }, "seen[1][1]": { status: delivered } }
  people: { ok: [{ approve: true }, nobody], visit: { values: { day: 2026-04-01T00:00:00Z } } }
cases:
  - { name: plain, expect: { outcome: done } }
  - name: own
    input: { order_id: A-2 }
    steps: { seen: { status: delivered }, "order": { fail: not_found } }
    people: { "ok[2]": { approve: false, comment: late } }
    messages: [{ name: reply, after: 2h, values: { amount: 1 } }, { name: reply, values: { amount: 2 } }]
    cancel: 3d
    expect:
      messages: [left, { who: returns-desk, subject: s }]
      sent: [{ to: T, values: { amount: 1 } }]
      took: 1d2h
      not_run: [seen]
      step: "seen[2][1]"
      snapshot: true
`,
    'everything',
  );
  expect(plain).toMatchObject({
    input: { order_id: 'A-1', message: 'hello' },
    messages: [],
    expect: { outcome: 'done' },
  });
  expect(plain?.cancel_at_ms).toBeUndefined();
  expect([...(plain?.steps.keys() ?? [])]).toEqual(['order', 'seen', 'seen[1][1]']);
  expect(plain?.steps.get('order')).toMatchObject({ default: true });
  expect(plain?.people.get('ok')).toEqual({
    in_turn: [
      { decision: 'approve', after_ms: 0, default: true },
      { decision: 'nobody', after_ms: Infinity, default: true },
    ],
  });
  expect(own?.input).toEqual({ order_id: 'A-2', message: 'hello' });
  expect([...(own?.steps.keys() ?? [])].sort()).toEqual(['order', 'seen']);
  expect(own?.steps.get('seen')?.default).toBeUndefined();
  expect([...(own?.people.keys() ?? [])]).toEqual(['ok', 'visit', 'ok[2]']);
  const noon = Date.UTC(2026, 2, 10, 12);
  expect(own).toMatchObject({
    messages: [
      { name: 'reply', values: { amount: 1 }, at_ms: noon + 7_200_000 },
      { name: 'reply', values: { amount: 2 }, at_ms: noon },
    ],
    cancel_at_ms: noon + 3 * 86_400_000,
    expect: {
      messages: ['left', { who: 'returns-desk', subject: 's' }],
      sent: [{ to: 'T', values: { amount: 1 } }],
      took_ms: 93_600_000,
      not_run: ['seen'],
      step: 'seen[2][1]',
      snapshot: true,
    },
  });
});

test('a problem in the defaults leaves no case', () => {
  const text = `workflow: refund\ndefaults: { steps: { order: { idd: 1 } } }\ncases: [{ name: a, input: { order_id: A-1 }, expect: { outcome: done } }]\n`;
  const { cases, problems } = parseTests('x', text, fixturePlan('refund'), AROUND);
  expect(cases).toEqual([]);
  expect(problems.map(({ code, path }) => `${code} ${path}`)).toEqual(['FIRN603 defaults.steps.order.idd']);
});
