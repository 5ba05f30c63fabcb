/** What the compiler has refused is refused again where it would act: with its check off, nothing gets through. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../../language/plan/plan.js';
import type { Label } from '../../language/plan/types.js';
import { settleLabel } from '../../language/expressions/settle-label.js';
import { compileSteps } from '../steps/definitions.js';
import type { interpret } from '../../interpreter/interpret.js';
import { start } from '../../interpreter/state.js';
import { TestHost } from '../../interpreter/test-host.js';
import { kindOf } from '../../language/steps/index.js';
import { mutated } from './mutating.js';
import { always, idle, NOW, run } from './running.js';

const ORDER = { id: 'A-1', email: 'm@example.org', status: 'delivered', total: 5, ordered_at: '2026-01-01T00:00:00Z' };
const INPUT = { order_id: 'eve@example.org' };

function planOf(steps: string) {
  const { plan, problems } = compileSteps(steps);
  if (plan === undefined) throw new Error(JSON.stringify(problems, null, 2));
  return plan;
}

const CLEAN = planOf(`- id: s
  set: { to: "\${{ order.email }}", other: "\${{ input.order_id }}" }
- try: { steps: [{ tell: { who: customer, to: "\${{ s.to }}", text: Hello } }], catch: [{ steps: [{ set: { caught: true } }] }] }
`);

/** The same plan, as a compiler without its check would have made it: every expression says that it is clean. */
function forged(from: string, to: string): typeof CLEAN {
  const text = JSON.stringify(CLEAN).replaceAll(`"${from}"`, `"${to}"`);
  const plan: unknown = JSON.parse(text);
  if (!isPlan(plan)) throw new Error('no plan');
  return plan;
}

function isPlan(value: unknown): value is typeof CLEAN {
  return typeof value === 'object' && value !== null && 'nodes' in value;
}

describe('a sink', () => {
  it('lets a clean value through', async () => {
    const { ending, host } = await run(CLEAN, always({ order: ORDER }), { input: INPUT });
    expect(ending.outcome).toBe('done');
    expect(host.calls.filter(({ type }) => type === 'tell')).toHaveLength(1);
  });

  it('refuses another one, and no `catch` answers that', async () => {
    const plan = forged('s.to', 's.other');
    const { ending, host } = await run(plan, always({ order: ORDER }), { input: INPUT });
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'tainted' });
    expect(ending.reason).toContain(
      'the address of "tell.to" would come from input: nobody outside may choose who is told',
    );
    expect(host.calls.filter(({ type }) => type === 'tell')).toEqual([]);
  });

  it('refuses what reads a slot that has become untrusted', async () => {
    const labels = CLEAN.labels.map((parts) => parts.map((part) => ({ ...part, label: 'record' as const })));
    const { ending } = await run({ ...CLEAN, labels }, always({ order: ORDER }), { input: INPUT });
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'tainted' });
  });

  it('refuses what reads a slot of which nothing is known', async () => {
    const { ending } = await run({ ...CLEAN, labels: [] }, always({ order: ORDER }), { input: INPUT });
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'tainted' });
  });
});

describe('with the check off', () => {
  it.each([
    ['the sink', { file: 'sinks.ts', from: 'if (mayReach(sink, label, value))', to: 'if (value !== undefined)' }],
    [
      'the plan, by its own word',
      { file: 'sinks.ts', from: 'settleLabel(value, plan.labels)', to: "'definition' as const" },
    ],
  ])('a forged plan reaches who it wants: %s', async (_name, change) => {
    const { ending, tells } = await runBy(await mutated(change), forged('s.to', 's.other'));
    expect(ending).toMatchObject({ outcome: 'done' });
    expect(tells).toEqual([INPUT.order_id]);
  });

  it('a `catch` swallows it', async () => {
    const change = { file: 'catching.ts', from: "'too_many_steps', 'tainted'", to: "'too_many_steps'" };
    const { ending } = await runBy(await mutated(change), forged('s.to', 's.other'));
    expect(ending).toMatchObject({ outcome: 'done' });
  });
});

async function runBy(engine: typeof interpret, plan: typeof CLEAN) {
  const host = new TestHost({ now_ms: NOW, idle, steps: always({ order: ORDER }) });
  const state = start(plan, INPUT, { ticket: 'T-1', first_run_id: 'r1', started_at_ms: NOW });
  const ending = await host.run(() => engine(plan, state, host, kindOf));
  return { ending, tells: host.calls.flatMap(({ type, input }) => (type === 'tell' ? [input['to']] : [])) };
}

describe('the label that is settled again is the one that the compiler found', () => {
  const all =
    '- id: all\n  list: { from: shop.orders }\n- id: s\n  set: { a: { b: "${{ input.order_id }}", c: fixed, d: "${{ order.email }}" } }\n';
  it.each([
    ['order.email', 'trusted'],
    ['order.id', 'record'],
    ['order.status', 'definition'],
    ['input.order_id', 'input'],
    ["input.?reason.orValue('damaged')", 'definition'],
    ["input.order_id == 'x' ? order.email : 'a@x.org'", 'trusted'],
    ["'to ' + order.email", 'trusted'],
    ['order.email + input.order_id', 'input'],
    ['all[0].email', 'trusted'],
    ['all[0].id', 'record'],
    ["all.filter(o, o.id != '')[0].email", 'trusted'],
    ['all.map(o, o.email)[0]', 'trusted'],
    ['all.map(o, o.id)[0]', 'record'],
    ["{'a': order.email, 'b': input.order_id}.a", 'trusted'],
    ["['a', 'b'][size(input.order_id) % 2]", 'definition'],
    ['s.a.b', 'input'],
    ['s.a.c', 'definition'],
    ['s.a.d', 'trusted'],
    ['toJson(s.a)', 'input'],
    ['toJson(s)', 'input'],
    ['run.ticket', 'input'],
    ['run.workflow', 'definition'],
    ['string(all.exists(o, o.email == input.order_id))', 'input'],
    ['string(order.total)', 'record'],
    ["order.email.contains('@') ? 'a' : 'b'", 'definition'],
  ] satisfies [string, Label][])('%s', (source, label) => {
    const plan = planOf(`${all}- id: made\n  set: { value: "\${{ ${source} }}" }\n`);
    const node = plan.nodes.find(({ id }) => id === 'made');
    const values: Value | undefined = node?.verb === 'set' ? node.values : undefined;
    const value = values?.is === 'map' ? values.entries[0]?.value : undefined;
    if (value?.is !== 'expression') throw new Error('no expression');
    expect({ compiled: value.expression.label, settled: settleLabel(value, plan.labels) }).toEqual({
      compiled: label,
      settled: label,
    });
  });
});
