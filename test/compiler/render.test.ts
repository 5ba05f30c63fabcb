/**
 * A problem as shown: the exact look, cut lines, colour, order, and nothing that could steer a terminal.
 */
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { formatProblem, sortProblems } from '../../language/compiler/render.js';
import type { Problem } from '../../language/plan/problem.js';

const PROBLEM: Problem = {
  code: 'FIRN204',
  severity: 'error',
  file: 'definitions/refund/refund.flow.yaml',
  line: 2,
  column: 31,
  length: 4,
  path: 'steps.verdict.decide.rules[1].when',
  message: 'nothing is named "ordr" here',
  hint: 'did you mean "order"? In scope: input, run, order, reason, terms.',
};
const TEXT = 'rules:\n    - { id: small, when: "${{ ordr.total <= 20 }}", answer: pay }\n';

describe('formatProblem', () => {
  test('looks as the page on style shows it', () => {
    expect(formatProblem(PROBLEM, TEXT, { color: false })).toBe(
      [
        'definitions/refund/refund.flow.yaml:2:31 FIRN204 steps.verdict.decide.rules[1].when: nothing is named "ordr" here',
        '  2 |     - { id: small, when: "${{ ordr.total <= 20 }}", answer: pay }',
        '    |                               ^^^^',
        '  hint: did you mean "order"? In scope: input, run, order, reason, terms.',
      ].join('\n'),
    );
  });

  test('without the text there is no frame', () => {
    expect(formatProblem(PROBLEM, undefined, { color: false }).split('\n')).toHaveLength(2);
  });

  test('a long line is cut around the spot', () => {
    const text = `${'x'.repeat(5000)}ordr${'y'.repeat(5000)}`;
    const shown = formatProblem({ ...PROBLEM, line: 1, column: 5001 }, text, { color: false }).split('\n');
    expect(shown[1]?.length).toBeLessThan(160);
    const caret = shown[2]?.indexOf('^') ?? 0;
    expect(shown[1]?.slice(caret, caret + 4)).toBe('ordr');
  });

  test('control characters of a file reach no terminal', () => {
    const shown = formatProblem({ ...PROBLEM, message: 'a\u001b[31mb', line: 1, column: 1 }, '\u001b]0;x\u0007', {
      color: false,
    });
    expect(Array.from(shown).filter((character) => character < ' ' && character !== '\n')).toEqual([]);
  });

  test('colour is only added', () => {
    const colored = formatProblem(PROBLEM, TEXT, { color: true });
    expect(colored).toContain('\u001b[');
    expect(stripVTControlCharacters(colored)).toBe(formatProblem(PROBLEM, TEXT, { color: false }));
  });
});

test('errors come before warnings, then by line and code', () => {
  const make = (severity: Problem['severity'], line: number, code: Problem['code']): Problem => ({
    ...PROBLEM,
    severity,
    line,
    code,
  });
  const sorted = sortProblems([
    make('warning', 1, 'FIRN410'),
    make('error', 9, 'FIRN301'),
    make('error', 3, 'FIRN302'),
    make('error', 3, 'FIRN301'),
  ]);
  expect(sorted.map(({ line, code }) => `${line} ${code}`)).toEqual([
    '3 FIRN301',
    '3 FIRN302',
    '9 FIRN301',
    '1 FIRN410',
  ]);
});
