/** The command `firn` without any server: help, usage, definitions, configuration, and what happens when nothing answers. */
import { readFileSync, rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cut, table, took, wrap } from '../../cli/terminal.js';
import { bar } from '../../cli/reporter.js';
import { inTurns, runFirn, type Ran, type RunOptions } from './firn.js';
import { copyProject, plainVariables, ROOT } from './place.js';

const NOBODY = '127.0.0.1:1';
const NO_DATABASE = 'postgres://firn:secret-word@127.0.0.1:1/nothing';
const ESCAPE = String.fromCharCode(27);
const BROKEN = readFileSync(join(ROOT, 'test/refused/205-misspelt-field.flow.yaml'), 'utf8');

let directory = '';
beforeAll(() => {
  directory = copyProject('words', {
    'elsewhere/205-misspelt-field.flow.yaml': BROKEN,
    'elsewhere/returns.policy.yaml': readFileSync(join(ROOT, 'definitions/refund/returns.policy.yaml'), 'utf8'),
    'odd/firn.yaml': 'project: odd\nroles:\n  desk: { peple: [maria] }\n',
    'empty/README': 'no project here',
    'unset/firn.yaml':
      'project: unset\nconnections:\n  shop: { postgres: env:FIRN_NOT_SET, columns: ./s.yaml }\nchannels: { desk: { webhook: env:FIRN_NO_HOOK } }\n',
    'unset/s.yaml': readFileSync(join(ROOT, 'definitions/refund/shop.columns.yaml'), 'utf8'),
    'lines.jsonl': '{"message": "a"}\n',
    'input.json': '{"message": "a"}',
  });
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Nothing answers at the addresses that the command is given. */
function firn(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const nowhere = { ...plainVariables(), TEMPORAL_ADDRESS: NOBODY, DATABASE_URL: NO_DATABASE, FIRN_MODELS: 'off' };
  return runFirn(words, { directory, variables: nowhere, ...options });
}

function inFolder(name: string): RunOptions {
  return { directory: join(directory, name) };
}

describe('firn --help', () => {
  /** Packages that the modules behind `entry` import before they run: static imports only, and theirs. */
  function packagesOf(entry: string, seen = new Set<string>()): ReadonlySet<string> {
    const packages = new Set<string>();
    if (seen.has(entry)) return packages;
    seen.add(entry);
    const text = readFileSync(entry, 'utf8');
    for (const [, from = ''] of text.matchAll(/^(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]/gm)) {
      if (!from.startsWith('.')) packages.add(from);
      else for (const name of packagesOf(resolve(dirname(entry), from), seen)) packages.add(name);
    }
    return packages;
  }
  const built = (path: string): string => join(ROOT, 'dist', path);
  const bare = (names: ReadonlySet<string>): string[] => [...names].filter((name) => !name.startsWith('node:')).sort();

  test('loads nothing that is heavy', () => {
    expect(bare(packagesOf(built('cli/main.js')))).toEqual(['commander', 'picocolors']);
    // The same walk finds what a command loads.
    const behindRun = bare(packagesOf(built('cli/commands/run.js')));
    expect(behindRun).toEqual(expect.arrayContaining(['@temporalio/client', 'pg', 'yaml']));
  });

  test('takes little longer than an empty program', () => {
    const least = (words: readonly string[]): number => {
      const times = Array.from({ length: 5 }, () => {
        const started = performance.now();
        spawnSync(process.execPath, words, { env: plainVariables() });
        return performance.now() - started;
      });
      return Math.min(...times);
    };
    const ratio = least([join(ROOT, 'scripts/firn.mjs'), '--help']) / least(['-e', '0']);
    // About 2.5; with Temporal's client loaded it is above 12.
    expect(ratio).toBeLessThan(7);
  });

  test('names every command, and each has a help of its own', async () => {
    const { code, stdout } = await firn(['--help']);
    expect(code).toBe(0);
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name = '']) => name);
    const all =
      'answer approve cancel connections doctor explain fmt graph hand-over inbox list reject result run schedules schema send show start test validate worker';
    expect([...commands].sort().join(' ')).toBe(all);
    expect(stdout).toMatch(/Exit codes: 0 ok, 1 .*, 2 .*, 3 .*, 4 .*, 130 interrupted/);
    const helps = await inTurns(commands.map((command) => () => firn([command, '--help'])));
    for (const help of helps) expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('--json')]);
  });

  test('without any word, and the version', async () => {
    expect((await firn([])).stdout).toContain('Usage: firn');
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect((await firn(['--version'])).stdout).toBe(`${String(version)}\n`);
  });
});

