/** `firn explain` and `firn graph`: definitions in sentences and pictures, and the way that a finished run took. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileDefinitions } from '../../setup/definitions.js';
import { loadProject } from '../../setup/project.js';
import { prepareTables } from '../../setup/tables.js';
import { publishPlan } from '../../store/plan.js';
import { createPool, type Pool } from '../../store/pool.js';
import { closeRun, insertRun, type ClosedRun } from '../../store/run.js';
import { startPostgres, type TestPostgres } from '../real/postgres.js';
import { runFirn, type Ran } from './firn.js';
import { copyProject, plainVariables, ROOT } from './place.js';

const PROJECT = 'pictures';
/** A text in which every way out of a label is tried. */
const HOSTILE = `workflow: hostile
summary: "</text><script>alert(1)</script> \\" end %%{init: {}}%% --> & \\\\N ]}) ;"
owner: returns-desk
ends_within: 5d
uses: [shop]
input: { order_id: string }
steps:
  - id: order
    summary: "end\\"]; click n0 href \\"javascript:alert(1)\\" <img src=x onerror=alert(1)> &quot; #quot;"
    read: { from: shop.orders, where: { id: "\${{ input.order_id }}" } }
  - switch:
      of: \${{ order.status + 'x' }}
      cases:
        "a\\"]|--> <b>": { steps: [{ refuse: "No\\e[31m \\u202e" }] }
        else: {}
`;

let directory = '';
let database: TestPostgres;
let pool: Pool;
beforeAll(async () => {
  directory = copyProject(PROJECT, { 'elsewhere/hostile.flow.yaml': HOSTILE });
  database = await startPostgres();
  pool = createPool(database.url, { schema: PROJECT, size: 2 });
  const { configuration } = loadProject(directory, { ...plainVariables(), DATABASE_URL: database.url });
  if (configuration === undefined) throw new Error('the project cannot be read');
  await prepareTables(configuration);
  for (const { name, plan, source } of compileDefinitions(configuration)) {
    if (plan === undefined || name !== 'refund') continue;
    await publishPlan(pool, { name, hash: plan.hash, plan: JSON.parse(JSON.stringify(plan)), source });
    await ended('approved', plan.hash, { outcome: 'done', path: [...UP_TO_REVIEW, 'approval', 'refund', 'tell'] });
    const rejected = [...UP_TO_REVIEW, 'approval', 'outcome.review.tell', 'outcome.review.refuse'];
    await ended('rejected', plan.hash, { outcome: 'refused', step: 'outcome.review.refuse', path: rejected });
    await ended('lost', plan.hash, {
      outcome: 'handed_over',
      step: 'terms',
      reason: 'terms: <none> "in force"',
      path: UP_TO_REVIEW.slice(0, 3),
    });
    await opened('open', plan.hash);
  }
});
afterAll(async () => {
  await pool.end();
  await database.stop();
  rmSync(directory, { recursive: true, force: true });
});

const UP_TO_REVIEW = ['order', 'reason', 'terms', 'verdict', 'outcome'];

async function opened(ticket: string, hash: string): Promise<void> {
  const facts = { first_run_id: 'a', run_id: 'a', workflow: 'refund', owner: 'returns-desk', input: {} };
  await insertRun(pool, { ticket, hash, ...facts, started_at: '2026-03-01T00:00:00Z', ends_by: null });
}

async function ended(
  ticket: string,
  hash: string,
  end: Pick<ClosedRun, 'outcome' | 'path'> & Partial<ClosedRun>,
): Promise<void> {
  await opened(ticket, hash);
  const nothing = {
    reason: null,
    code: null,
    step: null,
    output: null,
    decisions: [],
    model_calls: 0,
    trail: [],
    undo: [],
  };
  await closeRun(pool, { ticket, first_run_id: 'a', ...nothing, ...end });
}

function firn(...words: string[]): Promise<Ran> {
  return runFirn(words, {
    directory,
    variables: { ...plainVariables(), DATABASE_URL: database.url, FIRN_MODELS: 'off' },
  });
}

describe('explain', () => {
  test('in sentences that fit, by name or by file', async () => {
    const { code, stdout, stderr } = await firn('explain', 'refund');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      '5c.1. approval: A person of returns-desk says yes or no to exactly what refund would do.',
    );
    expect((await firn('explain', 'definitions/refund/refund.flow.yaml')).stdout).toBe(stdout);
  });

  test('as JSON, with all bounds', async () => {
    const document = (await firn('explain', 'refund', '--json')).json();
    expect(document).toMatchObject({
      name: 'refund',
      bounds: { steps: 12, undos: 1, people: [{ step: 'reason' }, { step: 'approval', otherwise: 'rejected' }] },
    });
    expect(document['explanation']).toMatchObject({
      parts: expect.arrayContaining([{ heading: 'Who is asked', lines: expect.any(Array) }]),
    });
  });

  test('with `validate`', async () => {
    const { code, stdout } = await firn('validate', 'definitions/refund/refund.flow.yaml', '--explain');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /ok refund [0-9a-f]{12}: 12 steps, at most 1 question to a model; 4 paths put none\n {3}asks returns-desk \(reason, approval\); changes shop.refunds \(refund\);/,
    );
    expect(stdout).toContain('What it does\n');
  });

  test('nothing that a terminal would obey', async () => {
    const { stdout } = await firn('explain', 'elsewhere/hostile.flow.yaml');
    expect(stdout).toContain('<script>');
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
  });

  test('what is not there, and what has problems', async () => {
    const missing = await firn('explain', 'refnd');
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(/^error: there is no workflow and no file "refnd"\nhint: this project has: /),
    ]);
    const broken = await firn('graph', join(ROOT, 'test/refused/205-misspelt-field.flow.yaml'), '--json');
    expect([broken.code, broken.json()['ok']]).toEqual([2, false]);
    expect(broken.stderr).toContain('FIRN205');
  });
});

