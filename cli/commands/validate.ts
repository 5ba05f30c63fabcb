/**
 * `firn validate [FILES]`: every problem of the named definitions (or of all), and what each definition may do.
 *
 * HOST. Needs no server and no database: columns come from the committed file.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { explain, guarantees } from '../../language/compiler/explain.js';
import type { Problem } from '../../language/plan/problem.js';
import { compileDefinitions, compileFile, type CompiledDefinition } from '../../setup/definitions.js';
import { withActivities } from '../../setup/load-activities.js';
import { loadProject } from '../../setup/project.js';
import { scheduleProblems } from '../../setup/schedule-settings.js';
import { githubLine, sarifLog } from '../annotations.js';
import type { CommonOptions } from '../main.js';
import { explanationLines } from '../explanation.js';
import { problemLines, publicProblem } from '../problems.js';
import { CommandError, EXIT, wrap, type ExitCode, type Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const loaded = await withActivities(loadProject(options.directory, process.env));
  const { configuration, problems: projectProblems, sources } = loaded;
  if (configuration === undefined) return show(terminal, options, projectProblems, sources, []);
  const missing = args.find((file) => !existsSync(file));
  if (missing !== undefined) {
    const here = configuration.definitions.map((definition) => definition.file).join(', ');
    throw new CommandError(
      EXIT.usage,
      'usage',
      `there is no file ${missing} in ${resolve('.')}`,
      `this project has: ${here}`,
    );
  }
  const compiled =
    args.length === 0 ? compileDefinitions(configuration) : args.map((file) => compileFile(configuration, file));
  const problems = [
    ...projectProblems,
    ...scheduleProblems(configuration.schedules, compiled),
    ...compiled.flatMap((definition) => definition.problems),
  ];
  const texts = new Map([...sources, ...compiled.flatMap((definition) => [...definition.sources])]);
  return show(terminal, options, problems, texts, compiled);
}

function show(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  compiled: readonly CompiledDefinition[],
): ExitCode {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const good = compiled.flatMap(({ plan, bounds }) =>
    plan === undefined || bounds === undefined ? [] : [{ plan, bounds }],
  );
  terminal.document(
    options['format'] === 'sarif'
      ? sarifLog(problems, sources, options.directory)
      : {
          ok: errors === 0,
          problems: problems.map(publicProblem),
          workflows: good.map(({ plan, bounds }) => ({
            name: plan.name,
            hash: plan.hash,
            model_calls_at_most: plan.model_calls_at_most,
            paths_without_model: plan.paths_without_model,
            bounds,
          })),
        },
  );
  const lines =
    options['format'] === 'github'
      ? problems.map((problem) => githubLine(problem, options.directory))
      : problems.length === 0
        ? []
        : problemLines(terminal, problems, sources);
  for (const line of lines) terminal.line(line);
  if (problems.length > 0) terminal.line();
  for (const { plan, bounds } of good) {
    const [first = '', ...others] = guarantees(bounds);
    terminal.line(`${terminal.colors.green('ok')} ${plan.name} ${plan.hash.slice(0, 12)}: ${first}`);
    for (const line of others) for (const part of wrap(`   ${line}`, terminal.width, 5)) terminal.line(part);
    if (options['explain'] !== true) continue;
    for (const line of explanationLines(terminal, explain(plan, bounds))) terminal.line(line);
    terminal.line();
  }
  const warnings = problems.length - errors;
  if (problems.length > 0)
    terminal.line(
      `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
    );
  return errors === 0 ? EXIT.ok : EXIT.usage;
}
