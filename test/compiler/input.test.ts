/**
 * Field declarations and the inputs they take or refuse: what is declared, what is given, what is answered.
 */
import { describe, expect, test } from 'vitest';
import { compileFields } from '../../language/compiler/fields.js';
import { validateInput } from '../../language/compiler/input.js';
import { parse } from '../../language/compiler/parse.js';
import { Problems } from '../../language/plan/problem.js';
import { describeType } from '../../language/plan/types.js';

function fieldsOf(yaml: string) {
  const problems = new Problems('x');
  const fields = compileFields(parse(yaml, problems), problems);
  return { ...fields, problems: problems.all };
}

function check(yaml: string, input: unknown) {
  const { schema, problems } = fieldsOf(yaml);
  expect(problems).toEqual([]);
  return validateInput({ name: 'sample', input: schema }, input);
}

describe('declarations', () => {
  test.each([
    ['a: string', 'text', 'certain'],
    ['a?: number', 'number', 'optional'],
    ['a: integer', 'whole number', 'certain'],
    ['a: date-time', 'timestamp', 'certain'],
    ['a: [x, y]', 'one of: x, y', 'certain'],
    ['a: [{ b: string }]', 'list of map', 'certain'],
    ['a: { b: string }', 'map', 'certain'],
    ['a: { type: string }', 'text', 'certain'],
    ['a: { type: string, format: date-time }', 'timestamp', 'certain'],
    ['a: { type: array, items: [x, y] }', 'list of one of: x, y', 'certain'],
    ['a?: { type: integer, default: 3 }', 'whole number', 'certain'],
    ['a: { type: string, unit: string }', 'none', 'FIRN301'],
    ['a: { type: strng, b: string }', 'map', 'FIRN310'],
  ])('%s', (yaml, type, presence) => {
    const { type: whole, problems } = fieldsOf(`${yaml}\n`);
    const field = whole.kind === 'map' ? whole.fields.get('a') : undefined;
    if (presence.startsWith('FIRN')) return expect(problems[0]?.code).toBe(presence);
    expect([field === undefined ? 'none' : describeType(field.type), field?.presence]).toEqual([type, presence]);
    return expect(problems).toEqual([]);
  });
});

const ORDER =
  'order_id: string\nreason?: [damaged, late]\namount?: { type: number, minimum: 0, maximum: 100 }\nat?: date-time\nitems?: [{ sku: string, "count?": integer }]\ncode?: { type: string, pattern: "^[A-Z]+$", maxLength: 5 }\nsize: { type: integer, default: 1 }\n';

describe('inputs', () => {
  test.each([
    [{ order_id: 'A' }, []],
    [{ order_id: 'A', reason: 'late', amount: 5.5, at: '2026-03-01T09:00:00Z', items: [{ sku: 'x' }], code: 'AB' }, []],
    [{}, ['order_id is missing; it must be text.']],
    [null, ['order_id is missing; it must be text.']],
    [undefined, ['order_id is missing; it must be text.']],
    ['text', ['The input of sample must be a map of fields, and this is "text".']],
    [[1], ['The input of sample must be a map of fields, and this is [1].']],
    [{ order_id: 5 }, ['order_id is 5; it must be text.']],
    [{ order_id: null }, ['order_id is null; leave it out, or give text.']],
    [
      { order_id: 'A', resaon: 'late' },
      [
        'The input has no field "resaon"; the fields are order_id, reason, amount, at, items, code, size. Did you mean "reason"?',
      ],
    ],
    [{ order_id: 'A', reason: 'lat' }, ['reason is "lat"; it can be damaged, late. Did you mean "late"?']],
    [{ order_id: 'A', amount: -1 }, ['amount is -1; it must be a number of at least 0 and at most 100.']],
    [{ order_id: 'A', amount: '5' }, ['amount is "5"; it must be a number of at least 0 and at most 100.']],
    [{ order_id: 'A', at: 'tomorrow' }, ['at is "tomorrow"; it must be an instant like 2026-03-01T09:00:00Z.']],
    [{ order_id: 'A', items: [{ sku: 'x' }, { count: 1 }] }, ['items[1].sku is missing; it must be text.']],
    [{ order_id: 'A', items: [{ sku: 'x', count: 1.5 }] }, ['items[0].count is 1.5; it must be a whole number.']],
    [{ order_id: 'A', code: 'ab' }, ['code is "ab"; it must match the pattern ^[A-Z]+$.']],
    [{ order_id: 'x'.repeat(10_001) }, ['order_id has 10001 characters; it can have 10000.']],
  ])('%j', (input, problems) => {
    const result = check(ORDER, input);
    expect(result.ok ? [] : result.problems).toEqual(problems);
  });

  test('defaults are filled in, and the given input stays as it was', () => {
    const given = { order_id: 'A' };
    expect(check(ORDER, given)).toEqual({ ok: true, input: { order_id: 'A', size: 1 } });
    expect(given).toEqual({ order_id: 'A' });
  });

  test('what JSON cannot say is refused', () => {
    const circle: Record<string, unknown> = { order_id: 'A' };
    circle['self'] = circle;
    for (const input of [circle, { order_id: 5n }]) expect(check(ORDER, input)).toMatchObject({ ok: false });
  });

  test('a key named __proto__ is refused like any other', () => {
    const result = check(ORDER, JSON.parse('{"order_id": "A", "__proto__": {"x": 1}}'));
    expect(result.ok).toBe(false);
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
  });

  test('a pattern that makes RegExp explode takes no time', () => {
    const result = check('a: { type: string, pattern: "^(a+)+$" }\n', { a: `${'a'.repeat(9000)}!` });
    expect(result.ok).toBe(false);
  }, 20_000);

  test('an input that no run could hold is refused', () => {
    const result = check('a: { type: array, items: string }\n', {
      a: Array.from({ length: 900 }, () => 'x'.repeat(1000)),
    });
    expect(result.ok ? '' : result.problems[0]).toContain('KiB');
  });
});
