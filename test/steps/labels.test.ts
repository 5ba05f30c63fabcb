/** Who wrote a value, through everything that it can go through: what may choose who is told, and by which way it came. */
import { describe, expect, it } from 'vitest';
import { problemsOf } from './definitions.js';

/** Name, steps before a `tell`, its address, then the way that the problem shows; without one the address is clean. */
type Case = readonly [name: string, steps: string, to: string, way?: string];

function telling(steps: string, to: string): string {
  return `${steps === '' ? '' : `${steps}\n`}- tell: { who: customer, to: "\${{ ${to} }}", text: Hello }\n`;
}

const RECEIVED = '- id: mail\n  receive: { message: mail, fields: { to: string, kind: [a, b] } }';
const SET = '- id: s\n  set:';
const INPUT = 'input.order_id';

const CASES: readonly Case[] = [
  ['input', '', INPUT, 'input.order_id -> tell.to'],
  ['an enumeration of the input', '', "input.?reason.orValue('damaged')"],
  ['a part of it', '', `upper(${INPUT})`, 'input.order_id -> tell.to'],
  ['a trusted column', '', 'order.email'],
  ['a column', '', 'order.id', 'order.id -> tell.to'],
  ['a choice by the input among what is clean', '', `${INPUT} == 'x' ? order.email : 'a@example.org'`],
  ['a choice with one that is not', '', `${INPUT} == 'x' ? order.id : 'a@example.org'`, 'order.id -> tell.to'],
  ['a place in a list of the author, chosen from outside', '', `['a@x.org', 'b@x.org'][size(${INPUT}) % 2]`],
  ['a field of a map of the author', '', "{'a': order.email, 'b': order.id}.a"],
  ['the other field', '', "{'a': order.email, 'b': order.id}.b", 'order.id -> tell.to'],
  ['set keeps them apart: clean', `${SET} { a: "\${{ order.email }}", b: "\${{ ${INPUT} }}" }`, 's.a'],
  [
    'set keeps them apart: not',
    `${SET} { a: "\${{ order.email }}", b: "\${{ ${INPUT} }}" }`,
    's.b',
    'input.order_id -> s.b -> tell.to',
  ],
  [
    'two steps',
    `${SET} { a: "\${{ ${INPUT} }}" }\n- id: t\n  set: { b: { c: "To \${{ s.a }}" } }`,
    't.b.c',
    'input.order_id -> s.a -> t.b.c -> tell.to',
  ],
  [
    'a map of an expression',
    `${SET} { a: "\${{ {'x': ${INPUT}, 'y': order.email} }}" }`,
    's.a.x',
    'input.order_id -> s.a.x -> tell.to',
  ],
  ['its other field', `${SET} { a: "\${{ {'x': ${INPUT}, 'y': order.email} }}" }`, 's.a.y'],
  ['what a person wrote', '- id: a\n  ask: { what: To whom?, by: returns-desk, form: { to: string } }', 'a.to'],
  ['a message', RECEIVED, 'mail.to', 'mail.to -> tell.to'],
  ['an enumeration of a message', RECEIVED, 'mail.kind'],
  ['the own ticket', '', 'run.ticket', 'run.ticket -> tell.to'],
  [
    'a switch: each field by itself',
    `- id: s\n  switch: { of: "\${{ order.status }}", cases: { delivered: { output: { a: "\${{ order.email }}", b: "\${{ ${INPUT} }}" } }, else: { output: { a: x@x.org, b: b } } } }`,
    's.a',
  ],
  [
    'a switch: the worst of its branches',
    `- id: s\n  switch: { of: "\${{ order.status }}", cases: { delivered: { output: { a: "\${{ order.email }}", b: "\${{ ${INPUT} }}" } }, else: { output: { a: x@x.org, b: b } } } }`,
    's.b',
    'input.order_id -> s.b -> tell.to',
  ],
  [
    'a switch that chooses among the own, by the input',
    `- id: s\n  switch: { of: "\${{ ${INPUT} }}", cases: { a: { output: { to: a@x.org } }, else: { output: { to: b@x.org } } } }`,
    's.to',
  ],
  [
    'parallel',
    `- id: p\n  parallel: { one: { output: { a: "\${{ ${INPUT} }}" } }, two: { output: { a: "\${{ order.email }}" } } }`,
    'p.one.a',
    'input.order_id -> p.one.a -> tell.to',
  ],
  [
    'the other branch',
    `- id: p\n  parallel: { one: { output: { a: "\${{ ${INPUT} }}" } }, two: { output: { a: "\${{ order.email }}" } } }`,
    'p.two.a',
  ],
  [
    'who won a race',
    '- id: r\n  race: { one: { output: { a: x } }, two: { steps: [{ wait: { for: 1h } }] } }',
    'r.winner',
  ],
  [
    'what a race gives',
    `- id: r\n  race: { one: { output: { a: "\${{ ${INPUT} }}" } }, two: { output: { a: x } } }`,
    'r.a',
    'input.order_id -> r.a -> tell.to',
  ],
  [
    'a failure',
    `- id: t\n  try: { steps: [{ set: { x: 1 } }], output: { m: fine }, catch: [{ output: { m: "\${{ e.message }}" } }] }`,
    't.m',
    'e.message -> t.m -> tell.to',
  ],
  [
    'items of a list',
    '- id: all\n  list: { from: shop.orders }\n- id: f\n  for_each: { in: "${{ all }}", output: { a: "${{ item.id }}", b: "${{ item.email }}" } }',
    'f[0].a',
    'all -> item.id -> f.a -> tell.to',
  ],
  [
    'a trusted column of items',
    '- id: all\n  list: { from: shop.orders }\n- id: f\n  for_each: { in: "${{ all }}", output: { a: "${{ item.id }}", b: "${{ item.email }}" } }',
    'f[0].b',
  ],
  ['a filtered list', '- id: all\n  list: { from: shop.orders }', "all.filter(o, o.status == 'delivered')[0].email"],
  ['a mapped list', '- id: all\n  list: { from: shop.orders }', 'all.map(o, o.email)[0]'],
  [
    'a mapped list that is not clean',
    '- id: all\n  list: { from: shop.orders }',
    'all.map(o, o.id)[0]',
    'all -> o.id -> tell.to',
  ],
  [
    'the pass before',
    `- id: r\n  repeat: { at_most: 3, until: "\${{ pass > 1 }}", steps: [{ set: { x: 1 } }], output: { a: "\${{ ${INPUT} }}", b: "\${{ last.?a.orValue('x@x.org') }}" } }`,
    'r.b',
    'input.order_id -> last.a -> r.b -> tell.to',
  ],
  [
    'a pass that is clean',
    `- id: r\n  repeat: { at_most: 3, until: "\${{ pass > 1 }}", steps: [{ set: { x: 1 } }], output: { b: "\${{ last.?b.orValue('x@x.org') }}" } }`,
    'r.b',
  ],
  [
    'what another workflow gives',
    '- id: c\n  call: { workflow: note, with: { order_id: a } }',
    "c.?output.?text.orValue('')",
    'c.output.text -> tell.to',
  ],
  [
    'the ticket of a called one',
    '- id: c\n  call: { workflow: note, with: { order_id: a }, detached: true }',
    'c.ticket',
  ],
  ['an activity', '- id: u\n  use: { activity: track_parcel, with: { order_id: a } }', 'u.place', 'u.place -> tell.to'],
  ['an activity that is trusted', '- id: u\n  use: { activity: find_address, with: { order_id: a } }', 'u.email'],
  ['a policy', '- id: p\n  policy: { of: returns, at: "${{ order.ordered_at }}" }', 'p.window'],
];

