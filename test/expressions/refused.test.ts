/** Expressions that are refused: code, column, length and message of the first problem, and parts of some hints. */
import { describe, expect, test } from 'vitest';
import {
  BOOLEAN,
  DURATION,
  NUMBER,
  TEXT,
  TIMESTAMP,
  enumeration,
  listOf,
  mapOf,
  type Type,
} from '../../language/plan/types.js';
import { refused, scalar, scope } from './given.js';
import { compileExpression } from '../../language/expressions/index.js';
import { Problems } from '../../language/plan/problem.js';

const CASES: readonly (readonly [string, string, number, number, string])[] = [
  ['ordr.total <= 20', 'FIRN204', 1, 4, 'nothing is named "ordr" here'],
  ['order.totl > 1', 'FIRN205', 7, 4, '"order" has no field "totl"'],
  ['order.total.x', 'FIRN205', 13, 1, '"order.total" has no field "x": it is a number'],
  [
    'approval.approved',
    'FIRN206',
    1,
    8,
    '"approval" cannot be read here: it runs only in a branch of outcome (line 9)',
  ],
  ['steps.fetch', 'FIRN204', 1, 5, 'nothing is named "steps" here'],
  ['order.note == "x"', 'FIRN207', 7, 4, '"order.note" may be absent here'],
  ['order.?note', 'FIRN207', 1, 11, '"order.note" may be absent here'],
  ['order.?note == "x"', 'FIRN207', 1, 11, '"order.note" may be absent here'],
  ['input.address.city', 'FIRN207', 7, 7, '"input.address" may be absent here'],
  ['input.?address.city', 'FIRN207', 1, 19, '"input.address.city" may be absent here'],
  ['has(order.nope)', 'FIRN205', 11, 4, '"order" has no field "nope"'],
  ['has(order)', 'FIRN208', 1, 10, 'has() takes one path of fields'],
  ['has(lines[0].note)', 'FIRN208', 1, 18, 'has() takes one path of fields'],
  ['lines.note', 'FIRN205', 7, 4, '"lines" has no field "note": it is a list of map'],
  ['order.total == "x"', 'FIRN208', 1, 18, 'a number and the text "x" do not go together with "=="'],
  ['order.ordered_at > "2026"', 'FIRN208', 1, 25, 'a timestamp and the text "2026" do not go together with ">"'],
  ['order.status == "snt"', 'FIRN213', 1, 21, '"order.status" can never be equal to "snt"'],
  ["order.status in ['sent','deliverd']", 'FIRN213', 1, 35, '"order.status" can never be equal to "deliverd"'],
  ["'snt' == order.status", 'FIRN213', 1, 21, '"order.status" can never be equal to "snt"'],
  ['order.total + "a"', 'FIRN208', 1, 17, 'a number and the text "a" do not go together with "+"'],
  ['order.id - 1', 'FIRN208', 1, 12, 'text and a whole number do not go together with "-"'],
  ['!order.total', 'FIRN208', 2, 11, 'true or false is needed here, and order.total is a number'],
  ['order.paid && order.total', 'FIRN208', 15, 11, 'true or false is needed here, and order.total is a number'],
  ['-order.id', 'FIRN208', 1, 9, '"-" needs a number, and order.id is text'],
  ['order.paid ? 1 : "a"', 'FIRN208', 1, 20, '"?:" gives a whole number or the text "a": both must be of one type'],
  ['[1,"a"]', 'FIRN208', 4, 3, 'the items of a list must be of one type'],
  ['int(order.total)', 'FIRN203', 1, 16, 'int() is not available in expressions'],
  ['uint(1)', 'FIRN203', 1, 7, 'uint() is not available in expressions'],
  ["b'abc'", 'FIRN203', 1, 6, "b'abc': bytes and unsigned numbers are not available in expressions"],
  ['12u', 'FIRN203', 1, 3, '12u: bytes and unsigned numbers are not available in expressions'],
  ["duration('1h')", 'FIRN203', 1, 14, 'duration() is not available in expressions'],
  ['dyn(1)', 'FIRN203', 1, 6, 'dyn() is not available in expressions'],
  ['type(1)', 'FIRN203', 1, 7, 'type() is not available in expressions'],
  ['null', 'FIRN208', 1, 4, 'there is no null: what is missing is a field that is not there'],
  ['now()', 'FIRN203', 1, 5, 'now() is not available in expressions'],
  ['optional.of(1)', 'FIRN203', 1, 14, 'optional.of() is not available in expressions'],
  ['cel.bind(x, 1, x)', 'FIRN203', 1, 17, 'cel.bind() is not available in expressions'],
  ['summ(list)', 'FIRN203', 1, 10, 'there is no function "summ" in expressions'],
  ['order.id.upper()', 'FIRN203', 1, 16, '"upper" is a function here, not a method'],
  ['order.id.substring(1)', 'FIRN203', 1, 21, 'substring() is not available in expressions'],
  ['order.id.foo()', 'FIRN203', 1, 14, 'there is no function "foo" in expressions'],
  ['order.id ==', 'FIRN200', 12, 1, '"order.id ==" cannot be read: something is missing at its end'],
  ['order.id = 1', 'FIRN200', 10, 1, '"order.id = 1" cannot be read: unexpected character: ='],
  ['a & b', 'FIRN200', 3, 1, '"a & b" cannot be read: unexpected character: &'],
  ['for', 'FIRN200', 1, 3, '"for" cannot be read: reserved identifier: for'],
  ['', 'FIRN200', 1, 1, 'the expression is empty'],
  ['order.in', 'FIRN200', 7, 2, '"order.in" cannot be read: a name is expected here'],
  ['lines[1.5]', 'FIRN208', 7, 3, 'a place in a list is a whole number from 0, and 1.5 is none'],
  ['lines[-1]', 'FIRN208', 7, 2, 'a place in a list is a whole number from 0, and -1 is none'],
  ["lines['a']", 'FIRN205', 7, 3, '"lines" has no field "a": it is a list of map'],
  ['order[0]', 'FIRN208', 1, 8, 'a map cannot be read with [0]'],
  ['order.id[0]', 'FIRN208', 1, 11, 'text cannot be read with [0]'],
  ['lines[order.id]', 'FIRN208', 7, 8, 'a place in a list is a whole number from 0, and order.id is none'],
  ['order.id.matches(order.id)', 'FIRN212', 18, 8, 'the pattern of matches() must be a constant'],
  [
    "order.id.matches('(a)\\\\1')",
    'FIRN212',
    18,
    8,
    'the pattern "(a)\\1" cannot be used: "\\1" (repeating what a group matched) is not available',
  ],
  [
    "order.id.matches('(?=a)')",
    'FIRN212',
    18,
    7,
    'the pattern "(?=a)" cannot be used: "(?=" (looking around, or a named group) is not available',
  ],
  ["order.id.matches('[a')", 'FIRN212', 18, 4, 'the pattern "[a" cannot be used: "[" is not closed'],
  [
    'lines.exists(a, lines.exists(b, lines.exists(c, true)))',
    'FIRN211',
    33,
    21,
    'exists() stands inside 2 others: the work would multiply',
  ],
  ['lines.map(l)', 'FIRN208', 1, 12, 'map() takes a name for the item and an expression'],
  ['order.map(l, l)', 'FIRN208', 1, 5, 'map() walks over a list, and order is a map'],
  ['lines.filter(l, l.price)', 'FIRN208', 17, 7, 'true or false is needed here, and l.price is a number'],
  ["span('30 days')", 'FIRN307', 6, 9, '"30 days" is not a duration'],
  ["span('1d')", 'FIRN214', 1, 10, 'it gives a duration, which exists only inside expressions'],
  ['[span("1d")]', 'FIRN214', 1, 12, 'it gives a duration, which exists only inside expressions'],
  ['timestamp(order.id)', 'FIRN208', 11, 8, 'timestamp() cannot take text'],
  ["timestamp('2026')", 'FIRN208', 11, 6, 'timestamp() cannot take "2026"'],
  [
    'order.ordered_at.getHours("Europe/Oslo")',
    'FIRN203',
    1,
    40,
    'getHours() with a time zone is not available in expressions',
  ],
  ['order.ordered_at.getDayOfYear()', 'FIRN203', 1, 31, 'getDayOfYear() is not available in expressions'],
  ['reply.body.x', 'FIRN207', 12, 1, '"reply.body.x" may be absent here'],
  ["{'a': 1, 'a': 2}", 'FIRN208', 10, 3, 'the key "a" stands twice'],
  ['{order.id: 1}', 'FIRN208', 2, 8, "a key of a map is a constant text in quotes: {'name': …}"],
  ["{'__proto__': 1}", 'FIRN208', 2, 11, 'no key may be named "__proto__"'],
  ['9007199254740993', 'FIRN208', 1, 16, '9007199254740993 has more digits than a number keeps'],
  ['order.total.orValue(1)', 'FIRN208', 1, 22, 'order.total is always there, so orValue() has nothing to do'],
  [
    'order.?note.orValue(1)',
    'FIRN208',
    21,
    1,
    'order.?note is text, and orValue() would give a whole number: both must be of one type',
  ],
  ['order.?note.hasValue()', 'FIRN203', 1, 22, 'hasValue() is not available in expressions'],
  ['size(1)', 'FIRN208', 1, 7, 'a whole number has no size'],
  ['string(lines)', 'FIRN208', 8, 5, 'string() cannot take list of map'],
  ['min("a","b")', 'FIRN208', 1, 12, 'min() compares numbers, timestamps or durations of one type'],
  ['sum(words)', 'FIRN208', 5, 5, "sum(): of the list's items: a number is needed, and this is text"],
  ['round(order.id)', 'FIRN208', 7, 8, 'round(): a number is needed, and this is text'],
  ['fixed(1)', 'FIRN208', 1, 8, 'fixed() takes 2 values, not 1'],
  ['order.id.contains(1)', 'FIRN208', 1, 20, 'contains() is asked of text and takes one text'],
  ['order.ordered_at + 1', 'FIRN208', 1, 20, 'a timestamp and a whole number do not go together with "+"'],
  ['order.total % 2.5', 'FIRN208', 15, 3, '"%" needs whole numbers, and 2.5 is none'],
  ['order == lines', 'FIRN208', 1, 14, 'a map and a list of map do not go together with "=="'],
  ['1 in order', 'FIRN208', 1, 10, '"in" looks into lists, and order is a map'],
  ['order.id in words && order.id in list', 'FIRN208', 22, 16, 'text and a number do not go together with "in"'],
  ['lines.filter(l, has(l.note)).map(l, l.shipped_at)', 'FIRN207', 39, 10, '"l.shipped_at" may be absent here'],
  ['order.paid || order.note == "x"', 'FIRN207', 21, 4, '"order.note" may be absent here'],
  ['has(order.note) || order.note == "x"', 'FIRN207', 26, 4, '"order.note" may be absent here'],
  ['(has(order.note) || order.paid) ? order.note : ""', 'FIRN207', 41, 4, '"order.note" may be absent here'],
];

