/** Loops and nesting as they break elsewhere: an index that is lost, a step that comes too early, a loop that waits for itself. */
import { describe, expect, it } from 'vitest';
import { NOW } from '../interpreter/running.js';
import { tell } from '../interpreter/stories.js';
import { problemsOf } from '../steps/definitions.js';
import { pay, runSteps, yes } from './running.js';

const HOUR = 3_600_000;

const NESTED_REPEATS = `- id: outer
  repeat:
    at_most: 2
    steps:
      - { id: mine, set: { pass: "\${{ pass }}", before: "\${{ last.?n.orValue(0) }}" } }
      - id: inner
        when: \${{ !has(last.n) || last.n > 0 }}
        repeat:
          at_most: 3
          steps: [{ id: deep, set: { n: "\${{ last.?n.orValue(10) + pass }}" } }]
          until: \${{ pass == 2 }}
          output: { n: "\${{ deep.n }}" }
      - { id: sibling, set: { n: "\${{ inner.?n.orValue(0) + pass * 100 + mine.before }}" } }
    until: \${{ pass == 2 }}
    output: { n: "\${{ sibling.n }}" }
- return: { n: "\${{ outer.n }}" }
`;

const BRANCHES_IN_A_LOOP = `- id: outer
  repeat:
    at_most: 2
    steps:
      - id: sides
        parallel:
          left:
            steps:
              - id: items
                for_each: { in: "\${{ [1, 2] }}", as: n, at_once: 2, steps: [{ wait: { for: "\${{ n == 1 ? span('2h') : span('1h') }}" } }], output: { n: "\${{ n * pass }}" } }
            output: { all: "\${{ items.map(i, i.n) }}" }
          right:
            steps:
              - id: items2
                for_each: { in: "\${{ [3] }}", as: m, steps: [{ set: { a: 1 } }], output: { n: "\${{ m * pass }}" } }
            output: { all: "\${{ items2.map(i, i.n) }}" }
    until: \${{ pass == 2 }}
    output: { left: "\${{ sides.left.all }}", right: "\${{ sides.right.all }}" }
- return: { left: "\${{ outer.left }}", right: "\${{ outer.right }}" }
`;

