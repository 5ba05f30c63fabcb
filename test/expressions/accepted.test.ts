/** Expressions that are accepted, and what they give. */
import { describe, expect, test } from 'vitest';
import type { Json } from '../../language/plan/json.js';
import { parseJson } from '../../store/values.js';
import { run } from './given.js';

const BOTH_AT = {
  order: {
    id: 'A-1',
    total: 12.5,
    status: 'delivered',
    email: 'e',
    paid: true,
    ordered_at: '2026-02-01T09:00:00Z',
    delivered_at: '2026-02-20T00:00:00.250Z',
  },
};

const CASES: readonly (readonly [string, Json, Record<string, Json>?])[] = [
  // one number type
  ['1 == 1.0', true],
  ['7 / 2 == 3.5', true],
  ['7 / 2', 3.5],
  ['order.paid ? order.total : 0', 12.5],
  ['order.total + 1', 13.5],
  ['order.total * 2 + size(lines) / 2 == 26', true],
  ['2 * size(lines)', 4],
  ['10 % 4', 2],
  ['-7 % 4', -3],
  ['1e3 + 0x10', 1016],
  ['-(1 - 3)', 2],
  ['1 - 2 - 3', -4],
  ['2 * (3 + 4)', 14],
  ['terms.limit - 1', 19],
  ['0 * -1', 0],
  ['lines[0].price', 2.5],
  ['lines[size(lines) - 1].sku', 'y'],
  ['list[terms.limit / 10]', 2],
  ['[10, 20, 30][1]', 20],
  ['list[?0].orValue(9)', 3],
  ['list[?7].orValue(9)', 9],
  ['string(12)', '12'],
  ['string(order.total)', '12.5'],
  ["'a' + string(1 + 1)", 'a2'],
  ["double('12.50')", 12.5],
  ['order.total in [12.5, 3]', true],
  ['[1, 2] + [3]', [1, 2, 3]],
  ['[1, 2.0] == [1.0, 2]', true],
  // logic, choice, text
  ["order.status == 'sent' && !(order.total > 20)", true],
  ["order.status in ['sent', 'delivered']", true],
  ["!order.paid || order.id.startsWith('A-')", true],
  ["order.id.contains('-') && order.id.endsWith('1') && order.id.matches('^[A-Z]-[0-9]+$')", true],
  ["order.paid ? 'yes' : 'no'", 'yes'],
  ["'say \"hi\"\\n' + 'é\\u00e9😀'", 'say "hi"\né\u00e9😀'],
  ["r'a\\d' + \"'\"", "a\\d'"],
  ["'''it's'''", "it's"],
  ["size('😀')", 1],
  ["'a' < 'b'", true],
  // absence
  ["input.?message.orValue('')", ''],
  ["has(input.reason) ? input.reason : 'damaged'", 'damaged'],
  ["has(input.address) && input.address.city == 'Oslo'", true],
  ["input.?address.?zip.orValue('none')", 'none'],
  ["input.?address.city.orValue('none')", 'Oslo'],
  ["input.?message.or(order.?note).orValue('-')", '-'],
  ["!has(order.note) || order.note == 'x'", true],
  ['has(order.total)', true],
  ["has(input.?address.zip) ? input.address.zip : 'no zip'", 'no zip'],
  ['lines.filter(l, has(l.note)).map(l, l.note)', ['blue']],
  ["lines.map(l, l.?note.orValue('-'))", ['blue', '-']],
  ["lines.exists(l, has(l.note) && l.note == 'blue')", true],
  // values of unknown type
  ['has(reply.body.n) && reply.body.n > 2', true],
  ['reply.body.?gone.orValue(7)', 7],
  ["reply.headers[?'content-type'].orValue('')", 'text/plain'],
  ['reply.body.?tags.orValue([])', ['a', 'b']],
  ['reply.body', { ok: true, n: 3, tags: ['a', 'b'] }],
  ["has(reply.body.n) && reply.body.n == 'three'", false],
  // macros
  ['lines.all(l, l.price > 1)', true],
  ['lines.exists_one(l, l.count == 2)', true],
  ['lines.map(l, l.price * l.count)', [5, 7.5]],
  ['sum(lines.map(l, l.price * l.count))', 12.5],
  ['lines.filter(l, l.price > 5)[0].sku', 'y'],
  ['lines.exists(a, lines.exists(b, a.sku != b.sku && a.price < b.price))', true],
  ["lines.map(order, order.sku + '!')", ['x!', 'y!']],
  // names that CEL has for itself
  ['list.map(list, list * 2)', [6, 2, 4]],
  // library
  ['sum(list)', 6],
  ['sum([])', 0],
  ['min(3, 1, 2)', 1],
  ['max(list)', 3],
  ['max(order.total, 20)', 20],
  ['max(run.started_at, order.ordered_at)', '2026-03-01T00:00:00Z'],
  ['round(2.5, 0)', 3],
  ['round(1.005, 2)', 1.01],
  ['round(-2.5)', -3],
  ['fixed(1.005, 2)', '1.01'],
  ['fixed(order.total, 2)', '12.50'],
  ['fixed(1e21, 1)', '1000000000000000000000.0'],
  ['fixed(-0.001, 2)', '0.00'],
  ['fixed(0.5, 0)', '1'],
  ["upper('aé') + lower('B') + trim(' c ')", 'AÉbc'],
  ["split('a,b,,c', ',')", ['a', 'b', '', 'c']],
  ["join(words, ' & ')", 'b & a'],
  ['toJson(lines[0])', '{"sku":"x","price":2.5,"count":2,"note":"blue","shipped_at":"2026-02-03T00:00:00Z"}'],
  ["toJson('a\"b')", '"a\\"b"'],
  ['day(order.ordered_at)', '2026-02-01'],
  // timestamps
  ['order.ordered_at', '2026-02-01T09:00:00Z'],
  ["order.ordered_at + span('30d')", '2026-03-03T09:00:00Z'],
  ["span('1h') + order.ordered_at - span('1h') == order.ordered_at", true],
  ['run.started_at > order.ordered_at + span(terms.window)', false],
  ["run.started_at - order.ordered_at > span('20d')", true],
  ["run.started_at - order.ordered_at == span('27d15h')", true],
  ["span('1d') - span('12h') < span('13h') && span('1h') + span('30m') == span('90m')", true],
  ["order.ordered_at < timestamp('2026-03-01T00:00:00Z')", true],
  ['has(order.delivered_at) && run.started_at > order.delivered_at', false],
  ['has(order.delivered_at) && run.started_at > order.delivered_at', true, BOTH_AT],
  ['order.?delivered_at.orValue(run.started_at)', '2026-02-20T00:00:00.250Z', BOTH_AT],
  ['order.ordered_at.getHours()', 9],
  ['order.ordered_at.getFullYear() * 100 + order.ordered_at.getMonth()', 202601],
  ['lines.filter(l, has(l.shipped_at) && l.shipped_at > order.ordered_at).map(l, l.sku)', ['x']],
  ['order.ordered_at in [run.started_at, order.ordered_at]', true],
  ["{'at': run.started_at, 'n': [1, order.total]}", { at: '2026-03-01T00:00:00Z', n: [1, 12.5] }],
  ['string(run.started_at)', '2026-03-01T00:00:00Z'],
];

