/** Absence: which guards make an optional field certain, and where; facts that conditions leave behind; labels. */
import { describe, expect, test } from 'vitest';
import { BOOLEAN, type Label } from '../../language/plan/types.js';
import { compiled, refused, run, runValue, value } from './given.js';
import { mapOf, optional, TEXT, ANY, TIMESTAMP } from '../../language/plan/types.js';

const GUARDED = [
  "has(order.note) && order.note == 'x'",
  "!has(order.note) || order.note == 'x'",
  "has(order.note) ? order.note == 'x' : false",
  "!has(order.note) ? false : order.note == 'x'",
  "order.paid && has(order.note) && order.note == 'x'",
  "(has(order.note) && order.paid) && (order.paid || order.note == 'x')",
  "!(!has(order.note)) && order.note == 'x'",
  '!(has(order.note) && has(input.reason)) || order.note == input.reason',
  "!(!has(order.note) || order.paid) && order.note == 'x'",
  "(has(order.note) && order.paid || has(order.note)) && order.note == 'x'",
  "has(input.address) && has(input.address.zip) && input.address.zip == '1'",
  "has(input.?address.zip) && input.address.zip == '1'",
  "lines.all(l, !has(l.note) || l.note != '')",
];
const UNGUARDED = [
  "order.note == 'x' && has(order.note)",
  "has(order.note) || order.note == 'x'",
  "has(order.note) ? false : order.note == 'x'",
  "!has(order.note) && order.note == 'x'",
  "(has(order.note) || order.paid) && order.note == 'x'",
  "!(has(order.note) && order.paid) || order.paid ? order.note == 'x' : false",
  "has(input.address) && input.address.zip == '1'",
  "has(order.note) && lines.exists(order, order.note == 'x')",
  "lines.exists(l, has(l.note)) && lines.all(l, l.note == 'x')",
  "lines.map(l, has(l.note) ? l.note : '')[0] == order.note",
];

describe('guards', () => {
  test.each(GUARDED)('%s', (source) => {
    expect(compiled(source, BOOLEAN).type.kind).toBe('boolean');
  });
  test.each(UNGUARDED)('not %s', (source) => {
    expect(refused(source).map(({ code }) => code)).toEqual(['FIRN207']);
  });
});

describe('facts', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['has(order.note)', ['order.note'], []],
    ['!has(order.note)', [], ['order.note']],
    ['has(order.note) && has(input.reason)', ['order.note', 'input.reason'], []],
    ['has(order.note) || has(input.reason)', [], []],
    ['!has(order.note) || !has(input.reason)', [], ['order.note', 'input.reason']],
    ['has(order.note) && order.paid || has(order.note)', ['order.note'], []],
    ['has(input.?address.zip)', ['input.address', 'input.address.zip'], []],
    ['lines.exists(l, has(l.note))', [], []],
    ['order.paid', [], []],
  ])('%s', (source, whenTrue, whenFalse) => {
    expect(compiled(source, BOOLEAN)).toMatchObject({ whenTrue, whenFalse });
  });
});

describe('absent values at run time', () => {
  test('a key whose value is absent is left out', () => {
    const written = {
      note: '${{ order.?note }}',
      city: '${{ input.?address.city }}',
      fixed: 1,
      deep: { zip: '${{ input.?address.?zip }}' },
    };
    expect(runValue(written, ANY, { absentKeys: true })).toEqual({ city: 'Oslo', fixed: 1, deep: {} });
  });

  test('its type says so', () => {
    const { made } = value({ note: '${{ order.?note }}' }, ANY, { absentKeys: true });
    expect(made?.type).toMatchObject({
      kind: 'map',
      fields: new Map([['note', { type: TEXT, presence: 'optional', label: 'record' }]]),
    });
  });

  test.each([
    ['elsewhere', value({ note: '${{ order.?note }}' })],
    ['where the field is required', value({ note: '${{ order.?note }}' }, mapOf({ note: TEXT }), { absentKeys: true })],
    ['in a list', value({ notes: ['${{ order.?note }}'] }, ANY, { absentKeys: true })],
    ['in text', value({ text: 'note: ${{ order.?note }}' }, ANY, { absentKeys: true })],
  ])('%s it is a problem', (_, { problems }) => {
    expect(problems).toMatchObject([{ code: 'FIRN207' }]);
  });

  test('an optional place takes it', () => {
    expect(
      runValue(
        { note: '${{ order.?note }}', at: '${{ order.?delivered_at }}' },
        mapOf({ note: optional(TEXT), at: optional(TIMESTAMP) }),
        { absentKeys: true },
      ),
    ).toEqual({});
  });

  test('null in data is an absent field', () => {
    expect(run('has(order.note)', { order: { note: null } })).toBe(false);
    expect(run("order.?note.orValue('-')", { order: { note: null } })).toBe('-');
  });

  test('data that breaks its declaration is a failure that quotes the expression', () => {
    expect(() => run('order.total', { order: { total: 'many', id: 'x' } })).toThrow(
      '"order.total" could not be computed: it gives no number',
    );
    expect(() => run('order.total', { order: {} })).toThrow(
      '"order.total" could not be computed: there is no field "total"',
    );
    expect(() => run('order.ordered_at', { order: { ordered_at: 'soon' } })).toThrow(
      'in "order", "soon" is not a time',
    );
  });
});

describe('labels', () => {
  test.each<readonly [string, Label]>([
    ["'a'", 'definition'],
    ['order.id', 'record'],
    ['order.email', 'trusted'],
    ['order', 'record'],
    ['order.id + input.order_id', 'input'],
    ['order.email + terms.text', 'trusted'],
    ['verdict.by', 'model'],
    ['verdict.answer', 'definition'],
    ['order.status', 'definition'],
    ["has(input.reason) ? input.reason : 'damaged'", 'definition'],
    ["verdict.by == 'x' ? terms.text : terms.id", 'definition'],
    ["verdict.by == 'x' ? terms.text : order.id", 'record'],
    ["input.?message.orValue('')", 'input'],
    ['order.paid ? verdict.answer : terms.text', 'definition'],
    ['words[0]', 'person'],
    ['join(words, terms.text)', 'person'],
    ["['a', terms.text][size(input.order_id)]", 'definition'],
    ['lines.map(l, terms.id)', 'definition'],
    ['lines.map(l, l.sku + verdict.by)', 'model'],
    ['lines.filter(l, l.sku == verdict.by)', 'record'],
    ["toJson({'a': terms.id, 'b': input.order_id})", 'input'],
    ["{'a': terms.id, 'b': verdict.by}", 'model'],
    ["{'a': terms.id, 'b': verdict.by}.a", 'definition'],
    ['fixed(order.total, 2)', 'record'],
  ])('%s is %s', (source, label) => {
    expect(compiled(source)).toMatchObject({ label, expression: { label } });
  });

  test('a written map keeps the label of each field', () => {
    const { made } = value({ a: '${{ terms.id }}', b: '${{ verdict.by }}', c: 'x ${{ order.id }}' });
    expect(made?.label).toBe('model');
    const fields = made?.type.kind === 'map' ? [...made.type.fields].map(([name, field]) => [name, field.label]) : [];
    expect(fields).toEqual([
      ['a', 'definition'],
      ['b', 'model'],
      ['c', 'record'],
    ]);
  });
});
