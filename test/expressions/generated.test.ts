/** Well-typed expressions made at random: the checker takes them, and the evaluator never disagrees with it about types. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFailure } from '../../language/plan/failure.js';
import type { Json } from '../../language/plan/json.js';
import { compiled, run } from './given.js';

type Kind = 'text' | 'number' | 'truth' | 'time' | 'span' | 'texts' | 'numbers';
type Sources = Record<Kind, string>;

const NAMES: Readonly<Record<Kind, readonly string[]>> = {
  text: [
    'order.id',
    'terms.text',
    "input.?message.orValue('none')",
    'lines[0].sku',
    'day(run.started_at)',
    'string(12.5)',
  ],
  number: ['order.total', '3', '(1 / 2)', 'terms.limit', 'size(lines)', 'lines[1].count', "double('7')"],
  truth: [
    'order.paid',
    'false',
    'has(order.note)',
    "(order.status == 'sent')",
    '(has(reply.body.n) && reply.body.n > 2)',
  ],
  time: [
    'run.started_at',
    'order.ordered_at',
    "timestamp('2026-01-01T00:00:00Z')",
    'order.?delivered_at.orValue(run.started_at)',
  ],
  span: ["span('1d')", 'span(terms.window)'],
  texts: ['words', 'lines.map(l, l.sku)', "split('a,b', ',')", '[]', 'lines.filter(l, has(l.note)).map(l, l.note)'],
  numbers: ['list', '[1, 2.5]', 'lines.map(l, l.price * l.count)', '[]'],
};

const { text, number, truth, time, span, texts, numbers } = fc.letrec<Sources>((tie) => {
  const both = (kind: Kind, ...shapes: readonly string[]): fc.Arbitrary<string> =>
    fc.tuple(tie(kind), tie(kind), fc.constantFrom(...shapes)).map(([a, b, shape]) => fill(shape, a, b));
  const one = (kind: Kind, ...shapes: readonly string[]): fc.Arbitrary<string> =>
    fc.tuple(tie(kind), fc.constantFrom(...shapes)).map(([a, shape]) => fill(shape, a, a));
  const mixed = (left: Kind, right: Kind, ...shapes: readonly string[]): fc.Arbitrary<string> =>
    fc.tuple(tie(left), tie(right), fc.constantFrom(...shapes)).map(([a, b, shape]) => fill(shape, a, b));
  const choice = (kind: Kind): fc.Arbitrary<string> =>
    fc.tuple(tie('truth'), tie(kind), tie(kind)).map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`);
  const of = (kind: Kind, ...more: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.oneof({ maxDepth: 4, depthSize: 'small' }, fc.constantFrom(...NAMES[kind]), choice(kind), ...more);
  return {
    text: of(
      'text',
      both('text', '(A + B)'),
      one('text', 'upper(A)', 'lower(A)', 'trim(A)', 'toJson(A)'),
      one('number', 'string(A)', 'fixed(A, 2)', 'toJson(A)'),
      one('time', 'string(A)', 'day(A)', "toJson({'at': A})"),
      one('truth', 'string(A)', 'toJson([A])'),
      mixed('texts', 'text', 'join(A, B)', '(A + [B])[0]', 'A[?0].orValue(B)'),
    ),
    number: of(
      'number',
      both('number', '(A + B)', '(A - B)', '(A * B)', '(A / B)', '(A % B)', 'min(A, B)', 'max(A, B)', '[A, B][1]'),
      one('number', '(-A)', 'round(A, 1)', 'round(A)'),
      one('numbers', 'sum(A)', 'size(A)', 'max(A + [1])', 'A.map(n, n + 1).size()'),
      one('text', 'size(A)', 'A.size()'),
      one('texts', 'size(A)'),
      one('time', 'A.getHours()', 'A.getDayOfWeek()'),
    ),
    truth: of(
      'truth',
      both('truth', '(A && B)', '(A || B)', '(A == B)', '(A != B)'),
      one('truth', '(!A)'),
      both('number', '(A < B)', '(A >= B)', '(A == B)', 'A in [B, 1]'),
      both('time', '(A < B)', '(A == B)', 'A in [B]', '[A] == [B]'),
      both('span', '(A <= B)', '(A == B)'),
      both('texts', '(A == B)', 'A.all(t, t in B)', 'A.exists(t, B.exists(u, t == u))'),
      mixed('text', 'texts', 'A in B', "B.exists_one(t, t.contains(A) || t.matches('^a+'))"),
      both('text', "(A + '!' == B + '?')", 'A.startsWith(B)', 'A.contains(B)', "{'a': A} == {'a': B}"),
    ),
    time: of(
      'time',
      mixed('time', 'span', '(A + B)', '(A - B)', '(B + A)'),
      both('time', 'min(A, B)', '[A, B][0]', "{'a': A, 'b': B}.a"),
    ),
    span: of('span', both('time', '(A - B)'), both('span', '(A + B)', '(A - B)', 'max(A, B)')),
    texts: of(
      'texts',
      both('texts', '(A + B)'),
      both('text', "[A, B + '']"),
      one('texts', "A.filter(t, t != '')", "A.map(t, t + 'x')"),
    ),
    numbers: of(
      'numbers',
      both('numbers', '(A + B)'),
      both('number', '[A, B]'),
      one('numbers', 'A.filter(n, n > 1)', 'A.map(n, n / 2)'),
    ),
  };
});

/** What nests macros too deeply is well typed and refused all the same: not what this test is about. */
function accepted(source: string): ReturnType<typeof compiled> {
  try {
    return compiled(source);
  } catch (error) {
    fc.pre(!String(error).includes('FIRN211'));
    throw error;
  }
}

function fill(shape: string, left: string, right: string): string {
  return `(${shape.replace(/\b[AB]\b/g, (letter) => (letter === 'A' ? left : right))})`;
}

/** What only values can show; anything else would be the checker and the evaluator disagreeing. */
const FAILURES =
  /divided by 0|% 0 has no result|% needs a whole number|too large, or none|cannot be rounded|cannot stand inside text|outside the years|out of bounds|of an empty list/;

test.each<readonly [string, fc.Arbitrary<string>, (value: Json) => boolean]>([
  ['text', text, (value) => typeof value === 'string'],
  ['number', number, (value) => typeof value === 'number' && Number.isFinite(value)],
  ['truth', truth, (value) => typeof value === 'boolean'],
  ['time', time, (value) => typeof value === 'string' && value.endsWith('Z')],
  ['span, compared', span.map((source) => `${source} > span('1h')`), (value) => typeof value === 'boolean'],
  ['list of text', texts, (value) => Array.isArray(value) && value.every((item) => typeof item === 'string')],
  ['list of numbers', numbers, (value) => Array.isArray(value) && value.every((item) => typeof item === 'number')],
])('%s', { timeout: 60_000 }, (_, sources, fits) => {
  fc.assert(
    fc.property(
      sources.filter((source) => source.length < 500),
      (source) => {
        const { expression } = accepted(source);
        let value: Json;
        try {
          value = run(source);
        } catch (error) {
          expect(isFailure(error)).toBe(true);
          expect(String(error), expression.cel).toMatch(FAILURES);
          return;
        }
        expect(fits(value), `${source} gave ${JSON.stringify(value)}`).toBe(true);
        expect(run(source)).toEqual(value);
      },
    ),
    { numRuns: 150 },
  );
});
