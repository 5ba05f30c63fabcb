/** Each verb, compiled by the real compiler: what is accepted, and the exact problems of what is not. */
import { describe, expect, it } from 'vitest';
import type { Node } from '../../language/steps/index.js';
import { kinds } from '../../language/steps/index.js';
import { compileSteps, problemsOf } from './definitions.js';

/** Name, steps, then what the problems say, in their order. Without any: the steps are good. */
type Case = readonly [name: string, steps: string, ...problems: RegExp[]];

function check(cases: readonly Case[]): void {
  it.each(cases.map((one) => ({ name: one[0], one })))('$name', ({ one: [, steps, ...problems] }) => {
    expect(problemsOf(`${steps}\n`)).toEqual(problems.map((problem): unknown => expect.stringMatching(problem)));
  });
}

function decideWith(rest: string): string {
  const head = '- id: q\n  decide:\n    ask: Why?\n    answers: { damaged: It broke, not_arrived: It never came }\n';
  return head + rest.replace(/^/gm, '    ');
}

const REFUND = '- id: refund\n  create: { in: shop.refunds, values: { order_id: a, amount: 1 } }';

it.each(Object.values(kinds))('the example of $verb compiles', ({ example, verb }) => {
  const { plan, problems } = compileSteps(example);
  expect(problems.filter(({ code }) => code !== 'FIRN410')).toEqual([]);
  expect(plan?.nodes.some((node) => node.verb === verb)).toBe(true);
});

describe('tables', () => {
  check([
    [
      'connection unknown',
      '- read: { from: shopp.orders, where: { id: a } }',
      /^FIRN311 there is no connection "shopp" \| did you mean "shop"/,
    ],
    [
      'connection not in uses',
      '- read: { from: closed.orders, where: { id: a } }',
      /^FIRN311 .*`uses` does not list it \| add closed to `uses`/,
    ],
    [
      'table unknown',
      '- read: { from: shop.ordres, where: { id: a } }',
      /^FIRN312 .*"ordres" \| did you mean "orders"/,
    ],
    ['no table', '- read: { from: orders, where: { id: a } }', /^FIRN300 "orders" is not a connection and a table/],
    [
      'table computed',
      '- read: { from: "${{ input.order_id }}.orders", where: { id: a } }',
      /^FIRN300 a table is named by the definition/,
    ],
    [
      'problems in values show although the table is unknown',
      '- read: { from: shop.ordres, where: { id: "${{ ordr.id }}" } }',
      /^FIRN312/,
      /^FIRN204 .*"ordr"/,
    ],
    ['column unknown', '- read: { from: shop.orders, where: { idd: a } }', /^FIRN313 .*"idd" \| did you mean "id"/],
    ['value of the wrong type', '- read: { from: shop.orders, where: { total: x } }', /^FIRN209 .*number is needed/],
    [
      'value that the enumeration does not have',
      '- read: { from: shop.orders, where: { status: delivred } }',
      /^FIRN306 .*did you mean "delivered"/,
    ],
    [
      'comparisons',
      '- list: { from: shop.orders, where: { total: { ge: 3, lt: 9 }, status: { in: [processing] }, ordered_at: { gt: "2026-03-01T00:00:00Z" } } }',
    ],
    ['comparison of the wrong type', '- list: { from: shop.orders, where: { total: { lt: a } } }', /^FIRN209/],
    [
      'comparison unknown',
      '- list: { from: shop.orders, where: { total: { less: 3 } } }',
      /^FIRN301 .*it can have lt, le, gt, ge, ne, in/,
    ],
    [
      'one of a list, written by instinct',
      '- list: { from: shop.orders, where: { status: [processing] } }',
      /^FIRN300 .*`\{in: \[a, b\]\}`/,
    ],
    ['absent value in where', '- read: { from: shop.orders, where: { id: "${{ input.?message }}" } }', /^FIRN207/],
    ['empty where of a write', '- delete: { from: shop.refunds, where: {} }', /^FIRN300 "where" is empty/],
    [
      'order',
      '- list: { from: shop.orders, order_by: [totl desc, id down] }',
      /^FIRN313 .*"totl"/,
      /^FIRN300 "id down"/,
    ],
    ['limit and first', '- list: { from: shop.orders, limit: 5, first: 3 }', /^FIRN300 `limit` and `first`/],
    ['limit too large', '- list: { from: shop.orders, limit: 20000 }', /^FIRN319 .*at most 10000/],
    [
      'writes at least once',
      '- create: { in: old.refunds, values: { order_id: a, amount: 1 } }',
      /^FIRN417 \(warning\) .*`effects: none`/,
    ],
    ['reads of the same are fine', '- read: { from: old.refunds, where: { id: 1 } }'],
    ['expect', '- update: { in: shop.orders, where: { id: a }, set: { note: x }, expect: none }', /^FIRN306/],
    [
      'update of an unknown column',
      '- update: { in: shop.orders, where: { id: a }, set: { noet: x } }',
      /^FIRN313 .*did you mean "note"/,
    ],
    [
      'update leaves out what is absent',
      '- update: { in: shop.orders, where: { id: a }, set: { status: refunded, note: "${{ input.?message }}" } }',
    ],
  ]);
});

