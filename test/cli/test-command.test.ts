/** `firn test`: snapshots, coverage, results for CI, and going on while somebody writes. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { junitReport } from '../../cli/junit.js';
import type { RanFile } from '../../cli/test-run.js';
import { runFirn, type Ran, type RunOptions } from './firn.js';
import { plainVariables } from './place.js';

const FLOW = `workflow: greet
summary: Say hello
owner: desk
ends_within: 1d
input: { name: string, late?: boolean }
steps:
  - id: way
    switch:
      of: \${{ input.?late.orValue(false) }}
      cases:
        true: { steps: [{ wait: { for: 2h } }] }
        false: {}
  - tell: { who: desk, text: "Hello \${{ input.name }}" }
output: { name: "\${{ input.name }}" }
`;
const TESTS = `workflow: greet
cases:
  - name: at once
    input: { name: Ada }
    expect: { outcome: done, snapshot: true }
`;
const LATER = `  - name: later
    input: { name: Bob, late: true }
    expect: { messages: [Hello Bob], snapshot: true }
`;
const SNAP = 'definitions/greet/greet.test.snap.yaml';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'firn-tests-'));

  constructor(tests = TESTS) {
    folders.push(this.directory);
    this.write('firn.yaml', 'project: tests\nroles:\n  desk: { people: [maria] }\n');
    this.write('definitions/greet/greet.flow.yaml', FLOW);
    this.write('definitions/greet/greet.test.yaml', tests);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.directory, path)), { recursive: true });
    writeFileSync(join(this.directory, path), text);
  }

  read(path: string): string {
    return existsSync(join(this.directory, path)) ? readFileSync(join(this.directory, path), 'utf8') : '';
  }

  test(words: readonly string[] = [], options: RunOptions = {}): Promise<Ran> {
    const variables = { ...plainVariables(), CI: '' };
    return runFirn(['test', ...words], { directory: this.directory, variables, ...options });
  }
}

describe('snapshots', () => {
  test('are written once, compared from then on, and rewritten on purpose', async () => {
    const project = new Project(TESTS + LATER);
    const first = await project.test();
    expect(first.code).toBe(0);
    expect(first.stderr).toContain(`${SNAP}: wrote what "at once" does; read it before you commit it`);
    const kept = project.read(SNAP);
    expect(kept).toMatch(/^# What each case .*\nat once:\n {2}outcome: done\n/);
    expect(kept).toContain('\nlater:\n');
    expect(kept).toContain('took: 2h');
    expect(await project.test()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('2 passed') });

    project.write('definitions/greet/greet.flow.yaml', FLOW.replace('Hello ', 'Hello, '));
    const changed = await project.test();
    expect(changed.code).toBe(1);
    expect(changed.stdout).toContain('   snapshot.messages[0].text: was "Hello Ada", and is "Hello, Ada"\n');
    expect(changed.stdout).toContain('   snapshot: where this is meant, `firn test --update` keeps it\n');
    expect(changed.stdout).toContain('0 passed, 2 failed\n');
    expect(project.read(SNAP)).toBe(kept);

    project.write('definitions/greet/greet.test.yaml', TESTS);
    const updated = await project.test(['--update']);
    expect(updated).toMatchObject({ code: 0, stdout: expect.stringContaining('1 passed, 0 failed') });
    expect(updated.stderr).toContain('"later": removed, as no case uses it');
    expect(project.read(SNAP)).toContain('Hello, Ada');
    expect(project.read(SNAP)).not.toContain('later');
  });

  test('that nobody has seen fail in CI, and what no case uses is named', async () => {
    const project = new Project(TESTS);
    const ci = await project.test([], { set: { CI: 'true' } });
    expect(ci.code).toBe(1);
    expect(ci.stdout).toContain('snapshot: greet.test.snap.yaml has none of this case');
    expect(project.read(SNAP)).toBe('');
    project.write(SNAP, 'gone: { outcome: done }\n');
    const { stderr, json } = await project.test(['--json']);
    expect(stderr).toContain('"gone": no case uses it; `firn test --update` removes it');
    expect(json()['snapshots']).toEqual([
      { file: 'definitions/greet/greet.test.yaml', written: ['at once'], unused: ['gone'] },
    ]);
    expect((await project.test(['--only', 'nothing'])).stderr).not.toContain('gone');
  });
});

describe('coverage', () => {
  test('says what no case goes through, and fails below the percentage', async () => {
    const project = new Project();
    project.write('definitions/other/other.flow.yaml', FLOW.replace('greet', 'other'));
    const { code, stdout } = await project.test(['--coverage']);
    expect(code).toBe(0);
    expect(stdout).toContain('60 % of definitions/greet/greet.flow.yaml (steps 2 of 3, branches 1 of 2)\n');
    expect(stdout).toContain('   line 11: case "true" of "way" was never taken\n');
    expect(stdout).toContain('   line 11: step "way.true.wait" never ran\n');
    expect(stdout).toContain('0 % of definitions/other/other.flow.yaml');
    const thin = await project.test(['definitions/greet/greet.test.yaml', '--coverage=61']);
    expect(thin.code).toBe(1);
    expect(thin.stderr).toContain('definitions/greet/greet.flow.yaml is covered to 60 %; 61 % is asked for.');
    expect((await project.test(['definitions/greet/greet.test.yaml', '--coverage=60'])).code).toBe(0);
  });

  test('counts what several test files go through together', async () => {
    const project = new Project();
    project.write('definitions/greet/greet.later.test.yaml', `workflow: greet\ncases:\n${LATER}`);
    const ran = await project.test(['--coverage=100', '--json']);
    expect(ran.code).toBe(0);
    const both = ['definitions/greet/greet.later.test.yaml', 'definitions/greet/greet.test.yaml'];
    expect(ran.json()).toMatchObject({
      ok: true,
      passed: 2,
      cases: both.map((file) => ({ file, passed: true })),
      coverage: [{ workflow: 'greet', percent: 100, missing: [], parts: { steps: { covered: 3, of: 3 } } }],
    });
    const one = await project.test(['definitions/greet/greet.later.test.yaml']);
    expect(one.stdout).toContain('1 passed, 0 failed');
  });

  test('takes a percentage', async () => {
    const wrong = await new Project().test(['--coverage', 'definitions/greet/greet.test.yaml']);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('write --coverage=90, and files before it');
  });
});

describe('JUnit', () => {
  test('has a suite for each file, and a case for each case and problem', async () => {
    const project = new Project(TESTS + LATER.replace('Hello Bob', 'Good <day> & "night"'));
    project.write('definitions/broken/broken.flow.yaml', FLOW.replace('greet', 'broken').replace('desk', 'dusk'));
    project.write('definitions/broken/broken.test.yaml', TESTS.replace('greet', 'broken'));
    expect((await project.test(['--junit', 'out.xml'])).code).toBe(2);
    const xml = project.read('out.xml');
    expect(shapeOf(xml)).toEqual([
      'testsuites tests=3 failures=1 errors=1',
      'testsuite name=definitions/broken/broken.test.yaml tests=1 failures=0 errors=1',
      'testcase name=FIRN314 definitions/broken/broken.flow.yaml:3 classname=broken',
      'error type=FIRN314',
      'testsuite name=definitions/greet/greet.test.yaml tests=2 failures=1 errors=0',
      'testcase name=at once classname=greet line=3',
      'testcase name=later classname=greet line=6',
      'failure type=difference',
    ]);
    expect(xml).toContain('Good &lt;day&gt; &amp; \\&quot;night\\&quot;');
  });

  test('says nothing that XML cannot', () => {
    const name = `a ${String.fromCharCode(0, 27, 0xfffe)}\u{1F600} ]]> <b> \n`;
    const result = { name, line: 1, file: 'x', passed: false, differences: [name], took_ms: 1 };
    const definition = { name: 'x', file: 'x', problems: [], source: '', sources: new Map() };
    const file: RanFile = {
      ...{ shown: 'x', definition, problems: [], sources: new Map() },
      ...{ cases: [result], snapshots: { written: [], unused: [] } },
    };
    const xml = junitReport([file]);
    expect(xml).toContain('name="a \uFFFD\uFFFD\uFFFD\u{1F600} ]]&gt; &lt;b&gt; &#10;"');
    expect(shapeOf(xml)).toHaveLength(4);
  });
});

describe('--watch', () => {
  test('runs again what a change can have changed, and ends with Ctrl-C', async () => {
    const project = new Project();
    project.write('definitions/other/other.flow.yaml', FLOW.replace('greet', 'other'));
    project.write('definitions/other/other.test.yaml', TESTS.replace('greet', 'other').replace('at once', 'elsewhere'));
    const wait = async (holds: (xml: string) => boolean): Promise<void> => {
      while (!holds(project.read('out.xml'))) await delay(50);
    };
    const { code, stdout, stderr } = await project.test(['--watch', '--junit', 'out.xml'], {
      interruptAfter: async () => {
        await wait((xml) => xml.includes('at once') && xml.includes('elsewhere'));
        project.write('definitions/greet/greet.test.yaml', TESTS + LATER);
        await wait((xml) => xml.includes('later'));
        project.write('firn.yaml', 'project: tests\nroles: 5\n');
        await delay(1_500);
        project.write('firn.yaml', 'project: tests\nroles:\n  desk: { people: [maria, jo] }\n');
        await delay(1_500);
        project.write('definitions/greet/greet.flow.yaml', FLOW.replace('Hello ', 'Hello, '));
        await wait((xml) => xml.includes('was &quot;Hello Ada&quot;'));
      },
    });
    expect(code).toBe(130);
    const [before = '', first = '', ...later] = stdout.split(/^(?=.* changed$)/m);
    expect(before).toMatch(/2 passed, 0 failed\nwatching \d+ files; Ctrl-C ends\n/);
    expect(first).toMatch(/^definitions\/greet\/greet\.test\.yaml changed\n/);
    expect(first).toContain('2 passed, 0 failed');
    expect(first).not.toContain('elsewhere');
    expect(stderr).toContain('firn.yaml:2');
    expect(later.join('')).toContain('firn.yaml changed\nnothing that a case depends on has changed\n');
    expect(later.at(-1)).toMatch(/^definitions\/greet\/greet\.flow\.yaml changed\n[^]*0 passed, 2 failed\n/);
  });

  test('never comes to one result', async () => {
    const { code, json } = await new Project().test(['--watch', '--json']);
    expect(code).toBe(2);
    expect(json()).toMatchObject({ ok: false, error: { code: 'usage' } });
  });
});

/** Elements with their attributes but for times and texts; throws where the XML is not well-formed. */
function shapeOf(xml: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  const shown = ['name', 'classname', 'type', 'tests', 'failures', 'errors', 'line'];
  let rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  while (rest !== '') {
    const text = /^[^<>&]*(?:&(?:amp|lt|gt|quot|#\d+);[^<>&]*)*/.exec(rest)?.[0] ?? '';
    rest = rest.slice(text.length);
    if (rest === '') break;
    const tag = /^<(\/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)(\/?)>/.exec(rest);
    if (tag === null) throw new Error(`not well-formed at ${rest.slice(0, 100)}`);
    const [all, closing, name = '', attributes = '', empty] = tag;
    rest = rest.slice(all.length);
    if (closing === '/' && open.pop() !== name) throw new Error(`</${name}> closes another element`);
    if (closing === '/') continue;
    const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].filter(([, key = '']) => shown.includes(key));
    const kept = pairs.filter(([, key, value]) => !(name === 'testsuites' && key === 'name') && value !== '');
    found.push([name, ...kept.map(([, key, value]) => `${key}=${value}`)].join(' '));
    if (empty !== '/') open.push(name);
  }
  if (open.length > 0) throw new Error(`${open.join(', ')} not closed`);
  return found;
}