describe('a loop', () => {
  it('knows its item after a question to a person', async () => {
    const { ending, host } = await runSteps(
      `- id: all
  for_each:
    in: \${{ ['a', 'b', 'c'] }}
    as: name
    steps:
      - { id: said, ask: { what: "about \${{ name }}", by: returns-desk, form: { n: number } } }
    output: { name: "\${{ name }}", n: "\${{ said.n }}" }
- return: { all: "\${{ all }}" }
`,
      {
        people: Object.fromEntries(
          [1, 2, 3].map((n) => [`said[${n}]`, { decision: '', values: { n }, by: 'maria', after_ms: HOUR }]),
        ),
      },
    );
    expect(ending.output).toEqual({
      all: [
        { name: 'a', n: 1 },
        { name: 'b', n: 2 },
        { name: 'c', n: 3 },
      ],
    });
    expect(host.items.map(({ id }) => id)).toEqual(['said[1]', 'said[2]', 'said[3]']);
  });

  it('begins an item only when all steps of the one before are over', async () => {
    const { state } = await runSteps(`- for_each:
    in: \${{ [1, 2] }}
    as: n
    steps:
      - { id: first, wait: { for: 1h } }
      - { id: second, set: { n: "\${{ n }}" } }
      - { id: third, wait: { for: 1h } }
`);
    expect(state.path.filter((place) => place.includes('['))).toEqual(
      [1, 2].flatMap((n) => ['first', 'second', 'third'].map((id) => `${id}[${n}]`)),
    );
  });

  it('with a choice in it begins the next pass only when all chosen steps are over', async () => {
    const { state } = await runSteps(`- repeat:
    at_most: 3
    steps:
      - switch:
          cases:
            - when: \${{ pass > 0 }}
              steps: [{ id: first, set: { n: 1 } }, { id: second, wait: { for: 1h } }, { id: third, set: { n: 2 } }]
            - {}
      - { id: behind, set: { n: 3 } }
    until: \${{ pass == 2 }}
`);
    expect(state.path.filter((place) => !place.includes('switch'))).toEqual([
      'order',
      'repeat',
      ...[1, 2].flatMap((n) => ['first', 'second', 'third', 'behind'].map((id) => `${id}[${n}]`)),
    ]);
  });

  it('with a wait in it waits once in each pass', async () => {
    const { state, host } = await runSteps(
      '- repeat: { at_most: 100, steps: [{ id: pause, wait: { for: 1h } }], until: "${{ pass == 100 }}" }\n',
    );
    expect(state.path.filter((place) => place.startsWith('pause'))).toHaveLength(100);
    expect(host.now() - NOW).toBe(100 * HOUR);
  });

  it('in a loop goes on to the step behind the inner one, and each counts its own passes', async () => {
    const { ending, state } = await runSteps(NESTED_REPEATS);
    // 10 + 1 + 2 = 13 each time; 113 after the first pass, 13 + 200 + 113 after the second.
    expect(ending).toMatchObject({ outcome: 'done', output: { n: 326 } });
    const pass = (n: number) => [`mine[${n}]`, `inner[${n}]`, `deep[${n}][1]`, `deep[${n}][2]`, `sibling[${n}]`];
    expect(state.path).toEqual(['order', 'outer', ...pass(1), ...pass(2), 'return']);
  });

  it('in a loop knows nothing of the `last` of the outer one', () => {
    const inner = (read: string) => `- repeat:
    at_most: 2
    steps:
      - id: inner
        when: \${{ has(last.n) }}
        repeat: { at_most: 2, steps: [{ id: deep, set: { n: "\${{ ${read} }}" } }], until: "\${{ pass == 2 }}", output: { n: "\${{ deep.n }}" } }
    until: \${{ pass == 2 }}
    output: { n: 1 }
`;
    expect(problemsOf(inner('last.n'))).toEqual([expect.stringMatching(/^FIRN207 "last.n" may be absent/)]);
    expect(problemsOf(inner('last.?n.orValue(0)'))).toEqual([]);
  });

  it('in a loop, at a limit of one at once, does not wait for itself', async () => {
    const { ending } = await runSteps(`- id: outer
  for_each:
    in: \${{ [1, 2, 3] }}
    as: a
    at_once: 1
    steps:
      - id: inner
        for_each:
          in: \${{ [10, 20] }}
          as: b
          at_once: 1
          steps: [{ wait: { for: 1h } }]
          output: { n: "\${{ a + b }}" }
    output: { sum: "\${{ sum(inner.map(i, i.n)) }}" }
- return: { sums: "\${{ outer.map(o, o.sum) }}" }
`);
    expect(ending).toMatchObject({ outcome: 'done', output: { sums: [32, 34, 36] } });
  });

  it('keeps to its limit of items at once, and runs so many', async () => {
    const { ending, host } = await runSteps(`- for_each:
    in: \${{ [1, 2, 3, 4, 5, 6, 7] }}
    at_once: 3
    steps: [{ wait: { for: 1h } }]
- set: { done: true }
`);
    expect(ending.outcome).toBe('done');
    // Seven items, three at once: three rounds of an hour.
    expect(host.now() - NOW).toBe(3 * HOUR);
  });

  it('in branches in a loop gives every place its own value', async () => {
    const { ending } = await runSteps(BRANCHES_IN_A_LOOP);
    expect(ending).toMatchObject({ outcome: 'done', output: { left: [2, 4], right: [6] } });
  });

  it.each([
    ['loops in loops', NESTED_REPEATS],
    ['branches in loops', BRANCHES_IN_A_LOOP],
  ])('%s come to the same in another process, wherever the run goes on there', async (name, steps) => {
    const story = { name, steps, expect: {} };
    const [whole, continued] = [await tell(story, false), await tell(story, true)];
    expect(continued.continuations).toBeGreaterThan(2);
    expect(continued.seen).toEqual(whole.seen);
  });

  it('over nothing is over', async () => {
    const { ending } = await runSteps(`- id: none
  for_each: { in: "\${{ order.total > 50 ? [1] : [] }}", steps: [{ set: { a: 1 } }] }
- return: { n: "\${{ size(none) }}" }
`);
    expect(ending).toMatchObject({ outcome: 'done', output: { n: 0 } });
  });
});

describe('branches at once', () => {
  it('are all over before the step behind them begins', async () => {
    const { state } = await runSteps(
      `- parallel:
    quick: { steps: [{ id: q, set: { n: 1 } }] }
    slow: { steps: [{ wait: { for: 5h } }, { id: s, set: { n: 1 } }] }
    asks: { steps: [{ id: ok, approve: { what: sure, by: returns-desk } }] }
- { id: behind, set: { n: 1 } }
`,
      { people: { ok: yes('maria', 9 * HOUR) } },
    );
    expect(state.path.at(-1)).toBe('behind');
    expect(state.path).toContain('s');
  });

  it('only the case that holds runs, and none of those behind it', async () => {
    const { state } = await runSteps(`- switch:
    cases:
      - { when: "\${{ order.total > 1 }}", steps: [{ id: one, set: { n: 1 } }] }
      - { when: "\${{ order.total > 2 }}", steps: [{ id: two, set: { n: 1 } }] }
      - { steps: [{ id: rest, set: { n: 1 } }] }
`);
    expect(state.path).toEqual(['order', 'switch', 'one']);
  });
});

describe('a failure', () => {
  it('carries what failed, where, and why, into its catch', async () => {
    const { ending } = await runSteps(
      `- id: tried
  for_each:
    in: \${{ [1, 2] }}
    as: n
    steps:
      - id: safe
        try:
          steps: [${pay('paid', '"${{ n }}"')}]
          output: { said: fine }
          catch: [{ on: [conflict], as: failure, output: { said: "\${{ failure.type + ' / ' + failure.step + ' / ' + failure.message }}" } }]
    output: { said: "\${{ safe.said }}" }
- return: { said: "\${{ tried.map(t, t.said) }}" }
`,
      { faults: { 'paid[2]': { code: 'conflict', final: true, message: 'somebody was faster' } } },
    );
    expect(ending.output).toEqual({ said: ['fine', 'conflict / paid[2] / somebody was faster'] });
  });
});
