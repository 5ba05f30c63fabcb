/**
 * The commands that start, follow and steer runs, as a person's shell runs them: a real Temporal, a real database, a real
 * worker, and the shipped project. What each prints for programs is pinned down here.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonMap } from '../../language/plan/json.js';
import { inTurns, runFirn, type Ran } from './firn.js';
import { copyProject, openPlace, ROOT, type Place } from './place.js';

const BROKEN = readFileSync(join(ROOT, 'test/refused/205-misspelt-field.flow.yaml'), 'utf8');
const REPORT = ['ticket', 'outcome', 'output', 'reason', 'path', 'decisions', 'model_calls', 'messages'];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/;
const FAR = '2099-01-01T00:00:00Z';

let place: Place;
let forgotten: Promise<Remembered>;
beforeAll(async () => {
  const broken = BROKEN.replace(/^workflow: .*$/m, 'workflow: broken');
  place = await openPlace({ files: { 'definitions/broken/broken.flow.yaml': broken } });
  forgotten = runAndForget();
  // The test that looks at it fails then; until it does, nobody else is to.
  forgotten.catch(() => undefined);
});
afterAll(() => place.close());

function run(workflow: string, input: Json, ...words: string[]): Promise<Ran> {
  return place.firn(['run', workflow, '--input', JSON.stringify(input), '--json', ...words]);
}

async function start(workflow: string, input: Json): Promise<string> {
  const { stdout } = await place.firn(['start', workflow, '--input', JSON.stringify(input)]);
  return stdout.trim();
}

/** A run that waits for its first person. */
async function waiting(what: string): Promise<string> {
  const ran = await run('two-people', { what, asked_by: 'selma' });
  expect(ran.code).toBe(3);
  return String(ran.json()['ticket']);
}

async function numberOfRuns(): Promise<number> {
  const { rows } = await place.pool.query<{ n: number }>('select count(*)::int as n from firn_run');
  return rows[0]?.n ?? -1;
}

