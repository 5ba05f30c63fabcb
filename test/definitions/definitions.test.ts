/**
 * The shipped definitions that use the language in earnest, each once for real: Temporal, PostgreSQL, a worker process, and
 * HTTP services that fail. What is looked at is what the other side holds in the end: everything once, or nothing.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Firn, type RunHandle } from '../../client/index.js';
import type { JsonMap } from '../../language/plan/json.js';
import { openPlace, type Place } from '../cli/place.js';
import { startDirectory, startRegistry, type Directory, type Registry } from './services.js';

const LONG_MS = 60_000;
let place: Place;
let firn: Firn;
let registry: Registry;
let directory: Directory;
let badges: string;

beforeAll(async () => {
  [registry, directory] = await Promise.all([startRegistry(), startDirectory()]);
  badges = mkdtempSync(join(tmpdir(), 'firn-badges-'));
  const variables = {
    REGISTRY_URL: `http://127.0.0.1:${registry.service.port}`,
    REGISTRY_AUTHORIZATION: 'Bearer registry',
    DIRECTORY_URL: `http://127.0.0.1:${directory.service.port}`,
    DIRECTORY_AUTHORIZATION: 'Bearer directory',
    BADGE_FOLDER: badges,
  };
  place = await openPlace({ variables });
  firn = await Firn.connect({
    address: place.temporal.address,
    queue: place.project,
    databaseUrl: place.databaseUrl,
  });
}, LONG_MS);
afterAll(async () => {
  await firn.close();
  await place.close();
  await Promise.all([registry.service.stop(), directory.service.stop()]);
  rmSync(badges, { recursive: true, force: true });
});

async function rows(sql: string, values: readonly unknown[] = []): Promise<readonly JsonMap[]> {
  return (await place.pool.query<JsonMap>(sql, [...values])).rows;
}

function start(workflow: string, input: JsonMap, name: string): Promise<RunHandle> {
  return firn.start(workflow, input, { ticket: place.ticket(name) });
}

/** Resolves when a step has been taken: what a run is sent is for the step behind it. */
async function after(run: RunHandle, step: string): Promise<void> {
  await expect.poll(async () => (await run.report({ until: 'end', timeout_ms: 200 })).path, { timeout: LONG_MS }).toContain(step);
}