describe('who may be told', () => {
  it.each(CASES.map((one) => ({ name: one[0], one })))('$name', ({ one: [, steps, to, way] }) => {
    const found = problemsOf(telling(steps, to));
    if (way === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringContaining(`(${way}); nobody outside may choose who is told`)]);
  });
});

describe('other sinks', () => {
  it.each([
    [
      'send: to a ticket of the input',
      '- send: { to: "${{ input.order_id }}", message: paid }',
      'input.order_id -> send.to',
    ],
    ['send: to itself', '- send: { to: "${{ run.ticket }}", message: paid }'],
    ['send: text around it', '- send: { to: "x${{ run.ticket }}", message: paid }', 'run.ticket -> send.to'],
    ['send: a record', '- send: { to: "${{ order.id }}", message: paid }'],
    ['send: a message', `${RECEIVED}\n- send: { to: "\${{ mail.to }}", message: paid }`, 'mail.to -> send.to'],
    ['send: to whoever called', `- when: \${{ has(run.parent) }}\n  send: { to: "\${{ run.parent }}", message: paid }`],
    ['wait: for', '- wait: { for: "${{ span(input.order_id) }}" }', 'input.order_id -> wait.for'],
    ['wait: for what the author chose', `- wait: { for: "\${{ span(input.order_id == 'x' ? '1h' : '2h') }}" }`],
    ['wait: until a date of a record', '- wait: { until: "${{ order.ordered_at }}" }'],
    ['approve: not_by whoever asked', '- approve: { what: x, by: returns-desk, not_by: "${{ input.order_id }}" }'],
  ])('%s', (_name, steps, way?: string) => {
    const found = problemsOf(`${steps}\n`);
    if (way === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(/^FIRN450 /)]);
    if (way !== undefined) expect(found[0]).toContain(`(${way})`);
  });
});