describe('usage', () => {
  const USAGE: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['an unknown command', ['runn'], /unknown command 'runn'/],
    ['an unknown flag', ['run', 'refund', '--inptu', '{}'], /unknown option '--inptu'/],
    ['an extra argument', ['run', 'refund', 'A-1001'], /too many arguments/],
    ['a missing argument', ['approve'], /missing required argument 'ticket'/],
    ['a flag without its value', ['run', 'refund', '--input'], /argument missing/],
    ['input that is not JSON', ['run', 'refund', '--input', '{order_id: 1}'], /--input is not JSON: /],
    ['input twice', ['run', 'refund', '--input', '{}', '--input-file', 'input.json'], /give one of them/],
    ['a file that is not there', ['start', 'refund', '--input-file', 'no.json'], /no\.json cannot be read: ENOENT/],
    ['no duration', ['run', 'refund', '--wait', 'soon'], /--wait takes a duration, not "soon"/],
    ['no outcome', ['list', '--outcome', 'good'], /'good' is invalid.*Allowed choices are done, refused/],
    ['a rejection without a reason', ['reject', 'x'], /--because is missing: a rejection says why/],
    ['a format that is none', ['validate', '--format', 'xml'], /'xml' is invalid/],
    ['a file that is not there to validate', ['validate', 'no.flow.yaml'], /there is no file no\.flow\.yaml/],
    ['a test file that is not there', ['test', 'no.test.yaml'], /there is no test file .*no\.test\.yaml/],
    ['--map alone', ['run', 'refund', '--map', 'a=b'], /--map goes with --each/],
    [
      '--each with --input',
      ['run', 'refund', '--each', 'lines.jsonl', '--input', '{}'],
      /--input does not go with --each/,
    ],
    [
      'no number',
      ['run', 'support-triage', '--each', 'lines.jsonl', '--limit', 'all'],
      /--limit takes a whole number from 1, not "all"/,
    ],
    [
      'no line',
      ['run', 'support-triage', '--each', 'lines.jsonl', '--at-once', '0'],
      /--at-once takes a whole number from 1/,
    ],
    ['no such connection', ['connections', 'prepare', 'shopp'], /firn\.yaml has no connection "shopp"/],
    ['no such action', ['connections', 'drop', 'shop'], /"drop" is no action of connections/],
    ['an unknown workflow with --each', ['run', 'refnd', '--each', 'lines.jsonl'], /no definition is named "refnd"/],
  ];

  test('each is exit code 2, a sentence, and with --json a document', async () => {
    const ran = await inTurns(
      USAGE.map(
        ([, words]) =>
          () =>
            firn(withJson(words)),
      ),
    );
    for (const [index, [name, , says]] of USAGE.entries()) {
      const { code, stdout, stderr } = ran[index] ?? (await firn([]));
      expect([name, code, stderr]).toEqual([name, 2, expect.stringMatching(says)]);
      const document: unknown = JSON.parse(stdout);
      expect([name, document]).toEqual([
        name,
        { ok: false, error: { code: expect.any(String), message: expect.stringMatching(says), ...hintOf(document) } },
      ]);
    }
  });

  /** Second, so that a flag at the end does not take it for its value. */
  function withJson([command = '', ...rest]: readonly string[]): string[] {
    return [command, '--json', ...rest];
  }

  function hintOf(document: unknown): { readonly hint?: unknown } {
    return JSON.stringify(document).includes('"hint":') ? { hint: expect.any(String) } : {};
  }

  test('without --json nothing is on stdout', async () => {
    const { code, stdout, stderr } = await firn(['run', 'refund', '--input', '{']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: --input is not JSON: .*\nhint: write it in single quotes: /);
    expect((await firn(['list', '--limitt', '3'])).stderr).toContain('Did you mean --limit?');
  });
});