describe('rows', () => {
  check([
    [
      'required column missing',
      '- create: { in: shop.refunds, values: { order_id: a } }',
      /^FIRN317 a new row of shop.refunds needs amount/,
    ],
    [
      'required column may be absent',
      '- create: { in: shop.refunds, values: { order_id: "${{ order.?note }}", amount: 1 } }',
      /^FIRN317 order_id may be absent/,
    ],
    [
      'nullable column may be absent',
      '- create: { in: shop.refunds, values: { order_id: a, amount: 1, reason: "${{ order.?note }}" } }',
    ],
    [
      'unknown column',
      '- create: { in: shop.refunds, values: { order_id: a, amount: 1, reasn: x } }',
      /^FIRN313 .*"reasn" \| did you mean "reason"/,
    ],
    [
      'wrong types',
      '- create: { in: shop.refunds, values: { order_id: "${{ order.total }}", amount: "${{ order.id }}" } }',
      /^FIRN209 "order.total"/,
      /^FIRN209 "order.id"/,
    ],
    [
      'both',
      '- create: { in: shop.refunds, values: { order_id: a, amount: 1 }, rows: [{ order_id: a, amount: 1 }] }',
      /^FIRN300 `values` and `rows`/,
    ],
    ['neither', '- create: { in: shop.refunds }', /^FIRN302 `create` does not say what to write/],
    [
      'each row',
      '- create: { in: shop.refunds, rows: [{ order_id: a, amount: 1 }, { order_id: b }] }',
      /^FIRN317 .*amount/,
    ],
    [
      'rows by expression',
      '- when: ${{ has(input.lines) }}\n  create: { in: shop.refunds, rows: "${{ input.lines }}" }',
    ],
    [
      'rows by expression that do not fit',
      '- when: ${{ has(input.odd) }}\n  create: { in: shop.refunds, rows: "${{ input.odd }}" }',
      /^FIRN313 .*"colour"/,
      /^FIRN317 .*amount/,
    ],
    ['rows that are none', '- create: { in: shop.refunds, rows: "${{ order.id }}" }', /^FIRN209/],
  ]);
});

