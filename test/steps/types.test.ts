/** What is certain, what may be absent and what is not known, through every block: steps, and the problem or none. */
import { describe, expect, it } from 'vitest';
import { problemsOf } from './definitions.js';

type Case = readonly [name: string, steps: string, ...problems: RegExp[]];

function check(cases: readonly Case[]): void {
  it.each(cases.map((one) => ({ name: one[0], one })))('$name', ({ one: [, steps, ...problems] }) => {
    expect(problemsOf(`${steps}\n`)).toEqual(problems.map((problem): unknown => expect.stringMatching(problem)));
  });
}

/** A step that reads this of what was before. */
const reads = (expression: string): string => `\n- id: after\n  set: { value: "\${{ ${expression} }}" }`;

const EACH = (rest: string): string =>
  `- id: all\n  list: { from: shop.orders }\n- id: each\n  for_each: { in: "\${{ all }}", ${rest} }`;
const DELIVERED = '"${{ item.?delivered_at }}"';

describe('for_each', () => {
  check([
    ['a field of each item', `${EACH('output: { id: "${{ item.id }}" }')}${reads('each[0].id')}`],
    [
      'a field that may be absent',
      `${EACH(`output: { at: ${DELIVERED} }`)}${reads('each[0].at')}`,
      /^FIRN207 "at" may be/,
    ],
    [
      'a nullable column of an item',
      EACH('output: { at: "${{ item.delivered_at }}" }'),
      /^FIRN207 "item.delivered_at"/,
    ],
    [
      'a fact about an item inside',
      EACH('steps: [{ when: "${{ has(item.delivered_at) }}", set: { a: "${{ item.delivered_at + span(\'1d\') }}" } }]'),
    ],
    [
      'an end that was not taken, inside',
      EACH('steps: [{ when: "${{ !has(item.note) }}", refuse: none }, { set: { a: "${{ upper(item.note) }}" } }]'),
    ],
    [
      'collected: nothing of an item is certain',
      `${EACH('on_error: collect, output: { id: "${{ item.id }}" }')}${reads('each[0].id')}`,
      /^FIRN207/,
    ],
    [
      'collected: the failure',
      `${EACH('on_error: collect, output: { id: "${{ item.id }}" }')}${reads('each.filter(x, has(x.error)).map(x, x.error.message)')}`,
    ],
    [
      'no such field',
      `${EACH('output: { id: "${{ item.id }}" }')}${reads('each[0].idd')}`,
      /^FIRN205 .*did you mean "id"/,
    ],
    ['an item has no such field', EACH('output: { id: "${{ item.idd }}" }'), /^FIRN205 "item" has no field "idd"/],
    ['items are gone behind it', `${EACH('output: {}')}${reads('item.id')}`, /^FIRN204/],
    ['the list is one', `${EACH('output: { n: "${{ item.total }}" }')}${reads('sum(each.map(x, x.n))')}`],
  ]);
});

const REPEAT = (rest: string): string => `- id: again\n  repeat: { at_most: 3, ${rest} }`;