describe('accepted expressions', () => {
  const cases = CASES.map(([source, expected, changes]) => ({ source, expected, changes }));

  test.each(cases)('$source gives $expected', ({ source, expected, changes }) => {
    expect(run(source, changes)).toEqual(expected);
  });

  test('a whole map leaves as JSON, without what is absent', () => {
    expect(run('order')).toEqual({
      id: 'A-1',
      total: 12.5,
      status: 'sent',
      email: 'a@b.example',
      paid: true,
      ordered_at: '2026-02-01T09:00:00Z',
    });
    expect(JSON.stringify(run('lines'))).toContain('"shipped_at":"2026-02-03T00:00:00Z"');
  });

  test('keys that mean something to JavaScript are only keys', () => {
    const body = parseJson('{"__proto__": {"n": 1}, "constructor": "c", "toString": "t"}');
    expect(run('reply.body', { reply: { status: 200, body, headers: {} } })).toEqual(body);
    expect(
      run("has(reply.body.constructor) && reply.body.constructor == 'c'", {
        reply: { status: 200, body, headers: {} },
      }),
    ).toBe(true);
    expect(run("reply.body[?'hasOwnProperty'].orValue('none')")).toBe('none');
  });

  test('facts of the scope make an optional field certain', () => {
    expect(run("order.note + '!'", { order: { note: 'x' } }, ['order.note'])).toBe('x!');
  });
});