describe('run', () => {
  const ENDINGS: readonly (readonly [string, string, Json, number, Json])[] = [
    ['done', 'refund', { order_id: 'A-1001', reason: 'damaged' }, 0, { outcome: 'done', reason: null, model_calls: 0 }],
    [
      'refused',
      'refund',
      { order_id: 'A-1008', reason: 'damaged' },
      1,
      { outcome: 'refused', reason: 'goods can be returned for 30 days after delivery', output: null },
    ],
    ['handed over', 'refund', { order_id: 'A-1999', reason: 'damaged' }, 1, { outcome: 'handed_over', output: null }],
    ['failed', 'errand', { how: 'badly', note: 'rain' }, 1, { outcome: 'failed', reason: 'it went badly: rain' }],
    [
      'waiting',
      'refund',
      { order_id: 'A-1010', message: 'hello' },
      3,
      { outcome: 'waiting', path: ['order', 'reason'] },
    ],
  ];
  test.each(ENDINGS)(
    '--json of a run that is %s: the fields of the report, and its exit code',
    async (_name, workflow, input, code, part) => {
      const ran = await run(workflow, input);
      const report = ran.json();
      expect([ran.code, Object.keys(report)]).toEqual([code, REPORT]);
      expect(report).toMatchObject({ ...objectOf(part) });
      expect(ran.stderr).toBe(`ticket ${String(report['ticket'])}\n`);
    },
  );

  test('result prints the same again, with the same exit code', async () => {
    const ran = await run('refund', { order_id: 'A-1009', message: 'hm' });
    const result = await place.firn(['result', String(ran.json()['ticket']), '--json']);
    expect([result.code, result.stdout]).toEqual([3, ran.stdout]);
  });

  test('what is in a report of a run that is done', async () => {
    const report = (await run('refund', { order_id: 'A-1003', reason: 'damaged' })).json();
    expect(report['ticket']).toMatch(/^refund-[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    expect(report['output']).toEqual({ refund: expect.any(Number), reason: 'damaged', decided_by: 'rule' });
    expect(report['path']).toEqual(['order', 'reason', 'terms', 'verdict', 'outcome', 'refund', 'tell']);
    expect(report['decisions']).toEqual([
      { step: 'reason', answer: 'damaged', by: 'rule', probability: null },
      { step: 'verdict', answer: 'pay', by: 'rule', probability: null },
    ]);
    expect(report['messages']).toEqual([
      {
        who: 'customer',
        to: 'carla@example.com',
        text: `We refunded 18.50 for order A-1003. Ticket ${String(report['ticket'])}.`,
      },
    ]);
  });

  test('for people: what happened, who decided, what was done and said', async () => {
    const words = ['run', 'refund', '--input', '{"order_id": "A-1012", "reason": "damaged"}'];
    const { code, stdout } = await place.firn(words);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^refund-\S+ {2}done\n {2}path {5}order > reason .*\n {2}decided {2}reason = damaged \(rule\), .*\n {2}effect {3}refund: id \d+, .*\n {2}told {5}luis@example\.com: We refunded 22\.00 .*\n {2}output .*\n$/,
    );
  });

  test('input from a file, JSON or YAML', async () => {
    const other = copyProject('files', {
      'in.json': '{"note": "from json"}',
      'in.yaml': 'note: from yaml\ncount: 3\n',
    });
    try {
      const both = ['in.json', 'in.yaml'].map(
        (file) => () => place.firn(['run', 'errand', '--json', '--input-file', join(other, file)]),
      );
      expect((await inTurns(both)).map((ran) => ran.json()['output'])).toEqual([
        { note: 'from json', count: 0 },
        { note: 'from yaml', count: 3 },
      ]);
    } finally {
      rmSync(other, { recursive: true, force: true });
    }
  });

  test('--wait waits on for a person, at most so long', async () => {
    const input = { what: 'a bonus', asked_by: 'selma' };
    const late = await run('two-people', input, '--wait', '1s');
    expect([late.code, late.json()['outcome']]).toEqual([3, 'waiting']);
    const words = [
      'two-people',
      '--input',
      JSON.stringify(input),
      '--json',
      '--ticket',
      place.ticket('bonus-2'),
      '--wait',
      '2m',
    ];
    const following = place.firn(['run', ...words]);
    await expect
      .poll(() => place.firn(['reject', place.ticket('bonus-2'), '--because', 'no money']).then(({ code }) => code), {
        timeout: 30_000,
      })
      .toBe(0);
    const ran = await following;
    expect([ran.code, ran.json()['output']]).toEqual([0, { first: false, second: false }]);
  });

  test('Ctrl-C ends the command and not the run', async () => {
    const words = ['run', 'errand', '--input', JSON.stringify({ until: FAR }), '--ticket', place.ticket('long-1')];
    const { code, stdout, stderr } = await runFirn(words, {
      ...place,
      interruptAfter: () => expect.poll(() => outcomeOf(place.ticket('long-1')), { timeout: 30_000 }).toBe('running'),
    });
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toBe(
      `ticket ${place.ticket('long-1')}\nInterrupted; the run goes on: firn result ${place.ticket('long-1')}\n`,
    );
    expect(await outcomeOf(place.ticket('long-1'))).toBe('running');
    expect((await place.firn(['cancel', place.ticket('long-1'), '--json'])).json()).toMatchObject({
      outcome: 'cancelled',
    });
  });

  async function outcomeOf(ticket: string): Promise<string> {
    const { rows } = await place.pool.query<{ outcome: string | null }>(
      'select outcome from firn_run where ticket = $1',
      [ticket],
    );
    return rows.length === 0 ? 'none' : (rows[0]?.outcome ?? 'running');
  }
});

describe('input that does not fit', () => {
  const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['a missing field', ['refund', '--input', '{}'], /refund was not started: order_id is missing; it must be text/],
    [
      'a field too many',
      ['refund', '--input', '{"order_id": "A", "ordr": 1}'],
      /no field "ordr"; the fields are order_id/,
    ],
    ['no instant', ['errand', '--input', '{"day": "tomorrow"}'], /day is "tomorrow"/],
    ['an unknown workflow', ['refnd'], /no definition is named "refnd"; known: .*errand, .*refund, support-triage/],
  ];
  test('is exit 2, and nothing was started', async () => {
    const before = await numberOfRuns();
    const ran = await inTurns(
      REFUSED.map(
        ([, words], index) =>
          () =>
            place.firn([index % 2 === 0 ? 'run' : 'start', '--json', ...words]),
      ),
    );
    for (const [index, [name, , says]] of REFUSED.entries()) {
      expect([name, ran[index]?.code]).toEqual([name, 2]);
      expect([name, ran[index]?.json()]).toMatchObject([
        name,
        { ok: false, error: { message: expect.stringMatching(says) } },
      ]);
    }
    expect(await numberOfRuns()).toBe(before);
  });

  test('a ticket is used once, also by another workflow', async () => {
    const first = await place.firn(['run', 'errand', '--ticket', place.ticket('once:1'), '--json']);
    expect([first.code, first.json()['ticket']]).toEqual([0, place.ticket('once:1')]);
    const again = await place.firn([
      'start',
      'refund',
      '--input',
      '{"order_id": "A"}',
      '--ticket',
      place.ticket('once:1'),
      '--json',
    ]);
    expect([again.code, again.json()]).toMatchObject([
      2,
      { error: { code: 'ticket_used', message: expect.stringMatching(/once:1" has had its run/) } },
    ]);
  });

  test('a definition with problems is left out by the worker, and named; the others run', async () => {
    expect(place.logged()).toMatch(
      /definitions\/broken\/broken\.flow\.yaml is left out, because it has problems .*line \d+/,
    );
    const { code, stdout } = await place.firn(['validate']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/^definitions\/broken\/broken\.flow\.yaml:\d+:\d+ FIRN205 /);
    expect(stdout).toContain('\nok refund ');
  });
});

describe('tickets that lead nowhere', () => {
  const COMMANDS = [['show'], ['result'], ['cancel'], ['approve']];
  const words = (command: readonly string[], ticket: string): string[] => [...command, ticket, '--json'];

  test('unknown, and mistyped', async () => {
    const ticket = await start('errand', {});
    const mistyped = ticket.slice(0, -1) + (ticket.endsWith('0') ? '1' : '0');
    const all = await inTurns(COMMANDS.map((command) => () => place.firn(words(command, mistyped))));
    for (const ran of all) {
      const text = JSON.stringify(ran.json());
      expect([ran.code, text]).toEqual([1, expect.stringContaining('"code":"not_found"')]);
      expect(text).toContain(`no run has the ticket \\"${mistyped}\\"`);
      expect(text).toContain('its check character does not fit');
    }
    const mine = await place.firn(['show', 'never-1', '--json']);
    expect(mine.json()).toEqual({
      ok: false,
      error: { code: 'not_found', message: 'no run has the ticket "never-1"', hint: 'firn list shows the newest ones' },
    });
  });
});

describe('start, list, show, inbox', () => {
  test('start prints the ticket, and does not wait', async () => {
    const ticket = await start('errand', { until: FAR });
    expect(ticket).toMatch(/^errand-[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    const json = await place.firn(['start', 'errand', '--json']);
    expect([json.code, json.stderr, json.json()]).toEqual([
      0,
      '',
      { ticket: expect.stringMatching(/^errand-/), run_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    ]);
    await place.firn(['cancel', ticket]);
  });

  test('list: newest first, by workflow, by outcome, so many', async () => {
    const ticket = await waiting('a list');
    const [all, waits, failed, two] = await inTurns(
      [[], ['--outcome', 'waiting', '--workflow', 'two-people'], ['--outcome', 'failed'], ['--limit', '2']].map(
        (words) => () => place.firn(['list', '--json', ...words]),
      ),
    );
    const runs = listed(all);
    expect(runs[0]).toEqual({
      ...{ ticket, workflow: 'two-people', outcome: 'waiting', started_at: expect.stringMatching(TIME) },
      ...{ ended_at: null, reason: null },
    });
    const starts = runs.map((row) => String(row['started_at']));
    expect(starts).toEqual([...starts].sort().reverse());
    expect(listed(waits).map((row) => row['ticket'])).toContain(ticket);
    expect(new Set(listed(failed).map((row) => row['outcome']))).toEqual(new Set(['failed']));
    expect(listed(two)).toHaveLength(2);
    const text = await place.firn(['list', '--limit', '1']);
    expect([text.code, text.stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^${ticket} {2}two-people {2}waiting {2}\\S+\\n$`)),
    ]);
    expect((await place.firn(['list', '--workflow', 'nothing'])).stdout).toBe('No runs.\n');
  });

  test('inbox: what waits, what would happen, and the command that settles it', async () => {
    const { json } = await run('refund', { order_id: 'A-1011', reason: 'damaged', message: 'It burns.' });
    const ticket = String(json()['ticket']);
    const inbox = await place.firn(['inbox', '--json', '--role', 'returns-desk']);
    const mine = itemsOf(inbox).filter((item) => item['ticket'] === ticket);
    expect(mine).toEqual([
      {
        ...{
          ticket,
          item: 'approval',
          kind: 'approve',
          role: 'returns-desk',
          title: expect.stringContaining('A-1011'),
          body: expect.any(Object),
        },
        ...{
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          answers: null,
          opened_at: expect.stringMatching(TIME),
          deadline: expect.stringMatching(TIME),
        },
      },
    ]);
    expect(JSON.stringify(mine[0]?.['body'])).toContain('249');
    expect(new Set(itemsOf(inbox).map((item) => item['role']))).toEqual(new Set(['returns-desk']));
    const { stdout } = await place.firn(['inbox']);
    expect(stdout).toMatch(
      new RegExp(`\\n? {2}exactly {2}create .*A-1011.*249(.*\\n)* {2}answer {3}firn approve ${ticket}`),
    );
    expect((await place.firn(['inbox', '--role', 'nobody'])).stdout).toBe('Nothing waits.\n');
    const approved = await place.firn(['approve', ticket, '--because', 'seen it']);
    expect([approved.code, approved.stdout]).toEqual([0, `${ticket}: approval = approve, by maria\n`]);
    expect((await place.firn(['result', ticket, '--wait', '30s', '--json'])).json()).toMatchObject({ outcome: 'done' });
  });

  test('a reader that stops reading is no error', () => {
    const words = `"${process.execPath}" "${join(ROOT, 'scripts/firn.mjs')}" list --json --limit 20`;
    const { stdout, stderr } = spawnSync('bash', ['-c', `${words} | true; echo "code \${PIPESTATUS[0]}"`], {
      ...{ cwd: place.directory, env: place.variables, encoding: 'utf8' },
    });
    expect([stdout, stderr]).toEqual(['code 0\n', '']);
  });
});

describe('answer, approve, reject, cancel, hand-over', () => {
  test('what does not count: exit 1, and the run still waits', async () => {
    const ticket = await waiting('a raise');
    const question = String((await run('refund', { order_id: 'A-1009', message: 'hm' })).json()['ticket']);
    const REFUSED: readonly (readonly [readonly string[], number, string, RegExp])[] = [
      [['approve', ticket, '--by', 'jonas'], 1, 'not_accepted', /"jonas" is not one of support-desk \(maria, selma\)/],
      [['approve', ticket, '--by', 'selma'], 1, 'not_accepted', /"selma" asked for this and may not decide it/],
      [['approve', ticket, '--item', 'second'], 1, 'not_open', /waits with no approval "second"/],
      [['answer', ticket, 'yes'], 1, 'not_open', /waits with no question/],
      [['answer', question, 'because'], 1, 'malformed', /"because" is no decision on "reason"; it can be: damaged, /],
      [['answer', question, 'damaged', '--by', 'selma'], 1, 'not_accepted', /"selma" is not one of returns-desk/],
      [['reject', question, '--because', 'no'], 1, 'not_open', /waits with no approval/],
    ];
    // One after the other: of two at the same moment the second is only told that the first is being checked.
    for (const [words, code, error, says] of REFUSED) {
      const ran = await place.firn([...words, '--json']);
      expect([words, ran.code, ran.json()]).toMatchObject([
        words,
        code,
        { ok: false, error: { code: error, message: expect.stringMatching(says) } },
      ]);
    }
    expect((await place.firn(['show', ticket, '--json'])).json()['refused']).toMatchObject([
      { by: 'jonas', decision: 'approve', item: 'first' },
      { by: 'selma', decision: 'approve', item: 'first' },
    ]);
    // What the command shows is what it decides on, so a row that says something else than the run is refused.
    const { rows } = await place.pool.query<{ digest: string }>('select digest from firn_item where ticket = $1', [
      question,
    ]);
    const setDigest = 'update firn_item set digest = $2 where ticket = $1';
    await place.pool.query(setDigest, [question, 'f'.repeat(64)]);
    const other = await place.firn(['answer', question, 'damaged', '--json']);
    expect([other.code, other.json()]).toMatchObject([1, { error: { code: 'wrong_digest' } }]);
    await place.pool.query(setDigest, [question, rows[0]?.digest]);
    const answered = await place.firn(['answer', question, 'changed_mind', '--because', 'she called', '--json']);
    expect([answered.code, answered.json()]).toEqual([
      0,
      { ticket: question, item: 'reason', decision: 'changed_mind', values: null, by: 'maria', comment: 'she called' },
    ]);
  });

  test('one after the other; the second time nothing waits', async () => {
    const ticket = await waiting('two yeses');
    const first = await place.firn(['approve', ticket, '--json', '--item', 'first']);
    expect([first.code, first.json()]).toEqual([
      0,
      { ticket, item: 'first', decision: 'approve', values: null, by: 'maria', comment: null },
    ]);
    const again = await place.firn(['approve', ticket, '--json', '--item', 'first']);
    expect([again.code, again.json()]).toMatchObject([1, { error: { code: 'not_open' } }]);
    await expect
      .poll(() => place.firn(['reject', ticket, '--because', 'too late', '--by', 'jonas']).then(({ code }) => code), {
        timeout: 30_000,
      })
      .toBe(0);
    const ran = await place.firn(['result', ticket, '--json', '--wait', '30s']);
    expect(ran.json()['output']).toEqual({ first: true, second: false });
  });

  test('cancel and hand-over end a run: exit 0, and then there is nothing to end', async () => {
    const [one, two] = [await waiting('to be cancelled'), await waiting('to be handed over')];
    const cancelled = await place.firn(['cancel', one, '--json']);
    expect([cancelled.code, Object.keys(cancelled.json())]).toEqual([0, REPORT]);
    expect(cancelled.json()).toMatchObject({ outcome: 'cancelled', output: null });
    const handed = await place.firn(['hand-over', two, '--because', 'she wants to talk', '--json']);
    expect([handed.code, handed.json()]).toMatchObject([
      0,
      { outcome: 'handed_over', reason: expect.stringContaining('she wants to talk') },
    ]);
    const again = await inTurns([
      () => place.firn(['hand-over', two, '--json']),
      () => place.firn(['result', one, '--json']),
    ]);
    expect(again.map(({ code }) => code)).toEqual([1, 1]);
    expect(again[0]?.json()).toMatchObject({ error: { code: 'not_found' } });
  });
});

describe('connections, doctor, worker', () => {
  test('a database that differs from the columns file: doctor says so, introspect writes it', async () => {
    await place.pool.query('alter table desk.cases add column colour text');
    const doctor = await place.firn(['doctor', '--json']);
    expect(doctor.code).toBe(1);
    const checks = doctor.json()['checks'];
    expect(checks).toContainEqual({
      ...{
        name: 'connection desk',
        ok: false,
        said: 'definitions/support-triage/desk.columns.yaml differs from the database',
      },
      hint: expect.stringContaining('firn connections introspect desk'),
    });
    expect(checks).toContainEqual({
      name: 'definitions',
      ok: false,
      said: expect.stringContaining('broken.flow.yaml'),
      hint: expect.any(String),
    });
    expect(JSON.stringify(checks)).toContain('"name":"connection shop","ok":true');

    const file = join(place.directory, 'definitions/support-triage/desk.columns.yaml');
    const old = readFileSync(file, 'utf8');
    const printed = await place.firn(['connections', 'introspect', 'desk', '--print']);
    expect([printed.code, readFileSync(file, 'utf8')]).toEqual([0, old]);
    expect(printed.stdout).toContain('colour');
    const written = await place.firn(['connections', 'introspect', 'desk', '--json']);
    expect(written.json()).toEqual({
      connection: 'desk',
      file: 'definitions/support-triage/desk.columns.yaml',
      changed: true,
    });
    expect(readFileSync(file, 'utf8')).toBe(printed.stdout);
    expect((await place.firn(['connections', 'introspect', 'desk'])).stdout).toBe(
      'definitions/support-triage/desk.columns.yaml: as the database is\n',
    );
  });

  test('prepare: the table that makes effects happen once, or its SQL', async () => {
    const prepared = await place.firn(['connections', 'prepare', 'shop', '--json']);
    expect([prepared.code, prepared.json()]).toEqual([0, { connection: 'shop', prepared: true }]);
    const printed = (await place.firn(['connections', 'prepare', 'shop', '--print', '--json'])).json();
    expect(Object.keys(printed)).toEqual(['connection', 'sql']);
    expect(printed['sql']).toMatch(/create table if not exists .*firn_effect/i);
  });

  test('doctor of a project in order', async () => {
    rmSync(join(place.directory, 'definitions/broken'), { recursive: true });
    const { code, json, stderr } = await place.firn(['doctor', '--json']);
    const document = json();
    const checks: readonly Json[] = Array.isArray(document['checks']) ? document['checks'] : [];
    expect(checks.filter((check) => JSON.stringify(check).includes('"hint"'))).toEqual([]);
    expect([code, stderr, document['ok']]).toEqual([0, '', true]);
    expect((await place.firn(['doctor'])).stdout).toMatch(/^(ok \S.*\n)+$/);
  });

  test('worker: makes the tables that are missing, runs, and ends at Ctrl-C', async () => {
    const directory = copyProject('fresh-one');
    const there = { directory, variables: place.variables };
    try {
      const before = await runFirn(['list', '--json'], there);
      expect([before.code, before.json()]).toMatchObject([
        4,
        { error: { message: expect.stringContaining('has no tables of Firn in a schema "fresh_one"') } },
      ]);
      const worker = spawn(process.execPath, [join(ROOT, 'scripts/firn.mjs'), 'worker'], {
        ...{ cwd: directory, env: place.variables, stdio: ['ignore', 'ignore', 'pipe'] as const },
      });
      let log = '';
      worker.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
      const gone = once(worker, 'exit');
      await expect.poll(() => log, { timeout: 40_000 }).toContain('the worker polls');
      const ran = await runFirn(['run', 'errand', '--json'], there);
      expect([ran.code, ran.json()['outcome']]).toEqual([0, 'done']);
      worker.kill('SIGINT');
      expect(await gone).toEqual([0, null]);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

test('show: the story of a run, for people and for programs, also after Temporal has forgotten it', async () => {
  const { ticket, report, story } = await forgotten;
  expect(Object.keys(story)).toEqual(['run', 'items', 'refused', 'messages', 'effects']);
  expect(story['run']).toMatchObject({ ticket, workflow: 'refund', outcome: 'done', owner: 'returns-desk' });
  expect([story['items'], story['refused']]).toEqual([[], []]);
  expect(story['effects']).toHaveLength(1);
  const [after, text, result] = await inTurns([
    () => place.firn(['show', ticket, '--json']),
    () => place.firn(['show', ticket]),
    () => place.firn(['result', ticket, '--json']),
  ]);
  expect([after?.json(), result?.json()]).toEqual([story, report]);
  expect(text?.stdout).toMatch(/^refund-\S+ {2}refund {2}done\n {2}version {3}[0-9a-f]{12}, owner returns-desk\n/);
  expect(text?.stdout).toContain('told      ben@example.com (sent): We refunded 39.00');
  // A text of several lines stays in its column.
  for (const line of text?.stdout.trimEnd().split('\n').slice(1) ?? []) expect(line).toMatch(/^ {2}/);
});

interface Remembered {
  readonly ticket: string;
  readonly report: JsonMap;
  readonly story: JsonMap;
}

/** A run that is done and that Temporal has deleted, which takes it a while; what was known of it before. */
async function runAndForget(): Promise<Remembered> {
  const ran = await run('refund', { order_id: 'A-1002', reason: 'not_arrived', message: 'two\nlines' });
  const report = ran.json();
  const ticket = String(report['ticket']);
  const story = (await place.firn(['show', ticket, '--json'])).json();
  await forget(ticket);
  return { ticket, report, story };
}

/** As retention does, sooner. */
async function forget(ticket: string): Promise<void> {
  const connection = await Connection.connect({ address: place.temporal.address });
  const { namespace } = place.temporal;
  const client = new Client({ connection, namespace });
  await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: ticket } });
  await expect
    .poll(
      () =>
        client.workflow
          .getHandle(ticket)
          .describe()
          .then(
            () => 'there',
            () => 'gone',
          ),
      { timeout: 100_000, interval: 500 },
    )
    .toBe('gone');
  await connection.close();
}

describe('Temporal does not answer', () => {
  test('exit 4, and nothing was started', async () => {
    const before = await numberOfRuns();
    const set = { TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const commands = [
      ['run', 'errand'],
      ['result', 'x'],
    ];
    const all = await inTurns(commands.map((words) => () => place.firn([...words, '--json'], { set })));
    for (const { code, json } of all) {
      expect([code, json()]).toMatchObject([
        4,
        { ok: false, error: { code: 'unreachable', message: expect.stringContaining('127.0.0.1:1') } },
      ]);
    }
    // What only reads Firn's tables does not need it.
    expect((await place.firn(['list', '--json'], { set })).code).toBe(0);
    expect(await numberOfRuns()).toBe(before);
  });
});

function objectOf(value: Json): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function rowsOf(value: Json | undefined): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.map((row: Json) => ({ ...objectOf(row) })) : [];
}

function listed(ran: Ran | undefined): readonly Record<string, unknown>[] {
  return rowsOf(ran?.json()['runs']);
}

function itemsOf(ran: Ran): readonly Record<string, unknown>[] {
  return rowsOf(ran.json()['items']);
}
