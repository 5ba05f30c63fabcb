/** Stories of blocks: loops, branches that run at once, `try`, messages and called workflows, from YAML to what came of it. */
import type { Json, JsonMap } from '../../language/plan/json.js';
import type { PersonScript } from '../../language/plan/test-case.js';
import type { Fault } from '../../interpreter/test-host.js';
import { compileSteps } from '../steps/definitions.js';
import { interpret } from '../../interpreter/interpret.js';
import { start } from '../../interpreter/state.js';
import { TestHost } from '../../interpreter/test-host.js';
import { always, continuing, idle, NOW } from './running.js';

export interface Story {
  readonly name: string;
  readonly steps: string;
  readonly output?: string;
  readonly finds?: { readonly [step: string]: Json };
  readonly faults?: { readonly [place: string]: Fault };
  readonly people?: { readonly [place: string]: PersonScript };
  readonly messages?: readonly { readonly name: string; readonly after_ms: number; readonly values: JsonMap }[];
  readonly cancel_after_ms?: number;
  readonly expect: {
    readonly outcome?: string;
    readonly output?: Json;
    readonly code?: string;
    readonly step?: string;
    readonly effects?: readonly string[];
    readonly undone?: readonly string[];
    readonly path?: readonly string[];
  };
}

const ORDER = { id: 'A-1', email: 'a@b', status: 'processing', total: 10, ordered_at: '2026-01-01T00:00:00Z' };

/** A write into shop.refunds with an undo. */
function pay(id: string, amount: string, more = ''): string {
  return `{ id: ${id}, create: { in: shop.refunds, values: { order_id: A-1, amount: ${amount} } }, undo: { delete: { from: shop.refunds, where: { id: "\${{ ${id}.id }}" } } }${more} }`;
}