describe('trusted columns', () => {
  const row = (email: string) =>
    `{ id: a, email: "${email}", status: processing, total: 1, ordered_at: 2026-03-01T00:00:00Z }`;
  it.each([
    ['the author', `- create: { in: shop.orders, values: ${row('a@x.org')} }`],
    ['the same column', '- update: { in: shop.orders, where: { id: a }, set: { email: "${{ order.email }}" } }'],
    [
      'input',
      `- create: { in: shop.orders, values: ${row('${{ input.order_id }}')} }`,
      'input.order_id -> shop.orders.email',
    ],
    [
      'a record that is not trusted',
      '- update: { in: shop.orders, where: { id: a }, set: { email: "${{ order.id }}" } }',
      'order.id -> shop.orders.email',
    ],
    [
      'one of several rows',
      `- create: { in: shop.orders, rows: [${row('a@x.org')}, ${row('${{ input.order_id }}')}] }`,
      'input.order_id -> shop.orders.email',
    ],
    [
      'rows of an expression',
      `- create: { in: shop.orders, rows: "\${{ [{'id': 'a', 'email': input.order_id, 'status': 'processing', 'total': 1, 'ordered_at': run.started_at}] }}" }`,
      'input.order_id -> shop.orders.email',
    ],
    [
      'a column that is not trusted',
      '- update: { in: shop.orders, where: { id: a }, set: { note: "${{ input.order_id }}" } }',
    ],
  ])('%s', (_name, steps, way?: string) => {
    const found = problemsOf(`${steps}\n`);
    if (way === undefined) expect(found).toEqual([]);
    else expect(found).toEqual([expect.stringMatching(/^FIRN451 firn\.yaml lists shop\.orders\.email as trusted/)]);
    if (way !== undefined) expect(found[0]).toContain(`(${way})`);
  });

  it.each([
    ['names it', 'update orders set email = ${{ input.order_id }}', true],
    ['writes whole rows', 'insert into orders select * from old_orders', true],
    ['writes another column', 'update orders set note = ${{ input.order_id }}', false],
    ['deletes', 'delete from orders where id = ${{ input.order_id }}', false],
    ['writes another table', "insert into refunds values (1, 'email')", false],
  ])('a statement that %s', (_name, text, warned) => {
    const found = problemsOf(`- sql: { connection: shop, execute: "${text}" }\n`);
    expect(found).toEqual(
      warned ? [expect.stringMatching(/^FIRN452 \(warning\) firn\.yaml lists email of shop\.orders/)] : [],
    );
  });
});