describe('account-change', () => {
  test('the registry fails, then does it and its answer is lost: it is changed once, and read back', { timeout: LONG_MS }, async () => {
    registry.accounts.set('R-100', { email: 'anna@example.com', address: 'Elm Street 1', version: 7, state: 'active' });
    registry.faults.push('answers 503', 'does it, and its answer is lost');
    const run = await start('account-change', { customer_id: 'C-1', field: 'email', value: 'new@example.com' }, 'change-1');
    expect(await run.report({ timeout_ms: LONG_MS })).toMatchObject({
      outcome: 'done',
      output: { changed: true, result: 'changed', version: 8 },
      messages: [{ to: 'anna@example.com' }],
    });
    expect(registry.accounts.get('R-100')).toMatchObject({ email: 'new@example.com', version: 8 });
    expect([...registry.changes.values()]).toEqual([1]);
    const writes = registry.service.received.filter(({ method }) => method === 'PATCH');
    expect(new Set(writes.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(writes.length).toBe(3);
    expect(writes.every(({ headers }) => headers.authorization === 'Bearer registry')).toBe(true);
    expect(await rows('select state, registry_version from accounts.changes where ticket = $1', [run.ticket])).toEqual([
      { state: 'done', registry_version: 8 },
    ]);
  });

  test('cancelled while it is read back: the old value is put back, once', { timeout: LONG_MS }, async () => {
    registry.changes.clear();
    const before = { email: 'carla@example.com', address: 'Elm Street 3', version: 1, state: 'active' };
    registry.accounts.set('R-300', before);
    registry.shown.set('R-300', before);
    const run = await start('account-change', { customer_id: 'C-3', field: 'address', value: 'Oak Road 2' }, 'change-2');
    await after(run, 'seen[1]');
    expect(registry.accounts.get('R-300')).toMatchObject({ address: 'Oak Road 2' });
    await run.cancel();
    expect((await run.report({ timeout_ms: LONG_MS })).outcome).toBe('cancelled');
    expect([...registry.changes.values()]).toEqual([1, 1]);
    expect(registry.accounts.get('R-300')).toMatchObject({ address: 'Elm Street 3' });
    expect(await rows('select state from accounts.changes where ticket = $1', [run.ticket])).toEqual([{ state: 'withdrawn' }]);
  });
});

describe('invoice-intake', () => {
  const lines = [
    { item: 'paper A4', quantity: 100, price: 4.5 },
    { item: 'envelopes', quantity: 20, price: 12 },
  ];
  const paper = { scan_id: 'scan-1', supplier_id: 'S-1', invoice_no: 'R-77', order_no: 'PO-1', total: 690, lines };

  test('the cost centre is asked for until there is one; a second scan of the paper is refused', { timeout: LONG_MS }, async () => {
    const run = await start('invoice-intake', paper, 'invoice-1');
    for (const [pass, code] of ['9000', '2000'].entries()) {
      await after(run, `named[${pass + 1}]`);
      await run.answer(`named[${pass + 1}]`, { code }, { by: 'jonas' });
    }
    expect(await run.report({ timeout_ms: LONG_MS })).toMatchObject({
      outcome: 'done',
      output: { cost_centre: '2000', matched: true },
    });
    expect(await rows('select count(*)::int as lines, sum(quantity * price)::float as amount from payables.invoice_lines')).toEqual([
      { lines: 2, amount: 690 },
    ]);
    const again = await start('invoice-intake', { ...paper, cost_centre: '2000' }, 'invoice-2');
    expect(await again.report({ timeout_ms: LONG_MS })).toMatchObject({ outcome: 'refused' });
    expect(await rows('select count(*)::int as n from payables.invoices')).toEqual([{ n: 1 }]);
  });

  test('who laid it on the scanner cannot approve it; somebody else can', { timeout: LONG_MS }, async () => {
    const steel = [{ item: 'steel sheet', quantity: 40, price: 180 }];
    const input = { ...paper, supplier_id: 'S-2', invoice_no: 'M-1', order_no: 'PO-2', total: 7200, lines: steel, cost_centre: '2000' };
    const run = await start('invoice-intake', input, 'invoice-3');
    await run.report({ until: 'wait', timeout_ms: LONG_MS });
    await expect(run.approve('approval', { by: 'karl' })).rejects.toThrow(/karl/);
    await run.approve('approval', { by: 'maria' });
    expect(await run.report({ timeout_ms: LONG_MS })).toMatchObject({ outcome: 'done', output: { matched: true } });
  });
});

describe('onboarding', () => {
  beforeAll(async () => {
    for (const name of ['all-staff', 'machines', 'safety']) directory.groups.add(name);
    await rows(`update staff.contracts set joins_at = now() + interval '12 hours 4 seconds' where id = 'K-2'`);
  });

  test('the answer of the directory is lost: there is one account, ready on the day', { timeout: LONG_MS }, async () => {
    directory.faults.push('does it, and its answer is lost');
    const run = await start('onboarding', { contract: 'K-2', login: 'olaf.orth' }, 'joiner-1');
    expect(await run.report({ timeout_ms: LONG_MS })).toMatchObject({
      outcome: 'done',
      output: { login: 'olaf.orth', mailbox: 'olaf.orth@example.com', groups: 1 },
      messages: [{ to: 'lead.office@example.com' }],
    });
    expect(directory.posts).toBe(1);
    expect([...directory.users.values()]).toMatchObject([{ login: 'olaf.orth', active: true, external_id: run.ticket }]);
    expect([...directory.members]).toEqual(['all-staff/u-1']);
    expect(readdirSync(badges)).toHaveLength(1);
    expect(await rows(`select state from staff.joiners where login = 'olaf.orth'`)).toEqual([{ state: 'active' }]);
  });

  test('one group is missing: everything is taken back', { timeout: LONG_MS }, async () => {
    directory.groups.delete('safety');
    const run = await start('onboarding', { contract: 'K-1', login: 'wanda.weiss' }, 'joiner-2');
    expect(await run.report({ timeout_ms: LONG_MS })).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('member[3]') });
    expect([...directory.users.values()].map((user) => user['login'])).toEqual(['olaf.orth']);
    expect([...directory.members]).toEqual(['all-staff/u-1']);
    expect(readdirSync(badges)).toHaveLength(1);
    const left = await rows(`select login from staff.joiners where login = 'wanda.weiss'
      union select owner from staff.mailboxes where owner = 'wanda.weiss' union select login from staff.badges where login = 'wanda.weiss'`);
    expect(left).toEqual([]);
    expect(existsSync(badges)).toBe(true);
  });
});