describe('validate', () => {
  test('all definitions of the project', async () => {
    const { code, json, stderr } = await firn(['validate', '--json']);
    const document = json();
    expect([code, stderr, Object.keys(document)]).toEqual([0, '', ['ok', 'problems', 'workflows']]);
    expect(document).toMatchObject({ ok: true, problems: [] });
    expect(document['workflows']).toContainEqual({
      name: 'refund',
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      model_calls_at_most: 1,
      paths_without_model: expect.any(Number),
      bounds: expect.objectContaining({ questions: expect.objectContaining({ at_most: 1, steps: ['reason'] }) }),
    });
  });

  test('a definition with problems: exit 2, each problem with its place', async () => {
    const file = 'elsewhere/205-misspelt-field.flow.yaml';
    const [text, json, format] = await inTurns([
      () => firn(['validate', file]),
      () => firn(['validate', file, '--json']),
      () => firn(['validate', file, '--format', 'json']),
    ]);
    expect([text?.code, json?.code, format?.code]).toEqual([2, 2, 2]);
    expect(format?.stdout).toBe(json?.stdout);
    const document = json?.json();
    expect(document).toMatchObject({ ok: false, workflows: [] });
    expect(document?.['problems']).toContainEqual({
      ...{ code: 'FIRN205', severity: 'error', file, line: expect.any(Number), column: expect.any(Number) },
      ...{ path: expect.any(String), message: expect.any(String), hint: expect.any(String) },
    });
    expect(text?.stdout).toMatch(/205-misspelt-field\.flow\.yaml:\d+:\d+ FIRN205 steps\[1\]\.refuse: /);
    expect(text?.stdout).toMatch(/\n\d+ errors?, \d+ warnings?\n$/);
  });

  test('colours: never when piped, when they are forced, never with NO_COLOR or --json', async () => {
    const colored = async (set: RunOptions['set'], ...words: string[]): Promise<boolean> => {
      const { stdout, stderr } = await firn(['validate', ...words], { ...(set === undefined ? {} : { set }) });
      expect(stdout).not.toBe('');
      return `${stdout}${stderr}`.includes(ESCAPE);
    };
    const forced = { FORCE_COLOR: '1' };
    const all = await inTurns([
      () => colored({}),
      () => colored(forced),
      () => colored({ ...forced, NO_COLOR: '1' }),
      () => colored(forced, '--json'),
    ]);
    expect(all).toEqual([false, true, false, false]);
  });
});

