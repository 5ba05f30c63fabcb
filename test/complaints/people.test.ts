/** Approvals as they leak, get lost or come twice elsewhere. What needs a server is in test/temporal/people.test.ts. */
import { describe, expect, it } from 'vitest';
import { isJsonMap } from '../../language/plan/json.js';
import { NOW } from '../interpreter/running.js';
import { pay, runSteps, yes } from './running.js';

const HOUR = 3_600_000;

describe('an approval', () => {
  it('in a branch that lost its race is over with it, and a yes that comes later changes nothing', async () => {
    const { ending, host } = await runSteps(
      `- id: first
  race:
    asked:
      steps:
        - { id: ok, approve: { for: [paid], by: returns-desk } }
        - ${pay('paid', '10')}
      output: { how: asked }
    late: { steps: [{ wait: { for: 1h } }], output: { how: late } }
- wait: { for: 5h }
- return: { how: "\${{ first.how }}" }
`,
      { people: { ok: yes('maria', 2 * HOUR) } },
    );
    expect(ending).toMatchObject({ outcome: 'done', output: { how: 'late' } });
    expect(host.items.map(({ id }) => id)).toEqual(['ok']);
    expect(host.effects).toEqual([]);
  });

  it('cannot be gone around by another branch: what it binds does not run without it', async () => {
    const { ending, host } = await runSteps(
      `- { id: ok, approve: { for: [paid], by: returns-desk } }
- switch:
    of: \${{ order.status }}
    cases:
      processing: { steps: [${pay('other', '1')}] }
      else: {}
- ${pay('paid', '10')}
`,
      { people: { ok: { decision: 'reject', by: 'maria', comment: 'no', after_ms: HOUR } } },
    );
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'not_as_approved', step: 'paid' });
    expect(host.effects).toEqual(['other']);
  });

  it.each([
    ['a switch', '- switch: { cases: [{ when: "${{ order.total > 1 }}", steps: [STEPS] }, {}] }', ''],
    ['a loop', '- for_each: { in: "${{ [1] }}", steps: [STEPS] }', '[1]'],
    ['a repeat', '- repeat: { at_most: 1, steps: [STEPS], until: "${{ pass == 1 }}" }', '[1]'],
    ['a branch', '- parallel: { one: { steps: [STEPS] }, two: {} }', ''],
    ['a race', '- race: { one: { steps: [STEPS] }, two: { steps: [{ wait: { for: 3h } }] } }', ''],
    ['a try', '- try: { steps: [STEPS], catch: [{}] }', ''],
    ['a catch', '- try: { steps: [{ fail_here: x }], catch: [{ steps: [STEPS] }] }', ''],
  ])('in %s is opened once, shows what it binds, and lets that pass', async (_, block, number) => {
    const inside = `{ id: ok, approve: { for: [paid], by: returns-desk } }, ${pay('paid', '10')}`;
    const broken = '{ id: broken, read: { from: shop.orders, where: { id: none } } }';
    const steps = `${block.replace('STEPS', inside).replace('{ fail_here: x }', broken)}\n`;
    const { ending, host } = await runSteps(steps, {
      people: { [`ok${number}`]: yes('maria', HOUR) },
      finds: { broken: { id: 'A-1' } },
      faults: { broken: { code: 'not_found', final: true } },
    });
    expect(ending.outcome).toBe('done');
    expect(host.items).toHaveLength(1);
    const body = host.items[0]?.body;
    expect(isJsonMap(body) && body['exact']).toMatchObject([
      { step: 'paid', verb: 'create', request: { in: 'shop.refunds', rows: [{ order_id: 'A-1', amount: 10 }] } },
    ]);
    expect(host.effects).toEqual([`paid${number}`]);
  });

  it('of one item of a loop is no yes for another, whichever comes first', async () => {
    const { ending, host } = await runSteps(
      `- for_each:
    in: \${{ [1, 2, 3] }}
    as: n
    at_once: 3
    on_error: collect
    steps:
      - { id: ok, approve: { for: [paid], by: returns-desk } }
      - ${pay('paid', '"${{ n }}"')}
`,
      {
        people: {
          'ok[2]': yes('maria', HOUR),
          'ok[1]': { decision: 'reject', by: 'jonas', comment: 'no', after_ms: 2 * HOUR },
        },
      },
    );
    expect(host.items.map(({ id }) => id).toSorted()).toEqual(['ok[1]', 'ok[2]', 'ok[3]']);
    expect(host.effects).toEqual(['paid[2]']);
    // The third waits for somebody until the run ends.
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'timeout' });
  });

  it('in each pass of a loop is asked anew: a yes is used once', async () => {
    const { ending, host } = await runSteps(
      `- repeat:
    at_most: 2
    steps:
      - { id: ok, approve: { for: [paid], by: returns-desk } }
      - ${pay('paid', '10')}
    until: \${{ pass == 2 }}
`,
      {
        people: {
          'ok[1]': yes('maria', HOUR),
          'ok[2]': { decision: 'reject', by: 'maria', comment: 'once is enough', after_ms: HOUR },
        },
      },
    );
    expect(host.items).toHaveLength(2);
    expect(ending).toMatchObject({ code: 'not_as_approved', step: 'paid[2]' });
    expect(host.effects).toEqual(['paid[1]']);
  });

  it('that is skipped holds nothing up', async () => {
    const { ending, host } =
      await runSteps(`- { id: ok, when: "\${{ order.total > 50 }}", approve: { for: [paid], by: returns-desk } }
- ${pay('paid', '10')}
`);
    expect(ending.outcome).toBe('done');
    expect(host.items).toEqual([]);
    expect(host.effects).toEqual(['paid']);
  });

  it('says what it is about: the step, its exact values, who may decide, and by when', async () => {
    const { host } = await runSteps(
      `- { id: ok, approve: { for: [paid], by: returns-desk, on_timeout: reject }, timeout: 2d }
- ${pay('paid', '"${{ order.total * 2 }}"', ', when: "${{ ok.approved }}"')}
`,
    );
    const [item] = host.items;
    expect(item).toMatchObject({ id: 'ok', kind: 'approve', role: 'returns-desk' });
    expect(item?.deadline_ms).toBe(Date.parse('2026-03-03T09:00:00Z'));
    expect(JSON.stringify(item?.body)).toContain('"amount":20');
  });
});