test('incident: one that has another behind it is resolved with it', { timeout: LONG_MS }, async () => {
  const shop = await start('incident', { service: 'shop', severity: 'major', what: 'Nobody can pay.' }, 'incident-1');
  const about = { service: 'checkout', severity: 'major', what: 'It hangs.', caused_by: 'shop' };
  const checkout = await start('incident', about, 'incident-2');
  // A message may come before anybody waits for it.
  await checkout.send('acknowledged', { by: 'nina' });
  await shop.send('acknowledged', { by: 'tom' });
  await after(checkout, 'taken');
  await after(shop, 'taken');
  await shop.send('resolved', { cause: 'a full disk' });
  expect(await shop.report({ timeout_ms: LONG_MS })).toMatchObject({
    outcome: 'done',
    output: { by: 'tom', cause: 'a full disk', in_time: true, passed_on: 1 },
  });
  expect(await checkout.report({ timeout_ms: LONG_MS })).toMatchObject({
    outcome: 'done',
    output: { by: 'nina', cause: 'shop: a full disk' },
  });
  expect(await rows('select service, state from operations.affected order by id')).toEqual([
    { service: 'shop', state: 'resolved' },
    { service: 'checkout', state: 'resolved' },
  ]);
  expect(await rows('select ticket from operations.watchers')).toEqual([]);
});

test('dunning: a run for each account that is overdue, and a payment stops one', { timeout: 3 * LONG_MS }, async () => {
  const [due] = await rows(`select count(*)::int as n, min(a.id) as first from ledger.accounts a join ledger.invoices i on i.account_id = a.id
    where i.paid_at is null and i.due_at < now() - interval '7 days' and not a.on_hold`);
  const run = await start('dunning', {}, 'dunning-1');
  const begun = (): Promise<readonly JsonMap[]> => rows('select begun, failed from ledger.dunning_runs');
  await expect.poll(begun, { timeout: LONG_MS }).toEqual([{ begun: due?.['n'], failed: 0 }]);
  const cases = `select count(*)::int as n from ledger.dunning_cases where stage = 'reminded' or stage = 'warned'`;
  await expect.poll(() => rows(cases), { timeout: LONG_MS }).toEqual([{ n: due?.['n'] }]);
  const [first] = await rows('select ticket from ledger.dunning_cases where account_id = $1', [due?.['first']]);
  const notice = firn.getHandle(String(first?.['ticket']));
  expect(notice.ticket.startsWith(`${run.ticket}.`)).toBe(true);
  await notice.send('paid', { amount: 30 });
  expect(await notice.report({ timeout_ms: LONG_MS })).toMatchObject({ outcome: 'done', output: { result: 'paid' } });
  const second = await start('dunning', {}, 'dunning-2');
  expect(await second.report({ timeout_ms: LONG_MS })).toMatchObject({ outcome: 'refused' });
  await run.cancel();
  expect(await run.report({ timeout_ms: LONG_MS })).toMatchObject({ outcome: 'cancelled' });
  expect(await rows('select month from ledger.dunning_runs')).toEqual([]);
  const open = await firn.list({ workflow: 'dunning-notice', open: true, limit: 1000 });
  for (const { ticket } of open) await firn.getHandle(ticket).cancel();
});
