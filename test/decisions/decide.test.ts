/** The `decide` activity on a real PostgreSQL: what is asked, taken, recorded, and answered again. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDecide } from '../../activities/decide.js';
import type { DecideCall } from '../../language/plan/calls.js';
import { isFailure } from '../../language/plan/failure.js';
import { modelsOff } from '../../models/off.js';
import { ModelError, type ModelErrorCode } from '../../models/port.js';
import { scriptedModel } from '../../models/scripted.js';
import { readDecision } from '../../store/decision.js';
import { TransientFailure } from '../../store/failures.js';
import type { Pool } from '../../store/pool.js';
import { containing } from '../real/expecting.js';
import { type TestPostgres, startPostgres } from '../real/postgres.js';
import { openStore } from '../real/shop.js';

let postgres: TestPostgres;
let pool: Pool;
beforeAll(async () => {
  postgres = await startPostgres();
  pool = await openStore(postgres.url);
});
afterAll(async () => {
  await pool.end();
  await postgres.stop();
});
beforeEach(async () => {
  await pool.query('delete from firn_decision');
});

const QUESTION = {
  step: 'refund.reason',
  ask: 'Why?',
  answers: [
    { answer: 'damaged', is: 'It is broken', hints: ['broken'] },
    { answer: 'late', is: 'It never came', hints: [] },
  ],
};
let count = 0;
function call(about: string, change: Partial<DecideCall> = {}): DecideCall {
  count += 1;
  return {
    question: QUESTION,
    about,
    accept: 0.9,
    features: { total: 5 },
    ticket: 'T-1',
    key: `T-1/run/reason-${count}`,
    ...change,
  };
}
/** Vectors of the answers and of some texts; `usual N` is in the middle between the answers. */
function script(...more: [text: string, vector: readonly number[] | ModelError][]) {
  const usual = Array.from({ length: 300 }, (_value, at): [string, readonly number[]] => [`usual ${at}`, [1, 1]]);
  return new Map<string, readonly number[] | ModelError>([
    ['damaged: It is broken', [1, 0]],
    ['late: It never came', [0, 1]],
    ['it lies in pieces', [3, 1]],
    ['it is broken', [1.1, 1]],
    ['where is the broken thing?', [1, 3]],
    ...usual,
    ...more,
  ]);
}
const deciding = (models: Parameters<typeof createDecide>[0]['models']) =>
  createDecide({ store: { pool, place: 'test' }, models });
const record = async (decide: ReturnType<typeof createDecide>, times: number): Promise<void> => {
  for (let at = 0; at < times; at += 1) await decide(call(`usual ${at}`));
};

describe('a question without history', () => {
  it('is answered by agreement with a hint, and recorded', async () => {
    const decide = deciding(scriptedModel(script(), 'model-1'));
    const asked = call('it is broken');
    const answer = await decide(asked);
    expect(answer).toMatchObject({
      answer: 'damaged',
      by: 'encoder',
      why: 'agrees with the hint "broken", uncalibrated',
      model_calls: 1,
    });
    expect(answer.proposals.map((proposal) => proposal.answer)).toEqual(['damaged', 'late']);
    expect(await readDecision(pool, asked.key)).toMatchObject({
      ...{ workflow: 'refund', step: 'reason', ticket: 'T-1', features: { total: 5 }, text: 'it is broken' },
      ...{ answer: 'damaged', rung: 'encoder', rule: null, probability: answer.probability, model_sha256: 'model-1' },
    });
  });
  it('goes to a person else, and is recorded as well', async () => {
    const decide = deciding(scriptedModel(script()));
    const asked = call('it lies in pieces');
    const answer = await decide(asked);
    expect(answer).toMatchObject({ answer: null, by: 'person', probability: null, model_calls: 1 });
    expect(answer.why).toContain('only 0 earlier texts of this question are recorded');
    expect(await readDecision(pool, asked.key)).toMatchObject({ answer: null, rung: 'encoder', why: answer.why });
  });
});