describe('test', () => {
  test('the shipped cases pass, without any server', async () => {
    const [text, json] = await inTurns([() => firn(['test']), () => firn(['test', '--json', '--only', 'encoder'])]);
    expect([text?.code, text?.stderr]).toEqual([0, '']);
    expect(text?.stdout).toMatch(
      /^(ok .*\n)+ok definitions\/refund\/refund\.test\.yaml:\d+ .*\n(ok .*\n)+\d+ passed, 0 failed\n$/,
    );
    const document = json?.json();
    expect(document).toMatchObject({ ok: true, passed: 2, failed: 0, problems: [] });
    expect(document?.['cases']).toContainEqual(
      expect.objectContaining({ file: 'definitions/refund/refund.test.yaml', passed: true, differences: [] }),
    );
  });

  test('a case that fails is exit 1 and says what differs', async () => {
    const shipped = readFileSync(join(directory, 'definitions/refund/refund.test.yaml'), 'utf8');
    const wrong = shipped.replace('outcome: done', 'outcome: refused');
    expect(wrong).not.toBe(shipped);
    const other = copyProject('failing', { 'definitions/refund/refund.test.yaml': wrong });
    try {
      const { code, stdout } = await firn(['test', 'definitions/refund/refund.test.yaml'], { directory: other });
      expect(code).toBe(1);
      expect(stdout).toMatch(/\nfailed|^failed definitions\/refund\/refund\.test\.yaml:\d+ .*\n {3}.*refused/m);
      expect(stdout).toMatch(/\n\d+ passed, 1 failed\n$/);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  test('no case at all is no success', async () => {
    const { code, stderr, stdout } = await firn(['test', '--only', 'nothing is called so']);
    expect([code, stdout]).toEqual([2, '0 passed, 0 failed\n']);
    expect(stderr).toBe('No case has "nothing is called so" in its name.\n');
  });
});

describe('firn.yaml', () => {
  const COMMANDS = [['validate'], ['run', 'refund'], ['worker']];

  test('with a problem: exit 2 and its place, for every command', async () => {
    const all = await inTurns(COMMANDS.map((words) => () => firn(words, inFolder('odd'))));
    for (const { code, stdout, stderr } of all) {
      expect(code).toBe(2);
      expect(`${stdout}${stderr}`).toMatch(
        /firn\.yaml:3:11 FIRN500 .*"peple".*\n.*3 \|.*\n.*\^.*\n {2}hint: .*"people"/,
      );
    }
    const document = (await firn(['list', '--json'], inFolder('odd'))).json();
    expect(document).toMatchObject({
      ok: false,
      error: { code: 'invalid_project', message: expect.stringMatching(/^firn\.yaml:3: /) },
    });
  });

  test('that is not there: exit 2, and where one would be', async () => {
    const all = await inTurns(
      [...COMMANDS, ['connections', 'prepare', 'shop']].map((words) => () => firn(words, inFolder('empty'))),
    );
    for (const { code, stdout, stderr } of all) {
      expect(code).toBe(2);
      expect(`${stdout}${stderr}`).toMatch(/there is no firn\.yaml in .*empty/);
    }
    const elsewhere = await firn(['validate', '--json', '--directory', directory], inFolder('empty'));
    expect(elsewhere.json()).toMatchObject({ ok: true });
  });

  test('a secret that is not set: the variable is named, and what needs it is unreachable', async () => {
    const { code, stderr } = await firn(['connections', 'introspect', 'shop'], inFolder('unset'));
    expect([code, stderr]).toEqual([4, expect.stringContaining('FIRN_NOT_SET is not set')]);
    const doctor = await firn(['doctor', '--json'], inFolder('unset'));
    expect(doctor.code).toBe(1);
    const secrets = JSON.stringify(doctor.json()['checks']);
    for (const name of ['FIRN_NOT_SET', 'FIRN_NO_HOOK'])
      expect(secrets).toContain(`the environment variable ${name} is not set`);
    expect((await firn(['validate'], inFolder('unset'))).code).toBe(0);
  });
});

describe('nothing answers', () => {
  const COMMANDS = [['run', 'errand'], ['approve', 'x'], ['list'], ['show', 'x'], ['connections', 'prepare', 'shop']];

  test('the database: exit 4, before anything is started, and no password is shown', async () => {
    const all = await inTurns(COMMANDS.map((words) => () => firn([...words, '--json'])));
    for (const { code, json, stderr } of all) {
      expect(code).toBe(4);
      expect(json()).toMatchObject({
        ok: false,
        error: { code: 'unreachable', message: expect.stringContaining('127.0.0.1:1/nothing') },
      });
      expect(stderr).toMatch(/^error: the database /);
      expect(stderr).not.toContain('secret-word');
    }
  });

  test('doctor says so, in order', async () => {
    const { code, json } = await firn(['doctor', '--json']);
    const checks = json()['checks'];
    expect(code).toBe(1);
    for (const name of ['temporal', 'database', 'connection shop'])
      expect(checks).toContainEqual({ name, ok: false, said: expect.any(String), hint: expect.any(String) });
    expect(checks).toContainEqual({ name: 'firn.yaml', ok: true, said: 'no problems' });
    expect(JSON.stringify(checks)).not.toContain('secret-word');
  });
});

describe('what is printed on a terminal', () => {
  const red = (text: string): string => `${ESCAPE}[31m${text}${ESCAPE}[39m`;

  test.each<[string, string, number, string[]]>([
    ['fits', 'one two', 10, ['one two']],
    ['breaks at spaces', 'one two three', 8, ['one two', '  three']],
    ['a word that is too long stays whole', 'abcdefghijkl m', 5, ['abcdefghijkl', '  m']],
    ['line breaks are kept and indented', 'a: one\ntwo', 20, ['a: one', '  two']],
    ['colours take no room', `${red('one')} two`, 7, [`${red('one')} two`]],
    ['two spaces are no place to break', 'a  b c', 4, ['a  b', '  c']],
    ['nothing', '', 10, ['']],
  ])('wrap: %s', (_name, text, width, lines) => {
    expect(wrap(text, width, 2)).toEqual(lines);
  });

  test.each<[string, string, number, string]>([
    ['fits', 'abc', 3, 'abc'],
    ['is cut', 'abcdef', 4, 'abc…'],
    ['never inside a colour, and the colour ends', red('abcdef'), 4, `${ESCAPE}[31mabc…${ESCAPE}[39m`],
  ])('cut: %s', (_name, text, width, cutText) => {
    expect(cut(text, width)).toBe(cutText);
  });

  test('table: columns as wide as their widest cell, cut to the terminal', () => {
    expect(
      table(
        [
          ['a', 'long', 'x'],
          [red('abc'), 'b', 'y'],
        ],
        80,
      ),
    ).toEqual(['a    long  x', `${red('abc')}  b     y`]);
    expect(table([['a', 'b'.repeat(20)]], 10)).toEqual(['a  bbbbbb…']);
    expect(table([], 10)).toEqual([]);
  });

  test('times and bars', () => {
    expect([840, 3_210, 119_000, 240_000].map(took)).toEqual(['840 ms', '3.2 s', '119.0 s', '4 min']);
    expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(7, 4)]).toEqual([
      '[----] 0 %',
      '[##--] 50 %',
      '[####] 100 %',
      '[####] 100 %',
    ]);
  });
});
