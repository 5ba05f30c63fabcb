/**
 * `firn run WORKFLOW --each FILE`: lines to inputs, outputs against expectations, and the samples that ship, end to end
 * with the real encoder where it is to be had.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExpected, readRows } from '../../cli/each.js';
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import { inTurns, runFirn, type Ran } from './firn.js';
import { encoderFolder, openPlace, type Place } from './place.js';

const models = encoderFolder();
const SAMPLE = 'definitions/support-triage/sample/messages.jsonl';
const SUMMARY = [
  'runs',
  'outcomes',
  'by',
  'expected',
  'confused',
  'model_calls',
  'runs_without_model',
  'took_ms',
  'results',
];
const COLUMNS = 'column: intent\nvalues: { lost_card: security, pin: cards, constructor: cash }\n';

let place: Place;
beforeAll(async () => {
  place = await openPlace(models === undefined ? {} : { models });
});
afterAll(() => place.close());

let files = 0;
function lines(rows: readonly Json[], name = `rows-${(files += 1)}.jsonl`): string {
  writeFileSync(
    join(place.directory, name),
    rows.map((row) => `${typeof row === 'string' ? row : JSON.stringify(row)}\n`).join(''),
  );
  return name;
}

function each(workflow: string, file: string, ...words: string[]): Promise<Ran> {
  return place.firn(['run', workflow, '--each', file, '--json', ...words]);
}

async function numberOfRuns(): Promise<number> {
  const { rows } = await place.pool.query<{ n: number }>('select count(*)::int as n from firn_run');
  return rows[0]?.n ?? -1;
}

/** Three messages whose queue was chosen in the app: a rule answers, with or without a model. */
const CHOSEN = [
  { text: 'My card is gone', topic: 'security', intent: 'lost_card', source: 'phone' },
  { text: 'I forgot it', topic: 'cards', intent: 'pin', source: 'web' },
  { text: 'What is this?', topic: 'cash', intent: 'lost_card', source: 'web' },
];