describe('repeat', () => {
  check([
    [
      '`last` counts',
      REPEAT(
        'until: "${{ pass > 2 }}", steps: [{ set: { a: "${{ last.?n.orValue(0) + 1 }}" } }], output: { n: "${{ last.?n.orValue(0) + 1 }}" }',
      ) + reads('again.n + 1'),
    ],
    [
      '`last` is text',
      REPEAT(
        'until: "${{ pass > 2 }}", steps: [{ wait: { for: 1s } }], output: { t: "${{ last.?t.orValue(\'\') + \'x\' }}" }',
      ) + reads('upper(again.t)'),
    ],
    [
      '`last` is text, not a number',
      REPEAT('until: "${{ pass > 2 }}", steps: [{ set: { a: "${{ last.?t.orValue(\'\') + 1 }}" } }], output: { t: x }'),
      /^FIRN208 .*text and a (whole )?number do not go together/,
    ],
    [
      '`last` is a list that grows',
      REPEAT(
        'until: "${{ pass > 2 }}", steps: [{ wait: { for: 1s } }], output: { l: "${{ last.?l.orValue([]) + [pass] }}" }',
      ) + reads('sum(again.l)'),
    ],
    [
      '`last` has no such field',
      REPEAT('until: "${{ pass > 2 }}", steps: [{ set: { a: "${{ last.?m.orValue(1) }}" } }], output: { n: 1 }'),
      /^FIRN205 "last" has no field "m"/,
    ],
    [
      '`last` may be absent',
      REPEAT('until: "${{ pass > 2 }}", steps: [{ set: { a: "${{ last.n }}" } }], output: { n: 1 }'),
      /^FIRN207 "last.n" may be absent/,
    ],
    [
      'a value that swings between two fields',
      REPEAT(
        'until: "${{ pass > 2 }}", steps: [{ wait: { for: 1s } }], output: { a: "${{ last.?b.orValue(\'x\') }}", b: "${{ last.?a.orValue(\'y\') }}" }',
      ) + reads('upper(again.a)'),
    ],
    [
      'one inside another',
      REPEAT(
        'until: "${{ pass > 2 }}", output: { n: "${{ inner.n }}" }, steps: [{ id: inner, try: { steps: [{ set: { x: "${{ last.?n.orValue(0) * 2 }}" } }], output: { n: 4 }, finally: [{ set: { y: 1 } }] } }]',
      ) + reads('again.n + 1'),
    ],
    [
      'what `until` says is there is there behind it',
      REPEAT(
        'until: "${{ has(seen.delivered_at) && seen.total > 1 }}", steps: [{ id: seen, read: { from: shop.orders, where: { id: a } } }], output: { at: "${{ seen.?delivered_at }}" }',
      ) + reads("again.at + span('1d')"),
    ],
    [
      'what it does not say is not',
      REPEAT(
        'until: "${{ has(seen.delivered_at) || seen.total > 1 }}", steps: [{ id: seen, read: { from: shop.orders, where: { id: a } } }], output: { at: "${{ seen.?delivered_at }}" }',
      ) + reads('again.at'),
      /^FIRN207 "again.at" may be absent/,
    ],
    [
      'inside, in the pass before, it may be absent',
      REPEAT(
        'until: "${{ has(seen.delivered_at) }}", steps: [{ id: seen, read: { from: shop.orders, where: { id: a } } }, { set: { x: "${{ last.at }}" } }], output: { at: "${{ seen.?delivered_at }}" }',
      ),
      /^FIRN207 "last.at" may be absent/,
    ],
    [
      'steps inside are seen by `until`, and not behind it',
      REPEAT(
        'until: "${{ found.status == \'delivered\' }}", steps: [{ id: found, read: { from: shop.orders, where: { id: a } } }]',
      ) + reads('found.id'),
      /^FIRN206 "found" cannot be read here/,
    ],
  ]);
});

describe('branches', () => {
  const SWITCH = (one: string, other: string): string =>
    `- id: s\n  switch: { of: "\${{ order.status == 'delivered' }}", cases: { true: ${one}, false: ${other} } }`;
  const RACE = (one: string, other: string): string => `- id: s\n  race: { one: ${one}, other: ${other} }`;
  check([
    ['a field of one branch', `${SWITCH('{ output: { a: 1 } }', '{}')}${reads('s.a')}`, /^FIRN207 "s.a" may be absent/],
    ['a field of both', `${SWITCH('{ output: { a: 1 } }', '{ output: { a: 2 } }')}${reads('s.a + 1')}`],
    [
      'a branch that ends does not count',
      `${SWITCH('{ output: { a: 1 } }', '{ steps: [{ refuse: no }] }')}${reads('s.a')}`,
    ],
    ['two types', SWITCH('{ output: { a: 1 } }', '{ output: { a: x } }'), /^FIRN412 "a" is/],
    [
      'a race: a field of one',
      `${RACE('{ output: { a: 1 } }', '{ output: { b: 1 } }')}${reads('s.a')}`,
      /^FIRN207 "s.a" may be absent/,
    ],
    ['a race: who won', `${RACE('{ output: { a: 1 } }', '{ output: { b: 1 } }')}${reads("s.winner == 'one' ? 1 : 2")}`],
    [
      'a race: nobody of that name',
      `${RACE('{ output: { a: 1 } }', '{ output: { b: 1 } }')}${reads("s.winner == 'two'")}`,
      /^FIRN213/,
    ],
    [
      'parallel: fields of each branch by itself',
      `- id: s\n  parallel: { one: { output: { a: 1 } }, other: { output: { b: x } } }${reads('s.one.a + size(s.other.b)')}`,
    ],
    [
      'parallel: the other has no such field',
      `- id: s\n  parallel: { one: { output: { a: 1 } }, other: { output: { b: x } } }${reads('s.other.a')}`,
      /^FIRN205 "s.other" has no field "a"/,
    ],
  ]);
});

