/**
 * The one definition that a command is about: by the name of its workflow, or by its file.
 *
 * HOST. With problems it is not what anybody would run, so they are shown instead.
 */
import { existsSync } from 'node:fs';
import { compileFile, type CompiledDefinition } from '../setup/definitions.js';
import { withActivities } from '../setup/load-activities.js';
import { loadProject } from '../setup/project.js';
import type { CommonOptions } from './main.js';
import { problemLines, publicProblem } from './problems.js';
import { CommandError, EXIT, type Terminal } from './terminal.js';

export type GoodDefinition = Required<Pick<CompiledDefinition, 'plan' | 'bounds'>>;

/** Undefined where there are problems: they have been shown then. */
export async function findFlow(
  terminal: Terminal,
  options: CommonOptions,
  flow: string,
): Promise<GoodDefinition | undefined> {
  const { configuration, problems, sources } = await withActivities(loadProject(options.directory, process.env));
  const show = (found: typeof problems, texts: typeof sources): undefined => {
    terminal.document({ ok: false, problems: found.map(publicProblem) });
    for (const line of problemLines(terminal, found, texts)) terminal.note(line);
    return undefined;
  };
  if (configuration === undefined) return show(problems, sources);
  const known = configuration.definitions.find(({ name }) => name === flow);
  if (known === undefined && !existsSync(flow)) {
    const names = configuration.definitions.map(({ name }) => name).join(', ');
    throw new CommandError(
      EXIT.usage,
      'usage',
      `there is no workflow and no file "${flow}"`,
      `this project has: ${names}`,
    );
  }
  const compiled = compileFile(configuration, known?.path ?? flow);
  const { plan, bounds } = compiled;
  if (plan !== undefined && bounds !== undefined) return { plan, bounds };
  return show(compiled.problems, compiled.sources);
}
