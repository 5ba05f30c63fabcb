/** Decisions of people, against a real worker and database: one counts, and who is late, wrong or second is told why. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Firn, FirnError, type RunHandle } from '../../client/index.js';
import { openPlace, type Place } from '../cli/place.js';

let place: Place;
let firn: Firn;
beforeAll(async () => {
  place = await openPlace();
  firn = await Firn.connect({ address: place.temporal.address, queue: place.project, databaseUrl: place.databaseUrl });
});
afterAll(async () => {
  await firn.close();
  await place.close();
});

async function waiting(workflow: string, input: { readonly [name: string]: string }): Promise<RunHandle> {
  const run = await firn.start(workflow, input);
  expect((await run.report({ until: 'wait' })).outcome).toBe('waiting');
  return run;
}

/** `accepted`, or why not. */
async function saidTo(decision: Promise<unknown>): Promise<string> {
  return decision.then(
    () => 'accepted',
    (error: unknown) => (error instanceof FirnError ? `${error.code}: ${error.message}` : String(error)),
  );
}

async function itemRow(ticket: string, id: string): Promise<unknown> {
  const { rows } = await place.pool.query<Record<string, unknown>>(
    'select how, decision, decided_by from firn_item where ticket = $1 and id = $2',
    [ticket, id],
  );
  return rows[0];
}

describe('many at once', () => {
  test.each([
    [
      'ten approvals by two people',
      (run: RunHandle, n: number) => run.approve('first', { by: n % 2 === 0 ? 'maria' : 'selma' }),
    ],
    [
      'approvals against rejections',
      (run: RunHandle, n: number) =>
        n % 2 === 0
          ? run.approve('first', { by: 'maria' })
          : run.reject('first', { by: 'selma', comment: `no, says ${String(n)}` }),
    ],
  ])('%s: exactly one counts', async (_name, decide) => {
    const run = await waiting('two-people', { what: 'a race', asked_by: 'nobody' });
    const said = await Promise.all(Array.from({ length: 10 }, (_, n) => saidTo(decide(run, n))));
    expect(said.filter((answer) => answer === 'accepted')).toHaveLength(1);
    // A rejection ends the run: who comes after that end is told so.
    const counted = /^(accepted$|being_decided: |not_open: |not_accepted: |not_found: .*it has ended)/;
    for (const answer of said) expect(answer).toMatch(counted);
    const { so_far } = await run.status();
    expect(so_far?.path.filter((step) => step === 'first')).toHaveLength(1);
    const row = await itemRow(run.ticket, 'first');
    expect(row).toMatchObject({ how: 'decided', decided_by: said.indexOf('accepted') % 2 === 0 ? 'maria' : 'selma' });
    await run.cancel();
  });
});

describe('what does not count', () => {
  test('another digest: the person saw something else', async () => {
    const run = await waiting('refund', { order_id: 'A-1011', reason: 'damaged' });
    const [item] = (await run.status()).waiting;
    expect(await saidTo(run.approve('approval', { by: 'maria', digest: 'f'.repeat(64) }))).toMatch(
      /^wrong_digest: .*look at the item again/,
    );
    expect(await itemRow(run.ticket, 'approval')).toMatchObject({ how: null, decided_by: null });
    expect(await saidTo(run.approve('approval', { by: 'maria', digest: item?.digest ?? '' }))).toBe('accepted');
    expect(await run.report()).toMatchObject({ outcome: 'done', path: expect.arrayContaining(['refund', 'tell']) });
  });

  test('after the deadline: the run went on without it', async () => {
    const run = await waiting('desk-check', { what: 'a quick look' });
    const [item] = (await run.status()).waiting;
    expect(await run.result()).toEqual({ approved: false, comment: 'nobody decided in time' });
    const late = await saidTo(run.approve('look', { by: 'maria', digest: item?.digest ?? '' }));
    expect(late).toMatch(/^(not_open|not_found): /);
    expect(await itemRow(run.ticket, 'look')).toEqual({ how: 'timeout', decision: null, decided_by: null });
  });

  test('after the deadline, while the run lives on: said with how it was closed', async () => {
    const run = await waiting('two-people', { what: 'closing', asked_by: 'nobody' });
    const [item] = (await run.status()).waiting;
    await run.approve('first', { by: 'maria' });
    await expect
      .poll(async () => (await run.status()).waiting.map(({ item: id }) => id), { timeout: 30_000 })
      .toEqual(['second']);
    const again = await saidTo(run.approve('first', { by: 'selma', digest: item?.digest ?? '' }));
    expect(again).toMatch(/^not_open: "first" no longer waits: maria decided "approve" at /);
    expect(await saidTo(run.approve('first', { by: 'selma' }))).toMatch(/^not_open: .* what waits: "second"$/);
    await run.cancel();
  });

  test('a member of the role, when the row is closed already: refused, recorded, and the run still waits', async () => {
    const run = await waiting('two-people', { what: 'a closed row', asked_by: 'nobody' });
    await place.pool.query("update firn_item set closed_at = clock_timestamp(), how = 'elsewhere' where ticket = $1", [
      run.ticket,
    ]);
    expect(await saidTo(run.approve('first', { by: 'maria' }))).toMatch(
      /^not_accepted: it was already closed at .*: elsewhere$/,
    );
    const { rows } = await place.pool.query('select by, item from firn_refused_decision where ticket = $1', [
      run.ticket,
    ]);
    expect(rows).toEqual([{ by: 'maria', item: 'first' }]);
    expect((await run.status()).waiting).toMatchObject([{ item: 'first', being_decided: false }]);
    await run.cancel();
  });

  test('who is not in the role, and who asked for it', async () => {
    const run = await waiting('two-people', { what: 'a favour', asked_by: 'maria' });
    expect(await saidTo(run.approve('first', { by: 'jonas' }))).toBe(
      'not_accepted: "jonas" is not one of support-desk (maria, selma)',
    );
    expect(await saidTo(run.approve('first', { by: 'maria' }))).toBe(
      'not_accepted: "maria" asked for this and may not decide it',
    );
    expect(await saidTo(run.reject('first', { by: 'selma', comment: ' ' }))).toMatch(/^no_comment: /);
    expect(await saidTo(run.answer('first', 'approve', { by: 'selma' }))).toMatch(/^wrong_kind: /);
    expect(await saidTo(run.approve('first', { by: 'selma', comment: 'fine' }))).toBe('accepted');
    await run.cancel();
  });
});
