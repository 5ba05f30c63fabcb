/**
 * The checks of `npm run check` can fail: each rule of the house, of the import directions and of the linter that is our
 * own is broken once, and complains.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { describe, expect, test } from 'vitest';
import { isJsonMap } from '../../language/plan/json.js';
import { ROOT, runAmong } from './house.js';

describe('rules of the house', () => {
  const HEADER = '/** What it is for. */\n';
  const IN_ORDER = {
    'package.json': '{"scripts": {"check": "x"}}',
    'README.md':
      '`npm run check`, then `npx firn validate`; see [the language](docs/language.md#verbs), [it](https://a.b).\n',
    'docs/language.md': '# The language\n',
    'cli/commands.ts': `${HEADER}const COMMANDS = [{ usage: 'validate [files...]' }];\n`,
    'language/plan/catalogue.ts': `${HEADER}export const CATALOGUE = {\n  FIRN100: 'it cannot be read',\n};\n`,
    'language/compiler/parse.ts': `${HEADER}export const code = 'FIRN100';\n`,
    'test/refused/100.flow.txt': 'a.yaml:1:1 FIRN100\n',
    'definitions/refund/refund.flow.yaml': 'workflow: refund\n',
    'definitions/refund/refund.test.yaml': 'workflow: refund\n',
    'test/plans/refund.plan.json': '{}\n',
  };
  const check = (changes: Readonly<Record<string, string>>) =>
    runAmong({ ...IN_ORDER, ...changes }, [join(ROOT, 'scripts/check-house.mjs')]);

  test('nothing is said of a house in order', () => {
    expect(check({})).toEqual({ code: 0, text: 'house: in order\n' });
  });

  test.each<[what: string, file: string, text: string, complaint: string]>([
    ['no header', 'worker/run.ts', 'export const a = 1;\n', 'worker/run.ts:1: opens without a header'],
    ['too long', 'worker/run.ts', HEADER + 'run();\n'.repeat(300), 'worker/run.ts: 301 lines'],
    ['a test too long', 'test/a.test.ts', HEADER + 'run();\n'.repeat(600), 'test/a.test.ts: 601 lines'],
    ['something left to do', 'worker/run.ts', `${HEADER}// TODO more\n`, 'worker/run.ts:2: a mark'],
    ['a test left out', 'test/a.test.ts', `${HEADER}test.skip('x', run);\n`, 'test/a.test.ts:2: a mark'],
    ['a rule turned off', 'worker/run.ts', `${HEADER}// eslint-disable-next-line\n`, 'worker/run.ts:2: a mark'],
    ['a code no test shows', 'test/refused/100.flow.txt', 'nothing\n', 'no test shows FIRN100'],
    ['a code nobody reports', 'language/compiler/parse.ts', HEADER, 'nothing reports FIRN100'],
    ['a flow without cases', 'definitions/b/b.flow.yaml', 'x\n', 'definitions/b/b.test.yaml is missing'],
    ['a flow without its plan', 'definitions/b/b.flow.yaml', 'x\n', 'test/plans/b.plan.json is missing'],
    ['a script that is not there', 'README.md', '`npm run fly`\n', 'README.md: npm run fly does not exist'],
    ['a command that is not there', 'docs/a.md', 'npx firn fly\n', 'docs/a.md: firn fly does not exist'],
    ['a page that is not there', 'docs/a.md', '[b](b.md)\n', 'docs/a.md: links to b.md'],
  ])('%s', (_, file, text, complaint) => {
    const said = check({ [file]: text });
    expect(said.text).toContain(complaint);
    expect(said.code).toBe(1);
  });
});

