/** Test files from their text to the verdict: what a case can say, and what becomes of it. */
import { describe, expect, it } from 'vitest';
import { Coverage } from '../../interpreter/coverage.js';
import { runCase, type CaseResult } from '../../interpreter/run-cases.js';
import { compareSnapshot } from '../../interpreter/snapshot.js';
import { settled } from '../../interpreter/test-settle.js';
import { TestWorld } from '../../interpreter/test-world.js';
import { compile } from '../../language/compiler/compile.js';
import { formatProblems } from '../../language/compiler/render.js';
import { parseTests } from '../../language/compiler/tests-file.js';
import type { JsonMap } from '../../language/plan/json.js';
import type { Plan } from '../../language/plan/plan.js';
import { kindOf, type Node } from '../../language/steps/index.js';
import { AROUND, fixturePlan } from '../compiler/everything.js';
import { idle } from './running.js';

const everything = fixturePlan('everything');

const DEFAULTS = `defaults:
  input: { order_id: A-1, message: "money, please" }
  steps:
    order: { id: A-1, total: 10 }
    orders: [{ id: A-1 }, { id: A-2 }]
    counted: [{ n: 2 }]
    stock: { body: { left: 3 } }
    charge: { status: 201 }
    parcel: { place: Kiel }
    kind: money
    repaid: { ended: done, output: { refund: 7 } }
    seen: { status: delivered }
  people:
    ok: { approve: true, by: maria }
    visit: { values: { day: 2026-04-01T09:00:00Z } }
`;

/** Reads the text below `cases:` as one case, and throws with its problems. */
function parsed(written: string, plan: Plan<Node>, head: string) {
  const body = written.trim().replace(/^(?=.)/gm, '    ');
  const text = `workflow: ${plan.name}\nnow: 2026-03-01T09:00:00Z\n${head}cases:\n  - name: a case\n${body}\n`;
  const { cases, problems } = parseTests('x.test.yaml', text, plan, AROUND);
  const [first] = cases;
  if (first === undefined || problems.length > 0)
    throw new Error(formatProblems(problems, new Map([['x.test.yaml', text]]), { color: false }));
  return first;
}

function outcomeOf(written: string, plan = everything, head = DEFAULTS): Promise<CaseResult> {
  return runCase(plan, parsed(written, plan, head), kindOf, idle);
}

/** With a message that the flow waits for. */
const REPLY = 'messages: [{ name: reply, after: 2h, values: { amount: 5 } }]\n';

