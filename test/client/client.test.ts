/**
 * Firn as a library, on the shipped project: the documented examples, typed errors, lists, and no warnings; and runs that
 * other Temporal clients start.
 */
import { spawnSync } from 'node:child_process';
import { Client, Connection, WorkflowFailedError, type WorkflowStartOptions } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Firn, FirnError } from '../../client/index.js';
import { SILENT } from '../../setup/reporter.js';
import { stateFolder } from '../../setup/state-folder.js';
import { temporalBinary } from '../../setup/temporal-binary.js';
import { openPlace, ROOT, type Place } from '../cli/place.js';
import { examplesOf, programOf, typeProblems } from './example.js';

let place: Place;
let firn: Firn;
beforeAll(async () => {
  place = await openPlace();
  firn = await Firn.connect(connectOptions());
});
afterAll(async () => {
  await firn.close();
  await place.close();
});

function connectOptions(): { readonly address: string; readonly queue: string; readonly databaseUrl: string } {
  return { address: place.temporal.address, queue: place.project, databaseUrl: place.databaseUrl };
}

/** `code: message` of the FirnError that the promise rejects with. */
async function errorOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    (value) => new Error(`it came to ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (error instanceof FirnError) return `${error.code}: ${error.message}`;
  throw new Error(`no FirnError: ${String(error)}`);
}

describe('the documented examples', () => {
  const [ofReadme = ''] = examplesOf('README.md');
  const [ofClient = ''] = examplesOf('client/index.ts');

  function runExample(example: string, name: string, shown: string): unknown {
    const path = programOf(place, example, name, shown);
    const { status, stdout, stderr } = spawnSync(process.execPath, [path], { env: place.variables, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return JSON.parse(stdout);
  }

  test('of the README', () => {
    expect(runExample(ofReadme, 'readme', 'report')).toMatchObject({ outcome: 'done', output: { decided_by: 'rule' } });
  });

  test('of the module: start, wait, approve, result', () => {
    const shown = runExample(ofClient, 'module', '{ report, output }');
    expect(shown).toMatchObject({
      report: { outcome: 'waiting', path: ['order', 'reason', 'terms', 'verdict', 'outcome', 'approval'] },
      output: { refund: expect.any(Number), reason: 'damaged' },
    });
  });

  test('compile in a strict project', () => {
    // The third one is wrong, so that it is known that the compiler looked.
    const wrong = ofReadme.replace("'refund'", '7');
    expect(typeProblems([ofReadme, ofClient, wrong])).toEqual([expect.stringContaining("'number' is not assignable")]);
  });
});

test('it is known whether anybody works on a queue', async () => {
  expect(await firn.workers()).toBeGreaterThan(0);
  const nobodys = await Firn.connect({ address: place.temporal.address, queue: `${place.project}-nobodys` });
  expect(await nobodys.workers()).toBe(0);
  await nobodys.close();
});

describe('errors are typed', () => {
  test('before anything is started', async () => {
    const before = (await firn.list()).length;
    expect(await errorOf(firn.start('refund', {}))).toMatch(
      /^invalid_input: refund was not started: order_id is missing/,
    );
    expect(await errorOf(firn.execute('refund', { order_id: 'A', extra: 1 }))).toMatch(
      /^invalid_input: .*no field "extra"/,
    );
    expect(await errorOf(firn.start('refnd', {}))).toMatch(
      /^unknown_workflow: no definition is named "refnd"; known: .*refund/,
    );
    expect(await errorOf(firn.start('errand', {}, { version: 'f'.repeat(64) }))).toMatch(
      /^unknown_workflow: "errand" has no version f/,
    );
    expect(await errorOf(firn.start('errand', {}, { ticket: '' }))).toMatch(/^invalid_ticket: /);
    expect((await firn.list()).length).toBe(before);
  });

  test('of endings, and of tickets', async () => {
    const endings: readonly (readonly [string, { readonly [name: string]: string }, RegExp])[] = [
      ['refund', { order_id: 'A-1008', reason: 'damaged' }, /^refused: goods can be returned for 30 days/],
      ['refund', { order_id: 'A-1999', reason: 'damaged' }, /^handed_over: order: .*A-1999/],
      ['errand', { how: 'badly' }, /^bad_luck: .*it went badly: no note$/],
    ];
    for (const [workflow, input, says] of endings) expect(await errorOf(firn.execute(workflow, input))).toMatch(says);
    await firn.execute('errand', {}, { ticket: place.ticket('mine-1') });
    expect(await errorOf(firn.start('errand', {}, { ticket: place.ticket('mine-1') }))).toMatch(/^ticket_used: /);
    expect(await errorOf(firn.getHandle('nobody-1').report())).toMatch(/^not_found: no run has the ticket "nobody-1"$/);
    expect(await errorOf(firn.getHandle('errand-00000-00001').result())).toMatch(/^not_found: .*it was mistyped$/);
    const cancelled = await firn.start('errand', { until: '2099-01-01T00:00:00Z' });
    await cancelled.cancel();
    expect(await errorOf(cancelled.result())).toMatch(/^cancelled: /);
  });

  test('of servers that do not answer', async () => {
    expect(await errorOf(Firn.connect({ address: '127.0.0.1:1' }))).toMatch(
      /^unreachable: no Temporal server answers at 127/,
    );
    const lost = await Firn.connect({ ...connectOptions(), databaseUrl: 'postgres://a:b@127.0.0.1:1/c' });
    expect(await errorOf(lost.list())).toMatch(/^unreachable: Firn's database cannot be used now: .*ECONNREFUSED/);
    // A run starts unchecked; what it waits for is asked of the run itself.
    const run = await lost.start('two-people', { what: 'x', asked_by: 'y' });
    expect(await errorOf(run.report({ until: 'wait' }))).toMatch(/^unreachable: Firn's database/);
    await firn.getHandle(run.ticket).cancel();
    await lost.close();
  });

  test('a client that is closed waits no longer', async () => {
    const short = await Firn.connect(connectOptions());
    const run = await short.start('errand', { until: '2099-01-01T00:00:00Z' });
    const waiting = errorOf(run.result());
    await expect
      .poll(async () => (await firn.list({ open: true })).some(({ ticket }) => ticket === run.ticket))
      .toBe(true);
    await short.close();
    expect(await waiting).toBe(`unreachable: the client was closed while it waited for ${run.ticket}`);
    await firn.getHandle(run.ticket).cancel();
  });
});

describe('handles and lists', () => {
  test('the handle of a run that has ended', async () => {
    const run = await firn.start('errand', { note: 'done' }, { ticket: place.ticket('ended-1') });
    const output = await run.result();
    const again = firn.getHandle(place.ticket('ended-1'));
    expect(again.runId).toBeUndefined();
    expect([await again.result(), (await again.report()).output]).toEqual([output, output]);
    expect(await again.status()).toMatchObject({ ticket: place.ticket('ended-1'), workflow: 'errand', waiting: [] });
    expect(await errorOf(again.approve('look', { by: 'maria' }))).toMatch(
      /^not_open: .*nothing waits for a person there/,
    );
    expect(await errorOf(again.handOver('why', 'maria'))).toMatch(/^not_found: .*or it has ended$/);
  });

  test('report: until it waits, until the time is over, until the end', async () => {
    const run = await firn.start('two-people', { what: 'a car', asked_by: 'selma' });
    const waits = { outcome: 'waiting', output: null, reason: null, path: ['first'] };
    expect(await run.report({ until: 'wait' })).toMatchObject(waits);
    expect(await run.report({ until: 'end', timeout_ms: 200 })).toMatchObject(waits);
    const end = run.report({ until: 'end' });
    await run.reject('first', { by: 'maria', comment: 'no' });
    expect(await end).toMatchObject({ outcome: 'done', output: { first: false, second: false } });
  });

  test('lists: from the table, and from Temporal for a client without a database', async () => {
    const done = await firn.execute('errand', {}, { ticket: place.ticket('listed-1') });
    const open = await firn.start('errand', { until: '2099-01-01T00:00:00Z' }, { ticket: place.ticket('listed-2') });
    expect(done).toEqual({ note: '', count: 0 });
    const { address, queue } = connectOptions();
    const bare = await Firn.connect({ address, queue });
    for (const client of [firn, bare]) {
      const ticketsOf = async (options: Parameters<Firn['list']>[0]): Promise<readonly string[]> =>
        (await client.list(options)).map(({ ticket }) => ticket);
      await expect
        .poll(() => ticketsOf({ workflow: 'errand', open: true }), { timeout: 30_000 })
        .toEqual([place.ticket('listed-2')]);
      await expect.poll(() => ticketsOf({ outcome: 'done' }), { timeout: 30_000 }).toContain(place.ticket('listed-1'));
      expect(await ticketsOf({ workflow: 'errand', limit: 1 })).toHaveLength(1);
      expect(await ticketsOf({ workflow: "it's nothing" })).toEqual([]);
      const [row] = await client.list({ workflow: 'errand', open: true });
      expect(row).toEqual({
        ticket: place.ticket('listed-2'),
        workflow: 'errand',
        outcome: 'running',
        started_at: expect.any(String),
        ended_at: null,
      });
    }
    await open.cancel();
    await bare.close();
  });
});

test('however often a client asks, and however many wait at once, Node warns of no leak', async () => {
  const warnings: string[] = [];
  const note = (warning: Error): void => void warnings.push(`${warning.name}: ${warning.message}`);
  process.on('warning', note);
  try {
    for (let round = 0; round < 13; round += 1) await firn.execute('errand', {});
    const run = await firn.start('two-people', { what: 'x', asked_by: 'y' });
    const reports = Array.from({ length: 13 }, () => run.report({ until: 'end', timeout_ms: 500 }));
    const results = Array.from({ length: 13 }, () => errorOf(run.result()));
    expect(new Set((await Promise.all(reports)).map(({ outcome }) => outcome))).toEqual(new Set(['waiting']));
    await run.cancel();
    expect(new Set(await Promise.all(results))).toEqual(new Set(['cancelled: the run was cancelled']));
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.removeListener('warning', note);
  }
});

describe('started by another client', () => {
  let connection: Connection;
  let client: Client;
  beforeAll(async () => {
    connection = await Connection.connect({ address: place.temporal.address });
    client = new Client({ connection, namespace: place.temporal.namespace });
  });
  afterAll(() => connection.close());

  /** The output, or the type and message of the failure. */
  async function started(workflow: string, ticket: string, more: Partial<WorkflowStartOptions>): Promise<unknown> {
    const options = { workflowId: ticket, taskQueue: place.project, ...more };
    try {
      const handle = await client.workflow.start(workflow, options);
      return await handle.result();
    } catch (error) {
      const cause = error instanceof WorkflowFailedError ? error.cause : error;
      const type: unknown = cause instanceof Error ? Reflect.get(cause, 'type') : undefined;
      return `${String(type)}: ${cause instanceof Error ? cause.message : String(cause)}`;
    }
  }

  test('with args [input]: it runs, and Firn knows it', async () => {
    const input = { order_id: 'A-1003', reason: 'damaged' };
    expect(await started('refund', place.ticket('plain-1'), { args: [input] })).toMatchObject({
      outcome: 'done',
      output: { reason: 'damaged' },
    });
    expect(await firn.getHandle(place.ticket('plain-1')).report()).toMatchObject({
      outcome: 'done',
      messages: [{ to: 'carla@example.com' }],
    });
  });

  const CASES: readonly (readonly [string, string, Partial<WorkflowStartOptions>, RegExp])[] = [
    [
      'bad input',
      'refund',
      { args: [{ order_id: 7 }] },
      /^invalid_input: the input does not fit refund: order_id is 7; it must be text/,
    ],
    ['no argument at all', 'refund', {}, /^invalid_input: the input does not fit refund: order_id is missing/],
    ['a text', 'refund', { args: ['A-1001'] }, /^invalid_input: /],
    ['null', 'refund', { args: [null] }, /^invalid_input: /],
    [
      'an argument too many',
      'errand',
      { args: [{}, { plan: {} }] },
      /^not_startable: a run takes one argument, its input, and this one was started with 2/,
    ],
    [
      'an unknown type',
      'refnd',
      { args: [{}] },
      /^unknown_workflow: no workflow is named "refnd"; did you mean "refund"\? Known: .*errand/,
    ],
  ];
  test.each(CASES)('%s is a failure that people can read', async (name, workflow, more, says) => {
    const ticket = place.ticket(`plain:${name.replaceAll(' ', '-')}`);
    expect(await started(workflow, ticket, more)).toMatch(says);
    expect(await firn.getHandle(ticket).report()).toMatchObject({ outcome: 'failed', output: null });
  });

  test('a cron schedule: each tick fails, and says why', async () => {
    const schedule = {
      workflowId: place.ticket('cron-1'),
      taskQueue: place.project,
      args: [{}],
      cronSchedule: '@every 1s',
    };
    const { firstExecutionRunId } = await client.workflow.start('errand', schedule);
    const tick = client.workflow.getHandle(place.ticket('cron-1'), firstExecutionRunId, { followRuns: false });
    await expect
      .poll(async () => (await client.workflow.getHandle(place.ticket('cron-1')).describe()).runId, { timeout: 30_000 })
      .not.toBe(firstExecutionRunId);
    const history = JSON.stringify(await tick.fetchHistory());
    expect(history).toContain('a run of Firn cannot have a cron schedule');
    expect(history).not.toContain('activityTaskScheduled');
    await client.workflow.getHandle(place.ticket('cron-1')).terminate();
  });

  test('an input of no fields needs no argument', async () => {
    expect(await started('errand', place.ticket('plain-2'), {})).toMatchObject({
      outcome: 'done',
      output: { note: '', count: 0 },
    });
  });

  test('`temporal workflow start`, with good and with bad input', async () => {
    const { path } = await temporalBinary(stateFolder(ROOT), process.env, SILENT.begin('', ''));
    const temporal = (ticket: string, ...words: string[]): number | null => {
      const where = ['--address', place.temporal.address, '--namespace', place.temporal.namespace];
      const what = ['--type', 'refund', '--task-queue', place.project, '--workflow-id', ticket, ...words];
      return spawnSync(path, ['workflow', 'start', ...where, ...what], { encoding: 'utf8' }).status;
    };
    expect(temporal(place.ticket('cli-good'), '--input', '{"order_id": "A-1005", "reason": "damaged"}')).toBe(0);
    expect(temporal(place.ticket('cli-bad'), '--input', '{"order": "A-1005"}')).toBe(0);
    expect(temporal(place.ticket('cli-none'))).toBe(0);
    expect(temporal(place.ticket('cli-two'), '--input', '{"order_id": "A-1012"}', '--input', '{"x": 1}')).toBe(0);
    expect(await firn.getHandle(place.ticket('cli-good')).report()).toMatchObject({
      outcome: 'done',
      path: expect.arrayContaining(['refund', 'tell']),
    });
    expect(await errorOf(firn.getHandle(place.ticket('cli-bad')).result())).toMatch(
      /^invalid_input: the input does not fit refund: order_id is missing.*no field "order"/,
    );
    expect(await errorOf(firn.getHandle(place.ticket('cli-none')).result())).toMatch(
      /^invalid_input: the input does not fit refund: order_id is missing/,
    );
    expect(await errorOf(firn.getHandle(place.ticket('cli-two')).result())).toMatch(
      /^not_startable: a run takes one argument/,
    );
    expect((await firn.list({ workflow: 'refund', outcome: 'failed' })).map(({ ticket }) => ticket)).toEqual(
      expect.arrayContaining([place.ticket('cli-bad'), place.ticket('cli-none')]),
    );
  });
});
