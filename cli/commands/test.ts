/**
 * `firn test [FILES]`: the cases of `*.test.yaml` on the test host: no server, no database, no model.
 *
 * HOST. Ends with `N passed, N failed` on a line of its own; exit 1 when a case failed or too little is covered, 2 when a
 * file has problems. With `--watch` it goes on until Ctrl-C and runs again what a change can have changed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { hashText } from '../../language/plan/json.js';
import { CoverageBook, printCoverage, publicCoverage, type Covered } from '../coverage.js';
import { listenForInterrupt } from '../interruption.js';
import { junitReport } from '../junit.js';
import type { CommonOptions } from '../main.js';
import { textOption } from '../options.js';
import { problemLines, publicProblem } from '../problems.js';
import { openToCompile } from '../session.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';
import { findTests, type TestFile, type Tests } from '../test-files.js';
import { runTestFile, type RanCase, type RanFile, type RunRules } from '../test-run.js';
import { Watcher } from '../watch.js';

interface Wanted extends RunRules {
  readonly coverage: boolean;
  /** Percent of each definition that its cases must go through. */
  readonly least: number;
  readonly junit: string | undefined;
}

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const wanted = wantedOf(options);
  const find = async (): Promise<Tests> =>
    findTests(await openToCompile(terminal, options.directory, process.env), args);
  if (options['watch'] === true) return await watch(terminal, options, args, wanted, find);
  return await runOnce(terminal, await find(), wanted);
}

function wantedOf(options: CommonOptions & Record<string, unknown>): Wanted {
  const { coverage } = options;
  if (options['watch'] === true && options.json) {
    throw new CommandError(EXIT.usage, 'usage', '--watch does not go with --json: it never comes to one result');
  }
  return {
    only: textOption(options, 'only'),
    update: options['update'] === true,
    ci: !['', 'false', '0'].includes(process.env['CI'] ?? ''),
    coverage: coverage !== undefined,
    least: typeof coverage === 'string' ? percentOf(coverage) : 0,
    junit: textOption(options, 'junit'),
  };
}

function percentOf(written: string): number {
  const percent = Number(written);
  if (/^\d+$/.test(written) && percent <= 100) return percent;
  const hint = 'write --coverage=90, and files before it';
  throw new CommandError(EXIT.usage, 'usage', `--coverage takes a whole number up to 100, not "${written}"`, hint);
}

async function runOnce(terminal: Terminal, { files, untested, around }: Tests, wanted: Wanted): Promise<ExitCode> {
  const ran: RanFile[] = [];
  const book = new CoverageBook();
  for (const file of files) {
    const coverage = wanted.coverage ? book.of(file.definition) : undefined;
    ran.push(await runTestFile(file, around, wanted, (result) => printCase(terminal, result), coverage));
  }
  if (wanted.coverage && wanted.only === undefined) for (const definition of untested) book.of(definition);
  return report(terminal, ran, book.reports(), wanted);
}

function report(terminal: Terminal, ran: readonly RanFile[], covered: readonly Covered[], wanted: Wanted): ExitCode {
  const { only, coverage, least, junit } = wanted;
  const cases = ran.flatMap((file) => file.cases);
  const problems = ran.flatMap((file) => file.problems);
  const errors = problems.filter((problem) => problem.severity === 'error');
  const passed = cases.filter((result) => result.passed).length;
  const failed = cases.length - passed;
  const thin = covered.filter(({ report: { percent } }) => percent < least);
  if (junit !== undefined) writeFileSync(junit, junitReport(ran));
  terminal.document({
    ok: failed === 0 && errors.length === 0 && cases.length > 0 && thin.length === 0,
    passed,
    failed,
    problems: problems.map(publicProblem),
    cases: cases.map(({ took_ms: _took_ms, ...result }) => result),
    snapshots: ran.flatMap(({ shown, snapshots }) => {
      return snapshots.written.length + snapshots.unused.length === 0 ? [] : [{ file: shown, ...snapshots }];
    }),
    ...(coverage ? { coverage: covered.map(publicCoverage) } : {}),
  });
  const sources = new Map(ran.flatMap((file) => [...file.sources]));
  if (errors.length > 0) for (const line of problemLines(terminal, errors, sources)) terminal.line(line);
  for (const file of ran) noteSnapshots(terminal, file, wanted);
  if (coverage) printCoverage(terminal, covered, least);
  if (cases.length === 0 && errors.length === 0)
    terminal.note(only === undefined ? 'There are no test cases.' : `No case has "${only}" in its name.`);
  for (const {
    file,
    report: { percent },
  } of thin)
    terminal.note(`${file} is covered to ${percent} %; ${least} % is asked for.`);
  terminal.line(`${passed} passed, ${failed} failed`);
  if (errors.length > 0 || cases.length === 0) return EXIT.usage;
  return failed === 0 && thin.length === 0 ? EXIT.ok : EXIT.failed;
}

