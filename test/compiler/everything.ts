/** A definition with a step of every kind that a test file can say something about. Not a test itself. */
import { readFileSync } from 'node:fs';
import { compile } from '../../language/compiler/compile.js';
import { formatProblems } from '../../language/compiler/render.js';
import type { Around } from '../../language/compiler/tests-results.js';
import type { Callee, Project } from '../../language/plan/project.js';
import { NUMBER, TEXT, mapOf } from '../../language/plan/types.js';
import { PROJECT, RETURNS_POLICY } from './project.js';

const project: Project = {
  ...PROJECT,
  connections: new Map([...PROJECT.connections, ['registry', { kind: 'http' }]]),
};
const REFUND: Callee = {
  name: 'refund',
  hash: 'f'.repeat(64),
  takes: mapOf({ order_id: TEXT }),
  gives: mapOf({ refund: NUMBER }),
  ends_within_ms: 3_600_000,
  fails: ['bad_order'],
};

export const AROUND: Around = { project, callees: (name) => (name === 'refund' ? REFUND : undefined) };

/** The plan of test/compiler/fixtures/<name>.flow.yaml. */
export function fixturePlan(name: 'refund' | 'everything') {
  const file = `${name}.flow.yaml`;
  const text = readFileSync(new URL(`./fixtures/${file}`, import.meta.url), 'utf8');
  const { plan, problems } = compile({ file, text, ...AROUND, policies: () => RETURNS_POLICY });
  if (plan === undefined) throw new Error(formatProblems(problems, new Map([[file, text]]), { color: false }));
  return plan;
}