describe('a question with history', () => {
  it('is taken by its probability from the 32nd recorded text on', async () => {
    const decide = deciding(scriptedModel(script()));
    await record(decide, 31);
    expect((await decide(call('it lies in pieces'))).answer).toBeNull();
    expect(await decide(call('it lies in pieces'))).toMatchObject({ answer: 'damaged', why: '1 >= 0.9, uncalibrated' });
    expect(await decide(call('where is the broken thing?'))).toMatchObject({
      answer: null,
      why: containing('speaks for "damaged" and the encoder for "late"'),
    });
  });
  it('has a history of its own: other answers are another question', async () => {
    const decide = deciding(scriptedModel(script(['late: It is late', [0, 1]])));
    await record(decide, 40);
    const [damaged, late] = QUESTION.answers;
    const question = {
      ...QUESTION,
      answers: [
        { ...damaged, answer: 'damaged', is: 'It is broken', hints: [] },
        { ...late, answer: 'late', is: 'It is late', hints: [] },
      ],
    };
    expect((await decide(call('it lies in pieces', { question }))).why).toContain('only 0 earlier texts');
  });
  it('asks the model for each text once', async () => {
    const models = scriptedModel(script());
    const decide = deciding(models);
    await record(decide, 40);
    expect(models.asked).toEqual([
      'usual 0',
      'damaged: It is broken',
      'late: It never came',
      ...Array.from({ length: 39 }, (_value, at) => `usual ${at + 1}`),
    ]);
  });
  it('leaves out recorded texts that the model cannot take', async () => {
    const off = deciding(modelsOff(['no file']));
    for (let at = 0; at < 3; at += 1) await off(call(`long ${at}`));
    const long = Array.from({ length: 3 }, (_value, at): [string, ModelError] => [
      `long ${at}`,
      new ModelError('too_long', 'too long'),
    ]);
    const decide = deciding(scriptedModel(script(...long)));
    await record(decide, 31);
    expect((await decide(call('it lies in pieces'))).why).toContain('only 31 earlier texts');
  });
});

describe('the same key', () => {
  it('is answered from the record, word for word, without any model', async () => {
    const asked = call('it is broken');
    const first = await deciding(scriptedModel(script()))(asked);
    const models = scriptedModel(new Map());
    expect(await deciding(models)(asked)).toEqual(first);
    expect(models.asked).toEqual([]);
    expect(await deciding(modelsOff(['gone']))(asked)).toEqual(first);
  });
  it('asked twice at once is recorded once', async () => {
    const asked = call('it is broken');
    const answers = await Promise.all([0, 1, 2, 3].map(() => deciding(scriptedModel(script()))(asked)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });
  it('with another text is refused', async () => {
    const decide = deciding(scriptedModel(script()));
    const asked = call('it is broken');
    await decide(asked);
    await expect(decide({ ...asked, about: 'it lies in pieces' })).rejects.toMatchObject({ code: 'effect_changed' });
    await expect(decide({ ...asked, question: { ...QUESTION, ask: 'Why not?' } })).rejects.toMatchObject({
      code: 'effect_changed',
    });
  });
});

describe('a person answers', () => {
  it('when models are off, and reads why', async () => {
    const asked = call('it is broken');
    const answer = await deciding(modelsOff(['the cache: empty', 'hf:x: fetch failed']))(asked);
    expect(answer).toEqual({
      ...{ answer: null, by: 'person', probability: null, proposals: [], model_calls: 0 },
      why: 'models are off: the cache: empty; hf:x: fetch failed',
    });
    expect(await readDecision(pool, asked.key)).toMatchObject({
      rung: 'person',
      text: 'it is broken',
      model_sha256: null,
    });
  });
  it('when there is nothing to read', async () => {
    const models = scriptedModel(new Map());
    expect(await deciding(models)(call(' \n '))).toMatchObject({
      answer: null,
      why: 'there is no text to read',
      model_calls: 0,
    });
    expect(models.asked).toEqual([]);
  });
  const codes: [code: ModelErrorCode, why: string][] = [
    ['too_long', 'the model cannot answer: as it is'],
    ['empty_text', 'the model cannot answer: as it is'],
    ['evaluation_failed', 'the model cannot answer: as it is'],
    ['model_crashed_on_text', 'the model cannot answer: as it is'],
    ['models_off', 'models are off: as it is'],
  ];
  it.each(codes)('at %s', async (code, why) => {
    const models = scriptedModel(script(['x', new ModelError(code, 'as it is')]));
    expect(await deciding(models)(call('x'))).toMatchObject({ answer: null, by: 'person', why, model_calls: 0 });
  });
});

describe('a model process that does not answer', () => {
  const models = () => scriptedModel(script(['x', new ModelError('model_unavailable', 'it died')]));
  it('fails the attempt, to be tried again, and records nothing', async () => {
    const asked = call('x');
    const error: unknown = await deciding(models())(asked).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientFailure);
    expect(isFailure(error) ? [error.code, error.message] : error).toEqual(['unreachable', 'it died']);
    expect(await readDecision(pool, asked.key)).toBeUndefined();
  });
  it('leaves it to a person at the third attempt', async () => {
    const attempt = (number: number) =>
      new MockActivityEnvironment({ attempt: number }).run(() => deciding(models())(call('x')));
    await expect(attempt(2)).rejects.toThrow('it died');
    expect(await attempt(3)).toMatchObject({
      answer: null,
      by: 'person',
      why: 'the model did not answer in 3 attempts: it died',
    });
  });
});
