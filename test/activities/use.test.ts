/** `use`: activities of an application as they run, what is checked before and after, and how they are settled. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { defineActivity, Refused } from '../../client/activities.js';
import type { ToolDoor } from '../../connections/mcp.js';
import type { SettleCall, UseCall } from '../../language/plan/calls.js';
import { failure } from '../../language/plan/failure.js';
import { isJsonMap } from '../../language/plan/json.js';
import type { JsonMap } from '../../language/plan/json.js';
import { readActivity, type ActivityContext, type RegisteredActivity } from '../../setup/application-activities.js';
import { createPool } from '../../store/pool.js';
import { failureOf, testWorker } from './worker.js';

const asked: { readonly input: JsonMap; readonly context: ActivityContext }[] = [];

const track = defineActivity({
  name: 'track',
  effect: 'read',
  takes: { order_id: 'string', 'carrier?': ['dhl', 'post'], pages: { type: 'integer', minimum: 1, default: 1 } },
  gives: { place: 'string', 'note?': 'string' },
  run: (input, context) => {
    asked.push({ input: { ...input }, context });
    return { place: `${input.carrier ?? 'post'} ${input.order_id}` };
  },
});
const charge = defineActivity({
  name: 'charge',
  effect: 'repeatable',
  takes: { how: 'string' },
  async run({ how }, { signal }) {
    switch (how) {
      case 'throw':
        throw new Error('the service is away');
      case 'code':
        throw Object.assign(new Error('nobody there'), { code: 'unreachable' });
      case 'refuse':
        throw new Refused('the card was declined');
      case 'fail':
        throw failure('conflict', 'already paid otherwise');
      case 'hang':
        return await new Promise(() => undefined);
      case 'listen':
        return await new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('stopped as asked')));
        });
      case 'circle': {
        const circle: Record<string, unknown> = {};
        circle['self'] = circle;
        return circle;
      }
      case 'large':
        return 'x'.repeat(300_000);
      case 'nothing':
        return undefined;
      default:
        return { paid: how, empty: null, list: [{ a: null, b: 1 }] };
    }
  },
});
const bell = { ...charge, name: 'bell', effect: 'once' };
const liar = { ...track, name: 'liar', run: () => ({ place: 7 }) };

function registered(...given: readonly object[]): ReadonlyMap<string, RegisteredActivity> {
  return new Map(
    given.map((one) => {
      const { activity, problems } = readActivity({ ...one }, 'activities.mjs');
      if (activity === undefined) throw new Error(problems.map(({ message }) => message).join());
      return [activity.name, activity];
    }),
  );
}

const desk: ToolDoor = {
  name: 'desk',
  tools: new Map(),
  call: () => Promise.reject(failure('rejected', 'desk.create says no')),
  list: () => Promise.resolve([]),
  close: () => Promise.resolve(),
};

// No query is made: `use` has no table.
const pool = createPool('postgres://nobody@127.0.0.1:1/none', { size: 1 });
afterAll(() => pool.end());
const toolServers = new Map([['desk', desk]]);
const worker = testWorker(pool, [], [], { registered: registered(track, charge, bell, liar), toolServers });
const use = (activity: string, input: JsonMap, effect = 'repeatable', more: Partial<UseCall> = {}) =>
  worker.run(worker.activities.use, { activity, with: input, effect, key: 'run/step', ...more });

describe('an activity', () => {
  it('is asked with what it takes, defaults filled in, under the key of its step', async () => {
    expect(await use('track', { order_id: 'A-1', carrier: 'dhl' })).toEqual({ place: 'dhl A-1' });
    expect(asked[0]?.input).toEqual({ order_id: 'A-1', carrier: 'dhl', pages: 1 });
    expect(asked[0]?.context.key).toBe('run/step');
  });

  it('gives JSON without what is null or undefined', async () => {
    expect(await use('charge', { how: 'well' })).toEqual({ paid: 'well', list: [{ b: 1 }] });
    expect(await use('charge', { how: 'nothing' })).toEqual({});
  });

  const wrong: readonly (readonly [activity: string, input: JsonMap, type: string, final: boolean, says: RegExp])[] = [
    ['track', {}, 'invalid', true, /^track was not asked: order_id is missing; it must be text\.$/],
    ['track', { order_id: 'a', pages: 0 }, 'invalid', true, /pages is 0; it must be a whole number of at least 1/],
    ['track', { order_id: 'a', colour: 'b' }, 'invalid', true, /no field "colour"; the fields are order_id/],
    [
      'liar',
      { order_id: 'a' },
      'unexpected',
      true,
      /^liar gave something else than it declares: place is 7; it must be text/,
    ],
    ['charge', { how: 'throw' }, 'unexpected', false, /^charge: the service is away$/],
    ['charge', { how: 'code' }, 'unreachable', false, /^charge: nobody there$/],
    ['charge', { how: 'refuse' }, 'rejected', true, /^charge: the card was declined$/],
    ['charge', { how: 'fail' }, 'conflict', true, /^already paid otherwise$/],
    ['charge', { how: 'circle' }, 'unexpected', true, /^charge gave something that cannot be written as JSON$/],
    ['charge', { how: 'large' }, 'result_too_large', true, /^charge gave 300002 characters as JSON/],
    [
      'tracck',
      {},
      'unreachable',
      false,
      /this worker has no activity "tracck" \(it has track, .*; did you mean "track"\?\); export it with `defineActivity`/,
    ],
    ['desk.open', {}, 'unreachable', false, /this worker has no tool "desk.open"/],
  ];
  it.each(wrong)('%s %j is %s', async (activity, input, type, final, says) => {
    const failed = await failureOf(use(activity, input));
    expect(failed).toMatchObject({ type, final });
    expect(failed.message).toMatch(says);
  });

  it('that may be asked only once is never tried again', async () => {
    const failed = await failureOf(use('bell', { how: 'throw' }, 'once'));
    expect(failed).toMatchObject({ type: 'outcome_unknown', final: true });
    expect(failed.message).toMatch(/^bell: the service is away; it may be asked only once, so nobody can say/);
    expect(await failureOf(use('bell', { how: 'refuse' }, 'once'))).toMatchObject({ type: 'rejected', final: true });
  });

  it('that does not answer in its time is told to stop, and waited for no longer', async () => {
    const environment = new MockActivityEnvironment({ startToCloseTimeoutMs: 700 });
    const ask = (how: string, effect: string) =>
      environment.run(worker.activities.use, { activity: 'charge', with: { how }, effect, key: 'k' });
    expect(await failureOf(ask('hang', 'repeatable'))).toMatchObject({ type: 'unreachable', final: false });
    expect(await failureOf(ask('hang', 'once'))).toMatchObject({ type: 'outcome_unknown', final: true });
    expect((await failureOf(ask('listen', 'read'))).message).toMatch(/no answer within 0.2 s|stopped as asked/);
  });
});

describe('settled', () => {
  const settle = (activity: string, effect: string, failed_with: string | null, input: JsonMap = { how: 'well' }) => {
    const request = { activity, with: input, effect };
    const call: SettleCall = { verb: 'use', connection: activity, key: 'run/step', request, failed_with };
    return worker.run(worker.activities.settle, call);
  };
  const cases: readonly (readonly [
    activity: string,
    effect: string,
    failed_with: string | null,
    happened: boolean | null,
  ])[] = [
    ['bell', 'once', 'unreachable', false],
    ['bell', 'once', 'invalid', false],
    ['bell', 'once', 'rejected', false],
    ['bell', 'once', 'outcome_unknown', null],
    ['bell', 'once', 'unexpected', null],
    ['bell', 'once', 'timeout', null],
    ['bell', 'once', null, null],
    ['desk.create', 'once', 'rejected', false],
    ['desk.create', 'once', 'unreachable', false],
    ['charge', 'repeatable', 'rejected', false],
  ];
  it.each(cases)('%s (%s) after %s: %s', async (activity, effect, failed_with, happened) => {
    expect(await settle(activity, effect, failed_with)).toEqual({ happened, result: null });
  });

  it('what may be asked again is asked again, and its answer is the result', async () => {
    const result = { paid: 'well', list: [{ b: 1 }] };
    for (const after of [null, 'timeout', 'unreachable']) {
      expect(await settle('charge', 'repeatable', after)).toEqual({ happened: true, result });
    }
    expect(await settle('charge', 'repeatable', 'timeout', { how: 'refuse' })).toEqual({
      happened: false,
      result: null,
    });
    expect(await settle('charge', 'repeatable', 'timeout', { how: 'fail' })).toEqual({ happened: null, result: null });
  });

  it('a service that is away is asked until it answers, and not for ever', async () => {
    const failed = await failureOf(settle('charge', 'repeatable', null, { how: 'throw' }));
    expect(failed).toMatchObject({ type: 'unexpected', final: false });
    const late = new MockActivityEnvironment({ attempt: 60 });
    const request = { activity: 'charge', with: { how: 'throw' }, effect: 'repeatable' };
    const call: SettleCall = { verb: 'use', connection: 'charge', key: 'k', request, failed_with: null };
    const settled = await late.run(worker.activities.settle, call);
    expect(isJsonMap(settled) && settled.happened).toBe(null);
  });
});
