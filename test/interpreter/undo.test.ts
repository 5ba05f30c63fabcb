/** Undo: what is taken back, in which order, and what stays. */
import { describe, expect, it } from 'vitest';
import type { TestHost } from '../../interpreter/test-host.js';
import { Draft, DAY, MINUTE } from './plans.js';
import { fails, NOW, run } from './running.js';

/** Activities of the undo, as `type id`. */
function tail(host: TestHost): string[] {
  return host.calls.filter((call) => /\.(settle|undo)$/.test(call.id)).map((call) => `${call.type} ${call.id}`);
}

describe('a run that does not end well', () => {
  function twoThen(last: (d: Draft) => number) {
    const d = new Draft('one', 'two', 'after');
    return d.plan([d.undoable('one', { amount: 1 }), d.undoable('two', { amount: 2 }), last(d)]);
  }

  it.each([
    ['refused', (d: Draft) => d.refuse('no', 'because')],
    ['failed', (d: Draft) => d.fail('no', 'broken', 'because')],
    ['handed_over', (d: Draft) => d.read('after')],
  ])('and is %s undoes in reverse order, each settled first', async (outcome, last) => {
    const { ending, host } = await run(twoThen(last), new Map([['after', fails('not_found')]]));
    expect(ending.outcome).toBe(outcome);
    expect(tail(host)).toEqual(['settle two.settle', 'delete two.undo', 'settle one.settle', 'delete one.undo']);
    expect(ending.undo).toEqual([
      { step: 'two', status: 'undone' },
      { step: 'one', status: 'undone' },
    ]);
    expect(host.undone).toEqual(['two', 'one']);
  });

  it('and is cancelled undoes, although it is cancelled', async () => {
    const { ending, host } = await run(
      twoThen((d) => d.wait('after', DAY)),
      new Map(),
      { cancel_at_ms: NOW + MINUTE },
    );
    expect(ending.outcome).toBe('cancelled');
    expect(host.undone).toEqual(['two', 'one']);
  });

  it('and passes its deadline undoes after it', async () => {
    const { ending, host } = await run(
      twoThen((d) => d.wait('after', 9 * DAY)),
      new Map(),
      {
        faults: (call) => (call.type === 'settle' ? { takes_ms: DAY } : undefined),
      },
    );
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'timeout', reason: 'not finished within 5d' });
    expect(host.undone).toEqual(['two', 'one']);
  });

  it.each([
    ['return', (d: Draft) => d.step('out', { verb: 'return', output: d.value({}) })],
    ['its end', (d: Draft) => d.set('after', { a: 1 })],
  ])('and reaches %s undoes nothing', async (_, last) => {
    const { ending, host } = await run(twoThen(last), new Map());
    expect(ending).toMatchObject({ outcome: 'done', undo: [] });
    expect(tail(host)).toEqual([]);
  });
});

