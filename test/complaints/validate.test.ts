/** Mistakes that other engines find at run time: each is a problem of `firn validate`, said once, in the author's words. */
import { describe, expect, it } from 'vitest';
import { problemsOf } from '../steps/definitions.js';

/** Name, steps, and what each problem says, in order. */
type Row = readonly [name: string, steps: string, ...problems: RegExp[]];

function rows(cases: readonly Row[]): void {
  it.each(cases.map((one) => ({ name: one[0], one })))('$name', ({ one: [, steps, ...problems] }) => {
    const said = problemsOf(steps);
    expect(said).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(said[index]).toMatch(problem);
  });
}

describe('a reference to what is not there', () => {
  rows([
    ['a step that is misspelt', '- set: { a: "${{ ordr.total }}" }', /^FIRN204 .*did you mean "order"/],
    ['a field that is misspelt', '- set: { a: "${{ order.totl }}" }', /^FIRN205 .*did you mean "total"/],
    ['an input that is not declared', '- set: { a: "${{ input.nam }}" }', /^FIRN205 "input" has no field "nam"/],
    ['a step that runs later', '- set: { a: "${{ later.n }}" }\n- id: later\n  set: { n: 1 }', /^FIRN206 .*runs later/],
    [
      'a step of a branch that may not have run',
      '- switch: { cases: [{ when: "${{ order.total > 5 }}", steps: [{ id: inner, set: { n: 1 } }] }, {}] }\n- set: { a: "${{ inner.n }}" }',
      /^FIRN206 .*only in a branch/,
    ],
    [
      'a step of the branch beside it',
      '- parallel: { one: { steps: [{ id: a, set: { n: 1 } }] }, two: { output: { n: "${{ a.n }}" } } }',
      /^FIRN206 "a" cannot be read here/,
    ],
    [
      'a field of a step that may be skipped',
      '- id: maybe\n  when: "${{ order.total > 5 }}"\n  set: { n: 1 }\n- set: { a: "${{ maybe.n }}" }',
      /^FIRN207 "maybe.n" may be absent/,
    ],
    ['a column that may be NULL', '- set: { a: "${{ order.note }}" }', /^FIRN207 "order.note" may be absent/],
    ['an optional input', '- set: { a: "${{ input.reason }}" }', /^FIRN207 "input.reason" may be absent/],
    ['a connection', '- read: { from: shp.orders, where: { id: a } }', /^FIRN311 .*did you mean "shop"/],
    ['a table', '- read: { from: shop.order, where: { id: a } }', /^FIRN312 .*did you mean "orders"/],
    ['a column', '- read: { from: shop.orders, where: { nam: a } }', /^FIRN313 .*no column "nam"/],
    ['a column that needs a value', '- create: { in: shop.refunds, values: { amount: 1 } }', /^FIRN317 .*order_id/],
    ['a workflow', '- call: { workflow: refnd, with: { order_id: A } }', /^FIRN440 .*did you mean "refund"/],
    [
      'an argument of a called workflow by another name',
      '- call: { workflow: refund, with: { wrong_name: A } }',
      /^FIRN302 "order_id" is missing/,
      /^FIRN301 "wrong_name" is not known here/,
    ],
    ['an argument that is left out', '- call: { workflow: refund }', /^FIRN302 "order_id" is missing/],
    [
      'an argument of another type',
      '- call: { workflow: refund, with: { order_id: "${{ order.total }}" } }',
      /^FIRN209 .*text is needed, and this is a number/,
    ],
    [
      'a field of what a called workflow gives',
      '- id: r\n  call: { workflow: refund, with: { order_id: A } }\n- set: { a: "${{ r.?output.?refnd.orValue(0) }}" }',
      /^FIRN205 .*did you mean "refund"/,
    ],
    ['an activity', '- use: { activity: track_parcell, with: { order_id: A } }', /^FIRN430 .*did you mean/],
    ['a policy', '- policy: { of: retuns, at: "${{ order.ordered_at }}" }', /^FIRN316 .*did you mean "returns"/],
    ['a role', '- tell: { who: returns-dsk, text: Hi }', /^FIRN314 .*did you mean "returns-desk"/],
    ['a step to approve', '- approve: { for: [refnd], by: returns-desk }', /^FIRN405 there is no later step "refnd"/],
    [
      'a failure to catch',
      '- try: { steps: [{ set: { a: 1 } }], catch: [{ on: [conflct] }] }',
      /^FIRN442 .*did you mean "conflict"/,
    ],
    [
      'a case that can never be',
      '- switch: { of: "${{ order.status }}", cases: { lost: {}, else: {} } }',
      /^FIRN401 .*no value "lost"/,
    ],
    [
      'a case that is left out',
      '- switch: { of: "${{ order.status }}", cases: { processing: {}, delivered: {} } }',
      /^FIRN400 no case for refunded/,
    ],
    ['types that do not go together', '- set: { a: "${{ order.total + \'x\' }}" }', /^FIRN208/],
    ['a condition that is none', '- when: "${{ order.total }}"\n  set: { a: 1 }', /^FIRN209 .*boolean is needed/],
    ['an expression with a mistake', '- set: { a: "${{ order.total > }}" }', /^FIRN200/],
    ['a loop over no list', '- for_each: { in: "${{ order.total }}", steps: [{ set: { a: 1 } }] }', /^FIRN209/],
  ]);
});

