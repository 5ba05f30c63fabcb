/**
 * What a definition can do at the most: questions, steps, time, people, effects, history. Tables of one-line definitions.
 */
import { describe, expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { eventsOfUndo } from '../../language/compiler/history.js';
import { formatProblems } from '../../language/compiler/render.js';
import { declaredSize } from '../../language/compiler/type-size.js';
import { MOST_STEPS_STARTED } from '../../language/compiler/worst.js';
import { spoken } from '../../language/compiler/words.js';
import { STEP_LIMIT } from '../../interpreter/limits.js';
import type { Bounds } from '../../language/plan/bounds.js';
import type { Callee } from '../../language/plan/project.js';
import { enumeration, listOf, mapOf, NUMBER, TEXT } from '../../language/plan/types.js';
import type { Type } from '../../language/plan/types.js';
import { PROJECT, REMIND } from './project.js';

const HEADER = `workflow: sample
summary: An example
owner: returns-desk
ends_within: 5d
uses: [shop, registry, tools, log]
input: { order_id: { type: string, maxLength: 40 } }
steps:
  - id: order
    read: { from: shop.orders, where: { id: "\${{ input.order_id }}" } }
`;

function boundsOf(steps: string, callee: Callee = REMIND): Bounds {
  const text = `${HEADER}${steps}`;
  const callees = (name: string) => (name === 'remind' ? callee : undefined);
  const { bounds, problems } = compile({
    file: 's.flow.yaml',
    text,
    project: PROJECT,
    policies: () => undefined,
    callees,
  });
  if (bounds === undefined)
    throw new Error(formatProblems(problems, new Map([['s.flow.yaml', text]]), { color: false }));
  return bounds;
}

const ask = (id: string): string =>
  `{ id: ${id}, decide: { about: "\${{ order.id }}", ask: Why?, answers: { a: A, b: B }, otherwise: support } }`;
const ruled = (id: string): string =>
  `{ id: ${id}, decide: { about: "\${{ order.id }}", ask: Why?, answers: { a: A, b: B }, rules: [{ when: "\${{ order.total > 5 }}", answer: a }], otherwise: support } }`;
const READ = '{ read: { from: shop.orders, where: { id: "${{ order.id }}" } } }';
const CALL = '{ call: { workflow: remind, with: { text: hello } } }';
const WHEN = 'when: "${{ order.total > 5 }}"';
const LIST = '  - { id: rows, list: { from: shop.orders, where: { status: shipped }, limit: 30 } }\n';

describe('questions to a model, and paths that put none', () => {
  test.each([
    ['a question', `  - ${ask('q')}\n`, 1, 0],
    ['a question behind `when`', `  - ${ask('q').replace('{ id', `{ ${WHEN}, id`)}\n`, 1, 1],
    [
      'a question in a block behind `when`',
      `  - ${WHEN}\n    try: { steps: [${ask('q')}], finally: [${READ}] }\n`,
      1,
      1,
    ],
    ['an early end behind `when`', `  - ${WHEN}\n    refuse: No\n  - ${ask('q')}\n`, 1, 1],
    ['a loop over a list of at most 30', `${LIST}  - for_each: { in: "\${{ rows }}", steps: [${ask('q')}] }\n`, 30, 1],
    ['a repeat', `  - repeat: { at_most: 7, steps: [${ask('q')}], until: "\${{ q.answer == 'a' }}" }\n`, 7, 0],
    [
      'a loop inside a loop',
      `${LIST}  - for_each: { in: "\${{ rows }}", as: row, steps: [{ repeat: { at_most: 4, steps: [${ask('q')}], until: "\${{ q.answer == 'a' }}" } }] }\n`,
      120,
      1,
    ],
    [
      'branches at the same time add up',
      `  - parallel: { one: { steps: [${ask('q')}] }, two: { steps: [${ask('r')}] } }\n`,
      2,
      0,
    ],
    ['so do branches of a race', `  - race: { one: { steps: [${ask('q')}] }, two: { steps: [${READ}] } }\n`, 1, 0],
    [
      'rules in every branch of a race',
      `  - race: { one: { steps: [${ruled('q')}] }, two: { steps: [${READ}] } }\n`,
      1,
      2,
    ],
    [
      'a try: the body and the worst catch',
      `  - try: { steps: [${ask('q')}], catch: [{ on: [timeout], steps: [${ask('r')}, ${ask('s')}] }, { steps: [${ask('t')}] }] }\n`,
      3,
      0,
    ],
    [
      'a way that ends the run is not added to what follows it',
      `  - switch: { of: "\${{ order.total > 5 }}", cases: { true: { steps: [${ask('q')}, ${ask('r')}, { refuse: No }] }, false: {} } }\n  - ${ask('s')}\n`,
      2,
      0,
    ],
  ])('%s', (_name, steps, at_most, paths_without) => {
    expect(boundsOf(steps).questions).toMatchObject({ at_most, paths_without });
  });

  test('those of a called workflow count', () => {
    const bounds = boundsOf(`${LIST}  - ${ask('q')}\n`);
    const { questions } = boundsOf(`${LIST}  - for_each: { in: "\${{ rows }}", steps: [${CALL}] }\n  - ${ask('q')}\n`, {
      ...REMIND,
      bounds,
    });
    expect(questions).toEqual({ at_most: 31, in_called: 30, paths_without: 0, steps: ['q'] });
  });
});

describe('steps', () => {
  test.each([
    [
      'undo steps are counted apart',
      `  - { create: { in: shop.refunds, values: { order_id: a, amount: 1, reason: b } }, undo: { delete: { from: shop.refunds, where: { order_id: a } } } }\n`,
      [2, 1, 2],
    ],
    ['a loop', `${LIST}  - for_each: { in: "\${{ rows }}", steps: [${READ}] }\n`, [4, 0, 33]],
    [
      'the larger of two ways',
      `  - switch: { of: "\${{ order.total > 5 }}", cases: { true: { steps: [${READ}, ${READ}] }, false: {} } }\n`,
      [4, 0, 4],
    ],
    [
      'never more than a run may start',
      `${LIST}  - for_each: { in: "\${{ rows }}", as: a, steps: [{ for_each: { in: "\${{ rows }}", as: b, steps: [{ repeat: { at_most: 1000, steps: [${READ}], until: "\${{ pass > 3 }}" } }] } }] }\n`,
      [6, 0, 100_000],
    ],
  ])('%s', (_name, steps, expected) => {
    const { steps: written, undos, steps_at_most } = boundsOf(steps);
    expect([written, undos, steps_at_most]).toEqual(expected);
  });

  test('the limit is the interpreter’s', () => expect(MOST_STEPS_STARTED).toBe(STEP_LIMIT));
});

describe('time by declared deadlines', () => {
  const READS_S = 10 * 10 + 1 + 2 + 4 + 8 + 16 + 4 * 30;
  const once = (s: number): number => 60 + s;
  const HEAD = 'retry: { attempts: 1 }';
  const S = `  - { ${HEAD}, read: { from: shop.orders, where: { id: a } } }\n`;
  test.each([
    ['a read, as often as it is tried', '', READS_S],
    ['one attempt', S, READS_S + 10],
    ['a literal wait', '  - wait: { for: 2h }\n', READS_S + 7200],
    [
      'a timeout is shorter',
      `  - { wait: { until: "\${{ run.started_at + span('90d') }}" }, timeout: 1h }\n`,
      READS_S + 3600,
    ],
    [
      'items one by one',
      `${LIST.replace('30', '6').replace('{ id', '{ timeout: 60s, id')}  - for_each: { in: "\${{ rows }}", steps: [{ wait: { for: 10s } }] }\n`,
      READS_S + once(60),
    ],
    [
      'items two at a time',
      `${LIST.replace('30', '6').replace('{ id', '{ timeout: 60s, id')}  - for_each: { at_once: 2, in: "\${{ rows }}", steps: [{ wait: { for: 10s } }] }\n`,
      READS_S + once(30),
    ],
    [
      'passes, and what lies between them',
      `  - repeat: { at_most: 3, every: 1m, steps: [{ wait: { for: 10s } }], until: "\${{ pass == 2 }}" }\n`,
      READS_S + 150,
    ],
    [
      'the longest of branches',
      '  - parallel: { a: { steps: [{ wait: { for: 1h } }] }, b: { steps: [{ wait: { for: 3h } }] } }\n',
      READS_S + 10_800,
    ],
    [
      'the shortest of a race',
      '  - race: { a: { steps: [{ wait: { for: 1h } }] }, b: { steps: [{ receive: { message: x } }] } }\n',
      READS_S + 3600,
    ],
  ])('%s', (_name, steps, seconds) => {
    expect(boundsOf(steps).time).toEqual({
      longest_ms: seconds * 1000,
      ends_within_ms: 432_000_000,
      without_limit: [],
    });
  });

  test('what waits without a limit: only the deadline of the run ends it', () => {
    const { time } = boundsOf(
      '  - { id: said, receive: { message: said } }\n  - { id: ok, approve: { what: Pay, by: support }, timeout: 2d }\n',
    );
    expect(time).toEqual({ longest_ms: 432_000_000, ends_within_ms: 432_000_000, without_limit: ['said'] });
  });

  test.each([
    [500, 'a second'],
    [1000, '1 second'],
    [90_000, '1 minute 30 seconds'],
    [86_400_000 - 1, '24 hours'],
    [2 * 86_400_000 + 1, '2 days 1 hour'],
  ])('%d ms is said as %s', (ms, text) => expect(spoken(ms)).toBe(text));
});

describe('people', () => {
  test.each([
    [
      'a form',
      'ask: { what: When?, by: support, form: { day: date-time } }',
      { role: 'support', waits_ms: null, otherwise: 'handed over', always: true },
    ],
    [
      'an approval that may be let pass',
      'approve: { what: Pay, by: support, on_timeout: reject }, timeout: 2d',
      { waits_ms: 172_800_000, otherwise: 'rejected' },
    ],
    ['only under a condition', `approve: { what: Pay, by: support }, ${WHEN}`, { always: false }],
    [
      'the last rung of a question',
      'decide: { answers: { a: A, b: B }, otherwise: support }',
      { verb: 'decide', always: false },
    ],
  ])('%s', (_name, step, expected) => {
    expect(boundsOf(`  - { id: p, ${step} }\n`).people).toMatchObject([{ step: 'p', ...expected }]);
  });

  test('a timeout that a `try` answers does not hand the run over', () => {
    const asks = '{ id: p, ask: { what: When?, by: support, form: { day: date-time } }, timeout: 1d }';
    const on = (types: string): string => `  - try: { steps: [${asks}], catch: [{ ${types} steps: [${READ}] }] }\n`;
    expect(boundsOf(on('on: [timeout],')).people[0]?.otherwise).toBe('caught');
    expect(boundsOf(on('')).people[0]?.otherwise).toBe('caught');
    expect(boundsOf(on('on: [not_found],')).people[0]?.otherwise).toBe('handed over');
  });

  test('in a race somebody has only as long as the other branch', () => {
    const race =
      '  - race: { a: { steps: [{ id: p, ask: { what: When?, by: support, form: { day: date-time } } }] }, b: { steps: [{ wait: { for: 2d } }] } }\n';
    expect(boundsOf(race).people).toMatchObject([{ waits_ms: 172_800_000 }]);
    expect(boundsOf(race).time.without_limit).toEqual([]);
  });
});

describe('effects', () => {
  test.each([
    [
      'create: { in: shop.refunds, values: { order_id: a, amount: 1, reason: b } }',
      'create',
      'shop.refunds',
      'exactly once',
    ],
    ['create: { in: log.lines, values: { text: a } }', 'create', 'log.lines', 'at least once'],
    ['http: { connection: registry, post: /orders, json: {} }', 'post', 'registry', 'once or unknown'],
    ['http: { connection: registry, put: /orders, json: {}, key: repeatable }', 'put', 'registry', 'repeatable'],
    ['http: { connection: registry, post: /orders, json: {}, key: header }', 'post', 'registry', 'once by its key'],
    ['use: { activity: tools.create_ticket, with: { title: a } }', 'use', 'tools.create_ticket', 'once or unknown'],
  ])('%s', (step, verb, on, happens) => {
    expect(boundsOf(`  - { id: w, ${step} }\n`).effects).toEqual([
      { step: 'w', verb, on, happens, at_most: 1, undo: null },
    ]);
  });

  test('how often, and with what it is taken back', () => {
    const undo = 'undo: { update: { in: shop.orders, where: { id: "${{ row.id }}" }, set: { status: shipped } } }';
    const loop = `${LIST}  - for_each: { in: "\${{ rows }}", as: row, steps: [{ id: w, update: { in: shop.orders, where: { id: "\${{ row.id }}" }, set: { status: delivered } }, ${undo} }] }\n`;
    expect(boundsOf(loop).effects).toMatchObject([{ step: 'w', at_most: 30, undo: 'w.undo' }]);
    expect(boundsOf(loop).reads).toMatchObject([
      { on: 'shop.orders', verb: 'read' },
      { step: 'rows', verb: 'list' },
    ]);
  });

  test('messages, calls and endings', () => {
    const bounds = boundsOf(
      `  - tell: { who: support, text: Hello }\n  - receive: { message: said }\n  - send: { to: "\${{ run.ticket }}", message: said }\n  - ${CALL}\n  - ${WHEN}\n    refuse: No\n`,
    );
    expect(bounds.tells).toMatchObject([{ who: 'support' }]);
    expect(bounds.receives).toMatchObject([{ message: 'said' }]);
    expect(bounds.sends).toMatchObject([{ message: 'said' }]);
    expect(bounds.calls).toMatchObject([{ workflow: 'remind', detached: false, undo: null }]);
    expect(bounds.endings.map(({ ends }) => ends)).toEqual(['refused', 'done']);
  });
});

describe('history between two points at which a run can continue as new', () => {
  const loop = (inside: string, more = ''): string =>
    `${LIST}  - for_each: { ${more}in: "\${{ rows }}", as: row, steps: [${inside}] }\n`;
  test.each([
    ['single steps', '', 6],
    ['called one after the other', loop(CALL), 9],
    ['called several at once: all of them', loop(CALL, 'at_once: 5, '), 270],
    ['and everything else in that loop', loop(`${READ}, ${CALL}`, 'at_once: 5, '), 450],
    ['not waited for', loop(CALL.replace('hello }', 'hello }, detached: true'), 'at_once: 5, '), 40],
    ['no calls: what is under way', loop(READ, 'at_once: 5, '), 30],
    ['two branches that call', `  - parallel: { a: { steps: [${CALL}, ${CALL}] }, b: { steps: [${CALL}] } }\n`, 27],
    [
      'one branch that calls, beside others',
      `  - parallel: { a: { steps: [${CALL}, ${CALL}] }, b: { steps: [${READ}, ${READ}, ${READ}] } }\n`,
      27,
    ],
  ])('%s', (_name, steps, events) => {
    expect(boundsOf(steps).history.events_at_most).toBe(events);
  });

  test.each([
    ['effects that may have to be undone at once', '', 30],
    ['a message in the loop seals them', ', { tell: { who: support, text: Done } }', 1],
  ])('%s', (_name, more, open) => {
    const undo = 'undo: { update: { in: shop.orders, where: { id: "${{ row.id }}" }, set: { status: shipped } } }';
    const write = `{ update: { in: shop.orders, where: { id: "\${{ row.id }}" }, set: { status: delivered } }, ${undo} }`;
    const { history } = boundsOf(loop(`${write}${more}`));
    expect(history.undo_at_most).toBe(open);
    expect(history.events_at_most).toBe(Math.max(6, eventsOfUndo(open)));
  });

  test.each<[Type, number]>([
    [{ kind: 'text', maxLength: 100 }, 102],
    [enumeration(['a', 'bcd']), 5],
    [TEXT, 2],
    [listOf({ kind: 'text', maxLength: 7 }, 10), 102],
    [mapOf({ ab: NUMBER }), 35],
  ])('declared size of %j', (type, size) => expect(declaredSize(type)).toBe(size));
});
