/** Expressions and data that would stop a worker: each is a typed problem or failure, and none takes long. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../language/plan/json.js';
import { isFailure } from '../../language/plan/failure.js';
import { compilePattern, matchesPattern } from '../../language/expressions/index.js';
import { compiled, refused, run } from './given.js';

const HANG_MS = 20_000;
const many = (count: number): Json =>
  Array.from({ length: count }, (_, index) => ({ sku: `s${index}`, price: index, count: 1 }));

function failureOf(source: string, changes: Record<string, Json>): { readonly code: string; readonly message: string } {
  try {
    run(source, changes);
  } catch (error) {
    if (isFailure(error)) return error;
    throw error;
  }
  throw new Error(`${source} was computed`);
}

describe('at compile time', () => {
  test.each<readonly [string, string, string]>([
    ['a hundred thousand "!"', `${'!'.repeat(100_000)}order.paid`, 'FIRN211'],
    ['3,900 "!"', `${'!'.repeat(3900)}order.paid`, 'FIRN211'],
    ['3,900 "-"', `${'-'.repeat(3900)}1`, 'FIRN211'],
    ['1,900 brackets', `${'('.repeat(1900)}1${')'.repeat(1900)}`, 'FIRN200'],
    ['1,900 lists', `${'['.repeat(1900)}1${']'.repeat(1900)}`, 'FIRN200'],
    ['a long chain', Array.from({ length: 900 }, () => '1').join(' + '), 'FIRN211'],
    ['a chain of choices', `${'true ? 1 : '.repeat(300)}1`, 'FIRN211'],
    ['a long text', `'${'a'.repeat(4000)}'`, 'FIRN211'],
    ['three nested macros', 'list.map(a, list.map(b, list.map(c, a)))', 'FIRN211'],
    [
      'seven nested macros',
      'list.exists(a, list.exists(b, list.exists(c, list.exists(d, list.exists(e, list.exists(f, list.exists(g, false)))))))',
      'FIRN211',
    ],
    ['a huge pattern', "order.id.matches('((a{200}){200}){200}')", 'FIRN212'],
    ['half a character', "'\ud800'", 'FIRN200'],
  ])('%s', { timeout: HANG_MS }, (_, source, code) => {
    expect(refused(source)[0]?.code).toBe(code);
  });

  test('a chain of ninety is fine', () => {
    expect(run(Array.from({ length: 90 }, () => '1').join(' + '))).toBe(90);
    expect(run(`${'('.repeat(200)}1${')'.repeat(200)}`)).toBe(1);
    expect(run(`${'true ? 1 : '.repeat(40)}1`)).toBe(1);
  });

  test('any text is read or refused, and never throws', () => {
    const pieces = fc.constantFrom(
      'order',
      '.',
      '?',
      'note',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      "'",
      '"',
      '+',
      '-',
      '&&',
      '||',
      '!',
      '==',
      'in',
      '1',
      '2.5',
      ',',
      ':',
      'has',
      'lines',
      'map',
      'l',
      ' ',
      '\\',
      'orValue',
      'null',
      '%',
      '/',
      '<',
      'size',
      'é',
      '\n',
    );
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 25 }).map((parts) => parts.join('')),
        (source) => {
          try {
            const { expression } = compiled(source);
            try {
              run(source);
            } catch (error) {
              expect(isFailure(error), `${expression.cel}: ${String(error)}`).toBe(true);
              expect(String(error), expression.cel).not.toMatch(/overload|token|unknown variable|limit|unsupported/i);
            }
          } catch (error) {
            expect(String(error)).toMatch(/FIRN2\d\d/);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('at run time', () => {
  test.each<readonly [string, string, Record<string, Json>, string]>([
    ['nested exists', 'lines.exists(a, lines.exists(b, a.price + b.price < 0))', { lines: many(2000) }, 'expression'],
    [
      'nested exists whose errors CEL would swallow',
      'lines.exists(a, lines.exists(b, a.price + b.price < 0) || a.price == 1999)',
      { lines: many(2000) },
      'expression',
    ],
    ['nested map', 'lines.map(a, lines.map(b, a.price))', { lines: many(1000) }, 'expression'],
    [
      'a sum inside a macro',
      'lines.map(a, sum(list))',
      { lines: many(1000), list: Array.from({ length: 5000 }, () => 1) },
      'expression',
    ],
    [
      '"in" inside a macro',
      'lines.filter(a, a.sku in words)',
      { lines: many(1000), words: Array.from({ length: 5000 }, () => 'w') },
      'expression',
    ],
    [
      'comparing lists inside a macro',
      'lines.filter(a, list == list)',
      { lines: many(1000), list: Array.from({ length: 5000 }, () => 1) },
      'expression',
    ],
    [
      'growing text',
      "lines.map(a, order.id + 'x')",
      { lines: many(1000), order: { id: 'a'.repeat(200_000) } },
      'expression',
    ],
    [
      'searching text',
      'lines.filter(a, order.id.contains(a.sku))',
      { lines: many(1000), order: { id: 'a'.repeat(200_000) } },
      'expression',
    ],
    [
      'a costly pattern on a long text',
      "order.id.matches('(a|b|ab)*(a?){50}c')",
      { order: { id: 'ab'.repeat(500_000) } },
      'expression',
    ],
    ['a large result', 'order.id + order.id', { order: { id: 'a'.repeat(200_000) } }, 'result_too_large'],
    ['a large list', 'lines', { lines: many(20_000) }, 'result_too_large'],
    ['a large JSON text', 'toJson(lines)', { lines: many(20_000) }, 'result_too_large'],
    ['dividing by zero', 'order.total / (order.total - order.total)', { order: { total: 2 } }, 'expression'],
    ['too large a number', 'order.total * order.total', { order: { total: 1e200 } }, 'expression'],
    ['a place that is not there', 'list[7]', {}, 'expression'],
    ['a place that is not whole', 'list[order.total]', { order: { total: 1.5 } }, 'expression'],
    ['a remainder of decimals', 'order.total % 2', { order: { total: 1.5 } }, 'expression'],
    ['no digits', 'fixed(order.total, terms.limit)', {}, 'expression'],
    ['the least of nothing', 'min(list)', { list: [] }, 'expression'],
    ['a time out of range', "run.started_at + span('4000000d')", {}, 'expression'],
    ['text that is no number', 'double(order.id)', {}, 'expression'],
    ['text that is no duration', 'run.started_at + span(order.id)', {}, 'expression'],
  ])('%s', { timeout: HANG_MS }, (_, source, changes, code) => {
    const failed = failureOf(source, changes);
    expect(failed.code).toBe(code);
    expect(failed.message).toContain(`"${source}"`);
    expect(failed.message).not.toContain('\n');
  });

  test('one evaluation does not pay for another', () => {
    const lines = { lines: many(300) };
    for (let time = 0; time < 3; time += 1)
      expect(run('lines.exists(a, lines.exists(b, a.price + b.price < 0))', lines)).toBe(false);
  });

  test('walking a long list once is fine, again and again', { timeout: HANG_MS }, () => {
    const lines = many(10_000);
    for (let place = 0; place < 500; place += 1) expect(run('lines[terms.limit].price', { lines })).toBe(20);
    expect(run('sum(lines.map(l, l.price))', { lines })).toBe(49_995_000);
  });
});

describe('patterns', () => {
  test.each(['^(a+)+$', '(a*)*b', '(a|a)*b', '(.*)*(.*)*x', '^(\\w+\\s?)*$', 'a{0,50}a{0,50}a{0,50}b'])(
    '%s takes linear time',
    { timeout: HANG_MS },
    (source) => {
      expect(matchesPattern(compilePattern(source), `${'a'.repeat(5000)}!`)).toBe(
        source.startsWith('(a*)') ? false : /^$/.test(source),
      );
    },
  );

  test('they match what JavaScript matches', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '\\d',
      '\\w',
      '\\s',
      '[ab]',
      '[^a]',
      '[a-c]',
      '\\.',
      '^',
      '$',
      '\\b',
      '-',
      '1',
    );
    const pattern = fc.letrec<{ one: string; many: string }>((tie) => ({
      one: fc.oneof(
        { maxDepth: 3 },
        atom,
        tie('many').map((inner) => `(${inner})`),
        fc.tuple(tie('many'), tie('many')).map(([a, b]) => `(?:${a}|${b})`),
      ),
      many: fc
        .array(fc.tuple(tie('one'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?')), {
          maxLength: 4,
        })
        .map((parts) => parts.map(([one, count]) => (/^(\^|\$|\\b)$/.test(one) ? one : one + count)).join('')),
    })).many;
    const short = pattern.filter((source) => source.length < 60);
    fc.assert(
      fc.property(
        short,
        fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '.', ' ', '-', '\n'), maxLength: 8 }),
        (source, text) => {
          expect(matchesPattern(compilePattern(source), text), `${source} on ${JSON.stringify(text)}`).toBe(
            new RegExp(source).test(text),
          );
        },
      ),
      { numRuns: 5000 },
    );
  });

  test.each([
    '(a',
    'a)',
    '[a',
    '[z-a]',
    '*a',
    'a**',
    '\\',
    '\\1',
    '(?=a)',
    '(?<n>a)',
    '(?i)a',
    'a{3,1}',
    '\\p{L}',
    'a{999}b{999}',
    'a'.repeat(501),
  ])('%s is refused', (source) => {
    expect(() => compilePattern(source)).toThrow();
  });
});
