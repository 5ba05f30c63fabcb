/** `open run` and `close run` on a real database: what a run begins with, what is refused, and what remains. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containing } from '../real/expecting.js';
import type { CloseRunCall, OpenRunCall } from '../../language/plan/calls.js';
import type { JsonMap } from '../../language/plan/json.js';
import { decisionsOf } from '../../store/decision.js';
import { listItems } from '../../store/item.js';
import { messagesOf } from '../../store/message.js';
import { publishPlan } from '../../store/plan.js';
import { createPool } from '../../store/pool.js';
import type { Pool } from '../../store/pool.js';
import { readRun } from '../../store/run.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openStore } from '../real/shop.js';
import { failureOf, testPlan, testWorker } from './worker.js';
import type { TestWorker } from './worker.js';

let postgres: TestPostgres;
let pool: Pool;
let worker: TestWorker;
beforeAll(async () => {
  postgres = await startPostgres();
  pool = await openStore(postgres.url);
  worker = testWorker(pool, [], [testPlan('refund', 'h1'), testPlan('refund', 'h2')]);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});

const call = (ticket: string, more: Partial<OpenRunCall> = {}): OpenRunCall => ({
  ...{
    workflow: 'refund',
    ticket,
    first_run_id: `${ticket}-first`,
    run_id: `${ticket}-first`,
    input: { order_id: 'A-1' },
  },
  ...{ hash: null, started_at: '2026-03-01T09:00:00.000Z' },
  ...more,
});
const open = (ticket: string, more: Partial<OpenRunCall> = {}) =>
  worker.run(worker.activities['open run'], call(ticket, more));
const close = (ticket: string, more: Partial<CloseRunCall> = {}) =>
  worker.run(worker.activities['close run'], {
    ...{ ticket, first_run_id: `${ticket}-first`, workflow: 'refund', hash: 'h2', owner: 'owner', outcome: 'done' },
    ...{
      output: { refund: 1 },
      reason: null,
      code: null,
      step: null,
      path: ['order'],
      decisions: [],
      rule_decisions: [],
    },
    ...{ model_calls: 0, trail: [], undo: [] },
    ...more,
  });

describe('open run', () => {
  it('gives the newest plan, the input with its defaults, and what may be upserted', async () => {
    expect(await open('a')).toMatchObject({
      plan: testPlan('refund', 'h2'),
      input: { order_id: 'A-1', count: 1 },
      search_attributes: ['FirnOutcome'],
    });
    expect(await readRun(pool, 'a')).toMatchObject({
      ...{ workflow: 'refund', hash: 'h2', owner: 'owner', input: { order_id: 'A-1', count: 1 } },
      ...{ started_at: '2026-03-01T09:00:00Z', ends_by: '2026-03-06T09:00:00Z', ended_at: null },
    });
  });

  it('gives the version that the run is bound to, and can be repeated', async () => {
    const first = await open('b', { hash: 'h1' });
    expect(first.plan).toMatchObject({ hash: 'h1' });
    const { plan, input } = first;
    expect(await open('b', { hash: 'h1' })).toMatchObject({ plan, input });
  });

  it('finds in the table what this process does not have', async () => {
    for (const hash of ['t1', 't2'])
      await publishPlan(pool, { name: 'triage', hash, plan: testPlan('triage', hash), source: '' });
    expect((await open('c1', { workflow: 'triage' })).plan).toMatchObject({ hash: 't2' });
    expect((await open('c2', { workflow: 'triage', hash: 't1' })).plan).toMatchObject({ hash: 't1' });
  });

  const refusals: [what: string, more: Partial<OpenRunCall>, type: string, words: string][] = [
    [
      'unknown',
      { workflow: 'refnud' },
      'unknown_workflow',
      'no workflow is named "refnud"; did you mean "refund"? Known: refund, triage',
    ],
    [
      'unknown version',
      { hash: 'h9' },
      'unknown_workflow',
      'the version h9 of refund, which this run is bound to, was never published here',
    ],
    [
      'missing field',
      { input: {} },
      'invalid_input',
      'the input does not fit refund: order_id is missing; it must be text.',
    ],
    [
      'several problems',
      { input: { order_id: 7, reason: 'damagd', x: 1 } },
      'invalid_input',
      'Did you mean "damaged"?',
    ],
    ['no map', { input: 'A-1' }, 'invalid_input', 'must be a map of fields, and this is "A-1"'],
  ];
  it.each(refusals)('refuses for good: %s', async (what, more, type, words) => {
    const refused = await failureOf(open(`refused ${what}`, more));
    expect(refused).toMatchObject({ type, final: true, category: 'BENIGN', stack: '' });
    expect(refused.message).toContain(words);
    const row = await readRun(pool, `refused ${what}`);
    expect(row).toMatchObject({ outcome: 'failed', code: type, reason: refused.message });
    expect(row?.ended_at).not.toBeNull();
  });

  it('refuses a ticket that another run has had, and leaves that one alone', async () => {
    await open('d');
    await close('d');
    const refused = await failureOf(open('d', { first_run_id: 'other', run_id: 'other' }));
    expect(refused).toMatchObject({ type: 'ticket_used', final: true });
    expect(refused.message).toContain('the ticket d belongs to a run of refund that started at 2026-03-01T09:00:00Z');
    expect(await readRun(pool, 'd')).toMatchObject({ outcome: 'done', first_run_id: 'd-first' });
  });

  it('waits for a database that is not there, or not migrated yet', async () => {
    const gone = createPool('postgres://x:secret@127.0.0.1:1/firn');
    const other = testWorker(gone, [], [testPlan('refund', 'h1')]);
    const refused = await failureOf(other.run(other.activities['open run'], call('e')));
    expect(refused).toMatchObject({
      type: 'unreachable',
      final: false,
      message: 'the database at here cannot be used now: ECONNREFUSED',
    });
    await gone.end();
    const early = createPool(postgres.url, { schema: 'not_yet' });
    const third = testWorker(early, [], [testPlan('refund', 'h1')]);
    const waiting = await failureOf(third.run(third.activities['open run'], call('e')));
    expect(waiting).toMatchObject({ type: 'unreachable', final: false });
    expect(waiting.message).toContain("Firn's own tables at here are not made");
    await early.end();
  });
});

describe('close run', () => {
  it('records how it ended and what its rules answered, once', async () => {
    await open('f');
    const rule_decisions = [{ step: 'reason', answer: 'damaged', rule: 'form', key: 'f/f-first/reason' }];
    for (let time = 0; time < 2; time += 1)
      expect(await close('f', { rule_decisions, model_calls: 2 })).toEqual({ item: null });
    expect(await readRun(pool, 'f')).toMatchObject({
      outcome: 'done',
      output: { refund: 1 },
      path: ['order'],
      model_calls: 2,
    });
    expect(await decisionsOf(pool, 'f')).toMatchObject([
      { answer: 'damaged', rung: 'rule', rule: 'form', workflow: 'refund' },
    ]);
    expect(await listItems(pool, { ticket: 'f' })).toEqual([]);
  });

  const handedOver = { outcome: 'handed_over', reason: 'refund: it stays', code: 'conflict', step: 'refund' };

  it('hands over: withdraws what waits, opens the owner’s item with everything known, and tells the owner once', async () => {
    await open('g');
    const item = { id: 'approval', kind: 'approve', role: 'returns-desk', title: 'approve it', body: {}, digest: 'd' };
    await worker.run(worker.activities['open item'], { ticket: 'g', item });
    worker.printed.length = 0;
    const undo: JsonMap[] = [
      { step: 'paid', status: 'failed', message: 'no' },
      { step: 'noted', status: 'undone' },
    ];
    for (let time = 0; time < 2; time += 1)
      expect(await close('g', { ...handedOver, undo })).toEqual({ item: 'hand-over' });
    expect(await listItems(pool, { ticket: 'g', open: false })).toMatchObject([{ id: 'approval', how: 'run ended' }]);
    expect(await listItems(pool, { ticket: 'g', open: true })).toMatchObject([
      {
        ...{ id: 'hand-over', kind: 'hand_over', role: 'owner' },
        title: 'refund handed over: refund: it stays; paid could not be taken back',
        body: {
          ...{
            reason: 'refund: it stays',
            code: 'conflict',
            step: 'refund',
            undo,
            look: 'firn show g',
            path: ['order'],
          },
          written: [{ from: 'input', text: '{"order_id":"A-1","count":1}' }],
        },
      },
    ]);
    expect(worker.printed).toEqual([containing('--- to owner · g · refund handed over')]);
    expect(await messagesOf(pool, 'g')).toMatchObject([{ who: 'returns-desk' }, { who: 'owner', status: 'sent' }]);
  });

  it('a run that ended otherwise and could not take something back goes to the owner too', async () => {
    await open('h');
    const undo = [{ step: 'paid', status: 'failed', message: 'no' }];
    expect(await close('h', { outcome: 'refused', reason: 'Outside the terms', undo })).toEqual({ item: 'undo' });
    expect(await listItems(pool, { ticket: 'h' })).toMatchObject([
      { kind: 'undo_failed', title: 'refund refused: Outside the terms; paid could not be taken back' },
    ]);
  });

  it('an owner who cannot be told is no reason to fail', async () => {
    const deaf = testWorker(pool, [], [testPlan('refund', 'h1')], {
      channels: new Map([
        ['console', { name: 'console', kind: 'webhook', url: { resolve: () => 'http://127.0.0.1:1/' } }],
      ]),
    });
    await open('i');
    const draft = {
      first_run_id: 'i-first',
      workflow: 'refund',
      hash: 'h2',
      owner: 'owner',
      output: null,
      path: [],
      decisions: [],
    };
    const rest = { ticket: 'i', rule_decisions: [], model_calls: 0, trail: [], undo: [] };
    expect(await deaf.run(deaf.activities['close run'], { ...draft, ...rest, ...handedOver })).toEqual({
      item: 'hand-over',
    });
    expect(await messagesOf(pool, 'i')).toMatchObject([
      { status: 'failed', problem: containing('not on the public internet') },
    ]);
  });

  it('never closes another run’s row', async () => {
    await open('j');
    expect(await failureOf(close('j', { first_run_id: 'other' }))).toMatchObject({ type: 'ticket_used', final: true });
    expect((await readRun(pool, 'j'))?.outcome).toBeNull();
  });
});