describe('graph', () => {
  test('Mermaid, as it is unless said otherwise', async () => {
    const { code, stdout } = await firn('graph', 'refund');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^---\ntitle: "refund"\n---\nflowchart TB\n/);
    expect(stdout).toContain('  n4 -- "review" --> n7\n');
    expect(stdout).not.toContain('is_came');
  });

  test('a picture that needs nothing from elsewhere, and fits what it stands in', async () => {
    const file = join(directory, 'refund.svg');
    const { code, stdout, stderr } = await firn('graph', 'refund', '--format', 'svg', '--out', file);
    expect([code, stdout, stderr]).toEqual([0, '', `${file} written\n`]);
    const svg = readFileSync(file, 'utf8');
    expect(svg).toMatch(/^<svg width="100%" style="max-width:\d+px;height:auto"\s+viewBox="/);
    expect(svg).not.toMatch(/<script|<image|@import|url\(|href="http/);
    expect(svg).toContain('what the shapes mean');
  });

  test.each(['mermaid', 'svg', 'dot'])('%s: a hostile text is a text', async (format) => {
    const file = join(directory, `hostile.${format}`);
    expect((await firn('graph', 'elsewhere/hostile.flow.yaml', '--format', format, '--out', file)).code).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toMatch(/<script|<img|[^\n\P{Cc}]/u);
    if (format === 'mermaid') expect(text).not.toMatch(/%%|click n0 href "/);
    if (format === 'svg') expect(text).toContain(String.raw`&amp; \N`);
    expect(text.split('\n').filter((line) => /^\s*(click|end"|%%)/.test(line))).toEqual([]);
  });

  test('a file that cannot be written', async () => {
    const { code, stderr } = await firn('graph', 'refund', '--out', join(directory, 'none/refund.mmd'));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/refund\.mmd cannot be written: /)]);
    expect(existsSync(join(directory, 'none'))).toBe(false);
  });
});

describe('the way of a run', () => {
  /** Boxes with the title of their step that are drawn as reached. */
  async function came(ticket: string): Promise<{ readonly text: string; readonly boxes: readonly string[] }> {
    const { code, stdout, stderr } = await firn('graph', 'refund', '--ticket', ticket);
    expect([code, stderr]).toEqual([0, '']);
    const ids = (/ {2}class (\S+) is_came/.exec(stdout)?.[1] ?? '').split(',');
    const titles = new Map(
      [...stdout.matchAll(/^ *(\w+)\W+<b>([^<]+)<\/b>/gm)].map(([, id = '', title = '']) => [id, title]),
    );
    return { text: stdout, boxes: ids.map((id) => titles.get(id) ?? id) };
  }

  test('done', async () => {
    const { text, boxes } = await came('approved');
    expect(boxes).toEqual(['refund', ...UP_TO_REVIEW, 'approval', 'refund', 'tell', 'done']);
    expect(text).toContain('title: "refund approved: done"');
    expect(text).toMatch(/linkStyle [\d,]+ stroke:#15803d/);
  });

  test('refused', async () => {
    expect((await came('rejected')).boxes).toEqual(['refund', ...UP_TO_REVIEW, 'approval', 'tell', 'refused']);
  });

  test('handed over: where, and why', async () => {
    const { text, boxes } = await came('lost');
    expect(boxes).toEqual(['refund', 'order', 'reason', 'terms', 'handed over to returns-desk']);
    expect(text).toContain('terms: #60;none#62; #34;in force#34;');
    expect(text).toMatch(/n2 -\.-> stopped/);
  });

  test('in the picture as well', async () => {
    const { stdout } = await firn('graph', 'refund', '--ticket', 'approved', '--format', 'svg');
    expect(stdout).toMatch(/stroke="#15803d" stroke-width="5"/);
  });

  test('not before it has ended, not of another workflow, not of nobody', async () => {
    const open = await firn('graph', 'refund', '--ticket', 'open');
    expect([open.code, open.stderr]).toEqual([3, expect.stringContaining('open has not ended')]);
    const other = await firn('graph', 'support-triage', '--ticket', 'approved');
    expect([other.code, other.stderr]).toEqual([
      2,
      expect.stringContaining('approved is a run of refund, not of support-triage'),
    ]);
    expect((await firn('graph', 'refund', '--ticket', 'nobody')).code).toBe(1);
  });
});
