/** docs/testing.md: its flow compiles, and every case that it shows passes as it stands there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { runCase } from '../../interpreter/run-cases.js';
import { compile } from '../../language/compiler/compile.js';
import { formatProblems } from '../../language/compiler/render.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import type { Problem } from '../../language/plan/problem.js';
import { kindOf } from '../../language/steps/index.js';
import { loadProject } from '../../setup/project.js';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs/testing.md'), 'utf8');
const { configuration } = loadProject(ROOT, {});
if (configuration === undefined) throw new Error('firn.yaml cannot be read');
const around = { project: configuration.project, callees: () => undefined };

const blocks = [...PAGE.matchAll(/^```yaml\n(.*?)^```$/gms)].map(({ 1: text = '' }) => text);
const [flow = '', file = '', ...more] = blocks;
const { plan, problems } = compile({ file: 'late-parcel.flow.yaml', text: flow, ...around, policies: () => undefined });
if (plan === undefined) throw new Error(shown(problems, flow));
/** All cases of the page, below the head of the file that it shows. */
const tests = file + more.map((text) => text.replace(/^(?=.)/gm, '  ')).join('');
const read = parseTests('late-parcel.test.yaml', tests, plan, around);

function shown(found: readonly Problem[], text: string): string {
  return formatProblems(found, new Map(found.map((problem) => [problem.file, text])), { color: false });
}

describe('docs/testing.md', () => {
  test('its flow has no problem', () => expect(shown(problems, flow)).toBe(''));

  test('its cases can be read, all of them', () => {
    expect(shown(read.problems, tests)).toBe('');
    expect(read.cases).toHaveLength([...tests.matchAll(/^ {2}- name: /gm)].length);
    expect(read.cases.length).toBeGreaterThan(8);
  });

  test.each(read.cases)('$name', async (one) => {
    const { differences } = await runCase(plan, one, kindOf, () => setImmediate());
    expect(differences).toEqual([]);
  });
});