describe('a case passes', () => {
  it.each<[string, string]>([
    [
      'with everything that it can say',
      `${REPLY}steps: { seen: [{ status: shipped }, { status: delivered }, { status: delivered }] }
people: { "ok[2]": { approve: false, comment: "no", by: maria, after: 1h } }
expect:
  outcome: done
  output: { size: small, reply: 5, day: "2026-04-01T09:00:00Z", ended: done, counted: [{ n: 2 }], charged: 201 }
  model_calls: 1
  effects: [charge, "paid[1]"]
  undone: []
  messages: [{ who: returns-desk, text: "3 left, Kiel" }]
  sent: [{ to: TEST-CASE, message: reply, values: { amount: 1 } }]
  not_run: ["paid[2]"]
  took: 2h`,
    ],
    [
      'where time passes: attempts, waits between passes, what is slow',
      `${REPLY}steps:
  order: { result: { id: A-1, total: 10 }, takes: 5s }
  stock: [{ fail: unreachable, takes: 2s }, { fail: http.503 }, { body: { left: 3 } }]
  charge: { status: 201, takes: 1m }
  seen: [{ status: shipped }, { status: delivered }, { status: delivered }]
  repaid: { refused: too late, takes: 3h }
expect: { outcome: done, output: { ended: refused }, took: 4h1m10s }`,
    ],
    [
      'when a request fails for good',
      'steps: { charge: { fail: http.422 } }\nexpect: { outcome: handed_over, code: http.422, step: charge, effects: [], item: returns-desk }',
    ],
    [
      'when a status comes that nobody expects',
      'steps: { stock: { status: 404 } }\nexpect: { code: http.404, reason: answered with status 404, not_run: [charge, ok] }',
    ],
    [
      'when a called workflow fails',
      'steps: { repaid: { fail: bad_order } }\nexpect: { code: bad_order, step: repaid }',
    ],
    [
      'when a called workflow is handed over',
      'steps: { repaid: { fail: handed_over, message: nobody knew } }\nexpect: { code: handed_over, reason: nobody knew }',
    ],
    ['when nobody writes', 'expect: { outcome: handed_over, code: timeout, step: reply, took: 3d }'],
    [
      'when a message cannot be sent',
      `${REPLY}steps: { send: { fail: not_found } }\nexpect: { code: not_found, step: send, sent: [] }`,
    ],
    [
      'when somebody cancels the run',
      'cancel: 2d\nexpect: { outcome: cancelled, took: 2d, undone: ["paid[2]", "paid[1]"], messages: [] }',
    ],
    [
      'when people are asked in turn, and one is never there',
      `${REPLY}people: { ok: [nobody, { approve: true, after: 2h }] }
expect: { outcome: done, effects: [charge, "paid[2]"], took: 1d2h }`,
    ],
    [
      'when an answer comes too late',
      `${REPLY}people: { ok: { approve: true, after: 1d } }\nexpect: { outcome: done, effects: [charge] }`,
    ],
    [
      'where a place in nested loops is named',
      `${REPLY}steps: { "seen[2][1]": { status: shipped } }\nexpect: { outcome: done, took: 2h, path: [order, orders, counted, stock, charge, parcel, kind, size, repaid, each, "again[1]", "seen[1][1]", "ok[1]", "paid[1]", "again[2]", "seen[2][1]", "seen[2][2]", "ok[2]", "paid[2]", reply, send, visit, tell] }`,
    ],
    [
      'with its own answer in place of a default, and its own input beside one',
      `${REPLY}input: { order_id: A-9 }\nsteps: { order: { id: A-9, total: 500 } }\nexpect: { output: { size: large }, messages: ["Order A-9"] }`,
    ],
    [
      'at a time of its own',
      `now: 2027-01-01T00:00:00Z\n${REPLY}people: { visit: { values: { day: 2027-01-02T00:00:00Z }, after: 1h } }\nexpect: { outcome: done, took: 3h }`,
    ],
    [
      'without steps that were not reached',
      'steps: { orders: [] }\ncancel: 1h\nexpect: { outcome: cancelled, not_run: [again, seen, ok, paid] }',
    ],
  ])('%s', async (_, written) => {
    expect((await outcomeOf(written)).differences).toEqual([]);
  });
});

