/** firn.yaml and its overlays: what is read, what is refused, and that secrets stay references. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { withActivities } from '../../setup/load-activities.js';
import { compileDefinitions, loadProject, whoAmI } from '../../setup/project.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'firn-project-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const COLUMNS = 'connection: s\ntables:\n  t:\n    primary_key: [id]\n    columns:\n      id: { type: text }\n';

describe('problems of firn.yaml stand where they are', () => {
  const cases: readonly (readonly [name: string, text: string, place: string, says: RegExp, hint: RegExp])[] = [
    ['an unknown key', 'conections: {}\n', '1:1 FIRN500', /has no key "conections"/, /did you mean "connections"/],
    [
      'an unknown key inside',
      'roles:\n  r: { people: [], chanel: x }\n',
      '2:20 FIRN500',
      /"r" has no key "chanel"/,
      /did you mean "channel"/,
    ],
    ['a name with capitals', 'project: Firn\n', '1:10 FIRN500', /"Firn" cannot be the value/, /lower-case/],
    [
      'a secret written down',
      'database: postgres://u:hunter2@h/d\n',
      '1:11 FIRN500',
      /must be a reference to a secret/,
      /env:NAME/,
    ],
    [
      'an address with a scheme',
      'temporal: { address: "http://h:1" }\n',
      '1:22 FIRN500',
      /"http:\/\/h:1" cannot/,
      /host:port/,
    ],
    [
      'a wrong type',
      'roles:\n  r: { people: maria }\n',
      '2:16 FIRN500',
      /"people" must be a list, and is "maria"/,
      /^$/,
    ],
    [
      'an unknown channel of a role',
      'roles:\n  r: { people: [], channel: consol }\n',
      '2:29 FIRN500',
      /channel "consol"/,
      /did you mean "console"/,
    ],
    ['an unknown channel for customers', 'customer: mail\n', '1:11 FIRN500', /channel "mail"/, /channels: console/],
    [
      'no columns file',
      'connections:\n  s: { postgres: env:A, columns: ./no.yaml }\n',
      '2:34 FIRN501',
      /"no.yaml" does not exist/,
      /firn connections introspect s/,
    ],
    [
      'a missing key',
      'connections:\n  s: { columns: ./no.yaml }\n',
      '2:3 FIRN500',
      /"s" lacks the key "postgres"/,
      /env:DATABASE_URL/,
    ],
    ['a tab', 'roles:\n\tr: {}\n', '2:1 FIRN102', /tab/, /./],
  ];
  test.each(cases)('%s', (_name, text, place, says, hint) => {
    const { problems } = loadProject(project({ 'firn.yaml': text }), {});
    const found = problems.map((problem) => `${problem.line}:${problem.column} ${problem.code}`);
    expect(found).toEqual([place]);
    expect(problems[0]?.message).toMatch(says);
    expect(problems[0]?.hint ?? '').toMatch(hint);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('no firn.yaml at all', () => {
    const { configuration, problems } = loadProject(project({}), {});
    expect(configuration).toBeUndefined();
    expect(problems[0]?.message).toContain('there is no firn.yaml');
  });

  test('a trusted column that does not exist is a problem of the columns file', () => {
    const text = 'connections:\n  s: { postgres: env:A, columns: ./s.yaml, trusted: { t: [mail] } }\n';
    const { problems } = loadProject(project({ 'firn.yaml': text, 's.yaml': COLUMNS }), { A: 'postgres://x' });
    expect(problems.map(({ code, file, line }) => `${file}:${line} ${code}`)).toEqual(['s.yaml:5 FIRN501']);
  });
});

describe('overlays', () => {
  const base = 'project: base\nroles:\n  a: { people: [x] }\n  b: { people: [y] }\nmodels: { threads: 2 }\n';
  const over = 'roles:\n  b: { people: [z] }\nmodels: { off: true }\n';

  test('an entry replaces the entry of its name, others stay', () => {
    const folder = project({ 'firn.yaml': base, 'firn.prod.yaml': over });
    const { configuration, problems } = loadProject(folder, { FIRN_ENV: 'prod' });
    expect(problems).toEqual([]);
    expect([...(configuration?.roles.values() ?? [])].map(({ name, people }) => [name, ...people])).toEqual([
      ['a', 'x'],
      ['b', 'z'],
    ]);
    expect(configuration?.models).toMatchObject({ off: true, threads: 2 });
    expect(configuration?.environment).toBe('prod');
  });

  test('without FIRN_ENV it has no effect, with an unknown one it is refused', () => {
    const folder = project({ 'firn.yaml': base, 'firn.prod.yaml': over });
    expect(loadProject(folder, {}).configuration?.models.off).toBe(false);
    const { configuration, problems } = loadProject(folder, { FIRN_ENV: 'stage' });
    expect(configuration).toBeUndefined();
    expect(problems[0]?.message).toContain('there is no firn.stage.yaml');
  });
});

describe('secrets', () => {
  const text = 'database: env:DB\nconnections:\n  s: { postgres: "file:secret.txt", columns: ./s.yaml }\n';

  test('are resolved late and never shown', () => {
    const folder = project({ 'firn.yaml': text, 's.yaml': COLUMNS, 'secret.txt': 'postgres://file-secret\n' });
    const variables = { DB: 'postgres://env-secret' };
    const { configuration, unset } = loadProject(folder, variables);
    expect(unset).toEqual([]);
    expect(configuration?.databaseUrl.resolve()).toBe('postgres://env-secret');
    const connection = configuration?.connections.get('s');
    expect(connection?.kind === 'postgres' && connection.url.resolve()).toBe('postgres://file-secret');
    variables.DB = 'postgres://changed';
    expect(configuration?.databaseUrl.resolve()).toBe('postgres://changed');
    expect(inspect(configuration, { depth: 9 }) + JSON.stringify(configuration)).not.toMatch(
      /secret$|env-secret|file-secret/m,
    );
  });

  test('without a value are told apart from problems, once each', () => {
    const folder = project({ 'firn.yaml': text, 's.yaml': COLUMNS });
    const { problems, unset } = loadProject(folder, {});
    expect(problems).toEqual([]);
    expect(unset.map(({ code, line, path }) => `${code} ${line} ${path}`)).toEqual([
      'FIRN503 1 database',
      'FIRN503 3 connections.s.postgres',
    ]);
  });
});

test('the shipped project has no problems, and its definitions compile', async () => {
  const { configuration, problems } = await withActivities(loadProject(join(import.meta.dirname, '../..'), {}));
  expect(problems).toEqual([]);
  const shop = configuration?.project.connections.get('shop');
  expect(shop?.kind === 'postgres' && shop.tables.get('orders')?.columns.get('email')?.trusted).toBe(true);
  const compiled = configuration === undefined ? [] : compileDefinitions(configuration);
  const names = ['account-change', 'dunning', 'dunning-notice', 'incident', 'invoice-intake', 'onboarding'];
  const expected = [...names, 'refund', 'support-triage'].map((name) => [name, name]);
  expect(compiled.map(({ name, plan }) => [name, plan?.name])).toEqual(expected);
});

test('who somebody is', () => {
  expect(whoAmI({ FIRN_USER: 'maria' })).toBe('maria');
  expect(whoAmI({})).not.toBe('');
});
