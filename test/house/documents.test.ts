/** What the documents show as YAML is accepted by the compiler: whole definitions, and the example of each verb. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { formatProblems } from '../../language/compiler/render.js';
import { kinds } from '../../language/steps/index.js';
import { loadProject } from '../../setup/project.js';
import { compileSteps } from '../steps/definitions.js';

const ROOT = join(import.meta.dirname, '..', '..');
/** docs/language.md is a project of its own: language.test.ts. */
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith('.md') && name !== 'docs/language.md',
);
const { configuration } = loadProject(ROOT, {});
if (configuration === undefined) throw new Error('firn.yaml cannot be read');
const { project } = configuration;

interface Example {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

function yamlIn(page: string, text: string): Example[] {
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(({ 1: found = '', index }) => ({
    page,
    line: text.slice(0, index).split('\n').length + 1,
    text: found,
  }));
}

const whole = PAGES.flatMap((page) => yamlIn(page, readFileSync(join(ROOT, page), 'utf8'))).filter(({ text }) =>
  /^workflow: .*^steps:$/ms.test(text),
);

describe('definitions in the documents', () => {
  test('the README shows one', () => expect(whole.map(({ page }) => page)).toContain('README.md'));

  test.each(whole)('$page:$line compiles', ({ text }) => {
    const file = 'definitions/refund/refund.flow.yaml';
    const policies = (name: string): string | undefined =>
      existsSync(join(ROOT, name)) ? readFileSync(join(ROOT, name), 'utf8') : undefined;
    const { problems } = compile({ file, text, project, policies });
    expect(formatProblems(problems, new Map([[file, text]]), { color: false })).toBe('');
  });
});

describe('verbs in docs/verbs.md', () => {
  const examples = yamlIn('docs/verbs.md', readFileSync(join(ROOT, 'docs/verbs.md'), 'utf8'));

  test('each has an example', () => expect(examples.length).toBe(Object.keys(kinds).length));

  test.each(examples)('%#: $text', ({ text }) => {
    const { plan, problems } = compileSteps(text);
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(plan).toBeDefined();
  });
});
