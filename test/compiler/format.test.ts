/**
 * The layout of files: what it changes, what it keeps, and that it never changes what a file says.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commentsOf } from '../../language/compiler/comments.js';
import { format } from '../../language/compiler/format.js';
import { parse } from '../../language/compiler/parse.js';
import { toPlain } from '../../language/plan/parsed.js';
import { Problems } from '../../language/plan/problem.js';
import { kinds } from '../../language/steps/index.js';

const LONG =
  'a text that is long enough to make a line of more than a hundred and twenty columns, as messages often are';

describe('the layout', () => {
  const cases: readonly (readonly [what: string, before: string, after: string])[] = [
    ['two spaces', 'a:\n    b: 1\n    c:\n          - 2\n', 'a:\n  b: 1\n  c:\n    - 2\n'],
    ['lists stand further in', 'a:\n- 1\n- b: 2\n', 'a:\n  - 1\n  - b: 2\n'],
    ['braces have air, brackets have none', 'a: {b: 1,c: [ 2 ,3 ]}\n', 'a: { b: 1, c: [2, 3] }\n'],
    ['empty ones have none', 'a: { }\nb: [ ]\n', 'a: {}\nb: []\n'],
    ['double quotes', "a: 'b'\n", 'a: "b"\n'],
    ['single quotes where double ones would need escapes', `a: 'b "c" \\d'\n`, `a: 'b "c" \\d'\n`],
    ['plain text stays plain', 'a: ${{ b.c }}\n', 'a: ${{ b.c }}\n'],
    ['numbers as they are written', 'a: 1.50\nb: 1e3\nc: 007x\n', 'a: 1.50\nb: 1e3\nc: 007x\n'],
    ['two spaces before a comment', 'a: {} # b\n', 'a: {}  # b\n'],
    ['comments in a column stay there', 'a: 1      # b\ncd: 2     # e\n', 'a: 1      # b\ncd: 2     # e\n'],
    ['one that stands alone does not', 'a: 1      # b\n', 'a: 1  # b\n'],
    ['a comment behind a key stays behind it', 'a:   # b\n    - 1\n', 'a:  # b\n  - 1\n'],
    [
      'comments of their own keep their place',
      '# a\nb:\n # c\n - 1\n # d\n# e\nf: 2\n',
      '# a\nb:\n  # c\n  - 1\n  # d\n# e\nf: 2\n',
    ],
    ['one empty line at most', 'a: 1\n\n\n\nb: 2\n', 'a: 1\n\nb: 2\n'],
    ['none at the head of a block', 'a:\n\n  - 1\n\n  - 2\n', 'a:\n  - 1\n\n  - 2\n'],
    ['Windows line ends', 'a: 1\r\nb:\r\n    - 2\r\n', 'a: 1\nb:\n  - 2\n'],
    ['a byte order mark', '\ufeffa: 1\n', 'a: 1\n'],
    ['a line end at the end', 'a: 1', 'a: 1\n'],
    ['a text folded as it was', 'a:\n    b: one\n      two\n\n      three\n', 'a:\n  b: one\n    two\n\n    three\n'],
    ['a quoted one too', 'a:\n    b: "one\n        two"\n', 'a:\n  b: "one\n    two"\n'],
    [
      'a block as it was',
      'a:\n    b: >-  # c\n        one\n          two\n        three\n',
      'a:\n  b: >-  # c\n    one\n      two\n    three\n',
    ],
    ['a block that begins with spaces', 'a: |2\n    b\n  c\n', 'a: |2\n    b\n  c\n'],
    ['a block with all its line ends', 'a: |+\n    b\n\n\nc: 1\n', 'a: |+\n  b\n\n\nc: 1\n'],
    ['braces of several lines that fit', 'a: { b: 1,\n     c: 2 }\n', 'a: { b: 1, c: 2 }\n'],
    ['braces that do not fit', `a: { b: 1, c: "${LONG}" }\n`, `a:\n  b: 1\n  c: "${LONG}"\n`],
    ['only the outer ones', `a: { b: [1, 2], c: { d: "${LONG}" } }\n`, `a:\n  b: [1, 2]\n  c: { d: "${LONG}" }\n`],
    ['braces with a comment inside', 'a: { b: 1,  # c\n     d: 2 }\n', 'a:\n  b: 1  # c\n  d: 2\n'],
    ['braces with a text of several lines', 'a: { b: "c\n  d" }\n', 'a:\n  b: "c\n    d"\n'],
  ];
  for (const [what, before, after] of cases) {
    test(what, () => {
      expect(format('x.yaml', before)).toEqual({ is: 'laid out', text: after });
      expect(format('x.yaml', after)).toEqual({ is: 'laid out', text: after });
    });
  }
});

test('what cannot be read is not laid out', () => {
  const codes = ['a: [1', 'a: 1\na: 2', 'a: &b 1', 'a: text # cut', ''].map((text) => {
    const formatting = format('x.yaml', text);
    return formatting.is === 'unreadable' ? formatting.problems.map(({ code, file }) => `${file} ${code}`) : formatting;
  });
  expect(codes).toEqual(['FIRN100', 'FIRN107', 'FIRN103', 'FIRN111', 'FIRN100'].map((code) => [`x.yaml ${code}`]));
});

const FILES = ['definitions', 'test'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(flow|policy|test)\.yaml$/.test(name) && !name.startsWith('refused/'))
    .map((name) => join(folder, name)),
);
const EXAMPLES = Object.values(kinds).map(
  ({ verb, example }) => [verb, `steps:\n${example.replace(/^/gm, '  ')}`] as const,
);
const TEXTS = new Map([...FILES.map((file) => [file, readFileSync(file, 'utf8')] as const), ...EXAMPLES]);

describe('every file that there is', () => {
  for (const [name, text] of TEXTS) test(name, () => expectLaidOut(text));
});

test('however it was written', () => {
  const change = fc.tuple(fc.nat(), fc.constantFrom(...CHANGES));
  fc.assert(
    fc.property(
      fc.constantFrom(...TEXTS.values()),
      fc.array(change, { maxLength: 12 }),
      fc.boolean(),
      (text, all, windows) => {
        const lines = all.reduce<readonly string[]>(
          (before, [at, make]) => make(before, at % before.length),
          text.split('\n'),
        );
        const changed = lines.join(windows ? '\r\n' : '\n');
        // Some changes fall inside a text, or break the file: those say nothing about the layout.
        fc.pre(said(changed) === said(text));
        expectLaidOut(changed);
      },
    ),
    { numRuns: 150 },
  );
});

type Change = (lines: readonly string[], at: number) => readonly string[];

/** What another editor, or another hand, does to a line. */
const CHANGES: readonly Change[] = [
  (lines, at) => lines.toSpliced(at, 0, ''),
  (lines, at) => lines.toSpliced(at, 0, '', '', '   '),
  (lines, at) => lines.toSpliced(at, 0, '# a remark of its own'),
  (lines, at) => lines.toSpliced(at, 0, `${/^ */.exec(lines[at] ?? '')?.[0] ?? ''}# a remark at its line`, '#'),
  (lines, at) => lines.with(at, `${lines[at] ?? ''}     # behind: {a: 1}`),
  (lines, at) => lines.with(at, `${lines[at] ?? ''}   `),
  (lines, at) => lines.with(at, (lines[at] ?? '').replaceAll('{ ', '{').replaceAll(', ', ',   ')),
  (lines, at) => lines.with(at, (lines[at] ?? '').replaceAll('"', "'")),
  (lines, at) => lines.with(at, (lines[at] ?? '').replace(', ', ',\n                              ')),
  (lines, at) => lines.with(at, (lines[at] ?? '').replace('{ ', '{  # inside\n                              ')),
  (lines, at) => lines.with(at, (lines[at] ?? '').replace(/: (?=\S)/, ':      ')),
  (lines, at) => lines.with(at, (lines[at] ?? '').replace(/^( *)- (?=\S)/, '$1-   # odd place\n$1  ')),
  (lines) => lines.map((line) => line.replace(/^ +/, '$&$&')),
];

function expectLaidOut(text: string): void {
  const formatting = format('x.yaml', text);
  if (formatting.is !== 'laid out') throw new Error(`not laid out: ${JSON.stringify(formatting)}\n${text}`);
  const { text: laidOut } = formatting;
  expect(said(laidOut)).toBe(said(text));
  expect(textsOf(laidOut)).toEqual(textsOf(text));
  expect(format('x.yaml', laidOut)).toEqual(formatting);
  expect(laidOut).not.toMatch(/\n\n\n|[ \t]\n|\t/);
}

function textsOf(text: string): readonly string[] {
  return commentsOf(text.replaceAll('\r', '')).map((comment) => comment.text);
}

/** Undefined where the file cannot be read. */
function said(text: string): string | undefined {
  const problems = new Problems('x.yaml');
  const tree = parse(text, problems);
  return tree === undefined || problems.failed ? undefined : JSON.stringify(toPlain(tree));
}
