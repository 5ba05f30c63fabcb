/** Firn's own tables on a real PostgreSQL: migrations, and what each table promises. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matching } from '../real/expecting.js';
import { migrate, readMigrations } from '../../store/migrate.js';
import { createPool, placeOf } from '../../store/pool.js';
import type { Pool } from '../../store/pool.js';
import { decisionsOf, readDecision, recentTexts, recordDecision, recordPersonAnswer } from '../../store/decision.js';
import type { DecisionDraft } from '../../store/decision.js';
import { closeItem, closeItemsOfRun, decideItem, listItems, openItem, readItem } from '../../store/item.js';
import type { ItemDraft } from '../../store/item.js';
import { markFailed, markSent, messagesOf, recordMessage } from '../../store/message.js';
import { newestPlan, planByHash, planNames, publishPlan } from '../../store/plan.js';
import { closeRun, insertRun, listRuns, readRun, recordFailedRun } from '../../store/run.js';
import type { OpenedRun } from '../../store/run.js';
import { timestampText } from '../../store/values.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openStore, SCHEMA } from '../real/shop.js';

let postgres: TestPostgres;
let db: Pool;
beforeAll(async () => {
  postgres = await startPostgres();
  db = await openStore(postgres.url);
});
afterAll(async () => {
  await db.end();
  await postgres.stop();
});

describe('migrate', () => {
  const names = readMigrations().map(({ name }) => name);

  it('is done already', async () => {
    expect(await migrate(db, SCHEMA)).toEqual([]);
    expect(names[0]).toBe('001_plan');
  });

  it('ten workers at once: one does it, in a schema with any name', async () => {
    const schema = 'my "own" shop\\1';
    const pools = Array.from({ length: 10 }, () => createPool(postgres.url, { schema, size: 1 }));
    const applied = await Promise.all(pools.map((pool) => migrate(pool, schema)));
    expect(applied.filter((list) => list.length > 0)).toEqual([names]);
    const [pool] = pools;
    if (pool !== undefined) expect(await planNames(pool)).toEqual([]);
    await Promise.all(pools.map((one) => one.end()));
  });

  it('refuses a database of a newer Firn', async () => {
    const pool = createPool(postgres.url, { schema: 'newer' });
    await migrate(pool, 'newer');
    await pool.query("insert into firn_migration (name) values ('999_later')");
    await expect(migrate(pool, 'newer')).rejects.toMatchObject({
      message: matching(/newer Firn \(it has 999_later\)/),
    });
    await pool.end();
  });
});

describe('plans', () => {
  const row = (hash: string) => ({ name: 'refund', hash, plan: { hash, text: 'a\u0000b' }, source: 'x\u0000' });
  it('finds by hash, and the one published last by name', async () => {
    for (const hash of ['h1', 'h2']) await publishPlan(db, row(hash));
    expect((await newestPlan(db, 'refund'))?.hash).toBe('h2');
    await publishPlan(db, row('h1'));
    expect((await newestPlan(db, 'refund'))?.hash).toBe('h1');
    expect((await planByHash(db, 'h2'))?.plan).toEqual({ hash: 'h2', text: 'a\u0000b' });
    expect(await planByHash(db, 'h3')).toBeUndefined();
    expect(await planNames(db)).toEqual(['refund']);
  });
});

const opened = (ticket: string, more: Partial<OpenedRun> = {}): OpenedRun => ({
  ...{ ticket, first_run_id: 'first', run_id: 'first', workflow: 'refund', hash: 'h1', owner: 'desk' },
  ...{ input: { message: 'NUL \u0000 and 😀' }, started_at: '2026-03-01T09:00:00Z', ends_by: '2026-03-06T09:00:00Z' },
  ...more,
});
const closed = (ticket: string, reason: string | null = null) => ({
  ...({
    ticket,
    first_run_id: 'first',
    outcome: 'done',
    reason,
    code: null,
    step: null,
    output: { refund: 1 },
  } as const),
  ...{ path: ['order'], decisions: [{ step: 'reason' }], model_calls: 1, trail: [], undo: [] },
});

describe('runs', () => {
  it('a ticket belongs to the run that had it first', async () => {
    expect(await insertRun(db, opened('t1'))).toBeNull();
    expect(await insertRun(db, opened('t1'))).toBeNull();
    expect(await insertRun(db, opened('t1', { first_run_id: 'other' }))).toMatchObject({ first_run_id: 'first' });
    expect(await readRun(db, 't1')).toMatchObject({ ...opened('t1'), ended_at: null, outcome: null });
  });

  it('closes once; the first end stays; a reset opens it again, a late retry does not', async () => {
    await insertRun(db, opened('t2'));
    expect(await closeRun(db, closed('t2', 'NUL \u0000'))).toBe(true);
    const first = await readRun(db, 't2');
    expect(first).toMatchObject({
      outcome: 'done',
      reason: 'NUL \uFFFD',
      output: { refund: 1 },
      path: ['order'],
      model_calls: 1,
    });
    await closeRun(db, closed('t2'));
    expect((await readRun(db, 't2'))?.ended_at).toBe(first?.ended_at);
    await insertRun(db, opened('t2'));
    expect((await readRun(db, 't2'))?.outcome).toBe('done');
    await insertRun(db, opened('t2', { run_id: 'reset' }));
    expect(await readRun(db, 't2')).toMatchObject({ outcome: null, ended_at: null });
    expect(await closeRun(db, { ...closed('t2'), first_run_id: 'other' })).toBe(false);
  });

  it('records a run that was refused at its start, without taking a ticket from anybody', async () => {
    const failed = { code: 'invalid_input', reason: 'wrong' };
    await recordFailedRun(db, opened('t3', { hash: null, owner: null, ends_by: null }), failed);
    expect(await readRun(db, 't3')).toMatchObject({ outcome: 'failed', ...failed });
    await recordFailedRun(db, opened('t1', { first_run_id: 'other' }), failed);
    expect((await readRun(db, 't1'))?.outcome).toBeNull();
  });

  it('lists by workflow, outcome and whether they live', async () => {
    await insertRun(db, opened('t4', { workflow: 'triage', started_at: '2026-03-02T09:00:00Z' }));
    const tickets = async (filter: Parameters<typeof listRuns>[1]) =>
      (await listRuns(db, filter)).map((run) => run.ticket);
    expect(await tickets({ workflow: 'triage' })).toEqual(['t4']);
    expect(await tickets({ outcome: 'failed' })).toEqual(['t3']);
    expect((await tickets({ open: true }))[0]).toBe('t4');
    expect(await tickets({ open: false, limit: 1 })).toHaveLength(1);
  });
});

describe('messages', () => {
  const draft = {
    key: 'k',
    ticket: 't',
    who: 'customer',
    recipient: null,
    via: 'console',
    subject: null,
    text: 'hi',
    digest: 'd',
  };
  it('are written once, and sent once', async () => {
    expect(await recordMessage(db, draft)).toBeUndefined();
    expect(await recordMessage(db, draft)).toMatchObject({ status: 'sending', at: null });
    const at = await markSent(db, 'k');
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(await markSent(db, 'k')).toBe(at);
    await markFailed(db, 'k', 'late');
    expect(await messagesOf(db, 't')).toMatchObject([{ ...draft, status: 'sent', problem: null, at }]);
  });
});

describe('items', () => {
  const item = (id: string, more: Partial<ItemDraft> = {}): ItemDraft => ({
    ...{ ticket: 't', id, run_id: 'r1', workflow: 'refund', step: id, kind: 'approve', role: 'desk', title: 'approve' },
    ...{ body: { what: 'x' }, digest: 'd', answers: null, not_by: null, deadline: '2026-03-02T09:00:00Z' },
    ...more,
  });
  const decision = { ticket: 't', id: 'a', decision: 'approve', filled: null, comment: null, by: 'maria' };

  it('open once, close once, and open again only for another execution', async () => {
    expect(await openItem(db, item('a'))).toBe(true);
    expect(await openItem(db, item('a'))).toBe(false);
    expect(await decideItem(db, decision)).toMatch(/Z$/);
    expect(await decideItem(db, decision)).toBeUndefined();
    await closeItem(db, 't', 'a', 'timeout');
    expect(await readItem(db, 't', 'a')).toMatchObject({
      how: 'decided',
      decided_by: 'maria',
      deadline: '2026-03-02T09:00:00Z',
    });
    expect(await openItem(db, item('a'))).toBe(false);
    expect(await openItem(db, item('a', { run_id: 'r2' }))).toBe(true);
    expect(await readItem(db, 't', 'a')).toMatchObject({ how: null, decided_by: null, closed_at: null });
  });

  it('are withdrawn with their run, but not the owner’s', async () => {
    await openItem(db, item('b'));
    await openItem(db, item('hand-over', { kind: 'hand_over', role: 'owner' }));
    expect((await listItems(db, { role: 'desk', open: true })).map(({ id }) => id)).toEqual(['a', 'b']);
    await closeItemsOfRun(db, 't');
    expect((await listItems(db, { ticket: 't', open: true })).map(({ id }) => id)).toEqual(['hand-over']);
    expect(await readItem(db, 't', 'b')).toMatchObject({ how: 'run ended', decision: null });
  });
});

describe('decisions', () => {
  const draft = (key: string, text: string | null): DecisionDraft => ({
    ...{
      key,
      ticket: 't',
      workflow: 'refund',
      step: 'reason',
      question_hash: 'q',
      features: { a: 1 },
      text,
      text_hash: 'h',
    },
    ...{
      answer: 'damaged',
      rung: 'encoder',
      rule: null,
      probability: 0.93,
      probabilities: [{ answer: 'damaged', probability: 0.93 }],
    },
    ...{ why: '0.93 >= 0.9', model_sha256: 'm', model_ms: 9.5 },
  });
  it('the first under a key stays; texts come newest first; a person’s answer is kept beside', async () => {
    expect(await recordDecision(db, draft('t/r/reason', 'one'))).toMatchObject(draft('t/r/reason', 'one'));
    expect((await recordDecision(db, draft('t/r/reason', 'two'))).text).toBe('one');
    await recordDecision(db, draft('t/r/other', 'three\u0000'));
    await recordDecision(db, draft('t/r/third', null));
    expect(await recentTexts(db, 'q', 250)).toEqual(['three\uFFFD', 'one']);
    expect(await recentTexts(db, 'q', 1)).toEqual(['three\uFFFD']);
    await recordPersonAnswer(db, { ticket: 't', step: 'reason', answer: 'none of these', by: 'maria' });
    expect(await readDecision(db, 't/r/reason')).toMatchObject({ person_answer: 'none of these', person: 'maria' });
    expect(await readDecision(db, 't/r/other')).toMatchObject({ person_answer: null });
    expect(await decisionsOf(db, 't')).toHaveLength(3);
  });
});

describe('values', () => {
  const instants: [text: string, instant: string][] = [
    ['2026-03-01 09:00:00+00', '2026-03-01T09:00:00Z'],
    ['2026-03-01 09:00:00.5+00', '2026-03-01T09:00:00.5Z'],
    ['2026-03-01 09:00:00.123456+00', '2026-03-01T09:00:00.123456Z'],
    ['2026-03-01 09:00:00.000+00', '2026-03-01T09:00:00Z'],
    ['2026-03-01 09:00:00.25+05:30', '2026-03-01T03:30:00.25Z'],
    ['2026-03-01 00:00:00-03:30', '2026-03-01T03:30:00Z'],
    ['2026-03-01T09:00:00.120Z', '2026-03-01T09:00:00.12Z'],
    ['infinity', 'infinity'],
  ];
  it.each(instants)('%s is %s', (text, instant) => expect(timestampText(text)).toBe(instant));

  const places: [url: string, place: string][] = [
    ['postgres://firn:secret@db.example:5433/shop?sslmode=require', 'db.example:5433/shop'],
    ['postgresql://db.example/shop', 'db.example:5432/shop'],
    ['nonsense with secret', 'the configured address'],
  ];
  it.each(places)('%s', (url, place) => expect(placeOf(url)).toBe(place));
});
