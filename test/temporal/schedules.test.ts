/** Schedules against a real Temporal server: made, changed and deleted as the file says, and what they start. */
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Firn } from '../../client/index.js';
import { keepSchedules, listSchedules, type WantedSchedule } from '../../client/schedules.js';
import { Bench, QUEUE } from './bench.js';
import { planOf, value } from './plans.js';
import { World } from './world.js';

let bench: Bench;
let client: Client;
const world = new World();

beforeAll(async () => {
  const output = { is: 'map', entries: [{ key: 'got', value: value('input.month', { input: 0 }) }] } as const;
  world.plans.set('dunning', planOf({ name: 'dunning', nodes: [], output }));
  bench = await Bench.open();
  await bench.startWorker(world);
  client = bench.client;
});
afterAll(async () => {
  await bench.close();
});

const MONTHLY: WantedSchedule = {
  name: 'dunning-monthly',
  workflow: 'dunning',
  cron: '0 6 1 * *',
  zone: 'Europe/Berlin',
  input: { month: 'november' },
  paused: false,
  overlap: 'skip',
  summary: 'Remind who owes us',
};

function keep(wanted: readonly WantedSchedule[], name = QUEUE, named = wanted.map((schedule) => schedule.name)) {
  return keepSchedules(client.schedule, { name, taskQueue: QUEUE, named: new Set(named) }, wanted);
}

/** Temporal lists what was made a moment later. */
async function listed(project: string, names: readonly string[]) {
  const wanted = [...names].sort().join();
  for (;;) {
    const states = await listSchedules(client.schedule, project);
    if (states.map(({ name }) => name).join() === wanted) return states;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const NOTHING = { created: [], updated: [], deleted: [], problems: [] };

describe('a project without schedules', () => {
  test('touches nothing', async () => {
    expect(await keep([])).toEqual(NOTHING);
  });
});

describe('a schedule of the file', () => {
  test('is made, listed with its next times in its zone, and starts runs', async () => {
    expect(await keep([MONTHLY])).toEqual({ ...NOTHING, created: ['dunning-monthly'] });
    const [state] = await listed(QUEUE, ['dunning-monthly']);
    const { cron, zone } = MONTHLY;
    expect(state).toMatchObject({ name: 'dunning-monthly', workflow: 'dunning', cron, zone, paused: false });
    // Six o'clock in Berlin, in winter or in summer.
    expect(state?.next[0]).toMatch(/-01T0[45]:00:00.000Z$/);

    await client.schedule.getHandle(`firn:${QUEUE}:dunning-monthly`).trigger();
    const ticket = await startedBy('dunning-monthly');
    expect(ticket).toMatch(new RegExp(`^${QUEUE}-dunning-monthly-\\d{4}-\\d\\d-\\d\\dT`));
    const firn = await Firn.connect({ address: bench.server.address, queue: QUEUE });
    expect(await firn.getHandle(ticket).result()).toEqual({ got: 'november' });
    expect(await firn.schedules()).toMatchObject([{ name: 'dunning-monthly', last: ticket }]);
    await firn.close();
    const described = await client.workflow.getHandle(ticket).describe();
    expect(described.memo?.['firn_schedule']).toMatchObject({ name: 'dunning-monthly' });
  });

  test('that has not changed is left alone, even when somebody paused it', async () => {
    await client.schedule.getHandle(`firn:${QUEUE}:dunning-monthly`).pause();
    expect(await keep([MONTHLY])).toEqual(NOTHING);
    expect(await listed(QUEUE, ['dunning-monthly'])).toMatchObject([{ paused: true, next: [] }]);
  });

  test('that has changed is changed', async () => {
    const changed = { ...MONTHLY, cron: '30 6 * * MON-FRI', zone: 'UTC', overlap: 'buffer_one' } as const;
    expect(await keep([changed])).toEqual({ ...NOTHING, updated: ['dunning-monthly'] });
    const [state] = await listed(QUEUE, ['dunning-monthly']);
    expect(state).toMatchObject({ cron: '30 6 * * MON-FRI', zone: 'UTC', paused: false });
    expect(state?.next[0]).toMatch(/T06:30:00.000Z$/);
    expect(await keep([changed])).toEqual(NOTHING);
  });

  test('that cannot be made now is left as it was', async () => {
    expect(await keep([], QUEUE, ['dunning-monthly'])).toEqual(NOTHING);
    expect(await listed(QUEUE, ['dunning-monthly'])).toHaveLength(1);
  });

  test('that Temporal refuses is told, and keeps no other from its turn', async () => {
    const wrong = { ...MONTHLY, name: 'wrong', zone: 'Mars/Olympus' };
    const { created, problems } = await keep([wrong, { ...MONTHLY, name: 'second', paused: true }], QUEUE, [
      'dunning-monthly',
      'wrong',
      'second',
    ]);
    expect(created).toEqual(['second']);
    expect(problems).toEqual([expect.stringMatching(/^the schedule "wrong" could not be brought into step: /)]);
    expect(await listed(QUEUE, ['dunning-monthly', 'second'])).toMatchObject([{}, { paused: true, next: [] }]);
  });

  test('that the file no longer names is deleted, and no other', async () => {
    const others = `${QUEUE}-x`;
    await keep([{ ...MONTHLY, name: 'theirs' }], others);
    const foreign = `firn:${QUEUE}:foreign`;
    const action = { type: 'startWorkflow' as const, workflowType: 'dunning', taskQueue: QUEUE };
    await client.schedule.create({ scheduleId: foreign, spec: { cronExpressions: ['0 0 1 1 *'] }, action });
    await listed(others, ['theirs']);
    expect(await keep([MONTHLY])).toMatchObject({ deleted: ['second'], problems: [] });
    await listed(QUEUE, ['dunning-monthly']);
    expect(await keep([])).toMatchObject({ deleted: ['dunning-monthly'] });
    await listed(QUEUE, []);
    expect(await listed(others, ['theirs'])).toHaveLength(1);
    const { problems } = await keep([{ ...MONTHLY, name: 'foreign' }]);
    expect(problems[0]).toContain(`Temporal has a schedule "${foreign}" that is not Firn's`);
    for (const id of [foreign, `firn:${others}:theirs`]) await client.schedule.getHandle(id).delete();
  });
});

async function startedBy(name: string): Promise<string> {
  for (;;) {
    const states = await listSchedules(client.schedule, QUEUE);
    const last = states.find((state) => state.name === name)?.last;
    if (last !== undefined) return last;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
