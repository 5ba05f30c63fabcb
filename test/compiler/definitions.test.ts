/**
 * The shipped definitions compile without a problem, and so do the tests beside them.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formatProblems } from '../../language/compiler/render.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import { compileDefinitions } from '../../setup/definitions.js';
import { withActivities } from '../../setup/load-activities.js';
import { loadProject } from '../../setup/project.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { configuration } = await withActivities(loadProject(root, {}));
if (configuration === undefined) throw new Error('firn.yaml cannot be read');
const definitions = compileDefinitions(configuration);

describe('shipped definitions', () => {
  test('there are some', () =>
    expect(definitions.map(({ name }) => name)).toEqual([
      ...[
        'account-change',
        'dunning',
        'dunning-notice',
        'incident',
        'invoice-intake',
        'onboarding',
        'refund',
        'support-triage',
      ],
    ]));

  test.each(definitions)('$name compiles', ({ plan, problems, sources }) => {
    expect(formatProblems(problems, sources, { color: false })).toBe('');
    expect(plan?.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(definitions)('the tests of $name can be read', ({ file, plan }) => {
    if (plan === undefined) throw new Error('it does not compile');
    const name = file.replace('.flow.yaml', '.test.yaml');
    const text = readFileSync(`${root}/${name}`, 'utf8');
    const callees = (called: string) => definitions.find((one) => one.name === called)?.callee;
    const { cases, problems } = parseTests(name, text, plan, { project: configuration.project, callees });
    expect(formatProblems(problems, new Map([[name, text]]), { color: false })).toBe('');
    expect(cases.length).toBeGreaterThan(3);
  });
});
