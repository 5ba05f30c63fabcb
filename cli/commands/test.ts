/**
 * `firn test [FILES]`: the cases of `*.test.yaml` on the test host: no server, no database, no model.
 *
 * HOST. Ends with `N passed, N failed` on a line of its own; exit 1 when a case failed, 2 when a file has problems.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { runCase, type CaseResult } from '../../interpreter/run-cases.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import type { Problem } from '../../language/plan/problem.js';
import { kindOf } from '../../language/steps/index.js';
import { compileDefinitions, compileFile, type CompiledDefinition } from '../../setup/definitions.js';
import type { Configuration } from '../../setup/configuration.js';
import type { CommonOptions } from '../main.js';
import { textOption } from '../options.js';
import { problemLines, publicProblem } from '../problems.js';
import { openProject } from '../session.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';

interface TestFile {
  readonly path: string;
  readonly shown: string;
  readonly definition: CompiledDefinition;
}

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const configuration = openProject(terminal, options.directory, process.env);
  const only = textOption(options, 'only');
  const files = args.length === 0 ? allTests(configuration) : args.map((file) => testOf(configuration, file));
  const problems: Problem[] = [];
  const sources = new Map<string, string>();
  const results: (CaseResult & { readonly file: string })[] = [];
  for (const { path, shown, definition } of files) {
    const text = readFileSync(path, 'utf8');
    sources.set(shown, text);
    for (const [name, source] of definition.sources) sources.set(name, source);
    if (definition.plan === undefined) {
      problems.push(...definition.problems);
      continue;
    }
    const parsed = parseTests(shown, text, definition.plan);
    problems.push(...parsed.problems);
    for (const test of parsed.cases) {
      if (only !== undefined && !test.name.includes(only)) continue;
      const result = { file: shown, ...(await runCase(definition.plan, test, kindOf)) };
      results.push(result);
      print(terminal, result);
    }
  }
  const errors = problems.filter((problem) => problem.severity === 'error');
  const passed = results.filter((result) => result.passed).length;
  const failed = results.length - passed;
  terminal.document({
    ok: failed === 0 && errors.length === 0 && results.length > 0,
    passed,
    failed,
    problems: problems.map(publicProblem),
    cases: results,
  });
  if (errors.length > 0) for (const line of problemLines(terminal, errors, sources)) terminal.line(line);
  if (results.length === 0 && errors.length === 0)
    terminal.note(only === undefined ? 'There are no test cases.' : `No case has "${only}" in its name.`);
  terminal.line(`${passed} passed, ${failed} failed`);
  if (errors.length > 0 || results.length === 0) return EXIT.usage;
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

function print(terminal: Terminal, result: CaseResult & { readonly file: string }): void {
  const mark = result.passed ? terminal.colors.green('ok') : terminal.colors.red('failed');
  terminal.line(`${mark} ${result.file}:${result.line} ${result.name}`);
  for (const difference of result.differences) terminal.line(`   ${difference}`);
}

/** Every `*.test.yaml` beside a definition. */
function allTests(configuration: Configuration): readonly TestFile[] {
  return compileDefinitions(configuration).flatMap((definition) => {
    const folder = join(configuration.directory, dirname(definition.file));
    return readdirSync(folder)
      .filter((name) => name === `${definition.name}.test.yaml`)
      .map((name) => ({ path: join(folder, name), shown: `${dirname(definition.file)}/${name}`, definition }));
  });
}

/** A test file, or a definition whose test file stands beside it. */
function testOf(configuration: Configuration, file: string): TestFile {
  const path = resolve(file.replace(/\.flow\.ya?ml$/, '.test.yaml'));
  const flow = path.replace(/\.test\.ya?ml$/, '.flow.yaml');
  if (!existsSync(path))
    throw new CommandError(
      EXIT.usage,
      'usage',
      `there is no test file ${path}`,
      'a test file is named <workflow>.test.yaml',
    );
  if (flow === path || !existsSync(flow))
    throw new CommandError(EXIT.usage, 'usage', `there is no definition ${flow} for ${path}`);
  return { path, shown: relative(resolve('.'), path), definition: compileFile(configuration, flow) };
}