describe('results', () => {
  check([
    ['a nullable column may be absent', '- set: { n: "${{ order.note }}" }', /^FIRN207 "order.note"/],
    [
      'an optional row may be absent',
      '- id: row\n  read: { from: shop.orders, where: { id: a }, optional: true }\n- set: { n: "${{ row.id }}" }',
      /^FIRN207 "row.id"/,
    ],
    [
      'none-or-one may be absent',
      '- id: row\n  delete: { from: shop.refunds, where: { id: 1 }, expect: none-or-one }\n- set: { n: "${{ row.amount }}" }',
      /^FIRN207 "row.amount"/,
    ],
    [
      'any is a list',
      '- id: rows\n  delete: { from: shop.refunds, where: { id: 1 }, expect: any }\n- set: { n: "${{ rows.amount }}" }',
      /^FIRN20[58]/,
    ],
    [
      'rows is a list',
      '- id: rows\n  create: { in: shop.refunds, rows: [{ order_id: a, amount: 1 }] }\n- set: { n: "${{ sum(rows.map(r, r.amount)) }}" }',
    ],
    [
      'a policy has its values and its id',
      '- id: terms\n  policy: { of: returns, at: "${{ order.ordered_at }}" }\n- set: { n: "${{ terms.days + 1 }}", v: "${{ terms.id }}" }',
    ],
    [
      'a policy has nothing else',
      '- id: terms\n  policy: { of: returns, at: "${{ order.ordered_at }}" }\n- set: { n: "${{ terms.dais }}" }',
      /^FIRN205 .*"days"/,
    ],
    [
      'who decided',
      `${decideWith('otherwise: returns-desk')}\n- set: { a: "\${{ q.by }}", b: "\${{ q.?rule.orValue('') }}", c: "\${{ q.?probability.orValue(1.0) }}" }`,
    ],
    [
      'a rule may not be there',
      `${decideWith('otherwise: returns-desk')}\n- set: { b: "\${{ q.rule }}" }`,
      /^FIRN207 "q.rule"/,
    ],
    [
      'a comment is always there, who decided is not',
      '- id: a\n  approve: { what: Close it?, by: returns-desk }\n- set: { c: "${{ a.comment }}", d: "${{ a.at }}", b: "${{ a.by }}" }',
      /^FIRN207 "a.by"/,
    ],
    [
      'the answers of a question are its cases',
      `${decideWith('otherwise: returns-desk')}\n- switch: { of: "\${{ q.answer }}", cases: { damaged: {} } }`,
      /^FIRN400 no case for not_arrived/,
    ],
  ]);
});

describe('policy', () => {
  check([
    [
      'unknown',
      '- id: terms\n  policy: { of: retruns, at: "${{ order.ordered_at }}" }',
      /^FIRN316 .*did you mean "returns"/,
    ],
    [
      'at is no instant',
      '- id: terms\n  policy: { of: returns, at: "${{ order.id }}" }',
      /^FIRN209 .*timestamp is needed/,
    ],
    ['at without expression', '- id: terms\n  policy: { of: returns, at: 2026-01-01T00:00:00Z }', /^FIRN202/],
  ]);
});

