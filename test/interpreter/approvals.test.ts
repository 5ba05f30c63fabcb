/** Approvals bind the very request that was shown. */
import { describe, expect, it } from 'vitest';
import { digest, isJsonMap } from '../../language/plan/json.js';
import type { PersonScript } from '../../language/plan/test-case.js';
import { Draft, DAY, MINUTE } from './plans.js';
import { always, run } from './running.js';

const YES: PersonScript = { decision: 'approve', by: 'maria', after_ms: MINUTE };
const NO: PersonScript = { decision: 'reject', by: 'maria', comment: 'too much', after_ms: MINUTE };

/** approval (of refund) -> refund, whose request is what `between` leaves of `order`. */
function flow(approval: { readonly timeout_ms?: number } = {}) {
  const d = new Draft('order', 'approval', 'refund');
  const order = d.read('order');
  const refund = d.undoable('refund', { amount: '${order.total}' });
  return d.plan([order, d.approve('approval', [refund], approval), refund], { said: '${approval}' });
}

describe('an approval', () => {
  it('shows the exact request and lets it pass', async () => {
    const { ending, host } = await run(flow(), always({ order: { total: 12 } }), {
      people: new Map([['approval', YES]]),
    });
    expect(ending).toMatchObject({
      outcome: 'done',
      output: { said: { approved: true, by: 'maria', at: '2026-03-01T09:01:00Z' } },
    });
    const item = host.items[0];
    const request = { in: 'shop.refunds', rows: [{ amount: 12 }], many: false };
    expect(item).toMatchObject({
      id: 'approval',
      kind: 'approve',
      role: 'desk',
      body: { exact: [{ step: 'refund', verb: 'create', request }] },
    });
    expect(item?.digest).toBe(isJsonMap(item?.body) && digest(item.body));
    expect(host.effects).toEqual(['refund']);
  });

  it('that says no stops the step, even where the flow does not look', async () => {
    const { ending, host } = await run(flow(), always({ order: { total: 12 } }), {
      people: new Map([['approval', NO]]),
    });
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'not_as_approved', step: 'refund', undo: [] });
    expect(ending.reason).toBe('refund: "approval" asked for approval of this step and did not get it');
    expect(host.effects).toEqual([]);
  });

  it('that nobody gives in time is a no', async () => {
    const { ending, host } = await run(flow({ timeout_ms: DAY }), always({ order: { total: 12 } }));
    expect(host.items[0]?.deadline_ms).toBe(Date.parse('2026-03-02T09:00:00Z'));
    expect(ending).toMatchObject({ code: 'not_as_approved', step: 'refund' });
  });

  it('that comes too late does not count', async () => {
    const late = { ...YES, after_ms: 2 * DAY };
    const { ending } = await run(flow({ timeout_ms: DAY }), always({ order: { total: 12 } }), {
      people: new Map([['approval', late]]),
    });
    expect(ending.code).toBe('not_as_approved');
  });

  it('has no deadline of its own where the run ends first', async () => {
    const { ending, host } = await run(flow({ timeout_ms: 9 * DAY }), always({ order: { total: 12 } }));
    expect(host.items[0]?.deadline_ms).toBeUndefined();
    expect(ending).toMatchObject({ outcome: 'handed_over', reason: 'not finished within 5d', step: 'approval' });
  });

  it('binds: another request than the approved one fails', async () => {
    const d = new Draft('order', 'approval', 'again', 'refund');
    const refund = d.create('refund', { amount: '${order.total}' });
    const first = d.read('order');
    const order = d.read('order', { path: 'again' });
    const plan = d.plan([first, d.approve('approval', [refund]), order, refund]);
    const answers = always({ order: { total: 12 }, again: { total: 120 } });
    const { ending, host } = await run(plan, answers, { people: new Map([['approval', YES]]) });
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'not_as_approved', step: 'refund' });
    expect(ending.reason).toContain('something else than what was approved at "approval"');
    expect(host.effects).toEqual([]);
  });

  it('is one of several, and each must be a yes', async () => {
    const d = new Draft('one', 'two', 'refund');
    const refund = d.create('refund', { amount: 1 });
    const plan = d.plan([d.approve('one', [refund]), d.approve('two', [refund]), refund]);
    const both = await run(plan, new Map(), {
      people: new Map([
        ['one', YES],
        ['two', YES],
      ]),
    });
    expect(both.ending.outcome).toBe('done');
    const one = await run(plan, new Map(), {
      people: new Map([
        ['one', NO],
        ['two', YES],
      ]),
    });
    expect(one.ending).toMatchObject({ code: 'not_as_approved', step: 'refund' });
  });

  it('of a step that is skipped binds nothing else', async () => {
    const d = new Draft('approval', 'refund', 'other');
    const refund = d.create('refund', { amount: 1 }, { when: d.x('approval.approved', 'boolean') });
    const plan = d.plan([d.approve('approval', [refund]), refund, d.create('other', { amount: 2 })]);
    const { ending, host } = await run(plan, new Map(), { people: new Map([['approval', NO]]) });
    expect(ending.outcome).toBe('done');
    expect(host.effects).toEqual(['other']);
  });
});