export const STORIES: readonly Story[] = [
  {
    name: 'for_each keeps the order of its items, whichever finishes first',
    steps: `- id: all
  for_each:
    in: \${{ [3, 1, 2] }}
    as: n
    at_once: 3
    steps:
      - { id: double, set: { n: "\${{ n * 2 }}" } }
      - wait: { for: "\${{ n == 3 ? span('3h') : n == 2 ? span('2h') : span('1h') }}" }
    output: { twice: "\${{ double.n }}" }
- return: { all: "\${{ all }}" }
`,
    expect: { outcome: 'done', output: { all: [{ twice: 6 }, { twice: 2 }, { twice: 4 }] } },
  },
  {
    name: 'for_each stops at the first failure, and everything is undone, newest first',
    steps: `- id: all
  for_each:
    in: \${{ [1, 2, 3] }}
    as: n
    steps:
      - ${pay('paid', '"${{ n }}"')}
`,
    faults: { 'paid[3]': { code: 'conflict', final: true } },
    expect: {
      outcome: 'handed_over',
      code: 'conflict',
      step: 'paid[3]',
      effects: ['paid[1]', 'paid[2]'],
      undone: ['paid[2]', 'paid[1]'],
    },
  },
  {
    name: 'for_each collects failures: such an item takes back what it did, the others go on',
    steps: `- id: all
  for_each:
    in: \${{ [1, 2, 3] }}
    as: n
    on_error: collect
    steps:
      - ${pay('paid', '"${{ n }}"')}
      - ${pay('more', '"${{ n }}"')}
    output: { n: "\${{ n }}" }
- return: { all: "\${{ all }}" }
`,
    faults: { 'more[2]': { code: 'conflict', final: true, message: 'no' } },
    expect: {
      outcome: 'done',
      output: { all: [{ n: 1 }, { error: { type: 'conflict', message: 'no', step: 'more[2]' } }, { n: 3 }] },
      effects: ['paid[1]', 'more[1]', 'paid[2]', 'paid[3]', 'more[3]'],
      undone: ['paid[2]'],
    },
  },
  {
    name: 'repeat counts passes, knows the last one and waits between them',
    steps: `- id: sum
  repeat:
    at_most: 5
    every: 1h
    steps:
      - { id: one, set: { total: "\${{ last.?total.orValue(0) + pass }}" } }
    until: \${{ one.total >= 6 }}
    output: { total: "\${{ one.total }}", passes: "\${{ pass }}" }
- return: { sum: "\${{ sum }}" }
`,
    expect: {
      outcome: 'done',
      output: { sum: { total: 6, passes: 3 } },
      path: ['order', 'sum', 'one[1]', 'one[2]', 'one[3]', 'return'],
    },
  },
  {
    name: 'repeat that never gets there is a failure',
    steps: `- repeat: { at_most: 2, steps: [{ ${pay('paid', '"${{ pass }}"').slice(2, -2)} }], until: "\${{ paid.amount > 5 }}" }
`,
    expect: {
      outcome: 'handed_over',
      code: 'not_reached',
      effects: ['paid[1]', 'paid[2]'],
      undone: ['paid[2]', 'paid[1]'],
    },
  },
  {
    name: 'parallel gives each branch its field',
    steps: `- id: both
  parallel:
    one: { steps: [{ wait: { for: 2h } }], output: { n: 1 } }
    two: { output: { n: 2 } }
- return: { both: "\${{ both }}" }
`,
    expect: { outcome: 'done', output: { both: { one: { n: 1 }, two: { n: 2 } } } },
  },
  {
    name: 'parallel: the first failure lets the others go, and everything of all branches is undone',
    steps: `- parallel:
    one:
      steps:
        - ${pay('first', '1')}
        - wait: { for: 30m }
        - ${pay('third', '1')}
        - wait: { for: 2h }
        - ${pay('never', '1')}
    two:
      steps:
        - ${pay('second', '2')}
        - wait: { for: 1h }
        - ${pay('broken', '3')}
`,
    faults: { broken: { code: 'conflict', final: true } },
    expect: {
      outcome: 'handed_over',
      code: 'conflict',
      step: 'broken',
      effects: ['first', 'second', 'third'],
      undone: ['third', 'second', 'first'],
    },
  },
  {
    name: 'race: the first branch that gets to its end wins, and the others undo what they did',
    steps: `- id: first
  race:
    slow:
      steps:
        - ${pay('slowly', '1')}
        - wait: { for: 2h }
      output: { n: 1 }
    fast:
      steps:
        - ${pay('fastly', '2')}
        - wait: { for: 1h }
      output: { n: 2 }
- return: { first: "\${{ first }}" }
`,
    expect: {
      outcome: 'done',
      output: { first: { n: 2, winner: 'fast' } },
      effects: ['slowly', 'fastly'],
      undone: ['slowly'],
    },
  },
  {
    name: 'try undoes its body before its catch, and finally comes last',
    steps: `- id: done
  try:
    steps:
      - ${pay('paid', '1')}
      - ${pay('broken', '2')}
    output: { how: well }
    catch:
      - on: [not_found]
        output: { how: not found }
      - on: [conflict]
        steps: [${pay('instead', '3')}]
        output: { how: "\${{ e.type + ' at ' + e.step }}" }
    finally:
      - ${pay('final', '4')}
- return: { how: "\${{ done.how }}" }
`,
    faults: { broken: { code: 'conflict', final: true } },
    expect: {
      outcome: 'done',
      output: { how: 'conflict at broken' },
      effects: ['paid', 'instead', 'final'],
      undone: ['paid'],
    },
  },
  {
    name: 'a failure that no catch names goes on, after finally',
    steps: `- try:
    steps:
      - ${pay('paid', '1')}
      - ${pay('broken', '2')}
    catch:
      - on: [not_found]
    finally:
      - ${pay('final', '4')}
`.replace('catch:\n      - on: [not_found]\n', 'catch: [{ on: [not_found] }]\n'),
    faults: { broken: { code: 'conflict', final: true } },
    expect: { outcome: 'handed_over', code: 'conflict', effects: ['paid', 'final'], undone: ['final', 'paid'] },
  },
  {
    name: 'a block ends at its timeout, and finally is done even so',
    steps: `- try:
    steps:
      - ${pay('paid', '1')}
      - wait: { for: 5h }
    finally:
      - ${pay('final', '4')}
  timeout: 1h
`,
    expect: {
      outcome: 'handed_over',
      code: 'timeout',
      step: 'try',
      effects: ['paid', 'final'],
      undone: ['final', 'paid'],
    },
  },
  {
    name: 'return in a branch ends the run; what the others did is undone, what this one did stays',
    steps: `- parallel:
    one:
      steps:
        - ${pay('mine', '1')}
        - wait: { for: 1h }
        - return: { n: 1 }
    two:
      steps:
        - ${pay('yours', '2')}
        - wait: { for: 2h }
`,
    expect: { outcome: 'done', output: { n: 1 }, effects: ['mine', 'yours'], undone: ['yours'] },
  },
  {
    name: 'a tell seals what was done before it in its own branch and around it, not beside it',
    steps: `- ${pay('before', '1')}
- parallel:
    one:
      steps:
        - ${pay('mine', '1')}
        - wait: { for: 1h }
        - tell: { who: returns-desk, text: it is done }
        - wait: { for: 1h }
        - fail: { type: odd, message: no }
    two:
      steps:
        - ${pay('yours', '2')}
        - wait: { for: 5h }
`,
    expect: { outcome: 'failed', code: 'odd', effects: ['before', 'mine', 'yours'], undone: ['yours'] },
  },
  {
    name: 'receive takes messages oldest first, and sets aside what does not fit',
    steps: `- id: one
  receive: { message: paid, fields: { amount: number } }
- id: two
  receive: { message: paid, fields: { amount: number } }
- return: { sum: "\${{ one.amount + two.amount }}" }
`,
    messages: [
      { name: 'paid', after_ms: 10, values: { amount: 1 } },
      { name: 'paid', after_ms: 20, values: { amount: 'much' } },
      { name: 'other', after_ms: 25, values: {} },
      { name: 'paid', after_ms: 30, values: { amount: 2 } },
    ],
    expect: { outcome: 'done', output: { sum: 3 } },
  },
  {
    name: 'a message against a deadline',
    steps: `- id: answer
  race:
    said:
      steps: [{ id: reply, receive: { message: reply, fields: { text: string } } }]
      output: { text: "\${{ reply.text }}" }
    silent:
      steps: [{ wait: { for: 2d } }]
      output: { text: none }
- return: { text: "\${{ answer.text }}", winner: "\${{ answer.winner }}" }
`,
    expect: { outcome: 'done', output: { text: 'none', winner: 'silent' } },
  },
  {
    name: 'approve in a loop binds the step of its own item',
    steps: `- id: all
  for_each:
    in: \${{ [1, 2] }}
    as: n
    at_once: 2
    steps:
      - { id: ok, approve: { for: [paid], by: returns-desk } }
      - { ${pay('paid', '"${{ n }}"').slice(2, -2)}, when: "\${{ ok.approved }}" }
    output: { yes: "\${{ ok.approved }}" }
- return: { all: "\${{ all }}" }
`,
    people: {
      'ok[1]': { decision: 'approve', after_ms: 5 },
      'ok[2]': { decision: 'reject', comment: 'no', after_ms: 1 },
    },
    expect: { outcome: 'done', output: { all: [{ yes: true }, { yes: false }] }, effects: ['paid[1]'] },
  },
  {
    name: 'an approval in a loop that comes first says nothing of the items after it',
    steps: `- id: all
  for_each:
    in: \${{ [1, 2] }}
    as: n
    steps:
      - { id: ok, when: "\${{ n == 1 }}", approve: { for: [paid], by: returns-desk } }
      - ${pay('paid', '"${{ n }}"')}
`,
    people: { 'ok[1]': { decision: 'approve', after_ms: 5 } },
    expect: { outcome: 'done', effects: ['paid[1]', 'paid[2]'] },
  },
  {
    name: 'an undo in a branch sees what came before it in that branch, also when the branch is over',
    steps: `- parallel:
    one:
      steps:
        - { id: mark, set: { n: 7 } }
        - { id: paid, create: { in: shop.refunds, values: { order_id: A-1, amount: 1 } }, undo: { delete: { from: shop.refunds, where: { id: "\${{ mark.n }}" } } } }
    two: {}
- fail: { type: odd, message: no }
`,
    expect: { outcome: 'failed', code: 'odd', effects: ['paid'], undone: ['paid'] },
  },
  {
    name: 'what somebody rejected for one item, which is collected, says nothing of the others',
    steps: `- id: all
  for_each:
    in: \${{ [1, 2] }}
    as: n
    on_error: collect
    steps:
      - { id: ok, approve: { for: [paid], by: returns-desk } }
      - ${pay('paid', '"${{ n }}"')}
    output: { n: "\${{ n }}" }
- return: { all: "\${{ all.map(a, a.?n.orValue(0)) }}" }
`,
    people: {
      'ok[1]': { decision: 'reject', comment: 'no', after_ms: 5 },
      'ok[2]': { decision: 'approve', after_ms: 5 },
    },
    expect: { outcome: 'done', output: { all: [0, 2] }, effects: ['paid[2]'] },
  },
  {
    name: 'a wait is no longer for being continued',
    steps: `- id: both
  parallel:
    long: { steps: [{ id: l, wait: { for: 3h } }], output: { at: "\${{ l.at }}" } }
    short: { steps: [{ wait: { for: 1h } }, { wait: { for: 1h } }, { id: s, wait: { for: 30m } }], output: { at: "\${{ s.at }}" } }
- return: { long: "\${{ both.long.at }}", short: "\${{ both.short.at }}" }
`,
    expect: { outcome: 'done', output: { long: '2026-03-01T12:00:00Z', short: '2026-03-01T11:30:00Z' } },
  },
  {
    name: 'ask gives what was filled in',
    steps: `- id: visit
  ask: { what: When, by: returns-desk, form: { day: string, note?: string } }
- return: { day: "\${{ visit.day }}", by: "\${{ visit.by }}" }
`,
    people: { visit: { decision: '', values: { day: 'monday' }, by: 'maria', after_ms: 5 } },
    expect: { outcome: 'done', output: { day: 'monday', by: 'maria' } },
  },
  {
    name: 'a called workflow gives its output; one that refused says why',
    steps: `- id: repaid
  call: { workflow: refund, with: { order_id: A-1 } }
- return: { ended: "\${{ repaid.ended }}", refund: "\${{ repaid.?output.?refund.orValue(0) }}" }
`,
    finds: { repaid: { ended: 'done', output: { refund: 7 } } },
    expect: { outcome: 'done', output: { ended: 'done', refund: 7 } },
  },
  {
    name: 'cancelling ends all branches and undoes all that they did',
    steps: `- parallel:
    one: { steps: [${pay('mine', '1')}, { wait: { for: 2h } }] }
    two: { steps: [${pay('yours', '2')}, { wait: { for: 2h } }] }
`,
    cancel_after_ms: 60_000,
    expect: { outcome: 'cancelled', effects: ['mine', 'yours'], undone: ['yours', 'mine'] },
  },
];

/** Tells a story; `continues`: as new wherever it can. */
export async function tell(
  { steps, finds = {}, faults = {}, people = {}, messages = [], cancel_after_ms }: Story,
  continues: boolean,
  engine: typeof interpret = interpret,
) {
  const { plan, problems } = compileSteps(steps);
  if (plan === undefined) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const state = start(plan, { order_id: 'A-1' }, { ticket: 'T', first_run_id: 'r', started_at_ms: NOW });
  const inbox = { kept: state };
  const host = new TestHost({
    now_ms: NOW,
    idle,
    steps: always({ order: ORDER, ...finds }),
    people: new Map(Object.entries(people)),
    messages: messages.map(({ name, after_ms, values }) => ({ name, values, at_ms: NOW + after_ms })),
    inbox: () => inbox.kept.messages,
    faults: ({ id }) => faults[id],
    mustContinue: () => continues,
    ...(cancel_after_ms === undefined ? {} : { cancel_at_ms: NOW + cancel_after_ms }),
  });
  const { ending, state: last, continuations } = await continuing(plan, state, host, inbox, engine);
  const { outcome, output, code, step } = ending;
  const seen = { outcome, output, code, step, effects: host.effects, undone: host.undone, path: last.path };
  return { seen, continuations };
}