function printCase(terminal: Terminal, result: RanCase): void {
  const mark = result.passed ? terminal.colors.green('ok') : terminal.colors.red('failed');
  terminal.line(`${mark} ${result.file}:${result.line} ${result.name}`);
  for (const difference of result.differences) terminal.line(`   ${difference}`);
}

function noteSnapshots(terminal: Terminal, { shown, snapshots }: RanFile, { update }: Wanted): void {
  const { written, unused } = snapshots;
  const file = shown.replace(/\.ya?ml$/, '.snap.yaml');
  for (const name of written) terminal.note(`${file}: wrote what "${name}" does; read it before you commit it`);
  for (const name of unused) {
    const what = update ? 'removed, as no case uses it' : 'no case uses it; `firn test --update` removes it';
    terminal.note(`${file}: "${name}": ${what}`);
  }
}

async function watch(
  terminal: Terminal,
  options: CommonOptions,
  args: readonly string[],
  wanted: Wanted,
  find: () => Promise<Tests>,
): Promise<ExitCode> {
  const interruption = listenForInterrupt();
  const before = new Map<string, string>();
  const root = resolve(options.directory);
  let watcher = new Watcher(root, [join(root, 'definitions')]);
  for (let changed: readonly string[] | undefined; ;) {
    try {
      let tests = await find();
      const folders = foldersOf(root, tests, args);
      if (!watcher.watches(folders)) {
        watcher = new Watcher(root, folders);
        // What changed since they were read, and before they were watched, is not lost.
        tests = await find();
      }
      const files = tests.files.filter((file) => isNew(file, before));
      if (files.length > 0) await runOnce(terminal, { ...tests, files }, wanted);
      else if (changed !== undefined) terminal.line('nothing that a case depends on has changed');
    } catch (error) {
      // Somebody is in the middle of writing: what is wrong is said, and the next change may put it right.
      if (!(error instanceof CommandError)) throw error;
      terminal.note(`${terminal.colors.red('error:')} ${error.message}`);
    }
    terminal.line(terminal.colors.dim(`watching ${watcher.files} files; Ctrl-C ends`));
    changed = await watcher.changed(interruption.happened);
    if (interruption.interrupted) return EXIT.interrupted;
    terminal.line(`\n${changed.join(', ')} changed`);
  }
}

/** A file runs again when its text, or anything that its definition is made of, is another than at its last run. */
function isNew({ path, definition }: TestFile, before: Map<string, string>): boolean {
  const { plan, source, problems } = definition;
  const state = hashText(JSON.stringify([readFileSync(path, 'utf8'), plan?.hash ?? source, problems]));
  if (before.get(path) === state) return false;
  before.set(path, state);
  return true;
}

/** Folders of the project that hold definitions, and those of named files. */
function foldersOf(root: string, { files, untested }: Tests, args: readonly string[]): readonly string[] {
  const definitions = [...files.map(({ definition }) => definition), ...untested];
  const own = definitions.map(({ file }) => join(root, file.split('/')[0] ?? ''));
  return [...new Set([...(args.length > 0 ? files.map(({ path }) => dirname(path)) : []), ...own])];
}