const WHOLE: Type = { kind: 'number', whole: true };
const MISFITS: readonly (readonly [string, Type, string])[] = [
  ['order.total', TEXT, '"order.total" does not fit: text is needed, and this is a number'],
  [
    'order.total',
    WHOLE,
    '"order.total" does not fit: a whole number is needed, and this may have decimals; write round(…, 0)',
  ],
  ['order.id', NUMBER, '"order.id" does not fit: a number is needed, and this is text'],
  ['order.id', BOOLEAN, '"order.id" does not fit: a boolean is needed, and this is text'],
  ['order.total', DURATION, '"order.total" does not fit: a duration is needed, and this is a number'],
  ['1 + 1', TIMESTAMP, '"1 + 1" does not fit: a timestamp is needed, and this is a whole number'],
  ['order.id', enumeration(['a', 'b']), '"order.id" does not fit: one of: a, b is needed, and this can be any text'],
  [
    'order.status',
    enumeration(['sent', 'delivery']),
    '"order.status" does not fit: it can be "processing", which is not one of: sent, delivery',
  ],
  [
    "order.paid ? 'sent' : 'snt'",
    enumeration(['sent', 'lost']),
    '"order.paid ? \'sent\' : \'snt\'" does not fit: it can be "snt", which is not one of: sent, lost; did you mean "sent"?',
  ],
  ['lines', TEXT, '"lines" does not fit: text is needed, and this is a list of map'],
  ['lines', listOf(TEXT), '"lines" does not fit: of the list\'s items: text is needed, and this is a map'],
  ['order', mapOf({ id: TEXT }), '"order" does not fit: there is no place for its field "total"'],
  [
    'order',
    mapOf({ note: TEXT }),
    '"order" does not fit: the field "note" is needed, and it may be absent in this map',
  ],
  [
    'reply.body',
    enumeration(['a', 'b']),
    '"reply.body" does not fit: one of: a, b is needed, and the type of this is not declared',
  ],
];