describe('switch', () => {
  check([
    [
      'case missing and case unknown',
      '- switch: { of: "${{ order.status }}", cases: { processing: {}, delivred: {} } }',
      /^FIRN400 no case for delivered, refunded/,
      /^FIRN401 .*"delivred" \| did you mean "delivered"/,
    ],
    ['else covers the rest', '- switch: { of: "${{ order.status }}", cases: { processing: {}, else: {} } }'],
    [
      'else that is never taken',
      '- switch: { of: "${{ order.status }}", cases: { processing: {}, delivered: {}, refunded: {}, else: {} } }',
      /^FIRN401 \(warning\) `else` can never be taken/,
    ],
    ['text needs else', '- switch: { of: "${{ order.id }}", cases: { a: {} } }', /^FIRN400 .*can be anything/],
    ['number needs else', '- switch: { of: "${{ order.total }}", cases: { "1": {} } }', /^FIRN400/],
    ['a boolean has two cases', '- switch: { of: "${{ order.total > 1 }}", cases: { true: {}, false: {} } }'],
    [
      'one is not enough',
      '- switch: { of: "${{ order.total > 1 }}", cases: { true: {} } }',
      /^FIRN400 no case for false/,
    ],
    [
      'a boolean knows what exists',
      '- switch: { of: "${{ has(order.note) }}", cases: { true: { steps: [{ set: { n: "${{ order.note }}" } }] }, false: {} } }',
    ],
    [
      'and what does not',
      '- switch: { of: "${{ has(order.note) }}", cases: { true: {}, false: { steps: [{ set: { n: "${{ order.note }}" } }] } } }',
      /^FIRN207/,
    ],
    ['a map cannot be compared', '- switch: { of: "${{ order }}", cases: { else: {} } }', /^FIRN209/],
    [
      'of missing',
      '- switch: { cases: { a: { steps: [{ set: { n: "${{ nix }}" } }] } } }',
      /^FIRN302 .*`of` is missing/,
      /^FIRN204/,
    ],
    ['of with a list', '- switch: { of: "${{ order.id }}", cases: [{}] }', /^FIRN300 `of` compares/],
    ['list without end', '- switch: { cases: [{ when: "${{ order.total > 1 }}" }] }', /^FIRN400 .*each has a `when`/],
    [
      'case behind the last',
      '- switch: { cases: [{}, { when: "${{ order.total > 1 }}" }] }',
      /^FIRN401 this case can never be chosen/,
    ],
    [
      'list: what the case says holds in it',
      '- switch: { cases: [{ when: "${{ has(order.note) }}", output: { n: "${{ order.note }}" } }, {}] }',
    ],
    [
      'list: the earlier ones did not hold',
      '- switch: { cases: [{ when: "${{ !has(order.note) }}" }, { when: "${{ order.note == \'x\' }}" }, { output: { n: "${{ order.note }}" } }] }',
    ],
    [
      'list: not more than that',
      '- switch: { cases: [{ when: "${{ has(order.note) }}" }, { output: { n: "${{ order.note }}" } }] }',
      /^FIRN207/,
    ],
    [
      'field in all branches',
      '- id: o\n  switch: { of: "${{ order.status }}", cases: { processing: { output: { a: 1 } }, else: { output: { a: 2 } } } }\n- set: { x: "${{ o.a + 1 }}" }',
    ],
    [
      'field in one branch',
      '- id: o\n  switch: { of: "${{ order.status }}", cases: { processing: { output: { a: 1 } }, else: {} } }\n- set: { x: "${{ o.a }}" }',
      /^FIRN207 "o.a"/,
    ],
    [
      'branches that end do not count',
      '- id: o\n  switch: { of: "${{ order.status }}", cases: { processing: { output: { a: 1 } }, else: { steps: [{ refuse: no }] } } }\n- set: { x: "${{ o.a }}" }',
    ],
    [
      'two types',
      '- id: o\n  switch: { of: "${{ order.status }}", cases: { processing: { output: { a: 1 } }, else: { output: { a: x } } } }\n- set: { x: "${{ o.a }}" }',
      /^FIRN412 "a" is text here and whole number in another branch/,
    ],
    [
      'all end',
      '- switch: { of: "${{ order.status }}", cases: { processing: { steps: [{ refuse: no }] }, else: { steps: [{ return: {} }] } } }\n- set: { a: 1 }',
      /^FIRN411/,
    ],
    [
      'labels go through branches',
      '- id: o\n  switch: { of: "${{ order.status }}", cases: { processing: { output: { to: "${{ order.email }}" } }, else: { output: { to: "${{ input.order_id }}" } } } }\n- tell: { who: customer, to: "${{ o.to }}", text: Hi }',
      /^FIRN407/,
    ],
  ]);
});

