/**
 * docs/language.md is a project: what it shows is written into a folder, compiled, and run on the test host.
 *
 * A block ```yaml that begins with `# firn.yaml` is the project; each ```yaml with `workflow:` and `steps:` is a definition, and the
 * ```yaml test behind it holds its cases; ```yaml refused CODE is a definition with that problem, and the block behind
 * it shows it as people see it.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCase } from '../../interpreter/run-cases.js';
import { formatProblems } from '../../language/compiler/render.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import { kindOf, kinds } from '../../language/steps/index.js';
import { compileFile } from '../../setup/definitions.js';
import type { Configuration } from '../../setup/configuration.js';
import { compileDefinitions, loadProject } from '../../setup/project.js';
import { idle } from '../interpreter/running.js';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs/language.md'), 'utf8');

interface Fence {
  readonly line: number;
  /** What stands behind the three marks: `yaml`, `yaml test`, `text`. */
  readonly info: string;
  readonly text: string;
}

const fences: readonly Fence[] = [...PAGE.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(
  ({ 1: info = '', 2: text = '', index }) => ({ line: PAGE.slice(0, index).split('\n').length + 1, info, text }),
);
const whole = fences.flatMap((fence, index) => {
  const name = /^workflow: (\S+)$/m.exec(fence.text)?.[1];
  const behind = fences[index + 1];
  return name === undefined || fence.info === 'yaml test' ? [] : [{ ...fence, name, behind }];
});
const shown = whole.filter(({ info }) => info === 'yaml');
const refused = whole.filter(({ info }) => info.startsWith('yaml refused '));

const folder = mkdtempSync(join(tmpdir(), 'firn-language-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The page as a project, with the tables and the policy of the shop that comes with Firn. */
function writeProject(): void {
  const firnYaml = fences.find(({ text }) => text.startsWith('# firn.yaml'));
  if (firnYaml === undefined) throw new Error('docs/language.md shows no firn.yaml');
  writeFileSync(join(folder, 'firn.yaml'), firnYaml.text);
  cpSync(join(ROOT, 'definitions/refund/shop.columns.yaml'), join(folder, 'shop.columns.yaml'));
  for (const { name, text } of shown) {
    mkdirSync(join(folder, 'definitions', name), { recursive: true });
    writeFileSync(join(folder, 'definitions', name, `${name}.flow.yaml`), text);
    cpSync(
      join(ROOT, 'definitions/refund/returns.policy.yaml'),
      join(folder, 'definitions', name, 'returns.policy.yaml'),
    );
  }
}

writeProject();
const { configuration, problems: ofProject } = loadProject(folder, {});
if (configuration === undefined) throw new Error('the firn.yaml of docs/language.md cannot be read');
const known: Configuration = configuration;
const { project } = known;
const compiled = compileDefinitions(configuration);
const around = { project, callees: (name: string) => compiled.find((one) => one.name === name)?.callee };

function defined(name: string) {
  const found = compiled.find((one) => one.name === name);
  if (found === undefined) throw new Error(`${name} is no definition of the project`);
  return found;
}

test('the project is in order', () => expect(ofProject).toEqual([]));

describe.each(shown)('docs/language.md:$line $name', ({ name, behind }) => {
  const { plan, problems, sources } = defined(name);

  test('compiles, without a warning', () => {
    expect(formatProblems(problems, new Map(sources), { color: false })).toBe('');
  });

  test('does what the page says', async () => {
    if (plan === undefined || behind?.info !== 'yaml test') throw new Error(`no cases stand behind ${name}`);
    const { cases, problems: wrong } = parseTests('cases', behind.text, plan, around);
    expect(formatProblems(wrong, new Map([['cases', behind.text]]), { color: false })).toBe('');
    expect(cases.length).toBeGreaterThan(0);
    for (const one of cases) expect(await runCase(plan, one, kindOf, idle)).toMatchObject({ differences: [] });
  });
});

describe('what the page says is refused', () => {
  test.each(refused)('docs/language.md:$line $info', ({ info, name, text, behind }) => {
    if (behind?.info !== 'text') throw new Error(`no problem stands behind ${name}`);
    const path = join(folder, 'definitions', name, `${name}.flow.yaml`);
    const { problems } = compileFile(known, path, text);
    const sources = new Map([[`definitions/${name}/${name}.flow.yaml`, text]]);
    expect(problems.map(({ code }) => code)).toEqual(info.replace('yaml refused ', '').split(' '));
    expect(formatProblems(problems, sources, { color: false }).trim()).toBe(behind.text.trim());
  });
});

test('every verb that needs nothing but this project is in an example', () => {
  const elsewhere = ['http', 'use', 'list', 'delete', 'sql'];
  const used = shown.map(({ text }) => text).join('\n');
  const missing = Object.keys(kinds).filter(
    (verb) => !new RegExp(`[ {-] ${verb}: `, 'm').test(used.replaceAll('\n', ' \n')),
  );
  expect(missing.filter((verb) => !elsewhere.includes(verb))).toEqual([]);
});
