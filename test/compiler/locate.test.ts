/**
 * `locate`: from an offset in a value back to the line and column of the file, through every way YAML writes text.
 * Each case marks with ‹ › in the YAML what the needle is in the value; the position of what stands there must come back.
 */
import { expect, test } from 'vitest';
import { parse } from '../../language/compiler/parse.js';
import { get } from '../../language/plan/parsed.js';
import { Problems } from '../../language/plan/problem.js';

const CASES: readonly (readonly [name: string, yaml: string, needle: string])[] = [
  ['plain', 'a: hello ‹world› again\n', 'world'],
  ['plain on two lines', 'a: hello\n  there ‹world›\n', 'world'],
  ['plain over an empty line', 'a: hello\n\n  there ‹world›\n', 'world'],
  ['single quotes', "a: 'it''s ‹here›'\n", 'here'],
  ['single quotes, two doubled', "a: 'it''''s ‹here› not'\n", 'here'],
  ['single quotes on two lines', "a: 'it is\n  over ‹here›'\n", 'here'],
  ['double quotes', 'a: "hello ‹world›"\n', 'world'],
  ['double quotes, \\"', 'a: "say \\"hi\\" ‹world›"\n', 'world'],
  ['double quotes, \\n and \\t', 'a: "one\\n\\ttwo ‹world›"\n', 'world'],
  ['double quotes, \\x \\u', 'a: "\\x41\\u00e9 ‹world›"\n', 'world'],
  ['double quotes, \\U beyond 16 bits', 'a: "\\U0001F600 ‹world›"\n', 'world'],
  ['double quotes, \\\\ before a letter', 'a: "c:\\\\new ‹world›"\n', 'world'],
  ['double quotes, folded', 'a: "hello\n   there ‹world›"\n', 'world'],
  ['double quotes, folded over empty lines', 'a: "hello\n\n\n   there ‹world›"\n', 'world'],
  ['double quotes, escaped line end', 'a: "hello \\\n   there ‹world›"\n', 'world'],
  ['double quotes, escaped line end within a word', 'a: "hel\\\n   lo ‹world›"\n', 'world'],
  ['literal block', 'a: |\n  one\n  two ‹world›\n  three\n', 'world'],
  ['literal block, indented further', 'a: |\n  one\n      two ‹world›\n', 'world'],
  ['literal block after an empty line', 'a: |\n\n  one ‹world›\n', 'world'],
  ['literal block, stripped, in a list', 'b: 1\na: |-\n      deep ‹world›\n', 'world'],
  ['folded block', 'a: >\n  one\n  two ‹world›\n', 'world'],
  ['folded block with a paragraph', 'a: >-\n  one\n  two\n\n  three ‹world›\n', 'world'],
  ['emoji before', 'a: "😀 ‹world›"\n', 'world'],
  ['in a flow map', '{ a: "x ‹world›", b: 1 }\n', 'world'],
  ['Windows line ends', 'a: |\r\n  one\r\n  two ‹world›\r\n', 'world'],
  ['the beginning', 'a: "‹hello› world"\n', 'hello'],
];

test.each(CASES)('%s', (_name, marked, needle) => {
  const open = marked.indexOf('‹');
  const before = marked.slice(0, open).split('\n');
  const expected = { line: before.length, column: (before.at(-1) ?? '').length + 1 };
  const problems = new Problems('x');
  const root = parse(marked.replace(/[‹›]/g, ''), problems);
  expect(problems.all).toEqual([]);
  const scalar = get(root, 'a');
  if (scalar?.is !== 'scalar' || typeof scalar.value !== 'string') throw new Error('there is no text');
  expect(scalar.locate(scalar.value.indexOf(needle))).toEqual(expected);
});

test('the offset behind the last character is the end', () => {
  const root = parse('a: "abc"\nb: 1\n', new Problems('x'));
  const scalar = get(root, 'a');
  if (scalar?.is !== 'scalar') throw new Error('there is no text');
  expect(scalar.locate(3)).toEqual({ line: 1, column: 8 });
  expect(scalar.locate(99)).toEqual({ line: 1, column: 8 });
});