describe('try', () => {
  const TRY = (rest: string): string => `- id: t\n  try: { steps: [{ id: in_try, set: { x: 1 } }], ${rest} }`;
  check([
    [
      'a field of the body only',
      `${TRY('output: { a: 1 }, catch: [{}]')}${reads('t.a')}`,
      /^FIRN207 "t.a" may be absent/,
    ],
    ['a field of both', `${TRY('output: { a: 1 }, catch: [{ output: { a: 2 } }]')}${reads('t.a + 1')}`],
    [
      'a catch that ends',
      `${TRY('output: { a: 1 }, catch: [{ steps: [{ refuse: "${{ e.message }}" }] }]')}${reads('t.a')}`,
    ],
    [
      'the failure',
      TRY('catch: [{ output: { s: "${{ e.?status.orValue(0.0) }}", m: "${{ e.message + e.type + e.step }}" } }]'),
    ],
    ['its status may be absent', TRY('catch: [{ output: { s: "${{ e.status }}" } }]'), /^FIRN207 "e.status"/],
    ['steps of the body are not seen in a catch', TRY('catch: [{ output: { s: "${{ in_try.x }}" } }]'), /^FIRN206/],
    ['the failure is gone behind it', `${TRY('catch: [{}]')}${reads('e.message')}`, /^FIRN204/],
  ]);
});

describe('results from outside', () => {
  const CALL = '- id: c\n  call: { workflow: note, with: { order_id: a } }';
  const RECEIVE = '- id: m\n  receive: { message: mail, fields: { text: string, n?: integer } }';
  check([
    ['call: output may be absent', `${CALL}${reads('c.output')}`, /^FIRN207 "c.output" may be absent/],
    [
      'call: none of its fields is certain',
      `${CALL}${reads('has(c.output) ? c.output.amount : 1.5')}`,
      /^FIRN207 "c.output.amount"/,
    ],
    [
      'call: with the type that it has',
      `${CALL}${reads('has(c.output) && has(c.output.amount) ? c.output.amount + 1 : 1.5')}`,
    ],
    ['call: no such field', `${CALL}${reads("c.?output.?txt.orValue('')")}`, /^FIRN205 .*did you mean "text"/],
    ['call: how it ended', `${CALL}${reads("c.ended == 'failed'")}`, /^FIRN213/],
    ['receive: a field', `${RECEIVE}${reads('upper(m.text)')}`],
    ['receive: a field that may be absent', `${RECEIVE}${reads('m.n')}`, /^FIRN207 "m.n" may be absent/],
    ['receive: when', `${RECEIVE}${reads("m.at + span('1d')")}`],
    [
      'use: what it declares',
      `- id: u\n  use: { activity: track_parcel, with: { order_id: a } }${reads('upper(u.place)')}`,
    ],
    [
      'use: what may be absent',
      `- id: u\n  use: { activity: track_parcel, with: { order_id: a } }${reads('u.arrives')}`,
      /^FIRN207 "u.arrives"/,
    ],
    [
      'use: nothing is declared: said once, where it is first computed with',
      `- id: u\n  use: { activity: ring_bell }${reads('u.?n.orValue(1) + 1')}\n- set: { b: "\${{ u.?n.orValue(1) * 2 }}" }\n- set: { c: "\${{ u.?m.orValue(1) > 2 }}" }`,
      /^FIRN456 \(warning\) the type of "u" is not declared.*declare it where it comes from/,
    ],
    ['use: and not where it is handed on', `- id: u\n  use: { activity: ring_bell }${reads('u')}`],
    [
      'sql without `returns`: rows of unknown type',
      `- id: q\n  sql: { connection: shop, query: select 1 as n }${reads('q[0].?n.orValue(1) + 1')}`,
      /^FIRN456 \(warning\)/,
    ],
    [
      'sql with `returns`',
      `- id: q\n  sql: { connection: shop, query: select 1 as n, returns: { n: integer, m?: string } }${reads('q[0].n + 1')}`,
    ],
    [
      'unknown through a set',
      `- id: u\n  use: { activity: ring_bell }\n- id: s\n  set: { v: "\${{ u }}" }${reads('s.v == 1')}`,
      /^FIRN456 \(warning\) the type of "u" is not declared/,
    ],
    [
      'unknown in a sink',
      '- id: b\n  use: { activity: ring_bell }\n- tell: { who: customer, to: "${{ b }}", text: Hello }',
      /^FIRN407/,
      /^FIRN456 \(warning\) the type of "b"/,
    ],
    [
      'a person: what may be absent',
      `- id: p\n  ask: { what: x, by: returns-desk, form: { a: string, b?: number } }${reads('p.b')}`,
      /^FIRN207/,
    ],
    ['a person: who', `- id: p\n  ask: { what: x, by: returns-desk, form: { a: string } }${reads('p.by + p.a')}`],
  ]);
});