describe('nothing is done twice, and nothing is said that was not done', () => {
  it('the key of a write is its place in the program, whatever a model or a person says', async () => {
    const { host } = await runSteps(
      `- for_each: { in: "\${{ [1, 2] }}", as: n, steps: [${pay('paid', '"${{ n }}"')}] }\n`,
    );
    const keys = host.calls.filter(({ type }) => type === 'create').map(({ input }) => input['key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(2);
    expect(keys.map(String).every((key, index) => key.includes(`paid[${index + 1}]`))).toBe(true);
  });

  it('a step that is tried again does not do the steps before it again', async () => {
    const { ending, host } = await runSteps(`- ${pay('first', '1')}\n- ${pay('paid', '10')}\n`, {
      faults: { paid: { code: 'unreachable' } },
    });
    expect(ending).toMatchObject({ code: 'unreachable', step: 'paid' });
    // It waited between its attempts.
    expect(host.now()).toBeGreaterThan(NOW);
    expect(host.effects).toEqual(['first']);
    expect(host.undone).toEqual(['first']);
  });

  it('a message after a write that failed is not sent', async () => {
    const { ending, host } = await runSteps(
      `- ${pay('paid', '10')}
- tell: { who: returns-desk, text: "paid \${{ paid.amount }}" }
`,
      { faults: { paid: { code: 'conflict', final: true } } },
    );
    expect(ending.outcome).toBe('handed_over');
    expect(host.calls.some(({ type }) => type === 'tell')).toBe(false);
  });

  it('a write that is not what was meant is found out, and nobody is told of it', async () => {
    const { ending, host } = await runSteps(
      `- ${pay('paid', '10', ', ensure: "${{ paid.amount == 11 }}"')}
- tell: { who: returns-desk, text: "paid \${{ paid.amount }}" }
`,
    );
    expect(ending).toMatchObject({ code: 'not_ensured', step: 'paid' });
    expect(host.calls.some(({ type }) => type === 'tell')).toBe(false);
    expect(host.undone).toEqual(['paid']);
  });
});

describe('nothing is tried for ever', () => {
  it.each(['result_too_large', 'invalid', 'conflict', 'not_found', 'too_many_steps'])(
    '%s is not tried again',
    async (code) => {
      const { host } = await runSteps(`- ${pay('paid', '10')}\n`, { faults: { paid: { code, final: true } } });
      expect(host.calls.filter(({ id }) => id === 'paid')).toHaveLength(1);
    },
  );

  it('a loop that never gets there ends at its limit', async () => {
    const { ending, state } = await runSteps(
      '- repeat: { at_most: 3, every: 1h, steps: [{ id: one, set: { n: 1 } }], until: "${{ one.n == 2 || order.total < 0 }}" }\n',
    );
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'not_reached' });
    expect(state.path.filter((place) => place.startsWith('one'))).toHaveLength(3);
  });

  it('a run that waits for nobody ends at its time', async () => {
    const { ending } = await runSteps('- receive: { message: never }\n');
    expect(ending).toMatchObject({ outcome: 'handed_over', code: 'timeout' });
  });
});
