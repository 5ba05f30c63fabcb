/**
 * Every refused file in test/refused/ beside the exact text that Firn answers. UPDATE_GOLDEN=1 writes the texts anew.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { parsePolicy } from '../../language/compiler/policies.js';
import { formatProblems } from '../../language/compiler/render.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import { Problems } from '../../language/plan/problem.js';
import type { Problem } from '../../language/plan/problem.js';
import { AROUND, fixturePlan } from './everything.js';
import { PROJECT, REMIND, RETURNS_POLICY } from './project.js';

const folder = new URL('../refused/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

function problemsOf(file: string, text: string): readonly Problem[] {
  if (file.endsWith('.policy.yaml')) {
    const problems = new Problems(file);
    parsePolicy('returns', file, text, problems);
    return problems.all;
  }
  if (file.endsWith('.test.yaml')) {
    const flow = /^workflow: everything$/m.test(text) ? 'everything' : 'refund';
    return parseTests(file, text, fixturePlan(flow), AROUND).problems;
  }
  const policies = (path: string) => (path === 'returns.policy.yaml' ? RETURNS_POLICY : undefined);
  const callees = (name: string) => (name === REMIND.name ? REMIND : undefined);
  return compile({ file, text, project: PROJECT, policies, callees }).problems;
}

describe('refused files get their exact text', () => {
  test.each(files)('%s', (name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const problems = problemsOf(name, text);
    const told = `${formatProblems(problems, new Map([[name, text]]), { color: false })}\n`;
    const golden = new URL(name.replace(/\.yaml$/, '.txt'), folder);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(golden, told);
    expect(existsSync(golden) ? readFileSync(golden, 'utf8') : '(no golden text)').toBe(told);
    for (const code of name.match(/\d{3}/g) ?? []) {
      expect(problems.map((problem) => problem.code)).toContain(`FIRN${code}`);
    }
  });
});