describe('mapping and comparing', () => {
  test('columns become inputs, the rest goes along; expectations by a column', async () => {
    writeFileSync(join(place.directory, 'queues.yaml'), COLUMNS);
    const map = ['--map', 'message=text', 'topic=topic', '--expect', 'queue=queues.yaml'];
    const ran = await each('support-triage', lines(CHOSEN), ...map);
    const summary = ran.json();
    expect([ran.code, Object.keys(summary)]).toEqual([0, SUMMARY]);
    expect(summary).toMatchObject({
      ...{ runs: 3, outcomes: { done: 3 }, model_calls: 0, runs_without_model: 3 },
      by: { rule: { n: 3, compared: 3, right: 2 } },
      expected: { queue: { compared: 3, right: 2 } },
      confused: { 'security -> cash': 1 },
    });
    expect(rowsOf(summary)).toEqual(
      CHOSEN.map(({ topic, intent, source }, index) => ({
        ...{
          line: index + 1,
          ticket: expect.stringMatching(/^support-triage-/),
          outcome: 'done',
          columns: { intent, source },
        },
        output: { queue: topic, decided_by: 'rule', case: expect.any(Number) },
      })),
    );
    const { rows } = await place.pool.query('select queue, message from desk.cases order by message desc');
    expect(rows).toEqual(
      [...CHOSEN]
        .map(({ text, topic }) => ({ queue: topic, message: text }))
        .sort((a, b) => (a.message < b.message ? 1 : -1)),
    );
  });

  test('a column of an input field needs no mapping; expectations line by line, and several', async () => {
    const file = lines(CHOSEN.map(({ text, topic }) => ({ message: text, topic, queue: topic, decided_by: 'person' })));
    const ran = await each('support-triage', file, '--expect', `queue=${file}`, `decided_by=${file}`);
    expect([ran.code, ran.json()]).toMatchObject([
      0,
      { runs: 3, expected: { queue: { compared: 3, right: 3 }, decided_by: { compared: 3, right: 0 } } },
    ]);
  });

  test('what no expectation names is not compared, whatever it is called', async () => {
    writeFileSync(join(place.directory, 'few.yaml'), 'column: intent\nvalues: { pin: cards }\n');
    const rows = ['pin', 'toString', '__proto__'].map((intent) => ({ message: 'x', topic: 'cards', intent }));
    const ran = await each('support-triage', lines(rows), '--expect', 'queue=few.yaml');
    expect(ran.json()).toMatchObject({ runs: 3, expected: { queue: { compared: 1, right: 1 } }, confused: {} });
  });

  test('--limit takes the first lines; empty lines do not count; for people there is a summary', async () => {
    const file = lines(['', ...CHOSEN.map(({ text, topic }) => ({ message: text, topic })), '']);
    const [two, text] = await inTurns([
      () => each('support-triage', file, '--limit', '2', '--at-once', '1'),
      () => place.firn(['run', 'support-triage', '--each', file, '--limit', '1']),
    ]);
    expect(two?.json()).toMatchObject({ runs: 2, results: [{ line: 2 }, { line: 3 }] });
    expect([text?.code, text?.stderr]).toEqual([0, '']);
    expect(text?.stdout).toMatch(
      /^1 runs? in .*: 1 done\n {2}rule {2}1 {2}100\.0 %\n {2}questions to a model: 0; runs without any: 1\n$/,
    );
  });

  test('each line is the input, when it has one', async () => {
    const rows = [{ input: { note: 'a' }, kind: 'x' }, { input: { note: 'b', how: 'badly' } }];
    const ran = await each('errand', lines(rows));
    expect([ran.code, ran.json()]).toMatchObject([
      1,
      {
        outcomes: { done: 1, failed: 1 },
        results: [
          { output: { note: 'a' }, columns: { kind: 'x' } },
          { outcome: 'failed', output: null },
        ],
      },
    ]);
  });

  test('a run that waits: exit 3; a line that does not fit: exit 1, and the others run', async () => {
    const unclear = { message: 'Hello there, how are you?' };
    const waits = await each('support-triage', lines([unclear, { message: 'x', topic: 'cash' }]));
    expect([waits.code, waits.json()]).toMatchObject([
      3,
      { runs: 2, outcomes: { done: 1, waiting: 1 }, by: { 'waiting for a person': { n: 1 }, rule: { n: 1 } } },
    ]);
    const bad = await each(
      'support-triage',
      lines([{ message: '' }, { message: 'x', topic: 'cash' }, { message: 'x', topic: 'weather' }]),
    );
    expect(bad.code).toBe(1);
    expect(bad.json()).toMatchObject({
      ...{ runs: 1, outcomes: { done: 1 } },
      results: [
        { line: 1, ticket: null, outcome: 'not started', error: expect.stringContaining('message') },
        { line: 2, outcome: 'done' },
        { line: 3, ticket: null, outcome: 'not started', error: expect.stringContaining('"weather"') },
      ],
    });
    expect(bad.stderr).toMatch(/^line 1: support-triage was not started: .*\nline 3: support-triage was not started: /);
  });
});

describe('what cannot be read', () => {
  test('is exit 2 with the line, before anything is started', async () => {
    writeFileSync(join(place.directory, 'odd.yaml'), 'values: {}\n');
    const good = lines(CHOSEN);
    const broken = lines([{ message: 'a' }, '', '{"message": ']);
    const CASES: readonly (readonly [readonly string[], RegExp])[] = [
      [[broken], new RegExp(`${broken}:3: not JSON: `)],
      [
        [good, '--map', 'message=txt'],
        new RegExp(`${good}:1: there is no column "txt".*\\nhint: this line has: text, topic`),
      ],
      [[good, '--map', 'message=text', '--expect', 'queue=odd.yaml'], /odd\.yaml has no "column" and "values"/],
    ];
    const before = await numberOfRuns();
    const all = await inTurns(
      CASES.map(
        ([words]) =>
          () =>
            place.firn(['run', 'support-triage', '--json', '--each', ...words]),
      ),
    );
    for (const [index, [words, says]] of CASES.entries())
      expect([words, all[index]?.code, all[index]?.stderr]).toEqual([words, 2, expect.stringMatching(says)]);
    expect(await numberOfRuns()).toBe(before);
  });
});

