/**
 * `firn validate [FILES]`: every problem of the named definitions (or of all), and what each definition may do.
 *
 * HOST. Needs no server and no database: columns come from the committed file.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../../language/plan/problem.js';
import { compileDefinitions, compileFile, type CompiledDefinition } from '../../setup/definitions.js';
import { loadProject } from '../../setup/project.js';
import type { CommonOptions } from '../main.js';
import { problemLines, publicProblem } from '../problems.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';

export function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const { configuration, problems: projectProblems, sources } = loadProject(options.directory, process.env);
  if (configuration === undefined) return Promise.resolve(show(terminal, projectProblems, sources, []));
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
  const problems = [...projectProblems, ...compiled.flatMap((definition) => definition.problems)];
  const texts = new Map([...sources, ...compiled.flatMap((definition) => [...definition.sources])]);
  return Promise.resolve(show(terminal, problems, texts, compiled));
}

function show(
  terminal: Terminal,
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  compiled: readonly CompiledDefinition[],
): ExitCode {
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const plans = compiled.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
  terminal.document({
    ok: errors === 0,
    problems: problems.map(publicProblem),
    workflows: plans.map((plan) => ({
      name: plan.name,
      hash: plan.hash,
      model_calls_at_most: plan.model_calls_at_most,
      paths_without_model: plan.paths_without_model,
    })),
  });
  if (problems.length > 0) for (const line of problemLines(terminal, problems, sources)) terminal.line(line);
  if (problems.length > 0) terminal.line();
  for (const plan of plans) {
    const questions =
      plan.model_calls_at_most === 0
        ? 'no question to a model'
        : `at most ${plan.model_calls_at_most} question${plan.model_calls_at_most === 1 ? '' : 's'} to a model`;
    const paths = `${plan.paths_without_model} ${plan.paths_without_model === 1 ? 'path puts' : 'paths put'} none`;
    terminal.line(
      `${terminal.colors.green('ok')} ${plan.name} ${plan.hash.slice(0, 12)}: ${plan.nodes.length} ${plan.nodes.length === 1 ? 'step' : 'steps'}, ${questions}; ${paths}`,
    );
  }
  const warnings = problems.length - errors;
  if (problems.length > 0)
    terminal.line(
      `${errors} ${errors === 1 ? 'error' : 'errors'}, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`,
    );
  return errors === 0 ? EXIT.ok : EXIT.usage;
}
