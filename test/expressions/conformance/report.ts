/**
 * All official cases, counted: passed, different on purpose, failed; and the page docs/cel.md that says so.
 */
import { conformanceCases, type Case } from './cases.js';
import { DIFFERENCES, seen } from './differences.js';
import { agrees, answerTo, type Answer } from './run.js';

export interface FileCount {
  readonly file: string;
  readonly cases: number;
  readonly passed: number;
  readonly different: number;
}

export interface DifferenceCount {
  readonly name: string;
  readonly reason: string;
  readonly count: number;
  /** A short one of its cases that shows something, and what was said to it. */
  readonly example: { readonly expr: string; readonly said: string };
}

export interface Report {
  readonly cases: number;
  readonly passed: number;
  /** Compiled and evaluated, whatever came of it. */
  readonly accepted: number;
  readonly files: readonly FileCount[];
  readonly differences: readonly DifferenceCount[];
  /** `file/name: expression: answer`; there should be none. */
  readonly failed: readonly string[];
}

interface Answered {
  readonly test: Case;
  readonly answer: Answer;
}

export function conformance(): Report {
  const files = new Map<string, { cases: number; passed: number; different: number }>();
  const different = new Map<string, readonly Answered[]>();
  const failed: string[] = [];
  let accepted = 0;
  for (const test of conformanceCases()) {
    const answer = answerTo(test);
    const count = files.get(test.file) ?? { cases: 0, passed: 0, different: 0 };
    files.set(test.file, count);
    count.cases += 1;
    if (answer.is === 'value' || answer.is === 'failure') accepted += 1;
    const difference = agrees(test, answer)
      ? undefined
      : DIFFERENCES.find(({ applies }) => applies(seen(test, answer)));
    if (agrees(test, answer)) count.passed += 1;
    else if (difference === undefined) failed.push(`${test.file}/${test.name}: ${test.expr}: ${said(answer)}`);
    else {
      count.different += 1;
      different.set(difference.name, [...(different.get(difference.name) ?? []), { test, answer }]);
    }
  }
  const counts = [...files].map(([file, count]) => ({ file, ...count }));
  return {
    cases: counts.reduce((sum, { cases }) => sum + cases, 0),
    passed: counts.reduce((sum, { passed }) => sum + passed, 0),
    accepted,
    files: counts,
    differences: DIFFERENCES.map(({ name, reason }) => {
      const cases = different.get(name) ?? [];
      const shown = exampleOf(cases);
      const example = { expr: shown?.test.expr ?? '', said: shown === undefined ? '' : said(shown.answer) };
      return { name, reason, count: cases.length, example };
    }).sort((one, other) => other.count - one.count),
    failed,
  };
}

/** The shortest one that was refused and is more than a name; else the shortest. */
function exampleOf(cases: readonly Answered[]): Answered | undefined {
  const byLength = [...cases].sort((one, other) => one.test.expr.length - other.test.expr.length);
  return byLength.find(({ test, answer }) => answer.is === 'refused' && /\W/.test(test.expr)) ?? byLength[0];
}

function said(answer: Answer): string {
  switch (answer.is) {
    case 'value':
      return JSON.stringify(answer.value);
    case 'failure':
      return answer.message;
    case 'refused': {
      const [first] = answer.problems;
      const hint = first?.hint === undefined ? '' : ` (hint: ${first.hint})`;
      return first === undefined ? '' : `${first.code} ${first.message}${hint}`;
    }
    case 'unbindable':
      return `the value or the type of "${answer.name}" has no place here`;
  }
}

/** docs/cel.md. */
export function conformancePage(): string {
  const { cases, passed, accepted, files, differences, failed } = conformance();
  const percent = (part: number, all: number): string => `${((100 * part) / all).toFixed(0)} %`;
  const acceptedDifferent = accepted - passed;
  const lines = [
    '# Expressions and CEL',
    '',
    'Generated from `test/expressions/conformance/` by `npm run docs`. Expressions are CEL behind one wrapper, and smaller than CEL on purpose. Every one of the official conformance tests (the "simple" tests of [cel-spec](https://github.com/google/cel-spec), as `@bufbuild/cel-spec` packages them) is put through the way that an author\'s expression takes: compiled in a scope of declared types, then evaluated. A test pins these figures.',
    '',
    `Of ${cases} cases ${passed} pass (${percent(passed, cases)}), ${cases - passed - failed.length} differ on purpose, and ${failed.length} fail. Most of what differs is refused before the run, with what to write instead: ${accepted} cases are accepted by the compiler, and of these ${passed} give what CEL gives and ${acceptedDifferent} something else, for a reason below.`,
    '',
    '## Differences on purpose',
    '',
    ...differences.flatMap(({ name, reason, count, example }) => [
      `### ${name} (${count})`,
      '',
      reason,
      '',
      '```',
      example.expr.replace(/\s+/g, ' ').trim(),
      `-> ${example.said}`,
      '```',
      '',
    ]),
    '## By file',
    '',
    '| file | cases | pass | differ | pass rate |',
    '|---|---|---|---|---|',
    ...files.map(
      (count) =>
        `| ${count.file} | ${count.cases} | ${count.passed} | ${count.different} | ${percent(count.passed, count.cases)} |`,
    ),
    `| all | ${cases} | ${passed} | ${cases - passed - failed.length} | ${percent(passed, cases)} |`,
  ];
  return `${lines.join('\n')}\n`;
}
