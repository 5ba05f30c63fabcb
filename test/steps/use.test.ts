/** `use`: what is accepted, the exact problems of what is not, and what it asks when it runs. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../../language/plan/json.js';
import { use, type UseNode } from '../../language/steps/use.js';
import { compileSteps, problemsOf } from './definitions.js';
import { BASE, fakeHost, from, literal, map } from './fake-host.js';

const problems: readonly (readonly [name: string, steps: string, ...says: RegExp[]])[] = [
  ['an activity', '- use: { activity: track_parcel, with: { order_id: a } }'],
  ['an absent field leaves its key out', '- use: { activity: track_parcel, with: { order_id: a, carrier: dhl } }'],
  ['no arguments are needed', '- use: { activity: ring_bell }'],
  ['a tool', '- use: { activity: tools.create_ticket, with: { title: "${{ input.story }}" } }', /^FIRN207/],
  ['a tool with a dot in its name', '- use: { activity: tools.find.ticket, with: { id: a } }'],
  [
    'an activity that does not exist',
    '- use: { activity: track_parcle, with: { order_id: a } }',
    /^FIRN430 there is no activity "track_parcle" \| did you mean "track_parcel"\? known: track_parcel, find_address/,
  ],
  [
    'a tool that does not exist',
    '- use: { activity: tools.create_tickets, with: { title: a } }',
    /^FIRN430 tools has no tool "create_tickets" \| did you mean "create_ticket"/,
  ],
  ['a connection alone', '- use: { activity: tools }', /^FIRN430 "tools" is a connection \| name one of its tools/],
  [
    'a connection that does not exist',
    '- use: { activity: toolz.create_ticket, with: { title: a } }',
    /^FIRN311 there is no connection "toolz" \| did you mean "tools"/,
  ],
  [
    'a connection that `uses` does not list',
    '- use: { activity: locked_tools.create_ticket, with: { title: a } }',
    /^FIRN311 .*"locked_tools": `uses` does not list it/,
  ],
  [
    'a database',
    '- use: { activity: shop.orders }',
    /^FIRN424 the connection "shop" has no tools to use \| connections with tools: tools, locked_tools/,
  ],
  ['a computed name', '- use: { activity: "${{ order.id }}" }', /^FIRN300 what is used is named by the definition/],
  ['no name', '- use: { with: { a: 1 } }', /^FIRN302 .*"activity"/],
  ['a missing argument', '- use: { activity: track_parcel }', /^FIRN302 "order_id" is missing/],
  [
    'a misspelt argument',
    '- use: { activity: track_parcel, with: { orderid: a } }',
    /^FIRN302 "order_id" is missing/,
    /^FIRN301 "orderid" is not known here \| did you mean "order_id"/,
  ],
  [
    'an argument of another type',
    '- use: { activity: charge_card, with: { amount: "${{ order.id }}" } }',
    /^FIRN209 .*a number is needed/,
  ],
  [
    'a text that is none of those listed',
    '- use: { activity: track_parcel, with: { order_id: a, carrier: dhll } }',
    /^FIRN306 .*"dhl"/,
  ],
  ['all arguments at once', '- use: { activity: track_parcel, with: "${{ order }}" }', /^FIRN300 "with" must be a map/],
  [
    'a second attempt of what may be asked once',
    '- use: { activity: tools.create_ticket, with: { title: a } }\n  retry: { attempts: 3 }',
    /^FIRN431 "tools.create_ticket" is asked once/,
  ],
  [
    'a second attempt of what may be repeated',
    '- use: { activity: charge_card, with: { amount: 1 } }\n  retry: { attempts: 3 }',
  ],
  [
    'what comes from outside chooses nobody who is told',
    '- id: at\n  use: { activity: track_parcel, with: { order_id: a } }\n- tell: { who: customer, to: "${{ at.place }}", text: hello }',
    /^FIRN407 .*`\$\{\{ at.place \}\}`, written by another system/,
  ],
  [
    'what is declared trusted may',
    '- id: at\n  use: { activity: find_address, with: { order_id: a } }\n- tell: { who: customer, to: "${{ at.email }}", text: hello }',
  ],
  [
    'a field that may be absent',
    '- id: at\n  use: { activity: track_parcel, with: { order_id: a } }\n- set: { when: "${{ at.arrives }}", what: "${{ at.plce }}" }',
    /^FIRN207 "at.arrives" may be absent/,
    /^FIRN205 "at" has no field "plce"/,
  ],
  [
    'an undo',
    '- use: { activity: charge_card, with: { amount: 1 } }\n  undo: { use: { activity: charge_card, with: { amount: -1 } } }',
  ],
];

describe('compiles', () => {
  it.each(problems.map((one) => ({ name: one[0], one })))('$name', ({ one: [, steps, ...says] }) => {
    expect(problemsOf(`${steps}\n`)).toEqual(says.map((text): unknown => expect.stringMatching(text)));
  });

  it.each([
    ['track_parcel, with: { order_id: a }', 'read', undefined],
    ['charge_card, with: { amount: 1 }', 'repeatable', undefined],
    ['ring_bell', 'once', true],
  ])('%s has the effect that is declared', (what, effect, once) => {
    const { plan } = compileSteps(`- use: { activity: ${what} }\n`);
    const node = plan?.nodes.find(({ verb }) => verb === 'use');
    expect(node).toMatchObject({ effect });
    expect(node?.once).toBe(once);
  });
});

describe('runs', () => {
  const node: UseNode = {
    ...BASE,
    verb: 'use',
    activity: 'tools.create_ticket',
    with: map({ title: from('input.story'), urgent: literal(true) }),
    effect: 'once',
    once: true,
  };
  const values: Readonly<Record<string, Json>> = { 'input.story': 'It broke' };
  const request = { activity: 'tools.create_ticket', with: { title: 'It broke', urgent: true } };

  it('asks under the key of its place', async () => {
    const { host, noted } = fakeHost({ values, answer: { text: 'T-1' } });
    expect(await use.run(node, host)).toEqual({ kind: 'value', value: { text: 'T-1' } });
    expect(noted.calls).toEqual([{ ...request, effect: 'once', key: 'prefix/here' }]);
  });

  it('shows an approval what it would ask, and settling what it has asked', () => {
    const { host } = fakeHost({ values });
    expect(use.request?.(node, (value) => host.evaluate(value))).toEqual(request);
    const settling = { connection: 'tools', request: { ...request, effect: 'once' } };
    expect(use.settle?.(node, { ...request, key: 'k' })).toEqual(settling);
  });

  it('is a write unless it only reads', () => {
    const effect = (of: UseNode['effect']): unknown =>
      typeof use.effect === 'function' ? use.effect({ ...node, effect: of }) : use.effect;
    expect([effect('read'), effect('repeatable'), effect('once')]).toEqual(['read', 'write', 'write']);
    expect(use.summarize(node)).toBe('use tools.create_ticket');
    expect(use.say?.({ text: 'T-1', list: [] })).toBe('text T-1');
  });
});