const HINTS: readonly (readonly [string, string])[] = [
  ['ordr.total', 'did you mean "order"? In scope: input, run, order, lines, terms, verdict, reply, words, list.'],
  ['order.totl', 'did you mean "total"? Its fields: id, total,'],
  ["order.note == 'x'", 'write order.?note.orValue(…) with what to take instead, or test has(order.note) before'],
  ["order.status == 'snt'", 'did you mean "sent"? It is one of: processing, sent, delivered.'],
  ['order.id.upper()', 'write upper(order.id)'],
  ['summ(list)', 'did you mean "sum"?'],
  ["duration('1h')", "write span('30d')"],
  ['order.id = order.id', 'equality is written "=="'],
  ["order.ordered_at > '2026-01-01'", "timestamp('2026-03-01T00:00:00Z')"],
];

describe('refused expressions', () => {
  test.each(CASES)('%s', (source, code, column, length, message) => {
    const [first] = refused(source);
    expect(first).toMatchObject({ code, column, length, message, severity: 'error', path: 'x' });
  });

  test.each(MISFITS)('%s where %j is needed', (source, expected, message) => {
    expect(refused(source, expected)).toMatchObject([{ code: 'FIRN209', message }]);
  });

  test.each(HINTS)('the hint for %s', (source, hint) => {
    expect(refused(source)[0]?.hint).toContain(hint);
  });

  test('all problems of an expression are reported, one per cause', () => {
    expect(refused("ordr.total > 1 && order.totl > 1 || order.note == 'x'").map(({ code }) => code)).toEqual([
      'FIRN204',
      'FIRN205',
      'FIRN207',
    ]);
  });

  test.each<readonly [string | number | boolean, string, string]>([
    ['order.total > 1', 'FIRN202', 'write "${{ order.total > 1 }}"'],
    [true, 'FIRN202', 'write "${{ true }}"'],
    ['a ${{ order.paid }}', 'FIRN202', '${{'],
    ['${{ order.paid', 'FIRN201', '$${{'],
    ['${{ (order.paid }}', 'FIRN201', '$${{'],
  ])('%s where an expression is needed', (text, code, hint) => {
    const problems = new Problems('test');
    expect(compileExpression(scalar(text), scope(), BOOLEAN, problems)).toBeUndefined();
    expect(problems.all).toMatchObject([{ code }]);
    expect(problems.all[0]?.hint).toContain(hint);
  });
});