describe('import directions', () => {
  const IMPORTS: readonly (readonly [file: string, imports: string, rule: string])[] = [
    ['language/plan/a.ts', '../steps/legal.js', 'plan-is-the-root'],
    ['language/expressions/a.ts', '../steps/legal.js', 'expressions-know-no-steps'],
    ['language/steps/a.ts', '../compiler/legal.js', 'steps-know-no-compiler'],
    ['language/compiler/a.ts', '@marcbachmann/cel-js', 'one-door-to-cel'],
    ['interpreter/a.ts', 'node:fs', 'pure-no-node'],
    ['interpreter/b.ts', '@temporalio/workflow', 'pure-no-temporal'],
    ['interpreter/c.ts', '../store/legal.js', 'pure-no-host'],
    ['interpreter/d.ts', '../language/compiler/legal.js', 'interpreter-knows-no-compiler'],
    ['workflows/a.ts', 'yaml', 'interpreter-knows-no-compiler'],
    ['workflows/b.ts', 'node:crypto', 'sandbox-no-node'],
    ['workflows/c.ts', '@temporalio/client', 'sandbox-one-temporal-package'],
    ['workflows/d.ts', '../store/legal.js', 'sandbox-no-host'],
    ['worker/a.ts', '../workflows/legal.js', 'workflows-by-path-only'],
    ['store/a.ts', '../setup/legal.js', 'low-host-imports-no-high'],
    ['setup/a.ts', '../client/legal.js', 'setup-imports-no-higher'],
    ['activities/a.ts', '../worker/legal.js', 'activities-and-client-import-no-higher'],
    ['worker/b.ts', '../cli/legal.js', 'worker-imports-no-cli'],
    ['worker/c.ts', 'node-llama-cpp', 'one-door-to-the-model'],
    ['worker/d.ts', 'picocolors', 'only-the-cli-prints'],
    ['worker/e.ts', '../test/legal.js', 'product-imports-no-test'],
    ['store/b.ts', './c.js', 'no-circles'],
  ];
  const LEGAL = [
    ['language/steps', '../plan/legal.js'],
    ['language/compiler', 'yaml'],
    ['language/plan', './other.js'],
    ['language/expressions', '@marcbachmann/cel-js'],
    ['interpreter', '../language/steps/legal.js'],
    ['workflows', '@temporalio/workflow'],
    ['store', 'pg'],
    ['setup', '../store/legal.js'],
    ['client', '../setup/legal.js'],
    ['worker', '../setup/legal.js'],
    ['cli', '../worker/legal.js'],
    ['models', 'node-llama-cpp'],
    ['test', '../cli/legal.js'],
  ] as const;

  function violations(): string[] {
    const packages = [...IMPORTS, ...LEGAL].map((row) => row[1]).filter((name) => /^[@a-z]/.test(name));
    const files: (readonly [path: string, text: string])[] = [
      ['tsconfig.json', readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')],
      ['language/plan/other.ts', 'export const value = 1;\n'],
      ['store/c.ts', "export { value } from './b.js';\n"],
      ...packages.flatMap((name): [string, string][] => [
        [`node_modules/${name}/package.json`, `{"name": "${name}", "main": "index.js"}`],
        [`node_modules/${name}/index.js`, 'exports.value = 1;\n'],
      ]),
      ...LEGAL.map(([folder, imports]): [string, string] => [
        `${folder}/legal.ts`,
        `export { value } from '${imports}';\n`,
      ]),
      ...IMPORTS.map(([file, imports]): [string, string] => [file, `export { value } from '${imports}';\n`]),
    ];
    const program = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const config = join(ROOT, '.dependency-cruiser.cjs');
    const { text } = runAmong(Object.fromEntries(files), [program, '--config', config, '.', '--output-type', 'json']);
    const report: unknown = JSON.parse(text);
    const summary = isJsonMap(report) && isJsonMap(report['summary']) ? report['summary']['violations'] : undefined;
    if (!Array.isArray(summary)) throw new Error(`no report: ${text.slice(0, 500)}`);
    return summary.flatMap((found: unknown) => {
      if (!isJsonMap(found) || !isJsonMap(found['rule'])) return [];
      return [`${String(found['from'])}: ${String(found['rule']['name'])}`];
    });
  }

  test('every rule finds what it forbids, and nothing else', () => {
    const wanted = IMPORTS.map(([file, , rule]) => `${file}: ${rule}`);
    expect([...new Set(violations())].sort()).toEqual(wanted.sort());
  });

  test('every rule is in the table', () => {
    const rules = [...readFileSync(join(ROOT, '.dependency-cruiser.cjs'), 'utf8').matchAll(/name: '([a-z-]+)'/g)];
    expect(new Set(rules.map((match) => match[1]))).toEqual(new Set(IMPORTS.map(([, , rule]) => rule)));
  });
});

describe('the linter', () => {
  // Without types, which none of these rules needs, a text need not be a file of the project.
  const eslint = new ESLint({
    cwd: ROOT,
    overrideConfig: [{ languageOptions: { parserOptions: { project: null } } }, tseslint.configs.disableTypeChecked],
  });

  test.each<[file: string, text: string, rule: string | undefined]>([
    ['store/a.ts', "export const a = ['x'] as const;\n", undefined],
    ['store/a.ts', 'export const a = read() as string;\n', 'no-restricted-syntax'],
    ['store/a.ts', 'export const a = <string>read();\n', '@typescript-eslint/consistent-type-assertions'],
    ['store/a.ts', 'export const a = read()!;\n', '@typescript-eslint/no-non-null-assertion'],
    ['store/a.ts', 'export const a: any = read();\n', '@typescript-eslint/no-explicit-any'],
    ['store/a.ts', 'export default 1;\n', 'no-restricted-syntax'],
    ['store/a.ts', 'const a = 1;\nexport { a as default };\n', 'no-restricted-syntax'],
    ['workflows/run-plan.ts', 'export default 1;\n', undefined],
    ['store/a.ts', '// eslint-disable-next-line no-restricted-syntax\nexport default 1;\n', 'no-restricted-syntax'],
    ['interpreter/a.ts', 'export const a = Math.random();\n', 'no-restricted-properties'],
    ['interpreter/a.ts', 'export const a = Date.now();\n', 'no-restricted-properties'],
    ['interpreter/a.ts', 'export const a = setTimeout(run, 1);\n', 'no-restricted-globals'],
    ['worker/a.ts', 'export const a = Date.now();\n', undefined],
  ])('%s: %s', async (filePath, text, rule) => {
    const [result] = await eslint.lintText(text, { filePath: join(ROOT, filePath) });
    const rules = (result?.messages ?? []).filter(({ severity }) => severity === 2).map(({ ruleId }) => ruleId);
    expect(rules).toEqual(rule === undefined ? [] : [rule]);
  });
});
