/** Written values: literals, text with expressions, maps and lists, against what is needed. */
import { describe, expect, test } from 'vitest';
import type { Json } from '../../language/plan/json.js';
import {
  ANY,
  BOOLEAN,
  DURATION,
  NUMBER,
  TEXT,
  TIMESTAMP,
  enumeration,
  listOf,
  mapOf,
  optional,
  type Type,
} from '../../language/plan/types.js';
import { evaluateMilliseconds, isUsableName, splitTemplate } from '../../language/expressions/index.js';
import { compiled, runValue, slots, value } from './given.js';

const REASON = enumeration(['damaged', 'not_arrived']);
const WHOLE: Type = { kind: 'number', whole: true };

describe('accepted values', () => {
  test.each<readonly [Json, Type, Json]>([
    ['plain', TEXT, 'plain'],
    ['plain', ANY, 'plain'],
    ['damaged', REASON, 'damaged'],
    [12.5, NUMBER, 12.5],
    [12, WHOLE, 12],
    [false, BOOLEAN, false],
    ['2d', DURATION, 172_800_000],
    ['2026-03-01T00:00:00Z', TIMESTAMP, '2026-03-01T00:00:00Z'],
    ['${{ order.total }}', NUMBER, 12.5],
    ['  ${{ order.total }}\n', NUMBER, 12.5],
    ['${{ order.ordered_at }}', TEXT, '2026-02-01T09:00:00Z'],
    [
      'order ${{ order.id }}: ${{ 12 }} ${{ order.total }} ${{ order.paid }} ${{ run.started_at }}',
      TEXT,
      'order A-1: 12 12.5 true 2026-03-01T00:00:00Z',
    ],
    ['costs $5, $${{ x }} and ${{ "}}" + \'}}\' }}', TEXT, 'costs $5, ${{ x }} and }}}}'],
    ["${{ {'a': {'b': 1}} }}", ANY, { a: { b: 1 } }],
    [['a', '${{ order.id }}'], listOf(TEXT), ['a', 'A-1']],
    [[], listOf(NUMBER), []],
    [{ id: 'x', n: '${{ order.total }}' }, mapOf({ id: TEXT, n: NUMBER, more: optional(TEXT) }), { id: 'x', n: 12.5 }],
    [{ a: { b: ['${{ 1 + 1 }}'] } }, ANY, { a: { b: [2] } }],
    ['${{ reply.body }}', mapOf({}), { ok: true, n: 3, tags: ['a', 'b'] }],
  ])('%j as %j', (written, expected, result) => {
    expect(runValue(written, expected)).toEqual(result);
  });
});

describe('refused values', () => {
  test.each<readonly [Json, Type, string, string]>([
    ['damagd', REASON, 'FIRN306', '"damagd" is not one of those allowed here'],
    ['twelve', NUMBER, 'FIRN209', '"twelve" is text, and number is needed here'],
    ['12', NUMBER, 'FIRN209', '"12" is text, and number is needed here'],
    [12, TEXT, 'FIRN209', '12 does not fit: text is needed, and this is a whole number'],
    [1.5, WHOLE, 'FIRN209', '1.5 does not fit: a whole number is needed'],
    ['soon', TIMESTAMP, 'FIRN209', '"soon" is not a time'],
    ['2026-02-30T00:00:00Z', TIMESTAMP, 'FIRN209', 'is not a time'],
    ['soon', DURATION, 'FIRN307', '"soon" is not a duration'],
    [null, TEXT, 'FIRN209', 'there is no null'],
    ['abcdef', { kind: 'text', maxLength: 5 }, 'FIRN209', '"abcdef" has 6 characters, and at most 5'],
    ['sum: ${{ order.total }}', NUMBER, 'FIRN209', 'a number is needed, and this is text'],
    ['it is ${{ lines }}', TEXT, 'FIRN210', '"lines" is list of map; only texts, numbers, booleans and timestamps'],
    ['it is ${{ reply.body }}', TEXT, 'FIRN210', 'a value of unknown type'],
    ["it took ${{ span('1d') }}", TEXT, 'FIRN214', 'a duration'],
    ['it is ${{ order.id', TEXT, 'FIRN201', '"}}" is missing'],
    ['a', listOf(TEXT), 'FIRN209', '"a" is text, and list of text is needed'],
    [['a'], TEXT, 'FIRN209', 'a list stands here, and text is needed'],
    [{ a: 1 }, TEXT, 'FIRN209', 'a map stands here, and text is needed'],
    [{ idd: 'x' }, mapOf({ id: optional(TEXT) }), 'FIRN301', '"idd" is not known here'],
    [{}, mapOf({ id: TEXT }), 'FIRN302', '"id" is missing'],
    [['a', 1], listOf(ANY), 'FIRN209', '"1" is whole number'],
  ])('%j as %j', (written, expected, code, message) => {
    const { made, problems } = value(written, expected);
    expect(made).toBeUndefined();
    expect(problems[0]).toMatchObject({ code });
    expect(problems[0]?.message).toContain(message);
  });

  test('toJson is named where a list stands in text', () => {
    expect(value('${{ lines }}!').problems[0]?.hint).toBe('write ${{ toJson(lines) }}');
  });
});

