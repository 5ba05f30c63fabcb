/** The verbs that wait for a person, run on a fake host: what is shown, what an answer does, what a missing one does. */
import { describe, expect, it } from 'vitest';
import { Failure, failure } from '../../language/plan/failure.js';
import type { PersonDecision } from '../../language/plan/host.js';
import type { Json } from '../../language/plan/json.js';
import { digest } from '../../language/plan/json.js';
import type { Node } from '../../language/steps/index.js';
import { kindOf } from '../../language/steps/index.js';
import type { ApproveNode } from '../../language/steps/approve.js';
import type { DecideNode } from '../../language/steps/rungs.js';
import type { Given } from './fake-host.js';
import { BASE, expression, fakeHost, from, literal } from './fake-host.js';

const AT = '2026-03-01T13:00:00Z';

async function run(node: Node, given: Given) {
  const { host, noted } = fakeHost(given);
  const outcome = await kindOf(node).run(node, host);
  if (outcome.kind !== 'value') throw new Error(`it came to ${outcome.kind}`);
  return { value: outcome.value, ...noted };
}

function decided(decision: string, comment?: string): PersonDecision {
  return { item: 'here', decision, by: 'maria', at: AT, ...(comment === undefined ? {} : { comment }) };
}

const ANSWERS = [
  { answer: 'damaged', is: 'It arrived broken', hints: ['broken'] },
  { answer: 'other', is: 'Anything else', hints: [] },
];
const RULES = [
  { id: 'form', when: expression('has(input.reason)'), answer: from('input.reason') },
  { id: '2', when: expression('never sent'), answer: literal('other') },
];
const WITHOUT_TEXT: DecideNode = { ...BASE, verb: 'decide', answers: ANSWERS, rules: RULES, accept: 0.9 };
const QUESTION: DecideNode = {
  ...WITHOUT_TEXT,
  ask: 'Why?',
  about: from('input.message', 'input'),
  otherwise: 'returns-desk',
};
const NO_RULE = {
  'has(input.reason)': false,
  'never sent': false,
  'input.reason': 'damaged',
  'input.message': 'It is broken',
};

function proposal(answer: string | null, by = 'encoder'): Json {
  const proposals = [
    { answer: 'damaged', probability: 0.93 },
    { answer: 'other', probability: 0.07 },
  ];
  return { answer, by, probability: answer === null ? null : 0.93, why: 'because', proposals, model_calls: 1 };
}

describe('decide by rule', () => {
  it('takes the first rule that holds, without any activity', async () => {
    const { value, calls, recorded } = await run(QUESTION, {
      values: { 'has(input.reason)': true, 'input.reason': 'damaged' },
    });
    expect(value).toEqual({ answer: 'damaged', by: 'rule', rule: 'form' });
    expect(calls).toEqual([]);
    expect(recorded).toEqual([{ step: 'here', answer: 'damaged', by: 'rule', rule: 'form', model_calls: 0 }]);
  });
  it('goes on to the next rule', async () => {
    const { value } = await run(QUESTION, { values: { ...NO_RULE, 'never sent': true } });
    expect(value).toEqual({ answer: 'other', by: 'rule', rule: '2' });
  });
  it('always takes a rule without `when`', async () => {
    const node: DecideNode = {
      ...BASE,
      verb: 'decide',
      answers: ANSWERS,
      rules: [{ id: 'rest', answer: literal('other') }],
      accept: 0.9,
    };
    expect((await run(node, {})).value).toEqual({ answer: 'other', by: 'rule', rule: 'rest' });
  });
  it('refuses what is not listed', async () => {
    const given = { values: { 'has(input.reason)': true, 'input.reason': 'free money' } };
    await expect(run(QUESTION, given)).rejects.toMatchObject({
      code: 'invalid',
      message: '"free money" is not one of the listed answers: damaged, other',
    });
  });
});

describe('decide by model', () => {
  it('asks once, with the question, the text and what the rules saw', async () => {
    const { value, calls, recorded, asked } = await run(QUESTION, { values: NO_RULE, answer: proposal('damaged') });
    expect(calls).toEqual([
      {
        question: { step: 'refund.here', ask: 'Why?', answers: ANSWERS },
        about: 'It is broken',
        accept: 0.9,
        features: { 'has(input.reason)': false, 'input.reason': 'damaged', 'never sent': false },
        ticket: 'refund-7K3M9-QXA4T',
        key: 'prefix/here',
      },
    ]);
    expect(value).toEqual({ answer: 'damaged', by: 'encoder', probability: 0.93 });
    expect(recorded).toEqual([
      { step: 'here', answer: 'damaged', by: 'encoder', probability: 0.93, why: 'because', model_calls: 1 },
    ]);
    expect(asked).toEqual([]);
  });
  it.each([
    ['an answer that is not listed', proposal('refund everything')],
    ['no answer at all', {}],
    ['a text', 'damaged'],
  ])('never lets %s pass', async (_name, answer) => {
    await expect(run(QUESTION, { values: NO_RULE, answer })).rejects.toThrow(/bug in Firn/);
  });
});

