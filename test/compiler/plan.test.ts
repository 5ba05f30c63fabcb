/**
 * What a plan says: paths, slots, bounds on models, hashes, narrowing by `when`, and what blocks hand out.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { formatProblems } from '../../language/compiler/render.js';
import { PROJECT, RETURNS_POLICY } from './project.js';

const HEAD =
  'workflow: sample\nsummary: Sample\nowner: support\nends_within: 5d\nuses: [shop]\ninput: { order_id: string, message?: string }\n';
const ORDER = '  - id: order\n    read: { from: shop.orders, where: { id: "${{ input.order_id }}" } }\n';

function compileText(text: string) {
  return compile({ file: 'sample.flow.yaml', text, project: PROJECT, policies: () => RETURNS_POLICY });
}

function planOf(steps: string, head = HEAD) {
  const text = `${head}steps:\n${ORDER}${steps}`;
  const { plan, problems } = compileText(text);
  if (plan === undefined)
    throw new Error(formatProblems(problems, new Map([['sample.flow.yaml', text]]), { color: false }));
  return plan;
}

function codesOf(steps: string): readonly string[] {
  return compileText(`${HEAD}steps:\n${ORDER}${steps}`).problems.map(({ code, line }) => `${code}:${line}`);
}

test('a plan that is too large to travel is refused', () => {
  const values = Array.from({ length: 3_000 }, (_, index) => `v${index}: "\${{ order.total }}"`).join(', ');
  const codes = codesOf(`  - set: { ${values} }\n`).filter((code) => !code.startsWith('FIRN410'));
  expect(codes).toEqual(['FIRN415:1']);
});

describe('the refund definition', () => {
  const text = readFileSync(new URL('./fixtures/refund.flow.yaml', import.meta.url), 'utf8');
  const { plan } = compileText(text);

  test('paths are places in the program', () => {
    expect(plan?.nodes.map(({ path }) => path)).toEqual([
      ...['order', 'reason', 'terms', 'verdict', 'outcome', 'outcome.refuse.tell', 'outcome.refuse.refuse', 'approval'],
      ...['outcome.review.tell', 'outcome.review.refuse', 'refund', 'refund.undo', 'tell'],
    ]);
  });

  test('at most one question to a model, and the paths with none', () => {
    expect(plan?.model_calls_at_most).toBe(1);
    expect(plan?.paths_without_model).toBe(4);
  });

  test('the approval binds the node of the refund, and the undo is the node behind it', () => {
    const approval = plan?.nodes.find(({ path }) => path === 'approval');
    const refund = plan?.nodes.findIndex(({ path }) => path === 'refund') ?? -1;
    expect(approval?.verb === 'approve' && approval.for).toEqual([refund]);
    expect(plan?.nodes[refund]?.undo).toBe(refund + 1);
    expect(plan?.blocks[0]?.steps).not.toContain(refund + 1);
  });

  test('the plan is frozen, JSON, and its hash changes with the text', () => {
    expect(Object.isFrozen(plan?.nodes[0])).toBe(true);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    const again = compileText(text).plan;
    const other = compileText(text.replace('returns-desk, on_timeout: reject', 'support, on_timeout: reject')).plan;
    expect(again?.hash).toBe(plan?.hash);
    expect(other?.hash).not.toBe(plan?.hash);
    expect(other).toBeDefined();
  });
});

describe('paths', () => {
  test('steps without an id are numbered from the second, and never take the place of an id', () => {
    const plan = planOf(
      '  - id: tell\n    set: { a: 1 }\n  - tell: { who: support, text: "${{ order.id }} ${{ tell.a }}" }\n  - tell: { who: support, text: Hi }\n',
    );
    expect(plan.nodes.map(({ path }) => path)).toEqual(['order', 'tell', 'tell-2', 'tell-3']);
  });

  test('a case value that is no name is cleaned', () => {
    const plan = planOf(
      '  - switch:\n      of: ${{ order.email }}\n      cases:\n        "a/b c": { steps: [{ wait: { for: 5m } }] }\n        else: {}\n',
    );
    expect(plan.nodes.map(({ path }) => path)).toEqual(['order', 'switch', 'switch.a_b_c.wait']);
  });

  test('a step whose result is a list says so', () => {
    const plan = planOf(
      '  - id: all\n    when: ${{ order.total > 5 }}\n    list: { from: shop.orders }\n  - return: { n: "${{ size(all) }}" }\n',
    );
    expect(plan.nodes[1]?.list).toBe(true);
    expect(plan.nodes[0]?.list).toBeUndefined();
  });
});

const DECIDE = (id: string, rules: string, about = 'about: "${{ order.id }}", ask: Why?, ') =>
  `  - id: ${id}\n    decide: { ${about}answers: { a: A, b: B }, otherwise: support${rules === '' ? '' : `, rules: [${rules}]`} }\n`;
const RULE = '{ when: "${{ order.total > 5 }}", answer: a }';

describe('bounds on models', () => {
  test.each([
    ['no question', '  - return: { a: "${{ order.id }}" }\n', 0, 1],
    ['a question without rules', `${DECIDE('q', '')}  - return: { a: "\${{ q.answer }}" }\n`, 1, 0],
    ['a question with a rule', `${DECIDE('q', RULE)}  - return: { a: "\${{ q.answer }}" }\n`, 1, 1],
    [
      'a question that a rule always answers',
      `${DECIDE('q', '{ answer: a }')}  - return: { a: "\${{ q.answer }}" }\n`,
      0,
      1,
    ],
    ['no text, so no model', `${DECIDE('q', RULE, '')}  - return: { a: "\${{ q.answer }}" }\n`, 0, 1],
    [
      'two questions',
      `${DECIDE('q', RULE)}${DECIDE('r', '')}  - return: { a: "\${{ q.answer }}", b: "\${{ r.answer }}" }\n`,
      2,
      0,
    ],
    [
      'a question in one of two branches',
      `  - id: way\n    switch:\n      of: \${{ order.total > 5 }}\n      cases:\n        true: { steps: [{ id: q, decide: { about: "\${{ order.id }}", ask: Why?, answers: { a: A, b: B }, otherwise: support } }], output: { a: "\${{ q.answer }}" } }\n        false: { output: { a: b } }\n  - return: { a: "\${{ way.a }}" }\n`,
      1,
      1,
    ],
    [
      'a branch that ends the run',
      `  - switch:\n      of: \${{ order.total > 5 }}\n      cases:\n        true: { steps: [{ refuse: Too much }] }\n        false: {}\n${DECIDE('q', '')}  - return: { a: "\${{ q.answer }}" }\n`,
      1,
      1,
    ],
    [
      'two switches of two branches',
      `${'  - switch: { of: "${{ order.total > 5 }}", cases: { true: {}, false: {} } }\n'.repeat(2)}  - return: { a: "\${{ order.id }}" }\n`,
      0,
      4,
    ],
    [
      'thirty switches: counted up to a million',
      '  - switch: { of: "${{ order.total > 5 }}", cases: { true: {}, false: {} } }\n'.repeat(30),
      0,
      1_000_000,
    ],
  ] as const)('%s', (_name, steps, calls, paths) => {
    const plan = planOf(steps);
    expect([plan.model_calls_at_most, plan.paths_without_model]).toEqual([calls, paths]);
  });
});

describe('absence and scope', () => {
  test.each([
    ['`when` narrows its own step', '  - when: ${{ has(order.note) }}\n    refuse: ${{ order.note }}\n', []],
    [
      '`when` does not narrow the next step',
      '  - when: ${{ has(order.note) }}\n    wait: { for: 5m }\n  - refuse: ${{ order.note }}\n',
      ['FIRN207:12'],
    ],
    [
      'a negated `when` that ended the run does',
      '  - when: ${{ !has(order.note) }}\n    refuse: No note\n  - refuse: ${{ order.note }}\n',
      [],
    ],
    [
      'a negated `when` that did not end it does not',
      '  - when: ${{ !has(order.note) }}\n    wait: { for: 5m }\n  - refuse: ${{ order.note }}\n',
      ['FIRN207:12'],
    ],
    [
      'the result of a skipped step may be absent',
      '  - id: x\n    when: ${{ order.total > 5 }}\n    set: { a: "1" }\n  - refuse: ${{ x.a }}\n',
      ['FIRN207:13'],
    ],
    ['an absent key is left out of a map', '  - return: { a: "${{ order.?note }}" }\n', []],
    [
      'but not out of a `where`',
      '  - id: y\n    read: { from: shop.orders, where: { id: "${{ order.?note }}" } }\n  - refuse: ${{ y.id }}\n',
      ['FIRN207:11'],
    ],
    [
      '`ensure` and `undo` see the step itself',
      '  - id: r\n    create: { in: shop.refunds, values: { order_id: "${{ order.id }}", amount: 1, reason: x } }\n    ensure: ${{ r.amount == 1 }}\n    undo: { delete: { from: shop.refunds, where: { id: "${{ r.id }}" } } }\n',
      [],
    ],
    [
      'its own arguments do not',
      '  - id: s\n    set: { a: "${{ s.a }}" }\n  - return: { a: "${{ s.a }}", b: "${{ order.id }}" }\n',
      ['FIRN206:11'],
    ],
    [
      'one mistake is told once',
      '  - id: a\n    set: { x: "${{ ordr.id }}" }\n  - id: b\n    set: { y: "${{ a.x + 1 }}" }\n  - switch: { of: "${{ b.y }}", cases: { one: {} } }\n',
      ['FIRN204:11'],
    ],
    [
      'a misspelt name beside a broken one is told',
      '  - id: a\n    set: { x: "${{ ordr.id }}" }\n  - return: { a: "${{ a.x + b.y }}" }\n',
      ['FIRN204:11', 'FIRN204:12'],
    ],
  ] as const)('%s', (_name, steps, codes) => {
    expect(codesOf(steps).filter((code) => !code.startsWith('FIRN410'))).toEqual(codes);
  });
});
