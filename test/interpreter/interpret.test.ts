/** The loop: order, skipping, branches, endings, failures and time. */
import { describe, expect, it } from 'vitest';
import { DAY, Draft, MINUTE, SECOND } from './plans.js';
import { always, fails, NOW, run } from './running.js';

describe('steps', () => {
  it('run in order, each seeing the results before it', async () => {
    const d = new Draft('order', 'sums');
    const steps = [d.read('order'), d.set('sums', { double: '${order.total * 2.0}' })];
    const { ending, state } = await run(
      d.plan(steps, { total: '${sums.double}', ticket: '${run.ticket}' }),
      always({ order: { total: 4 } }),
    );
    expect(ending).toEqual({ outcome: 'done', output: { total: 8, ticket: 'T-1' }, undo: [] });
    expect(state.path).toEqual(['order', 'sums']);
    expect(state.trail.map((entry) => entry.step)).toEqual(['order', 'sums']);
  });

  it('are called by verb and path, with a key that is a place in the program', async () => {
    const d = new Draft('order', 'refund');
    const steps = [d.read('order'), d.create('refund', { amount: '${order.total}' }), d.tell('tell', 'hello')];
    const { host } = await run(d.plan(steps), always({ order: { total: 4 } }));
    expect(host.calls.map(({ type, id, write, retry }) => [type, id, write, retry?.attempts])).toEqual([
      ['read', 'order', false, 10],
      ['create', 'refund', true, 10],
      ['tell', 'tell', true, 5],
    ]);
    expect(host.calls.map((call) => call.input['key'])).toEqual([undefined, 'T-1/r1/refund', 'T-1/r1/tell']);
    expect(host.calls[0]?.summary).toMatch(/^order: read shop.order/);
  });

  it('with `retry` keep to it', async () => {
    const d = new Draft('order');
    const retry = { attempts: 3, first_ms: 10, factor: 1, most_ms: 10 };
    const { host, ending } = await run(d.plan([d.read('order', { retry })]), always({ order: {} }), {
      faults: () => ({ code: 'unreachable', message: 'no route' }),
    });
    expect(host.calls[0]?.retry).toEqual(retry);
    expect(ending).toMatchObject({
      outcome: 'handed_over',
      reason: 'order: no route',
      code: 'unreachable',
      step: 'order',
    });
    expect(host.now()).toBe(NOW + 20);
  });

  it.each([
    ['leave `{}`', {}, { verb: 'set' }],
    ['leave `[]` where a list would be', [], { verb: 'list' }],
  ])('that `when` skips %s and are not on the path', async (_, result, { verb }) => {
    const d = new Draft('skipped');
    const when = d.x('input.yes', 'boolean');
    const own = {
      verb: 'list',
      from: 'shop.orders',
      where: d.value({}),
      order_by: [],
      limit: 100,
      first: false,
    } as const;
    const step = verb === 'list' ? d.step('skipped', own, { when, list: true }) : d.set('skipped', { a: 1 }, { when });
    const { ending, state, host } = await run(d.plan([step], { it: '${skipped}' }), new Map(), {
      input: { yes: false },
    });
    expect(ending.output).toEqual({ it: result });
    expect(state.path).toEqual([]);
    expect(host.calls).toEqual([]);
  });

  it('that fail hand the run over, with step, message and code', async () => {
    const d = new Draft('order');
    const { ending } = await run(
      d.plan([d.read('order')]),
      new Map([['order', fails('not_found', 'no row of shop.orders')]]),
    );
    expect(ending).toEqual({
      outcome: 'handed_over',
      reason: 'order: no row of shop.orders',
      code: 'not_found',
      step: 'order',
      undo: [],
    });
  });

  it('whose `ensure` does not hold fail, with the values behind it', async () => {
    const d = new Draft('order');
    const ensure = d.x('order.total < 10.0 && order.paid', 'boolean');
    const { ending } = await run(
      d.plan([d.read('order', { ensure })]),
      always({ order: { total: 12, paid: true, id: 'A-1' } }),
    );
    expect(ending).toMatchObject({
      outcome: 'handed_over',
      code: 'not_ensured',
      reason:
        'order: "order.total < 10.0 && order.paid" does not hold of what was recorded: order.paid is true, order.total is 12',
    });
  });

  it('are bugs of ours when they throw anything but a failure', async () => {
    const d = new Draft('order');
    const plan = d.plan([d.read('order'), 99]);
    await expect(run(plan, always({ order: {} }))).rejects.toThrow(
      'the plan of "demo" has no node 99: a bug of the compiler',
    );
  });
});

describe('switch', () => {
  function flow() {
    const d = new Draft('kind', 'inner', 'after');
    const big = d.block([d.set('inner', { n: 1 })], { size: 'big', n: '${inner.n}' });
    const small = d.block([], { size: 'small' });
    const gone = d.block([d.step('kind.gone.return', { verb: 'return', output: d.value({ early: true }) })]);
    const steps = [d.switch('kind', 'input.kind', { big, small, gone }), d.set('after', { size: '${kind.size}' })];
    return d.plan(steps, { size: '${after.size}' });
  }

  it.each([
    ['big', { size: 'big' }, ['kind', 'inner', 'after']],
    ['small', { size: 'small' }, ['kind', 'after']],
    ['gone', { early: true }, ['kind', 'kind.gone.return']],
  ])('%s takes its branch, whose output is the result', async (kind, output, path) => {
    const { ending, state } = await run(flow(), new Map(), { input: { kind } });
    expect(ending).toEqual({ outcome: 'done', output, undo: [] });
    expect(state.path).toEqual(path);
  });
});

