/**
 * Loads the modules with which an application registers activities.
 *
 * HOST: runs the application's own code. Only who compiles definitions or runs them does it; `firn list` does not. A module
 * that cannot be loaded is a problem with its name, and does not keep others from being looked at.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '../language/plan/failure.js';
import { Problems, type Problem } from '../language/plan/problem.js';
import { isActivityLike, readActivity, type RegisteredActivity } from './application-activities.js';
import type { Configuration } from './configuration.js';
import type { LoadedProject } from './project.js';

export interface ProjectWithActivities extends LoadedProject {
  readonly registered: ReadonlyMap<string, RegisteredActivity>;
}

/** The same project, whose definitions may use what its modules export. Problems: FIRN504. */
export async function withActivities(loaded: LoadedProject): Promise<ProjectWithActivities> {
  const { configuration } = loaded;
  if (configuration === undefined) return { ...loaded, registered: new Map() };
  const { registered, problems } = await loadActivities(configuration);
  const project = { ...configuration.project, activities: registered };
  return {
    ...loaded,
    configuration: { ...configuration, project },
    problems: [...loaded.problems, ...problems],
    registered,
  };
}

async function loadActivities({ directory, activities }: Configuration): Promise<{
  readonly registered: ReadonlyMap<string, RegisteredActivity>;
  readonly problems: readonly Problem[];
}> {
  const registered = new Map<string, RegisteredActivity>();
  const from = new Map<string, string>();
  const found: Problem[] = [];
  for (const file of activities) {
    const problems = new Problems(file);
    for (const given of await exportsOf(directory, file, problems)) {
      const read = readActivity(given, file);
      found.push(...read.problems);
      if (read.activity === undefined) continue;
      const { name } = read.activity;
      const other = from.get(name);
      if (other === undefined) registered.set(name, read.activity);
      else problems.error('FIRN504', TOP, `the activity "${name}" is registered twice; ${other} has it too`);
      from.set(name, file);
    }
    found.push(...problems.all);
  }
  return { registered, problems: found };
}

const TOP = { at: { line: 1, column: 1 }, path: '' };

/** Every export that is an activity, or a list of such. The same one under two names is one. */
async function exportsOf(directory: string, file: string, problems: Problems): Promise<ReadonlySet<Exported>> {
  const path = join(directory, file);
  if (!existsSync(path)) {
    problems.error('FIRN504', TOP, `there is no module ${file}`, '`activities` of firn.yaml names it');
    return new Set();
  }
  try {
    const module: unknown = await import(pathToFileURL(path).href);
    const values = typeof module === 'object' && module !== null ? Object.values<unknown>({ ...module }) : [];
    const found = new Set(values.flat(1).filter(isActivityLike));
    if (found.size === 0) problems.error('FIRN504', TOP, `${file} exports no activity`, HOW);
    return found;
  } catch (error) {
    problems.error('FIRN504', TOP, `${file} cannot be loaded: ${messageOf(error)}`);
    return new Set();
  }
}

type Exported = Readonly<Record<string, unknown>>;

const HOW = "write: export const track = defineActivity({ name: 'track', effect: 'read', takes: {…}, run(input) {…} })";