describe('a case fails', () => {
  it.each<[string, string, RegExp | string]>([
    ['a step that ended it', 'expect: { step: order }', /^step: expected order, came reply \(/],
    ['a step that ran', 'expect: { not_run: [paid, size] }', 'not_run: "paid" ran'],
    ['how long it took', 'expect: { took: 2d }', 'took: expected 2d, came 3d'],
    [
      'who was told',
      `${REPLY}expect: { messages: [{ who: customer, text: left, subject: Hello }] }`,
      'messages[0].who: expected "customer", came "returns-desk"',
    ],
    ['how many were told', 'expect: { messages: [{ who: customer }] }', 'messages: expected 1, came 0: none'],
    [
      'what was sent to another run',
      `${REPLY}expect: { sent: [{ to: T-9, values: { amount: 2 } }] }`,
      'sent[0].to: expected "T-9", came "TEST-CASE"',
    ],
    ['what was not sent', 'expect: { sent: [{ to: T-9 }] }', 'sent: expected 1, came 0: none'],
    [
      'an answer that no call asked for',
      `${REPLY}steps: { "seen[2][2]": { status: shipped }, paid.undo: { id: 1 } }\nexpect: { outcome: done }`,
      'steps.seen[2][2]: the case has an answer for it, and no call asked for it: take out what is not used',
    ],
    [
      'a decision that nobody asked for',
      `steps: { stock: { fail: not_found } }\npeople: { visit: { values: { day: 2027-01-02T00:00:00Z } }, "ok[1]": { approve: true } }\nexpect: { code: not_found }`,
      'people.visit: the case says what is decided, and nobody was asked: take out what is not used',
    ],
    [
      'a decision too many',
      `${REPLY}people: { ok: [{ approve: true }, { approve: true }, { approve: true }] }\nexpect: { outcome: done }`,
      'people.ok: the case says what is decided, and 2 of 3 times somebody was asked: take out what is not used',
    ],
    [
      'a rejection without a word',
      'people: { ok: { approve: false } }\nexpect: { outcome: done }',
      '"ok[1]" is rejected without a comment, which says why',
    ],
  ])('for %s', async (_, written, said) => {
    const { differences } = await outcomeOf(written);
    expect(differences[0]).toMatch(said);
  });

  /** Without the defaults, each step that is reached must be answered. */
  it.each<[string, string]>([
    ['order', '"order" (read) was reached, and the case does not say what it finds'],
    ['orders', '"orders" (list) was reached, and the case does not say what it finds'],
    ['counted', '"counted" (sql) was reached, and the case does not say what it finds'],
    ['stock', '"stock" (http) was reached, and the case does not say what it finds'],
    ['charge', '"charge" (http) was reached, and the case does not say what it is answered with'],
    ['parcel', '"parcel" (use) was reached, and the case does not say what it finds'],
    ['repaid', '"repaid" (call) was reached, and the case does not say how the called workflow ends'],
    ['seen', '"seen[1][1]" (read) was reached, and the case does not say what it finds'],
  ])('closed where nobody can know what %s comes to', async (step, said) => {
    const without = DEFAULTS.split('\n').filter((line) => !line.startsWith(`    ${step}: `));
    const { differences } = await outcomeOf(`${REPLY}expect: { outcome: done }`, everything, without.join('\n'));
    expect(differences).toHaveLength(1);
    expect(differences[0]).toContain(said);
    expect(differences[0]).toContain(`add it under \`steps\`, as in \`${step}: `);
  });
});

describe('rows that are written together', () => {
  const text = `workflow: rows
summary: Two rows
owner: returns-desk
ends_within: 1d
uses: [shop]
steps:
  - id: paid
    create: { in: shop.refunds, rows: [{ order_id: A-1, amount: 1, reason: a }, { order_id: A-2, amount: 2, reason: b }] }
output: { paid: "\${{ paid }}" }
`;
  const { plan = everything } = compile({ file: 'rows.flow.yaml', text, ...AROUND, policies: () => undefined });

  it.each<[string, string, readonly string[]]>([
    [
      'get what the database adds',
      'steps: { paid: [{ id: 7 }, { id: 8 }] }\nexpect: { output: { paid: [{ id: 7, order_id: A-1 }, { id: 8, amount: 2 }] } }',
      [],
    ],
    [
      'are numbered where the case says nothing',
      'expect: { output: { paid: [{ id: 1, amount: 1 }, { id: 2, amount: 2 }] } }',
      [],
    ],
    ['fail, all of them', 'steps: { paid: [{ fail: conflict }] }\nexpect: { code: conflict, effects: [] }', []],
    [
      'are as many as the case has',
      'steps: { paid: [{ id: 7 }] }\nexpect: { outcome: done }',
      ['"paid" writes 2 rows, and the case has 1 for it'],
    ],
  ])('%s', async (_, written, said) => {
    expect((await outcomeOf(written, plan, '')).differences).toEqual(said);
  });
});

describe('settling knows as much as the activity would', () => {
  const http = (repeat: string) => ({ verb: 'http', request: { repeat } });
  const use = (effect: string) => ({ verb: 'use', request: { effect } });

  it.each<[JsonMap, string | null, boolean | null]>([
    [{ verb: 'create', request: null }, null, false],
    [http('once'), 'outcome_unknown', null],
    [http('once'), null, null],
    [http('once'), 'unreachable', false],
    [http('once'), 'http.422', false],
    [http('once'), 'http.409', null],
    [http('once'), 'http.503', null],
    [http('header'), 'http.503', false],
    [use('once'), 'outcome_unknown', null],
    [use('once'), 'invalid', false],
    [use('repeatable'), 'unexpected', false],
  ])('%j after %s', (asked, failed_with, happened) => {
    const world = new TestWorld();
    expect(settled(world, { key: 'k', connection: 'c', failed_with, ...asked })).toEqual({ happened, result: null });
  });

  it('of what happened, the result', () => {
    const world = new TestWorld();
    world.effect('create', 'a', { key: 'k', in: 'shop.orders' }, () => ({ id: 1 }));
    const asked = { key: 'k', verb: 'create', connection: 'shop', request: null, failed_with: null };
    expect(settled(world, asked)).toEqual({ happened: true, result: { id: 1 } });
  });
});

describe('a snapshot', () => {
  it('holds everything that the run did', async () => {
    const { snapshot } = await outcomeOf(`${REPLY}expect: { snapshot: true }`);
    expect(snapshot).toMatchObject({
      outcome: 'done',
      took: '2h',
      effects: [
        { step: 'charge', verb: 'http', request: { method: 'POST', path: '/charges', json: { amount: 10 } } },
        { step: 'paid[1]', verb: 'create', request: { rows: [{ order_id: 'A-1', amount: 1, reason: 'money' }] } },
        { step: 'paid[2]' },
      ],
      messages: [{ step: 'tell', who: 'returns-desk' }],
      sent: [{ step: 'send', message: 'reply' }],
      called: [{ step: 'repaid', workflow: 'refund', input: { order_id: 'A-1' } }],
      people: [{ step: 'ok[1]', role: 'returns-desk' }, { step: 'ok[2]' }, { step: 'visit' }],
      model_calls: 1,
    });
    expect(JSON.stringify(snapshot)).not.toContain('"key"');
    expect((await outcomeOf(`${REPLY}expect: { outcome: done }`)).snapshot).toBeUndefined();
  });

  it('shows undo steps too, and differs where anything does', async () => {
    const one = await outcomeOf('cancel: 1h\nexpect: { snapshot: true }');
    const other = await outcomeOf('cancel: 1h\nsteps: { order: { id: A-7, total: 10 } }\nexpect: { snapshot: true }');
    const steps = JSON.stringify(one.snapshot);
    expect(steps).toContain('"step":"paid[1].undo"');
    expect(compareSnapshot(one.snapshot ?? {}, other.snapshot ?? {})).toEqual([
      'snapshot.called[0].input.order_id: was "A-1", and is "A-7"',
    ]);
  });

  it.each([
    [{ a: [1, 2] }, { a: [1, 2] }, []],
    [{ a: 1 }, {}, ['snapshot.a: was 1, and is gone']],
    [{}, { a: 1 }, ['snapshot.a: was not there, and is 1']],
    [{ a: [1] }, { a: [1, { b: 2 }] }, ['snapshot.a[1]: was not there, and is {"b":2}']],
    [{ a: [1] }, { a: { b: 1 } }, ['snapshot.a: was [1], and is {"b":1}']],
  ])('%j and %j', (kept, came, said) => {
    expect(compareSnapshot(kept, came)).toEqual(said);
  });

  it('does not go on for ever about what differs', () => {
    const many = Array.from({ length: 50 }, (_, index) => index);
    expect(compareSnapshot(many, []).at(-1)).toBe('snapshot: and 30 more differences');
  });
});

describe('coverage', () => {
  const FLOW = `workflow: paths
summary: Ways to go
owner: returns-desk
ends_within: 1d
uses: [shop]
input: { kind: [a, b, c], list?: [{ n: number }] }
steps:
  - id: found
    try:
      steps:
        - id: order
          read: { from: shop.orders, where: { id: A-1 } }
      output: { known: true }
      catch:
        - on: [not_found]
          output: { known: false }
        - output: { known: false }
  - id: way
    switch:
      of: \${{ input.kind }}
      cases:
        a: {}
        b: { steps: [{ refuse: b }] }
        else: {}
  - id: answer
    decide:
      answers: { one: One, two: Two }
      rules:
        - { id: is-a, when: "\${{ input.kind == 'a' }}", answer: one }
        - { id: rest, answer: two }
  - for_each:
      in: \${{ input.?list.orValue([]) }}
      steps: [{ set: { n: "\${{ item.n }}" } }]
output: { answer: "\${{ answer.answer }}", known: "\${{ found.known }}" }
`;
  const { plan, problems } = compile({ file: 'paths.flow.yaml', text: FLOW, ...AROUND, policies: () => undefined });
  if (plan === undefined) throw new Error(formatProblems(problems, new Map(), { color: false }));

  async function covered(...cases: readonly string[]) {
    const coverage = new Coverage(plan ?? everything);
    for (const written of cases) {
      const test = parsed(`${written}\nexpect: { outcome: done }`, plan ?? everything, '');
      await runCase(coverage.plan, test, coverage.kinds(kindOf), idle);
    }
    return coverage.report();
  }
  const A = 'input: { kind: a, list: [{ n: 1 }] }\nsteps: { order: { id: A-1 } }';
  const B = 'input: { kind: b }\nsteps: { order: { fail: not_found } }';
  const C = 'input: { kind: c }\nsteps: { order: { fail: conflict } }';

  it('is nothing without a case', async () => {
    const { percent, parts, missing } = await covered();
    expect(percent).toBe(0);
    expect(parts).toEqual({
      steps: { covered: 0, of: 7 },
      branches: { covered: 0, of: 4 },
      answers: { covered: 0, of: 2 },
      rules: { covered: 0, of: 2 },
      catches: { covered: 0, of: 2 },
    });
    expect(missing).toHaveLength(17);
  });

  it('names what no case went through, by line', async () => {
    const { missing, percent } = await covered(A, B);
    expect(percent).toBe(76);
    expect(missing).toEqual([
      { line: 8, what: 'catch of every failure in "found" never ran' },
      { line: 18, what: 'case "else" of "way" was never taken' },
      { line: 25, what: 'answer "two" of "answer" was never given' },
      { line: 25, what: 'rule "rest" of "answer" never held' },
    ]);
  });

  it('is everything when everything was seen', async () => {
    expect(await covered(A, B, C)).toMatchObject({ percent: 100, missing: [] });
  });

  it('changes nothing about a run', async () => {
    const coverage = new Coverage(everything);
    const test = parsed(`${REPLY}expect: { snapshot: true }`, everything, DEFAULTS);
    const watched = await runCase(coverage.plan, test, coverage.kinds(kindOf), idle);
    expect(watched).toEqual(await runCase(everything, test, kindOf, idle));
  });
});

it('1,000 cases take less than 10 s', async () => {
  const plan = fixturePlan('refund');
  const order =
    'order: { id: A-1, email: a@example.com, status: delivered, total: 12.5, ordered_at: 2025-12-20T00:00:00Z }';
  const head = `workflow: refund\ndefaults: { steps: { ${order} } }\ncases:\n`;
  const line = (index: number) =>
    `  - { name: "case ${index}", input: { order_id: A-1, message: it is broken }, steps: { reason: damaged, refund: { id: ${index} } }, expect: { outcome: done, output: { refund: ${index} } } }\n`;
  // Of this process alone: on a machine that does nothing else, it is the time that passes.
  const began = process.cpuUsage();
  const failed: CaseResult[] = [];
  for (let file = 0; file < 4; file += 1) {
    const text = head + Array.from({ length: 250 }, (_, index) => line(250 * file + index)).join('');
    const { cases, problems } = parseTests('x', text, plan, AROUND);
    expect(formatProblems(problems, new Map([['x', text]]), { color: false })).toBe('');
    expect(cases).toHaveLength(250);
    for (const test of cases) {
      const result = await runCase(plan, test, kindOf, idle);
      if (!result.passed) failed.push(result);
    }
  }
  const { user, system } = process.cpuUsage(began);
  const took_s = (user + system) / 1_000_000;
  console.info(`1,000 cases of the refund: ${took_s.toFixed(2)} s`);
  expect(failed).toEqual([]);
  expect(took_s).toBeLessThan(10);
});