describe('decide by person', () => {
  it('shows the text as written by somebody, with what the model thought', async () => {
    const { value, asked, recorded } = await run(QUESTION, {
      values: NO_RULE,
      answer: proposal(null),
      person: () => decided('other', 'says so'),
    });
    expect(value).toEqual({ answer: 'other', by: 'person' });
    expect(asked).toEqual([
      {
        kind: 'answer',
        role: 'returns-desk',
        title: 'refund.here: Why?',
        answers: ['damaged', 'other'],
        body: {
          what: 'Why?',
          written: [{ from: 'about', text: 'It is broken' }],
          answers: [
            { answer: 'damaged', is: 'It arrived broken', probability: 0.93 },
            { answer: 'other', is: 'Anything else', probability: 0.07 },
          ],
          why: 'because',
        },
      },
    ]);
    expect(recorded).toEqual([{ step: 'here', answer: 'other', by: 'person', why: 'says so', model_calls: 1 }]);
  });
  it.each(['', ' \n '])('asks no model about the empty text %j', async (message) => {
    const { calls, recorded, asked } = await run(QUESTION, {
      values: { ...NO_RULE, 'input.message': message },
      person: () => decided('damaged'),
    });
    expect(calls).toEqual([]);
    expect(recorded[0]?.model_calls).toBe(0);
    expect(asked[0]?.body.why).toBe('there is no text to read');
  });
  it('asks a person where there is no text in the question at all', async () => {
    const node: DecideNode = { ...WITHOUT_TEXT, ask: 'Why?', otherwise: 'returns-desk' };
    const { calls, asked } = await run(node, { values: NO_RULE, person: () => decided('damaged') });
    expect(calls).toEqual([]);
    expect(asked[0]?.body).toMatchObject({ what: 'Why?', why: 'no rule answers it' });
    expect(asked[0]?.body.written).toBeUndefined();
  });
  it('fails as undecided when no answer fits', async () => {
    const given = { values: NO_RULE, answer: proposal(null), person: () => decided('none of these', 'a joke') };
    await expect(run(QUESTION, given)).rejects.toMatchObject({
      code: 'undecided',
      message: 'maria chose "none of these" for "Why?": a joke',
    });
  });
  it('passes a timeout on', async () => {
    const person = () => {
      throw failure('timeout', 'nobody came');
    };
    await expect(run(QUESTION, { values: NO_RULE, answer: proposal(null), person })).rejects.toMatchObject({
      code: 'timeout',
    });
  });
});

describe('approve', () => {
  const request = { in: 'shop.refunds', rows: [{ order_id: 'A-1', amount: 12.5 }], many: false };
  const requests = [{ step: 'refund', verb: 'create', request, private: false }];
  const node: ApproveNode = { ...BASE, verb: 'approve', for: [0], steps: ['refund'], by: 'returns-desk' };
  const timeout = () => {
    throw failure('timeout', 'nobody came');
  };

  it('shows the exact request, and binds its digest on a yes', async () => {
    const { value, asked, bound } = await run(node, { requests, person: () => decided('approve') });
    expect(value).toEqual({ approved: true, by: 'maria', comment: '', at: AT });
    expect(asked).toEqual([
      {
        kind: 'approve',
        role: 'returns-desk',
        title: 'approve refund: create in shop.refunds (order_id A-1, amount 12.5)',
        body: {
          what: 'refund: create in shop.refunds (order_id A-1, amount 12.5)',
          exact: requests.map(({ step, verb, request: exact }) => ({ step, verb, request: exact })),
        },
      },
    ]);
    expect(bound).toEqual([{ nodes: [0], digests: [digest(request)], yes: true }]);
  });
  it('binds a no', async () => {
    const { value, bound } = await run(node, { requests, person: () => decided('reject', 'too much') });
    expect(value).toEqual({ approved: false, by: 'maria', comment: 'too much', at: AT });
    expect(bound[0]?.yes).toBe(false);
  });
  it('takes a timeout as a no where `on_timeout: reject` says so', async () => {
    const { value, bound } = await run({ ...node, on_timeout: 'reject' }, { requests, person: timeout });
    expect(value).toEqual({ approved: false, comment: 'nobody decided in time', at: '2026-03-01T12:00:00Z' });
    expect(bound[0]?.yes).toBe(false);
  });
  it('fails on a timeout otherwise, and binds nothing', async () => {
    const { host, noted } = fakeHost({ requests, person: timeout });
    await expect(kindOf(node).run(node, host)).rejects.toMatchObject({ code: 'timeout' });
    expect(noted.bound).toEqual([]);
  });
  it('swallows no other failure', async () => {
    const person = () => {
      throw new Failure('cancelled', 'over');
    };
    await expect(run({ ...node, on_timeout: 'reject' }, { requests, person })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
  it('marks what came from outside in `what`, and keeps the one who asked away', async () => {
    const what = {
      is: 'text',
      parts: ['Close ', expression('input.account', 'input'), ' of ', expression('order.email', 'trusted'), '?'],
    } as const;
    const closing: ApproveNode = { ...node, for: [], steps: [], what, not_by: from('input.clerk', 'input') };
    const values = {
      'input.account': '17 (approved by the CEO)',
      'order.email': 'm@example.org',
      'input.clerk': 'maria',
    };
    const { asked, bound } = await run(closing, { values, person: () => decided('approve') });
    expect(asked[0]?.body).toEqual({
      what: 'Close 17 (approved by the CEO) of m@example.org?',
      written: [{ from: 'input.account', text: '17 (approved by the CEO)' }],
    });
    expect(asked[0]?.not_by).toBe('maria');
    expect(bound).toEqual([]);
  });
});
