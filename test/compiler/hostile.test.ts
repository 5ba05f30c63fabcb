/**
 * Hostile YAML: bombs, depth, masses of keys, broken bytes. Each gets a typed problem, soon, and nothing is thrown.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { parse } from '../../language/compiler/parse.js';
import { Problems } from '../../language/plan/problem.js';
import { toPlain } from '../../language/plan/parsed.js';
import { PROJECT } from './project.js';

/** Far above what is aimed at (1 s), far below what a hang would take. */
const HANG_MS = 20_000;

const HEAD = 'workflow: sample\nsummary: Sample\nowner: support\nends_within: 1d\n';
const many = (count: number, make: (index: number) => string, between: string): string =>
  Array.from({ length: count }, (_, index) => make(index)).join(between);

const BOMBS: readonly (readonly [string, string, string])[] = [
  ['300 KiB', `${HEAD}steps: [{ refuse: "${'x'.repeat(300 * 1024)}" }]\n`, 'FIRN101'],
  ['300 KiB in two-byte letters', `# ${'é'.repeat(140 * 1024)}\n`, 'FIRN101'],
  ['4,100 lines', `${HEAD}steps:\n${many(2050, () => '  - refuse: late\n    summary: x', '\n')}\n`, 'FIRN101'],
  ['100,000 keys', `a: {${many(100_000, (index) => `k${index}: 1`, ', ')}}`, 'FIRN101'],
  ['10,000 keys', `a: {${many(10_000, (index) => `k${index}: 1`, ', ')}}`, 'FIRN302'],
  ['10,000 times one key', `a: {${many(10_000, () => 'k: 1', ', ')}}`, 'FIRN107'],
  ['200,000 brackets', '['.repeat(200_000), 'FIRN114'],
  ['60,000 maps', '{a: '.repeat(60_000), 'FIRN114'],
  ['120,000 dashes', '- '.repeat(120_000), 'FIRN114'],
  ['80,000 question marks', '? '.repeat(80_000), 'FIRN114'],
  ['maps by indentation', many(300, (index) => `${' '.repeat(index)}a:`, '\n'), 'FIRN114'],
  [
    'a billion laughs',
    `a: &a [x]\n${many(20, (index) => `b${index}: &b${index} [${many(10, () => (index === 0 ? '*a' : `*b${index - 1}`), ', ')}]`, '\n')}\n`,
    'FIRN103',
  ],
  ['80,000 anchors', '&a '.repeat(80_000), 'FIRN1'],
  ['80,000 tags', '!a '.repeat(80_000), 'FIRN1'],
  ['250,000 quotes', '"'.repeat(250_000), 'FIRN1'],
  ['200,000 closing brackets', ']'.repeat(200_000), 'FIRN1'],
  ['3,900 directives', '%a\n'.repeat(3900), 'FIRN106'],
  ['1,900 documents', 'a\n---\n'.repeat(1900), 'FIRN113'],
  ['only tabs', '\t'.repeat(100_000), 'FIRN100'],
  ['nothing', '', 'FIRN100'],
  ['a NUL', 'a: "\u0000"\nb: \u0000', 'FIRN302'],
  ['lone surrogates', `${HEAD}steps: [{ refuse: "\ud800" }]\n`, ''],
  [
    '5,000 misspelt keys in one step',
    `${HEAD}steps: [{ tell: {${many(5000, (index) => `txt${index}: 1`, ', ')}} }]\n`,
    'FIRN301',
  ],
  [
    '5,000 unknown keys beside a verb',
    `${HEAD}steps: [{ refuse: late, ${many(5000, (index) => `x${index}: 1`, ', ')} }]\n`,
    'FIRN301',
  ],
  ['an expression of 200 KiB', `${HEAD}steps: [{ refuse: "\${{ ${'('.repeat(200_000)} }}" }]\n`, 'FIRN'],
];

describe('bombs', () => {
  test.each(BOMBS)(
    '%s',
    (_name, text, code) => {
      const { problems } = compile({ file: 'bomb.flow.yaml', text, project: PROJECT, policies: () => undefined });
      const codes = problems.map((problem) => problem.code);
      if (code !== '')
        expect(
          codes.some((one) => one.startsWith(code)),
          codes.slice(0, 5).join(),
        ).toBe(true);
      expect(problems.length).toBeLessThan(1000);
    },
    HANG_MS,
  );
});

test('a value that came through is what YAML says, without prototypes', () => {
  const problems = new Problems('x');
  const root = parse('a: { b: [1, true, "x"], toString: y }\n', problems);
  expect(problems.all).toEqual([]);
  if (root === undefined) throw new Error('nothing was parsed');
  const plain = toPlain(root);
  expect(Object.getPrototypeOf(plain)).toBeNull();
  expect(JSON.stringify(plain)).toBe('{"a":{"b":[1,true,"x"],"toString":"y"}}');
});

test('a byte order mark and Windows line ends change no position', () => {
  const problems = new Problems('x');
  parse('\ufeffa: 1\r\nb:\r\n', problems);
  expect(problems.all.map(({ code, line, column }) => [code, line, column])).toEqual([['FIRN109', 2, 1]]);
});

const FRAGMENTS = [
  'workflow',
  ': ',
  '\n',
  '  ',
  '- ',
  'steps:',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '${{',
  '}}',
  'read:',
  '&a ',
  '*a',
  '!t ',
  '#',
  ' #x',
  '|',
  '>',
  '\t',
  '---\n',
  '%',
  'a',
  '0123',
  ',',
  '?',
  '<<: ',
  '\u0000',
  '\\',
  'é',
  '😀',
];

test(
  'random YAML never throws',
  () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 60 }), (parts) => {
        const text = parts.join('');
        const { plan, problems } = compile({ file: 'x.flow.yaml', text, project: PROJECT, policies: () => undefined });
        expect(plan === undefined ? problems.length : 1).toBeGreaterThan(0);
      }),
      { numRuns: 3000 },
    );
  },
  HANG_MS,
);

test(
  'random damage to a good definition never throws, and is told when there is no plan',
  () => {
    const good = `${HEAD}uses: [shop]\ninput: { order_id: string }\nsteps:\n  - id: order\n    read: { from: shop.orders, where: { id: "\${{ input.order_id }}" } }\n  - when: \${{ order.total > 5 && has(order.note) }}\n    refuse: "Too much: \${{ order.note }}"\noutput: { id: "\${{ order.id }}" }\n`;
    expect(compile({ file: 'x', text: good, project: PROJECT, policies: () => undefined }).problems).toEqual([]);
    fc.assert(
      fc.property(fc.nat(good.length), fc.nat(6), fc.constantFrom('', ...FRAGMENTS), (at, cut, put) => {
        const text = good.slice(0, at) + put + good.slice(at + cut);
        const { plan, problems } = compile({ file: 'x', text, project: PROJECT, policies: () => undefined });
        expect(plan === undefined ? problems.length : 1).toBeGreaterThan(0);
        for (const { line, column } of problems) expect(Math.min(line, column)).toBeGreaterThan(0);
      }),
      { numRuns: 1500 },
    );
  },
  HANG_MS,
);