describe('decide', () => {
  check([
    ['nobody answers', decideWith('rules: [{ when: "${{ order.total > 1 }}", answer: damaged }]'), /^FIRN402/],
    ['not even rules', '- decide: { answers: { a: x, b: y } }', /^FIRN402/],
    [
      'a rule always answers',
      decideWith('rules: [{ when: "${{ order.total > 1 }}", answer: damaged }, { answer: not_arrived }]'),
    ],
    ['an answer that no rule gives', decideWith('rules: [{ answer: damaged }]'), /^FIRN413 \(warning\) "not_arrived"/],
    [
      'a text that is never read',
      decideWith('about: "${{ input.?message.orValue(\'\') }}"\nrules: [{ answer: damaged }]'),
      /^FIRN413 .*`about` is never read/,
    ],
    [
      'a rule behind one that always answers',
      decideWith('rules: [{ answer: damaged }, { id: late, answer: not_arrived }]'),
      /^FIRN404 the rule late/,
      /^FIRN413/,
    ],
    [
      'two rules of one name',
      decideWith('rules: [{ id: a, when: "${{ order.total > 1 }}", answer: damaged }, { id: a, answer: not_arrived }]'),
      /^FIRN308/,
    ],
    ['an answer that is not listed', decideWith('rules: [{ answer: damagd }]'), /^FIRN403 .*did you mean "damaged"/],
    [
      'an expression over listed answers',
      decideWith(
        'rules: [{ when: "${{ has(input.reason) }}", answer: "${{ input.reason }}" }]\notherwise: returns-desk',
      ),
    ],
    [
      'what the rule says holds in its answer only',
      decideWith('rules: [{ answer: "${{ input.reason }}" }]'),
      /^FIRN207 "input.reason"/,
    ],
    [
      'an expression over other values',
      decideWith('rules: [{ answer: "${{ order.status }}" }]'),
      /^FIRN403 this can give processing, delivered, refunded/,
    ],
    ['an expression over any text', decideWith('rules: [{ answer: "${{ order.id }}" }]'), /^FIRN403 .*can be anything/],
    ['a text with an expression in it', decideWith('rules: [{ answer: "x${{ order.id }}" }]'), /^FIRN403/],
    ['a choice', decideWith("rules: [{ answer: \"${{ order.total > 5 ? 'damaged' : 'not_arrived' }}\" }]")],
    [
      'a choice of something else',
      decideWith("rules: [{ answer: \"${{ order.total > 5 ? 'damaged' : 'lost' }}\" }]"),
      /^FIRN403 this can give lost/,
    ],
    [
      'the earlier rules did not hold',
      decideWith(
        'rules: [{ when: "${{ !has(order.note) }}", answer: damaged }, { when: "${{ order.note == \'x\' }}", answer: not_arrived }]\notherwise: returns-desk',
      ),
    ],
    ['role unknown', decideWith('otherwise: return-desk'), /^FIRN314 .*did you mean "returns-desk"/],
    [
      'a text without limit of its own',
      decideWith('about: "${{ input.?story.orValue(\'\') }}"\notherwise: returns-desk'),
      /^FIRN414 \(warning\) .*10000 characters/,
    ],
    ['a text with a limit', decideWith('about: "${{ input.?message.orValue(\'\') }}"\notherwise: returns-desk')],
    [
      'nothing is asked',
      '- decide: { about: "${{ input.?message.orValue(\'\') }}", answers: { a: x, b: y }, otherwise: returns-desk }',
      /^FIRN302 .*`ask` is missing/,
    ],
    [
      'the question depends on the run',
      '- decide: { ask: "Why ${{ order.id }}?", answers: { a: "x ${{ order.id }}", b: { is: y, hints: ["${{ order.id }}"] } }, otherwise: returns-desk }',
      /^FIRN300/,
      /^FIRN300/,
      /^FIRN300/,
    ],
    [
      'none of these',
      '- decide: { answers: { a: x, none of these: y }, otherwise: returns-desk }',
      /^FIRN306 "none of these"/,
    ],
    ['one answer', '- decide: { answers: { a: x }, otherwise: returns-desk }', /^FIRN300 .*at least 2/],
    ['accept', decideWith('accept: 0.3\notherwise: returns-desk'), /^FIRN319/],
    [
      'all problems of the rules at once',
      decideWith('rules: [{ when: "${{ ordr.total > 1 }}", answer: nothing }, { when: order.total, answer: damaged }]'),
      /^FIRN402/,
      /^FIRN204/,
      /^FIRN403/,
      /^FIRN202/,
    ],
  ]);
});

describe('approve', () => {
  check([
    ['nothing to approve', '- id: a\n  approve: { by: returns-desk }', /^FIRN302/],
    ['no step', '- id: a\n  approve: { for: [], by: returns-desk }', /^FIRN405/],
    [
      'unknown step and role',
      `- approve: { for: [refnd], by: returns-dsk }\n${REFUND}`,
      /^FIRN405 .*did you mean "refund"/,
      /^FIRN314/,
    ],
    ['earlier step', '- approve: { for: [order], by: returns-desk }', /^FIRN405/],
    ['a step that writes nothing', '- approve: { for: [t], by: returns-desk }\n- id: t\n  set: { a: 1 }', /^FIRN405/],
    [
      'a step that needs what comes later',
      '- approve: { for: [refund], by: returns-desk }\n- id: n\n  set: { amount: 3 }\n- id: refund\n  create: { in: shop.refunds, values: { order_id: a, amount: "${{ n.amount }}" } }',
      /^FIRN406/,
    ],
    [
      'on_timeout without timeout',
      `- approve: { for: [refund], by: returns-desk, on_timeout: reject }\n${REFUND}`,
      /^FIRN302 \(warning\) .*no `timeout`/,
    ],
    [
      'what, and not by',
      '- approve: { what: "Close ${{ order.id }}?", by: returns-desk, not_by: "${{ order.email }}" }',
    ],
  ]);
});