describe('files of lines, and pairs', () => {
  const path = (name: string): string => join(place.directory, name);
  const read =
    (file: string, ...map: string[]) =>
    (): unknown =>
      readRows(path(file), map, new Set(['message']), undefined);

  test('are refused with the line, or the pair', () => {
    const good = lines(CHOSEN);
    expect(read(lines([{ message: 'a' }, ['b']]))).toThrow(/rows-\d+\.jsonl:2: a line must be a JSON map/);
    expect(read(lines([]))).toThrow(/rows-\d+\.jsonl has no lines/);
    expect(read('no.jsonl')).toThrow(/no\.jsonl cannot be read: ENOENT/);
    for (const pair of ['message', '=text', 'message=']) expect(read(good, pair)).toThrow(`"${pair}" is no pair`);
    expect(read(good, 'message=toString')).toThrow(/:1: there is no column "toString"/);
    expect(() => readExpected([`queue=${path('no.yaml')}`])).toThrow(/no\.yaml cannot be read/);
    expect(() => readExpected([`queue=${path(lines(['{']))}`])).toThrow(/:1: not JSON/);
  });

  test('names of columns and fields are only names', () => {
    const file = lines(['{"__proto__": "x", "text": "y"}']);
    const [row] = readRows(path(file), ['__proto__=text', 'message=__proto__'], new Set(), undefined);
    expect(Object.entries(row?.input ?? {})).toEqual([
      ['__proto__', 'y'],
      ['message', 'x'],
    ]);
  });
});

test('Ctrl-C: exit 130, what is known so far, and the runs go on', async () => {
  const rows = [{ note: 'soon' }, ...Array.from({ length: 20 }, () => ({ until: '2099-01-01T00:00:00Z' }))];
  const words = ['run', 'errand', '--json', '--at-once', '3', '--each', lines(rows)];
  const open = async (): Promise<number> => {
    const { rows: found } = await place.pool.query<{ n: number }>(
      "select count(*)::int as n from firn_run where workflow = 'errand' and ended_at is null",
    );
    return found[0]?.n ?? 0;
  };
  const ran = await runFirn(words, { ...place, interruptAfter: () => expect.poll(open, { timeout: 30_000 }).toBe(3) });
  expect([ran.code, ran.json()]).toMatchObject([130, { runs: 1, outcomes: { done: 1 } }]);
  expect(ran.stderr).toBe('Interrupted after 1 of 21 lines; runs that were started go on (firn list).\n');
  expect(await open()).toBe(3);
});

const absent = models === undefined ? ' (skipped: the encoder is not to be had here)' : '';
describe.skipIf(models === undefined)(`the shipped samples, with the encoder${absent}`, () => {
  test('every request for a refund comes to what its row expects', async () => {
    await place.pool.query('delete from shop.refunds');
    const ran = await each('refund', join(place.directory, 'definitions/refund/sample/requests.jsonl'));
    const rows = rowsOf(ran.json());
    expect(ran.code).toBe(1);
    expect(rows).toHaveLength(12);
    for (const row of rows) {
      const expected = objectOf(objectOf(row['columns'])['expect']);
      expect([row['line'], row['outcome']]).toEqual([row['line'], expected['outcome']]);
      const output = objectOf(row['output']);
      if (row['outcome'] === 'done') expect([row['line'], output['decided_by']]).toEqual([row['line'], expected['by']]);
    }
  });

  test('the messages to the support desk: whom the encoder sorts, it sorts rightly in most cases', async () => {
    const ran = await each('support-triage', SAMPLE, '--expect', `queue=${SAMPLE}`, '--limit', '30');
    const { runs, outcomes, by, expected, model_calls } = ran.json();
    const total = 30;
    const [done, waiting] = [numberAt(outcomes, 'done'), numberAt(outcomes, 'waiting')];
    expect([ran.code, runs, done + waiting, model_calls]).toEqual([3, total, total, total]);
    const encoder = objectOf(objectOf(by)['encoder']);
    expect(encoder['n']).toBe(done);
    expect(done).toBeGreaterThan(total / 4);
    expect(numberAt(encoder, 'right') / numberAt(encoder, 'compared')).toBeGreaterThan(0.8);
    expect(objectOf(expected)['queue']).toEqual({ compared: done, right: encoder['right'] });
  });
});

function objectOf(value: Json | undefined): JsonMap {
  return isJsonMap(value) ? value : {};
}

function numberAt(value: Json | undefined, key: string): number {
  const found = objectOf(value)[key];
  return typeof found === 'number' ? found : 0;
}

function rowsOf(summary: JsonMap): readonly JsonMap[] {
  const { results } = summary;
  return Array.isArray(results) ? results.map((row: Json) => objectOf(row)) : [];
}
