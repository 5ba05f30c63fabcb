/** Items and decisions of people on a real database: what counts, what does not, and what is written down. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { containing, matching } from '../real/expecting.js';
import type { CheckDecisionCall } from '../../language/plan/calls.js';
import type { JsonMap } from '../../language/plan/json.js';
import { readDecision, recordDecision } from '../../store/decision.js';
import { listItems, readItem, refusedDecisionsOf } from '../../store/item.js';
import { messagesOf } from '../../store/message.js';
import type { Pool } from '../../store/pool.js';
import { startPostgres } from '../real/postgres.js';
import type { TestPostgres } from '../real/postgres.js';
import { openStore } from '../real/shop.js';
import { failureOf, testWorker } from './worker.js';
import type { TestWorker } from './worker.js';

let postgres: TestPostgres;
let pool: Pool;
let worker: TestWorker;
let ticket = '';
let count = 0;
beforeAll(async () => {
  postgres = await startPostgres();
  pool = await openStore(postgres.url);
  worker = testWorker(pool, [], []);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});
beforeEach(() => {
  count += 1;
  ticket = `refund-${count}`;
  worker.printed.length = 0;
});

const open = (item: JsonMap = {}, runId?: string) =>
  worker.run(
    worker.activities['open item'],
    {
      ticket,
      item: {
        ...{
          id: 'approval',
          kind: 'approve',
          role: 'returns-desk',
          title: 'approve refund of 12.50',
          body: { what: 'x' },
        },
        ...{ digest: 'd1', deadline_ms: Date.parse('2026-03-02T09:00:00Z') },
        ...item,
      },
    },
    runId,
  );
const decide = (more: Partial<CheckDecisionCall> = {}) =>
  worker.run(worker.activities['check decision'], {
    ...{ ticket, item: 'approval', decision: 'approve', values: null, comment: null, by: 'maria', digest: 'd1' },
    ...more,
  });

describe('open item', () => {
  it('writes the row and tells the role what waits and how to settle it, once', async () => {
    for (let time = 0; time < 2; time += 1) await open();
    expect(await listItems(pool, { ticket })).toMatchObject([
      { id: 'approval', workflow: 'refund', run_id: 'run-1', deadline: '2026-03-02T09:00:00Z', closed_at: null },
    ]);
    expect(worker.printed).toHaveLength(1);
    for (const words of [
      'approve refund of 12.50',
      'Until 2026-03-02T09:00:00Z',
      `firn approve ${ticket} --item approval`,
      'firn reject',
    ]) {
      expect(worker.printed[0]).toContain(words);
    }
    expect(await messagesOf(pool, ticket)).toMatchObject([{ who: 'returns-desk', status: 'sent' }]);
  });

  it('a question lists its answers; a role without a channel looks by itself', async () => {
    await open({ kind: 'answer', answers: ['damaged', 'late'] });
    expect(worker.printed[0]).toContain(`firn answer ${ticket} --item approval damaged`);
    await open({ id: 'other', role: 'quiet' });
    expect(worker.printed).toHaveLength(1);
  });

  it('an item without what it needs is our own bug, and final', async () => {
    expect(await failureOf(open({ title: 7 }))).toMatchObject({ type: 'invalid', final: true });
  });
});

describe('check decision', () => {
  it('accepts one decision of a member, and the same again', async () => {
    await open();
    const first = await decide();
    expect(first).toEqual({ accepted: true, because: 'decided', at: matching(/Z$/) });
    expect(await decide()).toEqual(first);
    expect(await readItem(pool, ticket, 'approval')).toMatchObject({
      how: 'decided',
      decision: 'approve',
      decided_by: 'maria',
    });
    expect(await refusedDecisionsOf(pool, ticket)).toEqual([]);
  });

  const refused: [what: string, more: Partial<CheckDecisionCall>, because: RegExp][] = [
    ['another role', { by: 'olga' }, /"olga" is not one of returns-desk \(maria, paul\)/],
    ['nobody', { by: '' }, /"" is not one of returns-desk/],
    ['another digest', { digest: 'd2' }, /changed since it was shown/],
    ['another item', { item: 'nope' }, /nothing waits there/],
    ['another ticket', { ticket: 'refund-none' }, /nothing waits there/],
    ['no decision', { decision: 'maybe' }, /"maybe" is not one of: approve, reject/],
    ['no reason', { decision: 'reject', comment: '  ' }, /a rejection needs a reason/],
    ['the one who asked', { by: 'paul' }, /"paul" asked for this and may not decide it/],
  ];
  it.each(refused)('refuses %s, and writes it down', async (_what, more, because) => {
    await open({ not_by: 'paul' });
    const answer = await decide(more);
    expect(answer).toMatchObject({ accepted: false, because: matching(because) });
    const [row] = await refusedDecisionsOf(pool, more.ticket ?? ticket);
    expect(row).toMatchObject({ by: more.by ?? 'maria', because: answer.because });
    expect((await readItem(pool, ticket, 'approval'))?.closed_at).toBeNull();
    expect(await decide()).toMatchObject({ accepted: true });
  });

  it('refuses a second decision, and the same one of another person', async () => {
    await open();
    await decide();
    expect(await decide({ by: 'paul' })).toMatchObject({
      accepted: false,
      because: containing('"approve" by maria'),
    });
    expect(await decide({ decision: 'reject', comment: 'no' })).toMatchObject({ accepted: false });
  });

  it('refuses what comes after the run closed it', async () => {
    await open();
    await worker.run(worker.activities['close item'], { ticket, item: 'approval', how: 'timeout' });
    expect(await decide()).toMatchObject({
      accepted: false,
      because: matching(/already closed at .*: timeout/),
    });
    await worker.run(worker.activities['close item'], { ticket, item: 'approval', how: 'withdrawn' });
    expect(await readItem(pool, ticket, 'approval')).toMatchObject({ how: 'timeout', decision: null });
  });

  it('of twenty different decisions at the same time exactly one counts', async () => {
    await open();
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        decide({ by: index % 2 === 0 ? 'maria' : 'paul', decision: 'reject', comment: `no ${index}` }),
      ),
    );
    expect(all.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(await refusedDecisionsOf(pool, ticket)).toHaveLength(19);
  });

  it('an answer of a person is kept beside the model’s', async () => {
    const key = `${ticket}/first/reason`;
    const nothing = {
      rule: null,
      probability: null,
      probabilities: null,
      why: null,
      model_sha256: null,
      model_ms: null,
    };
    const asked = { question_hash: 'q', features: null, text: 'hm', text_hash: 'h', answer: null, rung: 'person' };
    await recordDecision(pool, { key, ticket, workflow: 'refund', step: 'reason', ...asked, ...nothing });
    await open({ id: 'reason', kind: 'answer', answers: ['damaged', 'late'] });
    expect(await decide({ item: 'reason', decision: 'lost' })).toMatchObject({ accepted: false });
    expect(await decide({ item: 'reason', decision: 'late' })).toMatchObject({ accepted: true });
    expect(await readDecision(pool, key)).toMatchObject({ answer: null, person_answer: 'late', person: 'maria' });
  });

  it('after a reset of the run the same item can be decided again', async () => {
    await open();
    await decide();
    await open({}, 'run-2');
    expect(await decide({ by: 'paul' })).toMatchObject({ accepted: true });
  });
});