describe('wait', () => {
  check([
    ['no duration', '- wait: { for: soon }', /^FIRN307/],
    ['nothing', '- wait: {}', /^FIRN302/],
    ['both', '- wait: { for: 1h, until: 2026-01-01T00:00:00Z }', /^FIRN300/],
    ['no instant', '- wait: { until: tomorrow }', /^FIRN300 "tomorrow"/],
    ['no day', '- wait: { until: 2026-02-30T00:00:00Z }', /^FIRN300/],
    ['a number', '- wait: { for: "${{ order.total }}" }', /^FIRN209 .*duration/],
    [
      'good ones',
      '- wait: { until: "${{ run.started_at + span(\'2d\') }}" }\n- wait: { for: "${{ span(\'2d\') }}" }\n- wait: { until: 2026-01-01T00:00:00+01:00 }\n- wait: { for: PT30S }',
    ],
    ['of the input', '- when: ${{ has(input.due) }}\n  wait: { until: "${{ input.due }}" }'],
  ]);
});

describe('tell', () => {
  check([
    [
      'input',
      '- when: ${{ has(input.email) }}\n  tell: { who: customer, to: "${{ input.email }}", text: Hi }',
      /^FIRN407 .*`\$\{\{ input.email \}\}`, written by whoever starts the run/,
    ],
    ['untrusted column', '- tell: { who: customer, to: "${{ order.id }}", text: Hi }', /^FIRN407 .*`trusted`/],
    [
      'joined with input',
      '- tell: { who: customer, to: "${{ order.email }}, ${{ input.order_id }}", text: Hi }',
      /^FIRN407 .*input.order_id/,
    ],
    [
      'by way of set',
      '- id: s\n  set: { to: "${{ input.order_id }}", ok: "${{ order.email }}" }\n- tell: { who: customer, to: "${{ s.ok }}", text: Hi }\n- tell: { who: customer, to: "${{ s.to }}", text: Hi }',
      /^FIRN407 .*s\.to/,
    ],
    [
      'trusted column, literal, policy, person',
      '- id: terms\n  policy: { of: returns, at: "${{ order.ordered_at }}" }\n- id: a\n  approve: { what: Well?, by: returns-desk }\n- tell: { who: customer, to: "${{ order.email }}", text: Hi }\n- tell: { who: customer, to: a@example.org, text: Hi }\n- tell: { who: customer, to: "${{ terms.window }}", text: Hi }\n- tell: { who: customer, to: "${{ a.comment }}", text: Hi }',
    ],
    [
      "a choice among the author's own",
      "- when: ${{ has(input.reason) }}\n  tell: { who: customer, to: \"${{ input.reason == 'damaged' ? 'a@example.org' : 'b@example.org' }}\", text: Hi }",
    ],
    ['no address', '- tell: { who: customer, text: Hi }', /^FIRN302 .*`to` is missing/],
    [
      'address of a role',
      '- tell: { who: returns-desk, to: a@example.org, text: Hi }',
      /^FIRN301 `to` is not for a role/,
    ],
    ['nobody', '- tell: { who: custommer, text: Hi }', /^FIRN314 .*did you mean "customer"/],
    ['channel', '- tell: { who: returns-desk, via: dsk, text: Hi }', /^FIRN315 .*did you mean "desk"/],
    ['not in this version', '- tell: { who: returns-desk, text: Hi, due: 3d }', /^FIRN301 .*"due"/],
    ['a map in the text', '- tell: { who: returns-desk, text: "${{ order }}" }', /^FIRN209/],
    [
      'what may not have happened',
      '- tell: { who: returns-desk, text: "${{ refund.id }}" }\n- id: refund\n  create: { in: shop.refunds, values: { order_id: a, amount: 1 } }',
      /^FIRN20[46]/,
    ],
  ]);
});