describe('one wrong key is one problem', () => {
  const create = 'values: { order_id: A, amount: 1 }';
  rows([
    ['a verb that is misspelt', `- crate: { in: shop.refunds, ${create} }`, /^FIRN305 .*did you mean "create"/],
    ['a key of a verb', '- create: { in: shop.refunds, value: { order_id: A } }', /^FIRN301 .*did you mean "values"/],
    ['a key that is no key', `- create: { in: shop.refunds, ${create}, colour: red }`, /^FIRN301 .*"colour"/],
    [
      'two verbs in one step',
      `- read: { from: shop.orders, where: { id: a } }\n  create: { in: shop.refunds, ${create} }`,
      /^FIRN304/,
    ],
    [
      'deep inside blocks',
      '- parallel: { a: { steps: [{ for_each: { in: "${{ [1] }}", steps: [{ st: { n: 1 } }] } }] }, b: {} }',
      /^FIRN305 .*did you mean "set"/,
    ],
    ['in a catch', '- try: { steps: [{ set: { a: 1 } }], catch: [{ one: [conflict] }] }', /^FIRN301 .*"one"/],
    ['a value of another shape', '- wait: { for: [1] }', /^FIRN300/],
  ]);
});

describe('one channel for data', () => {
  const exported = /^FIRN320 .*a result is read by the `id` of its step, and nothing is exported/;
  rows([
    ['no export', '- set: { a: 1 }\n  export: { as: x }', exported],
    ['no output beside a verb', '- set: { a: 1 }\n  output: { as: x }', exported],
    ['no context that is written', '- context: { a: 1 }', /^FIRN305 "context" is no verb/],
    ['no context that is read', '- set: { a: "${{ context.a }}" }', /^FIRN204 .*read by the id of its step/],
    ['no name given twice', '- id: a\n  set: { n: 1 }\n- id: a\n  set: { n: 2 }', /^FIRN308 the id "a" stands twice/],
    [
      'no name of a loop inside another',
      '- for_each: { in: "${{ [1] }}", as: n, steps: [{ for_each: { in: "${{ [1] }}", as: n, steps: [{ set: { a: 1 } }] } }] }',
      /^FIRN308 the name "n" is known here already/,
    ],
  ]);
});

describe('no clock and no chance in expressions', () => {
  rows([
    ['uuid()', '- set: { a: "${{ uuid() }}" }', /^FIRN203 there is no function "uuid"/],
    ['random()', '- set: { a: "${{ random() }}" }', /^FIRN203/],
    ['now()', '- set: { a: "${{ now() }}" }', /^FIRN203 .*an expression has no clock/],
    ["timestamp('now')", '- set: { a: "${{ timestamp(\'now\') }}" }', /^FIRN208/],
    ['a time of the run that moves', '- set: { a: "${{ run.now }}" }', /^FIRN205/],
    ['the environment', '- set: { a: "${{ env.HOME }}" }', /^FIRN204 .*nothing of the environment/],
  ]);
});

describe('a loop and an attempt have an end', () => {
  rows([
    [
      'repeat without a limit',
      '- repeat: { steps: [{ set: { a: 1 } }], until: "${{ true }}" }',
      /^FIRN302 .*"at_most"/,
    ],
    ['more passes than there may be', '- repeat: { at_most: 5000, until: "${{ true }}" }', /^FIRN319/],
    [
      'more attempts than there may be',
      '- read: { from: shop.orders, where: { id: a } }\n  retry: { attempts: 5000 }',
      /^FIRN319/,
    ],
  ]);
});
