/** The command `firn` on files alone: the layout of definitions, the schemas of editors, problems for other programs. */
import { chmodSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { githubLine, sarifLog } from '../../cli/annotations.js';
import { CATALOGUE } from '../../language/plan/catalogue.js';
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import type { Problem } from '../../language/plan/problem.js';
import { kinds } from '../../language/steps/index.js';
import { runFirn, type Ran } from './firn.js';
import { copyProject, plainVariables, ROOT } from './place.js';

const BROKEN = readFileSync(join(ROOT, 'test/refused/205-misspelt-field.flow.yaml'), 'utf8');
const UNTIDY = `# read aloud
workflow:   untidy
summary: 'One refusal'
owner: returns-desk
ends_within: 1h


steps:
    - refuse:   "never"     # why not
`;
const TIDY = `# read aloud
workflow: untidy
summary: "One refusal"
owner: returns-desk
ends_within: 1h

steps:
  - refuse: "never"  # why not
`;

let directory = '';
beforeAll(() => {
  directory = copyProject('files', {
    'broken/205-misspelt-field.flow.yaml': BROKEN,
    'broken/returns.policy.yaml': readFileSync(join(ROOT, 'definitions/refund/returns.policy.yaml'), 'utf8'),
    'unreadable/a.flow.yaml': 'workflow: [a\n',
    'nowhere/a.flow.yaml': UNTIDY,
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function firn(words: readonly string[], inside = '.'): Promise<Ran> {
  return runFirn(words, { directory: join(directory, inside), variables: plainVariables() });
}

function read(name: string): string {
  return readFileSync(join(directory, name), 'utf8');
}

describe('fmt', () => {
  const untidy = 'definitions/untidy/untidy.flow.yaml';

  test('all files of the project: first named, then laid out, then as they should be', async () => {
    const place = copyProject('untidy', { [untidy]: UNTIDY });
    const run = (...words: string[]): Promise<Ran> => runFirn(words, { directory: place, variables: plainVariables() });
    try {
      chmodSync(join(place, untidy), 0o640);
      const before = await run('validate', '--json');
      const checked = await run('fmt', '--check');
      expect([checked.code, checked.stdout.split('\n')]).toEqual([1, expect.arrayContaining([untidy])]);
      expect(readFileSync(join(place, untidy), 'utf8')).toBe(UNTIDY);
      const done = await run('fmt');
      expect([done.code, done.stdout]).toEqual([0, expect.stringContaining(`laid out ${untidy}\n`)]);
      expect(readFileSync(join(place, untidy), 'utf8')).toBe(TIDY);
      expect(statSync(join(place, untidy)).mode & 0o777).toBe(0o640);
      expect(readdirSync(join(place, 'definitions/untidy'))).toEqual(['untidy.flow.yaml']);
      const again = await run('fmt', '--check', '--json');
      expect([again.code, again.json()]).toEqual([0, expect.objectContaining({ ok: true, problems: [] })]);
      const after = await run('validate', '--json');
      expect(namesOf(after)).toEqual(namesOf(before));
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });

  test('a file by its name, behind a link, without any project', async () => {
    writeFileSync(join(directory, 'nowhere/b.flow.yaml'), UNTIDY);
    symlinkSync('b.flow.yaml', join(directory, 'nowhere/link.flow.yaml'));
    const { code, stdout } = await firn(['fmt', 'link.flow.yaml'], 'nowhere');
    expect([code, stdout]).toEqual([0, 'laid out link.flow.yaml\n']);
    expect(read('nowhere/b.flow.yaml')).toBe(TIDY);
    expect(readdirSync(join(directory, 'nowhere')).sort()).toEqual(['a.flow.yaml', 'b.flow.yaml', 'link.flow.yaml']);
  });

  test('what cannot be read is not written: exit 2, with its problems', async () => {
    const { code, stdout } = await firn(['fmt', 'unreadable/a.flow.yaml']);
    expect([code, stdout]).toEqual([2, expect.stringMatching(/^unreadable\/a\.flow\.yaml:\d+:\d+ FIRN100/)]);
    expect(read('unreadable/a.flow.yaml')).toBe('workflow: [a\n');
  });

  test('what does not compile is laid out all the same', async () => {
    const { code } = await firn(['fmt', 'broken/205-misspelt-field.flow.yaml']);
    expect(code).toBe(0);
  });

  test('other files are not its business', async () => {
    expect(await firn(['fmt', 'firn.yaml'])).toMatchObject({ code: 2, stderr: expect.stringContaining('*.flow.yaml') });
    expect(await firn(['fmt', 'no.flow.yaml'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no file'),
    });
  });
});

describe('schema', () => {
  test('of a definition: a shape for each verb; of the other files', async () => {
    const { code, json } = await firn(['schema']);
    const schema = json();
    expect([code, schema['$schema']]).toEqual([0, 'http://json-schema.org/draft-07/schema#']);
    const definitions = mapAt(schema, 'definitions');
    for (const verb of Object.keys(kinds)) expect(mapAt(definitions, `verb_${verb}`)['title']).toBe(verb);
    for (const [which, key] of [
      ['tests', 'cases'],
      ['policy', 'versions'],
      ['project', 'connections'],
    ] as const) {
      const other = await firn(['schema', '--for', which]);
      expect(Object.keys(mapAt(other.json(), 'properties'))).toContain(key);
    }
  });

  test('into a file', async () => {
    const { code, stdout } = await firn(['schema', '--out', 'flow.json']);
    expect([code, stdout]).toEqual([0, 'wrote flow.json\n']);
    expect(JSON.parse(read('flow.json'))).toMatchObject({ type: 'object' });
    expect((await firn(['schema', '--out', 'no/such/folder.json'])).code).toBe(1);
    expect((await firn(['schema', '--for', 'cheese'])).code).toBe(2);
  });
});

describe('validate, for other programs', () => {
  const file = 'broken/205-misspelt-field.flow.yaml';
  const good = 'definitions/refund/refund.flow.yaml';

  test('GitHub annotations: one line per problem, the same exit code', async () => {
    const { code, stdout } = await firn(['validate', file, '--format', 'github']);
    expect(code).toBe(2);
    expect(stdout).toMatch(
      /^::error file=broken\/205-misspelt-field\.flow\.yaml,line=\d+,col=\d+,endColumn=\d+,title=FIRN205::/,
    );
    expect(stdout).toMatch(/\n\d+ errors?, \d+ warnings?\n$/);
    const elsewhere = await runFirn(['validate', '-C', '..', `../${file}`, '--format', 'github'], {
      directory: join(directory, 'nowhere'),
      variables: plainVariables(),
    });
    expect(elsewhere.stdout).toContain(`file=../${file},`);
    expect(await firn(['validate', good, '--format', 'github'])).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining('::'),
    });
  });

  test('what would end a command early is escaped', () => {
    const problem: Problem = {
      ...{ code: 'FIRN100', severity: 'warning', file: 'a,b:c.yaml', line: 2, column: 3, length: 4 },
      ...{ path: 'steps', message: '100 %\n::stop', hint: 'a, b: c' },
    };
    expect(githubLine(problem, directory)).toBe(
      '::warning file=a%2Cb%3Ac.yaml,line=2,col=3,endColumn=6,title=FIRN100::steps: 100 %25%0A::stop%0Ahint: a, b: c',
    );
  });

  test('SARIF 2.1.0: one document with its rules, the same exit code', async () => {
    const { code, json } = await firn(['validate', file, '--format', 'sarif']);
    expect(code).toBe(2);
    const results = expectSarif(json());
    expect(results).toContainEqual(
      expect.objectContaining({
        ...{ ruleId: 'FIRN205', level: 'error' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: file },
              region: { startLine: expect.any(Number), startColumn: expect.any(Number), endColumn: expect.any(Number) },
              contextRegion: { startLine: expect.any(Number), snippet: { text: expect.any(String) } },
            },
            logicalLocations: [{ fullyQualifiedName: expect.stringMatching(/^steps/) }],
          },
        ],
      }),
    );
    const clean = await firn(['validate', good, '--format', 'sarif']);
    expect([clean.code, expectSarif(clean.json())]).toEqual([0, []]);
  });

  test('a file name is a URI in SARIF', () => {
    const problem: Problem = {
      ...{ code: 'FIRN100', severity: 'error', file: 'a b/ü#1.yaml', line: 1, column: 1, length: 1 },
      ...{ path: '', message: 'no' },
    };
    const [result] = expectSarif(sarifLog([problem], new Map(), directory));
    expect(result).toMatchObject({
      locations: [{ physicalLocation: { artifactLocation: { uri: 'a%20b/%C3%BC%231.yaml' } } }],
    });
  });
});

/** What the standard requires of a log, and that each result names a rule that is listed. Gives the results. */
function expectSarif(log: JsonMap): readonly Json[] {
  expect(log).toMatchObject({ $schema: expect.stringContaining('sarif-2.1.0'), version: '2.1.0' });
  const [run] = listAt(log, 'runs').filter(isJsonMap);
  const driver = mapAt(mapAt(run ?? {}, 'tool'), 'driver');
  expect([driver['name'], driver['version']]).toEqual(['firn', expect.any(String)]);
  const rules = listAt(driver, 'rules').filter(isJsonMap);
  for (const { id, shortDescription } of rules) {
    expect(shortDescription).toEqual({ text: Reflect.get(CATALOGUE, String(id)) });
  }
  const results = listAt(run ?? {}, 'results');
  for (const result of results.filter(isJsonMap)) {
    expect(rules[Number(result['ruleIndex'])]?.['id']).toBe(result['ruleId']);
    expect(['error', 'warning']).toContain(result['level']);
    expect(mapAt(result, 'message')['text']).not.toBe('');
    for (const location of listAt(result, 'locations').filter(isJsonMap)) {
      const region = mapAt(mapAt(location, 'physicalLocation'), 'region');
      expect(Number(region['startLine'])).toBeGreaterThanOrEqual(1);
      expect(Number(region['endColumn'])).toBeGreaterThan(Number(region['startColumn']));
    }
  }
  return results;
}

function namesOf(ran: Ran): readonly Json[] {
  return listAt(ran.json(), 'workflows').map((workflow) => (isJsonMap(workflow) ? (workflow['name'] ?? null) : null));
}

function mapAt(map: JsonMap, key: string): JsonMap {
  const value = map[key];
  return isJsonMap(value) ? value : {};
}

function listAt(map: JsonMap, key: string): readonly Json[] {
  const value = map[key];
  return Array.isArray(value) ? value.map((item: Json) => item) : [];
}
