/**
 * The official conformance tests of CEL: each passes, or differs for a reason that is written down. The figures are pinned, so
 * that none of them falls in silence; docs/cel.md shows them.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DIFFERENCES, seen } from './conformance/differences.js';
import { conformance, conformancePage } from './conformance/report.js';
import { agrees, answerTo } from './conformance/run.js';
import type { Case, Expected } from './conformance/cases.js';

const report = conformance();

test('none fails', () => {
  expect(report.failed).toEqual([]);
});

test('as many pass as did', () => {
  expect(Object.fromEntries(report.files.map(({ file, cases, passed }) => [file, `${passed} of ${cases}`]))).toEqual({
    basic: '27 of 43',
    bindings_ext: '0 of 5',
    block_ext: '0 of 37',
    comparisons: '93 of 406',
    conversions: '19 of 109',
    dynamic: '14 of 226',
    encoders_ext: '0 of 4',
    enums: '0 of 85',
    fields: '3 of 60',
    fp_math: '26 of 30',
    integer_math: '34 of 64',
    lists: '17 of 39',
    logic: '21 of 30',
    macros: '32 of 44',
    macros2: '0 of 46',
    math_ext: '0 of 199',
    namespace: '0 of 3',
    optionals: '1 of 70',
    parse: '109 of 219',
    plumbing: '4 of 5',
    proto2: '0 of 108',
    proto2_ext: '0 of 18',
    proto3: '0 of 75',
    string: '45 of 51',
    string_ext: '0 of 209',
    timestamps: '19 of 76',
    type_deductions: '11 of 47',
    wrappers: '0 of 36',
  });
});

test('the differences are those that are written down, and each is met', () => {
  expect(Object.fromEntries(report.differences.map(({ name, count }) => [name, count]))).toEqual({
    'a comparison that can never hold': 8,
    'absence is read with orValue': 62,
    'errors before the run': 14,
    'functions of its own': 475,
    'functions of other programs': 5,
    'maps are records': 51,
    'names are known before the run': 27,
    'no bytes': 99,
    'no messages': 681,
    'no null': 19,
    'one number type': 112,
    'one type in a list and a choice': 14,
    span: 35,
    spelling: 7,
    'time is UTC, to the millisecond': 17,
    'true and false': 34,
    'types are known before the run': 209,
  });
});

test('docs/cel.md says so', () => {
  expect(readFileSync('docs/cel.md', 'utf8')).toBe(conformancePage());
});

describe('a wrong answer is noticed', () => {
  const wrong: readonly (readonly [string, Expected])[] = [
    ['1 + 1', { is: 'value', value: { int64Value: '3' } }],
    ['[1, 2]', { is: 'value', value: { listValue: { values: [{ int64Value: '1' }] } } }],
    ["'a' + 'b'", { is: 'error', message: 'no such overload' }],
    ['1 / 0', { is: 'value', value: { boolValue: true } }],
    ["size('abc') == 3", { is: 'value', value: { boolValue: false } }],
  ];
  for (const [expr, expected] of wrong) {
    test(expr, () => {
      const given: Case = {
        file: 'basic',
        name: expr,
        expr,
        container: undefined,
        types: new Map(),
        bindings: new Map(),
        expected,
      };
      const answer = answerTo(given);
      expect(agrees(given, answer)).toBe(false);
      const excuse = DIFFERENCES.find(({ applies }) => applies(seen(given, answer)));
      expect(excuse?.name).toBe(expr === '1 / 0' ? 'one number type' : undefined);
    });
  }
});
