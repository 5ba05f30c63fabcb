/**
 * The editor's schemas in the YAML language server that editors run: what it offers, explains and underlines.
 */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  editorSchema,
  flowEditorSchema,
  policyEditorSchema,
  testsEditorSchema,
} from '../../language/compiler/editor-schema.js';
import { kinds } from '../../language/steps/index.js';
import { FIRN_YAML_SCHEMA } from '../../setup/firn-yaml-schema.js';
import { LanguageServer, type Completion, type Spot } from './language-server.js';

const HEADER = 'workflow: a\nsummary: b\nowner: c\nends_within: 5d\nsteps:\n';
const VERBS = Object.keys(kinds);
const BESIDE = ['ensure', 'retry', 'summary', 'timeout', 'undo', 'when'];

const folder = mkdtempSync(join(tmpdir(), 'firn-editor-'));
const schemas = {
  '*.flow.yaml': flowEditorSchema(),
  '*.test.yaml': testsEditorSchema(),
  '*.policy.yaml': policyEditorSchema(),
  'firn.yaml': editorSchema('firn.yaml', FIRN_YAML_SCHEMA),
};
const files = Object.entries(schemas).map(([pattern, schema], index) => {
  const file = join(folder, `${index}.json`);
  writeFileSync(file, JSON.stringify(schema));
  return [pattern, file] as const;
});
const server = new LanguageServer(Object.fromEntries(files));

beforeAll(() => server.start());
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** The text without its `|`, and where that stood. */
function cursor(marked: string): { readonly text: string; readonly spot: Spot } {
  const before = marked.slice(0, marked.indexOf('|')).split('\n');
  return { text: marked.replace('|', ''), spot: { line: before.length - 1, character: before.at(-1)?.length ?? 0 } };
}

async function offered(marked: string, name = 'a.flow.yaml'): Promise<readonly Completion[]> {
  const { text, spot } = cursor(marked);
  const { uri } = await server.open(name, text);
  return server.complete(uri, spot);
}

async function labels(marked: string, name?: string): Promise<readonly string[]> {
  return (await offered(marked, name)).map(({ label }) => label).filter((label) => /^[a-z_-]+$/.test(label));
}

async function underlined(text: string, name = 'a.flow.yaml'): Promise<readonly string[]> {
  const { diagnostics } = await server.open(name, text);
  return diagnostics.map(({ line, message }) => `${line + 1}: ${message}`);
}

describe('what is offered', () => {
  test('verbs, where a step begins', async () => {
    const all = await offered(`${HEADER}  - |`);
    expect(all.map(({ label }) => label)).toEqual(expect.arrayContaining([...VERBS, 'id', ...BESIDE]));
    expect(all.filter(({ label }) => label.endsWith(' …')).map(({ label }) => label)).toEqual(
      VERBS.map((verb) => `${verb} …`),
    );
    expect(all.find(({ label }) => label === 'read …')?.insertText).toBe(
      'id: ${1:name}\n  read:\n    from: $2\n    where:\n      ${3:name}: $4',
    );
  });

  test('verbs, in a branch too', async () => {
    const marked = `${HEADER}  - switch:\n      of: "\${{ a }}"\n      cases:\n        b:\n          steps:\n            - |`;
    expect(await labels(marked)).toEqual(expect.arrayContaining(VERBS));
  });

  test('beside a verb, no second one', async () => {
    const found = await labels(`${HEADER}  - read: { from: a.b, where: {} }\n    |`);
    expect([...found].sort()).toEqual(['ensure', 'id', 'retry', 'summary', 'timeout', 'undo', 'when']);
  });

  test('the keys of `read`', async () => {
    expect([...(await labels(`${HEADER}  - read:\n      |`))].filter((label) => label !== 'read').sort()).toEqual([
      'from',
      'optional',
      'where',
    ]);
    expect(await labels(`${HEADER}  - read:\n      from: a.b\n      |`)).not.toContain('from');
  });

  test('the values of an enumeration', async () => {
    expect(await labels(`${HEADER}  - update:\n      expect: |`)).toEqual(['one', 'none-or-one', 'any']);
    expect(await labels('cases:\n  - name: a\n    expect:\n      outcome: |', 'a.test.yaml')).toEqual([
      'done',
      'refused',
      'handed_over',
      'failed',
      'cancelled',
    ]);
    expect(await labels('input:\n  a: |')).toEqual(['string', 'number', 'integer', 'boolean', 'date-time']);
  });

  test('an expression, where one is needed', async () => {
    const all = await offered(`${HEADER}  - read: { from: a.b, where: {} }\n    ensure: |`);
    expect(all.map(({ insertText }) => insertText)).toEqual(['"\\${{ $1 }}"']);
  });

  test('the keys of the other files', async () => {
    expect(await labels('|', 'a.policy.yaml')).toEqual(expect.arrayContaining(['policy', 'versions']));
    expect(await labels('|', 'a.test.yaml')).toEqual(expect.arrayContaining(['workflow', 'now', 'cases']));
    expect(await labels('|', 'firn.yaml')).toEqual(expect.arrayContaining(['project', 'connections', 'roles']));
  });
});

