/**
 * Test results as JUnit XML, as CI systems read it: a suite per test file, a case per case.
 *
 * HOST, without I/O. What cases are called and what differs is anybody's text: escaped, and without what XML 1.0 cannot say.
 */
import type { RanCase, RanFile } from './test-run.js';

export function junitReport(files: readonly RanFile[]): string {
  const suites = files.map(suite);
  const total = sum(files);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="firn test" tests="${total.tests}" failures="${total.failures}" errors="${total.errors}" time="${seconds(total.took_ms)}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(file: RanFile): string {
  const { tests, failures, errors, took_ms } = sum([file]);
  const { shown, definition, problems } = file;
  const name = `name="${text(shown)}"`;
  const broken = problems
    .filter(({ severity }) => severity === 'error')
    .map(({ code, file: where, line, column, message, hint }) => {
      const said = `${where}:${line}:${column} ${code}: ${message}${hint === undefined ? '' : `\nhint: ${hint}`}`;
      const head = `    <testcase name="${text(`${code} ${where}:${line}`)}" classname="${text(definition.name)}" time="0">`;
      return `${head}\n      <error message="${text(message)}" type="${code}">${text(said)}</error>\n    </testcase>`;
    });
  const cases = file.cases.map((one) => testCase(one, definition.name));
  const head = `  <testsuite ${name} tests="${tests}" failures="${failures}" errors="${errors}" skipped="0" time="${seconds(took_ms)}">`;
  return [head, ...broken, ...cases, '  </testsuite>'].join('\n');
}

function testCase({ name, file, line, passed, differences, took_ms }: RanCase, workflow: string): string {
  const attributes = `name="${text(name)}" classname="${text(workflow)}" file="${text(file)}" line="${line}" time="${seconds(took_ms)}"`;
  if (passed) return `    <testcase ${attributes}/>`;
  const [first = 'it failed'] = differences;
  const failed = `      <failure message="${text(first)}" type="difference">${text(`${file}:${line}\n${differences.join('\n')}`)}</failure>`;
  return `    <testcase ${attributes}>\n${failed}\n    </testcase>`;
}

function sum(files: readonly RanFile[]): {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly took_ms: number;
} {
  const cases = files.flatMap((file) => file.cases);
  const errors = files.flatMap(({ problems }) => problems.filter(({ severity }) => severity === 'error')).length;
  return {
    tests: cases.length + errors,
    failures: cases.filter(({ passed }) => !passed).length,
    errors,
    took_ms: cases.reduce((total, { took_ms }) => total + took_ms, 0),
  };
}

function seconds(duration_ms: number): string {
  return (duration_ms / 1000).toFixed(3);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** Fit for an attribute and for content alike. */
function text(written: string): string {
  return Array.from(written, (character) => ENTITIES[character] ?? (isXml(character) ? character : '\uFFFD')).join('');
}

/** Characters that XML 1.0 knows at all. */
function isXml(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return code === 0x0d;
  return code < 0xd800 || (code > 0xdfff && code !== 0xfffe && code !== 0xffff);
}