describe('endings', () => {
  it.each([
    ['refuse', { outcome: 'refused', reason: 'too late', step: 'no' }],
    ['fail', { outcome: 'failed', reason: 'too late', code: 'broken', step: 'no' }],
  ])('%s ends the run from any depth', async (verb, ending) => {
    const d = new Draft('s', 'never');
    const end = verb === 'refuse' ? d.refuse('no', 'too late') : d.fail('no', 'broken', 'too late');
    const outer = d.block([d.switch('inner', 'input.k', { a: d.block([end]) })]);
    const result = await run(d.plan([d.switch('s', 'input.k', { a: outer }), d.set('never', { a: 1 })]), new Map(), {
      input: { k: 'a' },
    });
    expect(result.ending).toEqual({ ...ending, undo: [] });
    expect(result.state.path).toEqual(['s', 'inner', 'no']);
  });
});

describe('time', () => {
  it('jumps over a wait', async () => {
    const d = new Draft('pause');
    const { ending } = await run(d.plan([d.wait('pause', 2 * DAY)], { at: '${pause.at}' }), new Map());
    expect(ending.output).toEqual({ at: '2026-03-03T09:00:00Z' });
  });

  it('ends a run that is not finished within its deadline', async () => {
    const d = new Draft('a', 'pause');
    const { ending, host } = await run(d.plan([d.read('a'), d.wait('pause', 9 * DAY)]), always({ a: {} }));
    expect(ending).toEqual({
      outcome: 'handed_over',
      reason: 'not finished within 5d',
      code: 'timeout',
      step: 'pause',
      undo: [],
    });
    expect(host.now()).toBe(Date.parse('2026-03-06T09:00:00Z'));
  });

  it.each([
    ['a step', (d: Draft) => d.wait('slow', DAY, { timeout_ms: MINUTE })],
    [
      'a block',
      (d: Draft) => d.switch('slow', 'input.k', { a: d.block([d.wait('inside', DAY)]) }, { timeout_ms: MINUTE }),
    ],
    ['a read', (d: Draft) => d.read('slow', { timeout_ms: MINUTE })],
  ])('ends %s at its timeout', async (_, step) => {
    const d = new Draft('slow');
    const { ending, host } = await run(d.plan([step(d)]), always({ slow: {} }), {
      input: { k: 'a' },
      faults: () => ({ takes_ms: DAY }),
    });
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'timeout', step: 'slow' });
    expect(ending.reason).toMatch(/^slow: not finished by 2026-03-01T09:01:00Z/);
    expect(host.now() - Date.parse('2026-03-01T09:00:00Z')).toBe(MINUTE);
  });

  it('lets an inner timeout pass inside a longer outer one', async () => {
    const d = new Draft('outer');
    const inside = d.block([d.wait('inside', DAY, { timeout_ms: 10 * SECOND })]);
    const { ending } = await run(
      d.plan([d.switch('outer', 'input.k', { a: inside }, { timeout_ms: MINUTE })]),
      new Map(),
      { input: { k: 'a' } },
    );
    expect(ending).toMatchObject({ code: 'timeout', step: 'inside' });
  });
});

describe('cancelling', () => {
  it('ends the run where it waits', async () => {
    const d = new Draft('pause', 'after');
    const { ending, state } = await run(d.plan([d.wait('pause', DAY), d.read('after')]), new Map(), {
      cancel_at_ms: Date.parse('2026-03-01T10:00:00Z'),
    });
    expect(ending).toEqual({ outcome: 'cancelled', reason: 'the run was cancelled', step: 'pause', undo: [] });
    expect(state.path).toEqual(['pause']);
  });

  it('reaches a step that comes after a write in flight', async () => {
    const d = new Draft('refund', 'order');
    const { ending, host } = await run(
      d.plan([d.create('refund', { amount: 1 }), d.read('order')]),
      always({ order: {} }),
      {
        cancel_at_ms: Date.parse('2026-03-01T09:00:30Z'),
        faults: (call) => (call.id === 'refund' ? { takes_ms: MINUTE } : undefined),
      },
    );
    expect(ending.outcome).toBe('cancelled');
    expect(host.calls.map((call) => call.id)).toEqual(['refund']);
    expect(host.effects).toEqual(['refund']);
  });
});

describe('what people see', () => {
  it('says where the run is and what it waits for', async () => {
    const d = new Draft('order', 'pause');
    const { host } = await run(d.plan([d.read('order'), d.wait('pause', DAY)]), always({ order: { id: 'A-1' } }));
    expect(host.shown).toMatchObject([
      { at: 'order', trail: [{ step: 'order', verb: 'read', said: 'A-1' }] },
      {
        at: 'pause',
        waiting_for: 'time',
        since_ms: Date.parse('2026-03-01T09:00:00Z'),
        until_ms: Date.parse('2026-03-02T09:00:00Z'),
      },
      { at: 'pause', trail: [{ step: 'order' }, { step: 'pause' }] },
    ]);
  });

  it('uses what the author wrote as summary, at most 120 characters of it', async () => {
    const d = new Draft('order');
    const { host } = await run(d.plan([d.read('order', { summary: d.value('y'.repeat(200)) })]), always({ order: {} }));
    expect(host.calls[0]?.summary).toBe(`order: ${'y'.repeat(112)}…`);
  });
});