describe('endings', () => {
  check([
    [
      "a type that is the engine's",
      '- fail: { type: timeout, message: x }',
      /^FIRN306 "timeout" is a failure that the engine itself gives/,
    ],
    ['a type that is no word', '- fail: { type: Bad-Order, message: x }', /^FIRN306/],
    ['parts missing', '- fail: {}', /^FIRN302 .*"type"/, /^FIRN302 .*"message"/],
    ['a number as reason', '- refuse: "${{ order.total }}"', /^FIRN209/],
    ['return leaves out what is absent', '- return: { a: "${{ order.?note }}" }'],
    ['return of a text', '- return: done', /^FIRN300/],
    ['nothing runs behind an end', '- refuse: no\n- set: { a: 1 }', /^FIRN411/],
    ['set of nothing', '- set: {}', /^FIRN300 `set` is empty/],
  ]);
});

describe('nodes', () => {
  function nodeOf(steps: string, verb: Node['verb']): Node | undefined {
    const { plan, problems } = compileSteps(`${steps}\n`);
    if (plan === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
    return plan.nodes.find((node) => node.verb === verb);
  }
  it('list has its default limit', () => {
    expect(nodeOf('- list: { from: shop.orders, order_by: [id, total desc, email asc] }', 'list')).toMatchObject({
      limit: 100,
      first: false,
      order_by: ['id', 'total desc', 'email'],
      where: { is: 'map', entries: [] },
    });
  });
  it('first takes so many', () => {
    expect(nodeOf('- list: { from: shop.orders, first: 3 }', 'list')).toMatchObject({ limit: 3, first: true });
  });
  it('else comes last, wherever it stands', () => {
    const node = nodeOf('- switch: { of: "${{ order.status }}", cases: { else: {}, processing: {} } }', 'switch');
    expect(node?.verb === 'switch' && node.cases.map(({ is }) => is)).toEqual(['processing', undefined]);
  });
  it('an approval names its steps by index', () => {
    const { plan } = compileSteps(`- approve: { for: [refund], by: returns-desk }\n${REFUND}\n`);
    const approval = plan?.nodes.find((node) => node.verb === 'approve');
    const bound = approval?.verb === 'approve' ? approval.for.map((index) => plan?.nodes[index]?.id) : [];
    expect(bound).toEqual(['refund']);
  });
  it('a policy brings all its versions', () => {
    expect(nodeOf('- id: terms\n  policy: { of: returns, at: "${{ order.ordered_at }}" }', 'policy')).toMatchObject({
      versions: [
        {
          id: '2024',
          from_ms: Date.parse('2024-01-01T00:00:00Z'),
          until_ms: Date.parse('2025-06-01T00:00:00Z'),
          result: { days: 14, id: '2024' },
        },
        { id: '2025-06', from_ms: Date.parse('2025-06-01T00:00:00Z'), result: { days: 30, id: '2025-06' } },
      ],
    });
  });
  it('a wait knows its time', () => {
    expect(nodeOf('- wait: { for: 1h30m }', 'wait')).toMatchObject({ how: 'for', literal_ms: 5_400_000 });
    expect(nodeOf('- wait: { until: 2026-01-01T00:00:00+01:00 }', 'wait')).toMatchObject({
      how: 'until',
      literal_ms: Date.parse('2025-12-31T23:00:00Z'),
    });
  });
  it('a question has its answers in order, its rules by id or number', () => {
    const steps = decideWith(
      'rules: [{ when: "${{ order.total > 1 }}", answer: damaged }, { id: x, when: "${{ order.total > 0 }}", answer: damaged }]\notherwise: returns-desk',
    );
    expect(nodeOf(steps, 'decide')).toMatchObject({
      ask: 'Why?',
      accept: 0.9,
      otherwise: 'returns-desk',
      answers: [
        { answer: 'damaged', is: 'It broke', hints: [] },
        { answer: 'not_arrived', is: 'It never came', hints: [] },
      ],
      rules: [{ id: '1' }, { id: 'x' }],
    });
  });
});
