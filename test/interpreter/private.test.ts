/** What is declared private is nowhere that people see in passing; whoever decides, and whoever is told, sees it. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import type { Json } from '../../language/plan/json.js';
import { PROJECT } from '../compiler/project.js';
import { interpret } from '../../interpreter/interpret.js';
import { start } from '../../interpreter/state.js';
import { TestHost } from '../../interpreter/test-host.js';
import { kindOf } from '../../language/steps/index.js';
import { mutated } from './mutating.js';
import { always, idle, NOW, run } from './running.js';

const SECRET = 'AB123456C';

function planOf(steps: string) {
  const text = `workflow: refund
summary: Keeps a secret
owner: returns-desk
ends_within: 5d
uses: [shop]
input: { order_id: string, id_number: { type: string, private: true }, owed: { type: number, private: true } }
steps:
  - id: order
    read: { from: shop.orders, where: { id: "\${{ input.order_id }}" } }
${steps}`;
  const { plan, problems } = compile({ file: 'refund.flow.yaml', text, project: PROJECT, policies: () => undefined });
  if (plan === undefined) throw new Error(JSON.stringify(problems, null, 2));
  return plan;
}

const ORDER = { id: 'A-1', email: 'm@example.org', status: 'delivered', total: 5, ordered_at: '2026-01-01T00:00:00Z' };

async function go(steps: string, results: { readonly [step: string]: Json } = {}, people = {}) {
  const input = { order_id: 'A-1', id_number: SECRET, owed: 7777 };
  const ran = await run(planOf(steps), always({ order: ORDER, ...results }), {
    input,
    people: new Map(Object.entries(people)),
  });
  const { state, host, ending } = ran;
  const summaries = host.calls.map(({ summary }) => summary);
  return {
    ...ran,
    passing: JSON.stringify([state.trail, state.decisions, host.shown, summaries, ending.reason ?? '']),
  };
}

describe('private values', () => {
  it('are in no trail: a `set`, what is made of it, and a list of them', async () => {
    const { passing, state } = await go(`  - id: kept
    set: { number: "\${{ input.id_number }}", twice: "\${{ input.owed * 2 }}", plain: "\${{ order.id }}" }
  - id: made
    set: { text: "No \${{ kept.number }}", all: "\${{ [kept.number] }}", long: "\${{ size(kept.number) }}" }
  - id: told
    switch: { of: "\${{ order.status }}", cases: { delivered: { output: { n: "\${{ made.text }}" } }, else: { output: { n: x } } } }
`);
    expect(passing).not.toContain(SECRET);
    expect(passing).not.toContain('15554');
    const said = state.trail.map(({ said: text }) => text);
    expect(said).toContain('number (private), twice (private), plain A-1');
    expect(said).toContain('text (private), all (private), long 9');
  });

  it('are in no summary, and in the message that the author writes', async () => {
    const { passing, host } = await go(`  - summary: "Tell \${{ input.id_number }} of \${{ order.id }}"
    tell: { who: customer, to: "\${{ order.email }}", text: "Your number is \${{ input.id_number }}" }
`);
    expect(passing).not.toContain(SECRET);
    const [tell] = host.calls.filter(({ type }) => type === 'tell');
    expect(tell?.summary).toContain('Tell (private) of A-1');
    expect(tell?.input['text']).toBe(`Your number is ${SECRET}`);
  });

  it('are in no message of an `ensure`', async () => {
    const { passing, ending } = await go(
      `  - id: refund
    create: { in: shop.refunds, values: { order_id: "\${{ order.id }}", amount: "\${{ input.owed }}", reason: damaged } }
    ensure: \${{ refund.amount == input.owed && order.total == 5 }}
`,
      { refund: { id: 1, order_id: 'A-1', amount: 1, reason: 'damaged' } },
    );
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'not_ensured' });
    expect(ending.reason).toContain('input.owed is (private)');
    expect(ending.reason).toContain('refund.amount is 1');
    expect(passing).not.toContain('7777');
  });

  it('are shown to who decides, and not in the title of the item', async () => {
    const approved = { approval: { decision: 'approve', by: 'maria', after_ms: 1 } };
    const { passing, host } = await go(
      `  - id: approval
    approve: { for: [refund], by: returns-desk }
  - id: other
    approve: { what: "Pay \${{ input.owed }} for \${{ order.id }}?", by: returns-desk }
  - id: refund
    create: { in: shop.refunds, values: { order_id: "\${{ order.id }}", amount: "\${{ input.owed }}", reason: damaged } }
`,
      { refund: { id: 1, order_id: 'A-1', amount: 7777, reason: 'damaged' } },
      { ...approved, other: approved.approval },
    );
    const [bound, free] = host.items;
    expect(bound?.title).toBe('approve refund: create');
    expect(JSON.stringify(bound?.body)).toContain('7777');
    expect(free?.title).toBe('approve Pay (private) for A-1?');
    expect(free?.body.what).toBe('Pay 7777 for A-1?');
    expect(passing).not.toContain('7777');
  });

  it('are no facts that are recorded with a decision', async () => {
    const { host } = await go(
      `  - id: why
    decide:
      ask: Why?
      about: "\${{ order.?note.orValue('x') }}"
      answers: { damaged: It broke, other: Something else }
      rules: [{ id: big, when: "\${{ input.owed > 10000 && order.total > 100 }}", answer: damaged }]
      otherwise: returns-desk
`,
      { why: 'other' },
    );
    const [asked] = host.calls.filter(({ type }) => type === 'decide');
    expect(asked?.input['features']).toEqual({ 'order.total': 5 });
  });

  it('go through forms and messages too', async () => {
    const form = { values: { code: SECRET, note: 'fine' }, by: 'maria', after_ms: 1 };
    const { passing } = await go(
      `  - id: asked
    ask: { what: The code?, by: returns-desk, form: { code: { type: string, private: true }, note: string } }
  - id: kept
    set: { code: "\${{ asked.code }}", note: "\${{ asked.note }}" }
`,
      {},
      { asked: form },
    );
    expect(passing).not.toContain(SECRET);
    expect(passing).toContain('fine');
  });

  it('are in no failure of an expression', async () => {
    const { passing, ending } = await go(`  - id: n
    set: { n: "\${{ double(input.id_number) > 5.0 }}" }
`);
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'expression' });
    expect(ending.reason).toContain('what it reads is private');
    expect(passing).not.toContain(SECRET);
  });

  it.each([
    ['{ type: array, items: { type: string, private: true } }', ['AB'], '[0]', 'x (private)'],
    [
      '[{ code: { type: string, private: true }, note: string }]',
      [{ code: 'AB', note: 'n' }],
      '[0].code',
      'x (private)',
    ],
    ['[{ code: { type: string, private: true }, note: string }]', [{ code: 'AB', note: 'n' }], '[0].note', 'x n'],
    ['{ code: { type: string, private: true } }', { code: 'AB' }, '.code', 'x (private)'],
    ['[secret, other]', 'secret', '', 'x secret'],
    ['{ type: string, enum: [secret, other], private: true }', 'secret', '', 'x (private)'],
  ])('a field that is declared %s', async (declared, value, path, said) => {
    const text = `workflow: refund
summary: Keeps a secret
owner: returns-desk
ends_within: 5d
input: { given: ${declared} }
steps:
  - id: seen
    set: { x: "\${{ input.given${path} }}" }
output: { x: "\${{ seen.x }}" }
`;
    const { plan } = compile({ file: 'refund.flow.yaml', text, project: PROJECT, policies: () => undefined });
    if (plan === undefined) throw new Error('it does not compile');
    const { state } = await run(plan, new Map(), { input: { given: value } });
    expect(state.trail.map((entry) => entry.said)).toEqual([said]);
  });
});

const WRITE = `  - id: refund
    create: { in: shop.refunds, values: { order_id: "\${{ order.id }}", amount: "\${{ input.owed }}", reason: damaged } }
    ensure: \${{ refund.amount == input.owed }}
`;

describe('with a guard off, they get out', () => {
  it.each([
    [
      'of the trail',
      { file: 'results.ts', from: 'hideParts(result, node.private)', to: 'result' },
      '  - id: n\n    set: { n: "${{ input.owed }}" }\n',
    ],
    [
      'of an `ensure`',
      { file: 'references.ts', from: 'isPrivatePart(labels[slot] ?? [], read.path)', to: 'labels.length < 0' },
      WRITE,
    ],
    [
      'of a summary',
      { file: 'step-host.ts', from: 'evaluateValue(withoutPrivate(value), slots)', to: 'evaluateValue(value, slots)' },
      '  - summary: "Owes ${{ input.owed }}"\n    tell: { who: customer, to: "${{ order.email }}", text: Hello }\n',
    ],
    [
      'of the title of an approval',
      { file: 'step-host.ts', from: 'private: holdsPrivate(other)', to: 'private: false' },
      `  - id: approval\n    approve: { for: [refund], by: returns-desk, on_timeout: reject }\n    timeout: 1h\n${WRITE}`,
    ],
  ])('%s', async (_name, change, steps) => {
    const plan = planOf(steps);
    const results = always({ order: ORDER, refund: { id: 1, order_id: 'A-1', amount: 1, reason: 'damaged' } });
    const seen = async (engine: typeof interpret) => {
      const host = new TestHost({ now_ms: NOW, idle, steps: results });
      const input = { order_id: 'A-1', id_number: SECRET, owed: 7777 };
      const state = start(plan, input, { ticket: 'T-1', first_run_id: 'r1', started_at_ms: NOW });
      const ending = await host.run(() => engine(plan, state, host, kindOf));
      const titles = host.items.map(({ title }) => title);
      return JSON.stringify([state.trail, ending, titles, host.calls.map(({ summary }) => summary)]);
    };
    expect(await seen(interpret)).not.toContain('7777');
    expect(await seen(await mutated(change))).toContain('7777');
  });
});
