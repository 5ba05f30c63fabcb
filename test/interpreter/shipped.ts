/** The shipped definitions and the cases beside them, through the real compiler. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../language/compiler/compile.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import { formatProblems } from '../../language/compiler/render.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Callee } from '../../language/plan/project.js';
import type { Case } from '../../language/plan/test-case.js';
import type { Node } from '../../language/steps/index.js';
import { withActivities } from '../../setup/load-activities.js';
import { compileDefinitions, loadProject } from '../../setup/project.js';

const ROOT = join(import.meta.dirname, '..', '..');

export interface Shipped {
  readonly file: string;
  readonly plan: Plan<Node>;
  readonly cases: readonly Case[];
}

/** Throws with the problems as people are shown them. */
export async function shippedDefinitions(): Promise<Shipped[]> {
  const { configuration } = await withActivities(loadProject(ROOT, {}));
  if (configuration === undefined) throw new Error('firn.yaml cannot be read');
  const compiled = compileDefinitions(configuration);
  const callees = (name: string): Callee | undefined => compiled.find((one) => one.name === name)?.callee;
  return configuration.definitions.map(({ file }) => {
    const text = textOf(file) ?? '';
    const { project } = configuration;
    const { plan, problems } = compile({ file, text, project, policies: textOf, callees });
    if (plan === undefined) throw new Error(formatProblems(problems, new Map([[file, text]]), { color: false }));
    const testFile = file.replace('.flow.', '.test.');
    const testText = textOf(testFile) ?? '';
    const tests = parseTests(testFile, testText, plan, { project, callees });
    if (tests.problems.length > 0)
      throw new Error(formatProblems(tests.problems, new Map([[testFile, testText]]), { color: false }));
    return { file, plan, cases: tests.cases };
  });
}

function textOf(file: string): string | undefined {
  return existsSync(join(ROOT, file)) ? readFileSync(join(ROOT, file), 'utf8') : undefined;
}
