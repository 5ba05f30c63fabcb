/** Each verb, run on a fake host: what it asks, with which key, and what it makes of the answer. */
import { describe, expect, it } from 'vitest';
import { formatInstant } from '../../language/expressions/instant.js';
import { Failure } from '../../language/plan/failure.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import type { Node } from '../../language/steps/index.js';
import { kindOf, kinds } from '../../language/steps/index.js';
import type { StepOutcome } from '../../language/steps/kind.js';
import { BASE, NOW_MS, expression, fakeHost, from, literal, map } from './fake-host.js';

const key = 'prefix/here';

async function run(node: Node, values: Readonly<Record<string, Json>> = {}, answer: Json = {}) {
  const { host, noted } = fakeHost({ values, answer });
  return { outcome: await kindOf(node).run(node, host), noted };
}

async function failureOf(node: Node, values: Readonly<Record<string, Json>>): Promise<Failure> {
  try {
    await run(node, values);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const byId = map({ id: from('input.order_id') });
const ids = { 'input.order_id': 'A-1' };

describe('data verbs ask for exactly this', () => {
  const columns = ['id', 'amount'];
  const row = map({ id: literal('r1'), amount: from('order.total') });
  const cases: readonly (readonly [string, Node, JsonMap])[] = [
    [
      'read',
      { ...BASE, verb: 'read', from: 'shop.orders', where: byId, optional: false },
      { from: 'shop.orders', where: { id: 'A-1' }, optional: false },
    ],
    [
      'list',
      { ...BASE, verb: 'list', from: 'shop.orders', where: map({}), order_by: ['id desc'], limit: 5, first: true },
      { from: 'shop.orders', where: {}, order_by: ['id desc'], limit: 5, first: true },
    ],
    [
      'list where',
      {
        ...BASE,
        verb: 'list',
        from: 'shop.orders',
        where: map({ total: map({ ge: literal(1), lt: literal(9) }) }),
        order_by: [],
        limit: 100,
        first: false,
      },
      { from: 'shop.orders', where: { total: { ge: 1, lt: 9 } }, order_by: [], limit: 100, first: false },
    ],
    [
      'create',
      { ...BASE, verb: 'create', in: 'shop.refunds', rows: row, many: false, columns },
      { in: 'shop.refunds', rows: [{ id: 'r1', amount: 12.5 }], many: false, key },
    ],
    [
      'create rows',
      { ...BASE, verb: 'create', in: 'shop.refunds', rows: from('input.rows'), many: true, columns },
      { in: 'shop.refunds', rows: [{ id: 'a' }, { id: 'b', amount: 2 }], many: true, key },
    ],
    [
      'update',
      {
        ...BASE,
        verb: 'update',
        in: 'shop.orders',
        where: byId,
        set: map({ status: literal('refunded') }),
        expect: 'one',
      },
      { in: 'shop.orders', where: { id: 'A-1' }, set: { status: 'refunded' }, expect: 'one', key },
    ],
    [
      'delete',
      { ...BASE, verb: 'delete', from: 'shop.refunds', where: byId, expect: 'any' },
      { from: 'shop.refunds', where: { id: 'A-1' }, expect: 'any', key },
    ],
  ];
  const values = { ...ids, 'order.total': 12.5, 'input.rows': [{ id: 'a' }, { id: 'b', amount: 2 }] };
  it.each(cases)('%s', async (_name, node, call) => {
    const { outcome, noted } = await run(node, values, { stored: true });
    expect(noted.calls).toEqual([call]);
    expect(outcome).toEqual({ kind: 'value', value: { stored: true } });
  });

  it.each(cases.filter(([, , call]) => 'key' in call))(
    '%s: what is approved is the call without its key',
    (_name, node, call) => {
      const { host } = fakeHost({ values });
      const request = kindOf(node).request?.(node, (value) => host.evaluate(value));
      expect({ ...request, key }).toEqual(call);
      expect(request).not.toHaveProperty('key');
    },
  );

  it.each([
    ['a field that is no column', { 'input.rows': [{ id: 'a', role: 'admin' }] }, /"role".*not one of its columns/],
    ['no rows', { 'input.rows': [] }, /0 rows/],
    ['a text as a row', { 'input.rows': ['x'] }, /should be a map, but is "x"/],
    ['too many rows', { 'input.rows': Array.from({ length: 1001 }, () => ({ id: 'a' })) }, /1001 rows.*1 to 1000/],
  ])('create refuses %s', async (_name, given, message) => {
    const node: Node = { ...BASE, verb: 'create', in: 'shop.refunds', rows: from('input.rows'), many: true, columns };
    const failure = await failureOf(node, given);
    expect([failure.code, failure.message]).toEqual(['invalid', expect.stringMatching(message)]);
  });

  it('update refuses to change nothing', async () => {
    const node: Node = { ...BASE, verb: 'update', in: 'shop.orders', where: byId, set: map({}), expect: 'one' };
    expect((await failureOf(node, ids)).message).toMatch(/every value of `set` is absent/);
  });
});

describe('policy', () => {
  const version = (id: string, from_: string, until?: string) => ({
    id,
    from: from_,
    from_ms: Date.parse(from_),
    ...(until === undefined ? {} : { until, until_ms: Date.parse(until) }),
    result: { id, days: id.length },
  });
  const versions = [
    version('old', '2024-01-01T00:00:00Z', '2025-01-01T00:00:00Z'),
    version('newer', '2025-06-01T00:00:00Z'),
  ];
  const node: Node = { ...BASE, verb: 'policy', of: 'returns', at: expression('order.ordered_at'), versions };
  it.each([
    ['the first instant', '2024-01-01T00:00:00Z', 'old'],
    ['the last instant', '2024-12-31T23:59:59.999Z', 'old'],
    ['the first instant of one without end', '2025-06-01T00:00:00Z', 'newer'],
    ['an instant with an offset', '2025-06-01T01:30:00+02:00', undefined],
    ['`until` itself', '2025-01-01T00:00:00Z', undefined],
    ['before all', '2023-12-31T23:59:59.999Z', undefined],
  ])('%s: %s', async (_name, at, id) => {
    const values = { 'order.ordered_at': at };
    if (id === undefined) {
      const failure = await failureOf(node, values);
      expect(failure.code).toBe('no_policy');
      expect(failure.message).toContain(formatInstant(Date.parse(at)));
      expect(failure.message).toContain(
        'old (from 2024-01-01T00:00:00Z until 2025-01-01T00:00:00Z), newer (from 2025-06-01T00:00:00Z)',
      );
    } else {
      expect((await run(node, values)).outcome).toEqual({ kind: 'value', value: { id, days: id.length } });
    }
  });
});

describe('switch', () => {
  const byValue: Node = {
    ...BASE,
    verb: 'switch',
    of: expression('v'),
    cases: [{ is: '1', block: 1 }, { is: 'true', block: 2 }, { is: 'pay', block: 3 }, { block: 9 }],
  };
  const closed: Node = { ...BASE, verb: 'switch', of: expression('v'), cases: [{ is: 'pay', block: 3 }] };
  const byCondition: Node = {
    ...BASE,
    verb: 'switch',
    cases: [{ when: expression('a'), block: 1 }, { when: expression('b'), block: 2 }, { block: 3 }],
  };
  it.each([
    ['a number by its text', byValue, { v: 1 }, 1],
    ['a boolean by its text', byValue, { v: true }, 2],
    ['a text', byValue, { v: 'pay' }, 3],
    ['else', byValue, { v: 'other' }, 9],
    ['the first that holds', byCondition, { a: true, b: true }, 1],
    ['the second', byCondition, { a: false, b: true }, 2],
    ['the last', byCondition, { a: false, b: false }, 3],
  ])('takes %s', async (_name, node, values, block) => {
    expect((await run(node, values)).outcome).toEqual({ kind: 'enter', block });
  });
  it('does not look at conditions behind the one that holds', async () => {
    expect((await run(byCondition, { a: true })).outcome).toEqual({ kind: 'enter', block: 1 });
  });
  it('fails on a value that the database got later', async () => {
    const failure = await failureOf(closed, { v: 'new' });
    expect([failure.code, failure.message]).toEqual(['invalid', 'v is "new", which is none of the cases: pay']);
  });
});

describe('endings and time', () => {
  const hour_ms = 3_600_000;
  const at = (ms: number): StepOutcome => ({ kind: 'value', value: { at: formatInstant(ms) ?? '' } });
  it.each<readonly [string, Node, Readonly<Record<string, Json>>, StepOutcome]>([
    [
      'set',
      { ...BASE, verb: 'set', values: map({ a: literal(1), b: from('x') }) },
      { x: 'y' },
      { kind: 'value', value: { a: 1, b: 'y' } },
    ],
    [
      'return',
      { ...BASE, verb: 'return', output: map({ order: from('x') }) },
      { x: 'A-1' },
      { kind: 'return', output: { order: 'A-1' } },
    ],
    [
      'refuse',
      { ...BASE, verb: 'refuse', reason: from('terms.text') },
      { 'terms.text': 'too late' },
      { kind: 'refuse', reason: 'too late' },
    ],
    [
      'fail',
      { ...BASE, verb: 'fail', type: 'bad_order', message: literal('no') },
      {},
      { kind: 'fail', code: 'bad_order', message: 'no' },
    ],
    ['wait for', { ...BASE, verb: 'wait', how: 'for', literal_ms: hour_ms }, {}, at(NOW_MS + hour_ms)],
    [
      'wait for a computed time',
      { ...BASE, verb: 'wait', how: 'for', computed: expression('d') },
      { d: 2 * hour_ms },
      at(NOW_MS + 2 * hour_ms),
    ],
    [
      'wait for less than nothing',
      { ...BASE, verb: 'wait', how: 'for', computed: expression('d') },
      { d: -5 },
      at(NOW_MS),
    ],
    [
      'wait until',
      { ...BASE, verb: 'wait', how: 'until', computed: expression('t') },
      { t: '2026-03-02T00:00:00Z' },
      at(Date.parse('2026-03-02T00:00:00Z')),
    ],
    [
      'wait until what has passed',
      { ...BASE, verb: 'wait', how: 'until', literal_ms: NOW_MS - hour_ms },
      {},
      at(NOW_MS),
    ],
  ])('%s', async (_name, node, values, outcome) => {
    expect((await run(node, values)).outcome).toEqual(outcome);
  });
});

describe('tell', () => {
  it('gives everything to the activity', async () => {
    const text = { is: 'text', parts: ['Order ', expression('order.id'), ' is paid'] } as const;
    const node: Node = {
      ...BASE,
      verb: 'tell',
      who: 'customer',
      to: from('order.email'),
      via: 'mail',
      subject: literal('Paid'),
      text,
    };
    const { noted, outcome } = await run(
      node,
      { 'order.email': 'm@example.org', 'order.id': 'A-1' },
      { at: '2026-03-01T12:00:00Z' },
    );
    expect(noted.calls).toEqual([
      {
        who: 'customer',
        to: 'm@example.org',
        via: 'mail',
        subject: 'Paid',
        text: 'Order A-1 is paid',
        ticket: 'refund-7K3M9-QXA4T',
        key,
      },
    ]);
    expect(outcome).toEqual({ kind: 'value', value: { at: '2026-03-01T12:00:00Z' } });
  });
  it('says null where nothing is said', async () => {
    const node: Node = { ...BASE, verb: 'tell', who: 'returns-desk', text: literal('look') };
    const [call] = (await run(node)).noted.calls;
    expect(call).toEqual({
      who: 'returns-desk',
      to: null,
      via: null,
      subject: null,
      text: 'look',
      ticket: 'refund-7K3M9-QXA4T',
      key,
    });
  });
});

describe('words', () => {
  it.each<readonly [Node, string]>([
    [{ ...BASE, verb: 'read', from: 'shop.orders', where: byId, optional: false }, 'read shop.orders where id'],
    [
      { ...BASE, verb: 'list', from: 'shop.orders', where: map({}), order_by: [], limit: 1, first: false },
      'list shop.orders',
    ],
    [
      { ...BASE, verb: 'create', in: 'shop.refunds', rows: literal({}), many: false, columns: [] },
      'create shop.refunds',
    ],
    [
      { ...BASE, verb: 'delete', from: 'shop.refunds', where: map({ id: literal(1), a: literal(2) }), expect: 'one' },
      'delete shop.refunds where id and a',
    ],
    [
      { ...BASE, verb: 'policy', of: 'returns', at: expression('order.ordered_at'), versions: [] },
      'policy returns in force at order.ordered_at',
    ],
    [{ ...BASE, verb: 'wait', how: 'for', literal_ms: 5_400_000 }, 'wait 1h30m'],
    [{ ...BASE, verb: 'tell', who: 'customer', text: literal('') }, 'tell the customer'],
    [{ ...BASE, verb: 'approve', for: [3], steps: ['refund'], by: 'returns-desk' }, 'returns-desk approves refund'],
    [{ ...BASE, verb: 'decide', ask: 'Why?', answers: [], rules: [], accept: 0.9 }, 'ask: Why?'],
    [{ ...BASE, verb: 'return', output: map({ a: literal(1) }) }, 'return a'],
  ])('$0.verb', (node, words) => {
    expect(kindOf(node).summarize(node)).toBe(words);
  });

  it.each<readonly [keyof typeof kinds, Json, string]>([
    ['read', { total: 5, id: 'A-1001' }, 'A-1001'],
    ['read', { email: 'x' }, 'x'],
    ['read', {}, 'no row'],
    ['list', [{ id: 1 }, { id: 2 }], '2 rows'],
    ['create', { id: 7 }, '7'],
    ['update', [], '0 rows'],
    ['policy', { days: 30, id: '2025-06' }, '2025-06'],
    ['decide', { answer: 'damaged', by: 'encoder', probability: 0.934 }, 'damaged (encoder, 0.93)'],
    ['decide', { answer: 'pay', by: 'rule', rule: 'small' }, 'pay (rule small)'],
    ['decide', { answer: 'pay', by: 'person' }, 'pay (person)'],
    ['approve', { approved: true, by: 'maria', comment: '' }, 'approved by maria'],
    ['approve', { approved: false, comment: 'nobody decided in time' }, 'rejected: nobody decided in time'],
    ['set', { a: 1, b: 'x', c: true, d: 4, e: {} }, 'a 1, b x, c true, …'],
  ])('%s says %j', (verb, result, words) => {
    expect(kinds[verb].say?.(result)).toBe(words);
  });

  it('every kind stands under its own verb', () => {
    expect(Object.entries(kinds).map(([verb, kind]) => [verb, kind.verb])).toEqual(
      Object.keys(kinds).map((verb) => [verb, verb]),
    );
  });
});