describe('an undo step', () => {
  it('sees the recorded result of its step, under a key of its own', async () => {
    const d = new Draft('one');
    const { host } = await run(d.plan([d.undoable('one', { amount: 1 }), d.refuse('no', 'because')]), new Map());
    const undo = host.calls.find((call) => call.id === 'one.undo');
    expect(undo?.input).toEqual({ from: 'shop.ones', where: { id: 1 }, expect: 'one', key: 'T-1/r1/one.undo' });
    expect(host.calls.find((call) => call.type === 'settle')).toMatchObject({
      id: 'one.settle',
      input: { connection: 'shop', key: 'T-1/r1/one' },
      patient: true,
    });
  });

  it('runs for a step whose `ensure` does not hold', async () => {
    const d = new Draft('one');
    const ensure = d.x('one.amount == 2.0', 'boolean');
    const { ending, host } = await run(d.plan([d.undoable('one', { amount: 1 }, { ensure })]), new Map());
    expect(ending).toMatchObject({
      outcome: 'handed_over',
      code: 'not_ensured',
      undo: [{ step: 'one', status: 'undone' }],
    });
    expect(host.undone).toEqual(['one']);
  });

  it('runs for a write that happened although its answer was lost', async () => {
    const d = new Draft('one');
    const { ending, host } = await run(d.plan([d.undoable('one', { amount: 1 })]), new Map(), {
      faults: (call) => (call.id === 'one' ? { code: 'unreachable', landed: true, final: true } : undefined),
    });
    expect(ending).toMatchObject({
      outcome: 'handed_over',
      code: 'unreachable',
      undo: [{ step: 'one', status: 'undone' }],
    });
    expect(host.undone).toEqual(['one']);
    expect(host.calls.find((call) => call.id === 'one.undo')?.input).toMatchObject({ where: { id: 1 } });
  });

  it('does not run for a write that never happened', async () => {
    const d = new Draft('one');
    const { ending, host } = await run(
      d.plan([d.undoable('one', { amount: 1 })]),
      new Map([['one', fails('conflict')]]),
    );
    expect(ending.undo).toEqual([{ step: 'one', status: 'never_happened' }]);
    expect(tail(host)).toEqual(['settle one.settle']);
  });

  it.each([
    ['kept', true],
    ['never_happened', false],
  ] as const)('is missing, and the owner learns of a write that failed: %s', async (status, landed) => {
    const d = new Draft('one');
    const { ending, host } = await run(d.plan([d.create('one', { amount: 1 })]), new Map(), {
      faults: (call) => (call.id === 'one' ? { code: 'unreachable', landed, final: true } : undefined),
    });
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'unreachable', undo: [{ step: 'one', status }] });
    expect(tail(host)).toEqual(['settle one.settle']);
  });

  it('is missing, and nothing is asked about a write that gave its row', async () => {
    const d = new Draft('one');
    const { ending, host } = await run(d.plan([d.create('one', { amount: 1 }), d.refuse('no', 'because')]), new Map());
    expect(ending).toMatchObject({ outcome: 'refused', undo: [] });
    expect(tail(host)).toEqual([]);
  });

  it('does not run for a step that was not reached', async () => {
    const d = new Draft('one');
    const one = d.undoable('one', { amount: 1 }, { when: d.x('input.no', 'boolean') });
    const { ending, host } = await run(d.plan([one, d.refuse('no', 'because')]), new Map(), { input: { no: false } });
    expect(ending.undo).toEqual([]);
    expect(host.calls).toEqual([]);
  });

  it('that fails does not stop the others, and is reported', async () => {
    const d = new Draft('one', 'two');
    const plan = d.plan([
      d.undoable('one', { amount: 1 }),
      d.undoable('two', { amount: 2 }),
      d.refuse('no', 'because'),
    ]);
    const { ending, host } = await run(plan, new Map([['two.undo', fails('conflict', 'a payment refers to it')]]));
    expect(ending).toMatchObject({
      outcome: 'refused',
      undo: [
        { step: 'two', status: 'failed', message: 'a payment refers to it' },
        { step: 'one', status: 'undone' },
      ],
    });
    expect(host.undone).toEqual(['one']);
  });
});

describe('a tell', () => {
  it('seals what was done before it, and not what comes after', async () => {
    const d = new Draft('one', 'two');
    const plan = d.plan([
      d.undoable('one', { amount: 1 }),
      d.tell('tell', 'done'),
      d.undoable('two', { amount: 2 }),
      d.refuse('no', 'because'),
    ]);
    const { ending, host } = await run(plan, new Map());
    expect(ending.undo).toEqual([
      { step: 'two', status: 'undone' },
      { step: 'one', status: 'kept' },
    ]);
    expect(host.undone).toEqual(['two']);
  });

  it('seals from its first attempt on, and goes to the owner when it fails', async () => {
    const d = new Draft('one');
    const plan = d.plan([d.undoable('one', { amount: 1 }), d.tell('tell', 'done')]);
    const { ending, host } = await run(plan, new Map([['tell', fails('delivery', 'mailbox full')]]));
    expect(ending).toEqual({
      outcome: 'handed_over',
      reason: 'tell: mailbox full',
      code: 'delivery',
      step: 'tell',
      undo: [{ step: 'one', status: 'kept' }],
    });
    expect(tail(host)).toEqual([]);
  });

  it('that was never attempted seals nothing', async () => {
    const d = new Draft('one');
    const plan = d.plan([d.undoable('one', { amount: 1 }), d.tell('tell', '${one.nothing}')]);
    const { ending } = await run(plan, new Map());
    expect(ending).toMatchObject({ outcome: 'handed_over', step: 'tell', undo: [{ step: 'one', status: 'undone' }] });
  });

  it('that is reached after the run was cancelled is never sent and seals nothing', async () => {
    const d = new Draft('one');
    const plan = d.plan([d.undoable('one', { amount: 1 }), d.tell('tell', 'done')]);
    const { ending, host } = await run(plan, new Map(), {
      cancel_at_ms: NOW + 1,
      faults: (call) => (call.id === 'one' ? { takes_ms: MINUTE } : undefined),
    });
    expect(host.world.messages).toEqual([]);
    expect(ending).toMatchObject({ outcome: 'cancelled', undo: [{ step: 'one', status: 'undone' }] });
  });
});