test('what is explained: each verb, in Markdown, with its result and an example', async () => {
  for (const { verb, about, result, example } of [kinds.read, kinds.decide, kinds.tell]) {
    const { text, spot } = cursor(`${HEADER}  - id: a\n    |${verb}: {}`);
    const { uri } = await server.open('a.flow.yaml', text);
    const said = await server.hover(uri, spot);
    for (const part of [verb, about, `Result: ${result}`, '```yaml', example.trimEnd()]) expect(said).toContain(part);
  }
});

describe('what is underlined', () => {
  const cases: readonly (readonly [what: string, steps: string, said: readonly string[]])[] = [
    [
      'a misspelt key of a verb',
      '  - read: { from: a.b, whre: {} }',
      ['6: Missing property "where".', '6: Property whre is not allowed.'],
    ],
    [
      'a misspelt key of a step',
      '  - read: { from: a.b, where: {} }\n    tiemout: 5s',
      ['7: Property tiemout is not allowed.'],
    ],
    [
      'a misspelt verb',
      '  - raed: {}',
      ['6: Property raed is not allowed.', '6: this step has no verb: nothing says what it does'],
    ],
    ['two verbs', '  - read: { from: a.b, where: {} }\n    list: { from: a.b }', ['7: Property list is not allowed.']],
    [
      'a value that is none of the listed',
      '  - delete: { from: a.b, where: { a: 1 }, expect: some }',
      ['6: Value is not accepted. Valid values: "one", "none-or-one", "any".'],
    ],
    [
      'a misspelt key in a branch',
      '  - switch:\n      of: "${{ a }}"\n      cases: { b: { setps: [] } }',
      ['8: Property setps is not allowed.'],
    ],
    [
      'a misspelt key of an undo',
      '  - read: { from: a.b, where: {} }\n    undo: { delete: { form: a.b, where: {} } }',
      ['7: Missing property "from".', '7: Property form is not allowed.'],
    ],
  ];
  for (const [what, steps, said] of cases) {
    test(what, async () => {
      expect([...(await underlined(HEADER + steps))].sort()).toEqual(expect.arrayContaining([...said]));
    });
  }

  test('a misspelt key of the other files', async () => {
    expect(await underlined('polcy: a\nversions: []\n', 'a.policy.yaml')).toContain(
      '1: Property polcy is not allowed.',
    );
    expect(await underlined('workflow: a\ncases: [{ nmae: a }]\n', 'a.test.yaml')).toContain(
      '2: Property nmae is not allowed.',
    );
    expect(await underlined('projct: a\n', 'firn.yaml')).toContain('1: Property projct is not allowed.');
  });

  test('nothing in an example of a verb', async () => {
    const steps = Object.values(kinds).map(({ example }) => example.trimEnd().replace(/^/gm, '  '));
    expect(await underlined(`${HEADER}${steps.join('\n')}\n`)).toEqual([]);
  });

  const shipped = ['definitions', 'test/cli/project', 'test/chaos/project'].flatMap((place) =>
    readdirSync(place, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(\.(flow|test|policy)\.yaml|(^|\/)firn\.yaml)$/.test(name))
      .map((name) => join(place, name)),
  );
  test.each(['firn.yaml', ...shipped])('nothing in %s', async (file) => {
    // The schema that the file itself names is the one that was generated last.
    const text = readFileSync(file, 'utf8').replace(/^# yaml-language-server:/, '# ');
    expect(await underlined(text, file.replace(/^.*\//, ''))).toEqual([]);
  });
});