describe('types of values', () => {
  test('a text with expressions knows its length when its parts do', () => {
    expect(value('${{ order.status }}, ${{ order.total }}').made?.type).toEqual({ kind: 'text', maxLength: 42 });
    expect(value('${{ order.id }}!').made?.type).toEqual({ kind: 'text' });
  });

  test('a choice between texts is an enumeration of them', () => {
    expect(compiled("order.paid ? 'a' : order.total > 1 ? 'b' : order.status").type).toEqual({
      kind: 'text',
      values: ['a', 'b', 'processing', 'sent', 'delivered'],
    });
  });

  test('expressions name only the instants they can reach', () => {
    expect(compiled('order.total').expression.names).toEqual([{ name: 'order', slot: 2, times: [] }]);
    expect(compiled('order.ordered_at').expression.names).toEqual([
      { name: 'order', slot: 2, times: [['ordered_at']] },
    ]);
    expect(compiled('order').expression.names[0]?.times).toEqual([['ordered_at'], ['delivered_at']]);
    expect(compiled('lines[0]').expression.names).toEqual([{ name: 'lines', slot: 3, times: [['*', 'shipped_at']] }]);
  });
});

test('durations and timestamps as milliseconds', () => {
  expect(evaluateMilliseconds(compiled("span(terms.window) + span('1h')", DURATION).expression, slots())).toBe(
    30 * 86_400_000 + 3_600_000,
  );
  expect(evaluateMilliseconds(compiled("order.ordered_at + span('1d')", TIMESTAMP).expression, slots())).toBe(
    Date.parse('2026-02-02T09:00:00Z'),
  );
});

test.each<readonly [string, readonly unknown[]]>([
  ['', []],
  ['a', ['a']],
  ['${{a}}', [{ source: 'a', offset: 3 }]],
  ['x${{ a }}y${{ b }}', ['x', { source: ' a ', offset: 4 }, 'y', { source: ' b ', offset: 13 }]],
  ['$${{ a }}', ['${{ a }}']],
  ['$$${{ a }}', ['$${{ a }}']],
  ["${{ '}}' }}", [{ source: " '}}' ", offset: 3 }]],
  ["${{ 'it\\'s }}' }}", [{ source: " 'it\\'s }}' ", offset: 3 }]],
  ["${{ '''a'}}''' }}", [{ source: " '''a'}}''' ", offset: 3 }]],
  ['${{ {"a": {"b": 1}}}}', [{ source: ' {"a": {"b": 1}}', offset: 3 }]],
  ['${{ [{"a": 1}] }}}', [{ source: ' [{"a": 1}] ', offset: 3 }, '}']],
])('the parts of %s', (text, parts) => {
  expect(splitTemplate(text)).toEqual({ parts });
});

test.each([
  ['order', true],
  ['type', true],
  ['list', true],
  ['constructor', true],
  ['cel', true],
  ['loop', false],
  ['in', false],
  ['true', false],
  ['null', false],
  ['as', false],
  ['package', false],
  ['a-b', false],
  ['1a', false],
  ['__proto__', false],
  ['', false],
])('%s as a name: %s', (name, usable) => {
  expect(isUsableName(name)).toBe(usable);
});
