/** Numbers are one type, and compute as JavaScript's do; decimals round as on paper. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isFailure } from '../../language/plan/failure.js';
import { compiled, run } from './given.js';

interface Sum {
  readonly cel: string;
  readonly value: number;
  /** It is known before the run that it has no decimals: then it is exact, or fails. */
  readonly whole: boolean;
}

const number = fc
  .oneof(fc.integer({ min: 0, max: 1000 }), fc.double({ min: 0, max: 1e6, noNaN: true }))
  .map((value): Sum => ({ cel: String(value), value, whole: Number.isInteger(value) }));
const name = fc.constantFrom<Sum>(
  { cel: 'order.total', value: 12.5, whole: false },
  { cel: 'terms.limit', value: 20, whole: true },
  { cel: 'size(lines)', value: 2, whole: true },
  { cel: 'lines[1].price', value: 7.5, whole: false },
);

const sum = fc.letrec<{ sum: Sum }>((tie) => ({
  sum: fc.oneof(
    { depthSize: 'medium' },
    number,
    name,
    tie('sum').map(({ cel, value, whole }) => ({ cel: `-(${cel})`, value: -value, whole })),
    fc
      .tuple(tie('sum'), tie('sum'), fc.constantFrom('+', '-', '*', '/'))
      .map(([left, right, operator]) => combine(left, right, operator)),
    fc.tuple(tie('sum'), tie('sum'), tie('sum')).map(([a, b, c]) => ({
      cel: `(${a.cel} < ${b.cel} ? ${b.cel} : ${c.cel})`,
      value: choose(a.value, b.value, c.value),
      whole: b.whole && c.whole,
    })),
  ),
})).sum;

/** NaN stands for "this fails", and what fails once fails as a whole. */
function choose(left: number, right: number, otherwise: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return NaN;
  return left < right ? right : otherwise;
}

function combine(left: Sum, right: Sum, operator: string): Sum {
  const cel = `(${left.cel} ${operator} ${right.cel})`;
  if (operator === '/') return { cel, value: right.value === 0 ? NaN : left.value / right.value, whole: false };
  const whole = left.whole && right.whole;
  const value = compute(left.value, right.value, operator);
  return { cel, value: whole && !Number.isSafeInteger(value) ? NaN : value, whole };
}

function compute(left: number, right: number, operator: string): number {
  if (operator === '+') return left + right;
  return operator === '-' ? left - right : left * right;
}

test('whole numbers are exact, or fail', () => {
  expect(run('9007199254740991 - 1')).toBe(9007199254740990);
  expect(run('3000000000.0 * 3000000001.0')).toBe(9.000000003e18);
  for (const cel of ['9007199254740991 + 1', '-9007199254740991 - terms.limit', '5000000000 * 5000000001'])
    expect(() => run(cel), cel).toThrow(/a whole number beyond 9007199254740991, which a number does not keep exactly/);
});

test('arithmetic is that of JavaScript', () => {
  fc.assert(
    fc.property(
      sum.filter(({ cel }) => cel.length < 2000),
      ({ cel, value }) => {
        if (Number.isFinite(value)) expect(run(cel), cel).toBe(value === 0 ? 0 : value);
        else expect(() => run(cel)).toThrow(/could not be computed/);
      },
    ),
    { numRuns: 2000 },
  );
});

test('comparisons and remainders are those of JavaScript', () => {
  const whole = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(
      whole,
      whole.filter((value) => value !== 0),
      fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
      (left, right, operator) => {
        const expected = {
          '<': left < right,
          '<=': left <= right,
          '>': left > right,
          '>=': left >= right,
          '==': left === right,
          '!=': left !== right,
        }[operator];
        expect(run(`${left} ${operator} ${right}.0`)).toBe(expected);
        expect(run(`${left} % ${right}`)).toBe(left % right === 0 ? 0 : left % right);
      },
    ),
  );
});

test('fixed() rounds the decimal text half away from zero', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -10_000_000, max: 10_000_000 }),
      fc.integer({ min: 0, max: 6 }),
      fc.integer({ min: 0, max: 8 }),
      (digits, places, wanted) => {
        const exact = BigInt(Math.abs(digits)) * 10n ** BigInt(Math.max(0, wanted - places));
        const unit = 10n ** BigInt(Math.max(0, places - wanted));
        const rounded = (exact * 2n + unit) / (unit * 2n);
        const text = rounded.toString().padStart(wanted + 1, '0');
        const expected = `${digits < 0 && rounded > 0n ? '-' : ''}${wanted === 0 ? text : `${text.slice(0, -wanted)}.${text.slice(-wanted)}`}`;
        const written = `${digits < 0 ? '-' : ''}${Math.abs(digits)
          .toString()
          .padStart(places + 1, '0')}`;
        const source = places === 0 ? written : `${written.slice(0, -places)}.${written.slice(-places)}`;
        expect(run(`fixed(${source}, ${wanted})`)).toBe(expected);
      },
    ),
    { numRuns: 1000 },
  );
});

test('text survives every literal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (text) => {
      expect(run(JSON.stringify(text).replace(/\u007f/g, '\\u007f'))).toBe(text);
    }),
  );
});

test('five hundred expressions compile quickly', { timeout: 10_000 }, () => {
  for (let count = 0; count < 500; count += 1) {
    const source = `has(order.delivered_at) && run.started_at > order.delivered_at + span(terms.window) && order.total <= ${count}`;
    expect(compiled(source).type.kind).toBe('boolean');
  }
});

test('what goes wrong is a Failure', () => {
  try {
    run('order.total / 0');
    expect.unreachable();
  } catch (error) {
    expect(isFailure(error) && error.code).toBe('expression');
    expect(String(error)).toContain('"order.total / 0" could not be computed: 12.5 is divided by 0');
  }
});
