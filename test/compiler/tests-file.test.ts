/**
 * Test files: what is written becomes cases with times in milliseconds and answers per call.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import { PROJECT, RETURNS_POLICY } from './project.js';

const definition = readFileSync(new URL('./fixtures/refund.flow.yaml', import.meta.url), 'utf8');
const { plan } = compile({
  file: 'refund.flow.yaml',
  text: definition,
  project: PROJECT,
  policies: () => RETURNS_POLICY,
});

function casesOf(text: string) {
  if (plan === undefined) throw new Error('the refund definition does not compile');
  const { cases, problems } = parseTests('refund.test.yaml', text, plan);
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
  const rows = compile({ file: 'rows.flow.yaml', text, project: PROJECT, policies: () => undefined }).plan;
  if (rows === undefined) throw new Error('it does not compile');
  const read = (written: string) =>
    parseTests(
      'x',
      `workflow: rows\ncases: [{ name: one, steps: { all: ${written} }, expect: { outcome: done } }]\n`,
      rows,
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
