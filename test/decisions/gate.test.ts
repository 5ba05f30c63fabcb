/** The gate: what is taken of an uncalibrated encoder, and what is asked of a person, in which words. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../decisions/gate.js';
import { CENTRED_FROM, answerText, likeness } from '../../decisions/likeness.js';
import { mean, normalized, product } from '../../decisions/vectors.js';

const ANSWERS = [
  { answer: 'damaged', is: 'It arrived broken', hints: ['broken'] },
  { answer: 'late', is: 'It never came', hints: ['never came'] },
];
const AXES = [normalized([1, 0]), normalized([0, 1])];
/** A text that lies nearer to `damaged` by so much of the cosine. */
const towards = (difference: number) => normalized([1 + difference, 1]);
/** Texts that are exactly in the middle: centring on them changes nothing. */
const usual = (count: number) => Array.from({ length: count }, () => normalized([1, 1]));

const judged = (text: string, vector: Float32Array, recent: number, accept = 0.8) =>
  judge({ text, answers: ANSWERS, accept, vectors: { text: vector, answers: AXES, recent: usual(recent) } });

describe('with enough recorded texts', () => {
  it('takes a likely answer', () => {
    expect(judged('x', towards(2), 32)).toMatchObject({
      answer: 'damaged',
      probability: 1,
      why: '1 >= 0.8, uncalibrated',
    });
  });
  it('takes it together with its hint', () => {
    expect(judged('broken', towards(2), 32).why).toBe('1 >= 0.8 and agrees with the hint "broken", uncalibrated');
  });
  it('is never bolder than 0.8, and is as careful as it is asked to be', () => {
    const vector = towards(0.3);
    const { probability } = judged('broken', vector, 32, 0.5);
    expect(probability).toBeGreaterThan(0.8);
    expect(probability).toBeLessThan(0.99);
    expect(judged('x', vector, 32, 0.5).answer).toBe('damaged');
    expect(judged('x', vector, 32, 0.99)).toMatchObject({
      answer: null,
      probability: null,
      why: `${probability} < 0.99 for "damaged", and no hint matches, uncalibrated`,
    });
    expect(judged('x', towards(0.1), 32, 0.5).answer).toBeNull();
  });
  it('takes an unlikely answer when the single hint agrees', () => {
    expect(judged('it is broken', towards(0.05), 32)).toMatchObject({
      answer: 'damaged',
      why: 'agrees with the hint "broken", uncalibrated',
    });
  });
  it('asks a person when the single hint disagrees, however likely it is', () => {
    expect(judged('it never came', towards(2), 32)).toMatchObject({
      answer: null,
      why: 'the hint "never came" speaks for "late" and the encoder for "damaged" (1), uncalibrated',
    });
  });
  it('lets hints of several answers decide nothing', () => {
    expect(judged('broken, or it never came', towards(2), 32).answer).toBe('damaged');
    expect(judged('broken, or it never came', towards(0.05), 32).why).toContain(
      'hints of several answers match: "broken" (damaged), "never came" (late)',
    );
  });
});

describe('cold start', () => {
  it('does not go by a probability alone', () => {
    expect(judged('x', towards(2), 31)).toMatchObject({
      answer: null,
      why: 'only 31 earlier texts of this question are recorded, fewer than 32, so a probability alone is not enough, and no hint matches, uncalibrated',
    });
  });
  it('takes agreement', () => {
    expect(judged('broken', towards(0.05), 0)).toMatchObject({
      answer: 'damaged',
      why: 'agrees with the hint "broken", uncalibrated',
    });
  });
  it('centres from the 32nd text on, not before', () => {
    const vector = normalized([1, 0.9]);
    const near = normalized([1, 0.5]);
    const first = (count: number) =>
      likeness(ANSWERS, { text: vector, answers: AXES, recent: Array.from({ length: count }, () => near) })[0]?.answer;
    expect(first(CENTRED_FROM - 1)).toBe('damaged');
    expect(first(CENTRED_FROM)).toBe('late');
  });
});

describe('probabilities', () => {
  it('are the softmax of the cosines at T = 0.07, in three digits', () => {
    const text = normalized([3, 4]);
    expect(likeness(ANSWERS, { text, answers: AXES, recent: [] })).toEqual([
      { answer: 'late', probability: 0.946 },
      { answer: 'damaged', probability: 0.054 },
    ]);
  });
  it('keep the order of the answers when they are equal', () => {
    const proposals = likeness(ANSWERS, { text: normalized([1, 1]), answers: AXES, recent: [] });
    expect(proposals).toEqual([
      { answer: 'damaged', probability: 0.5 },
      { answer: 'late', probability: 0.5 },
    ]);
  });
  it('compare by "answer: description"', () => {
    expect(answerText(ANSWERS[0] ?? { answer: '', is: '', hints: [] })).toBe('damaged: It arrived broken');
  });
});

it('never takes what is not listed, and never below its own threshold without a hint', () => {
  const number = fc.double({ min: -1, max: 1, noNaN: true });
  const vector = fc.array(number, { minLength: 3, maxLength: 3 }).map(normalized);
  const counts = fc.constantFrom(0, 31, 32, 40);
  fc.assert(
    fc.property(
      fc.array(vector, { minLength: 2, maxLength: 5 }),
      vector,
      vector,
      counts,
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      (answers, text, usualText, count, accept) => {
        const listed = answers.map((_vector, at) => ({ answer: `a${at}`, is: '', hints: [] }));
        const recent = Array.from({ length: count }, () => usualText);
        const verdict = judge({ text: 'x', answers: listed, accept, vectors: { text, answers, recent } });
        expect(verdict.proposals.map(({ answer }) => answer).sort()).toEqual(listed.map(({ answer }) => answer));
        if (verdict.answer === null) return;
        expect(count).toBeGreaterThanOrEqual(CENTRED_FROM);
        expect(verdict.probability).toBeGreaterThanOrEqual(Math.max(0.8, accept));
      },
    ),
  );
});

it('computes lengths, products and means', () => {
  expect([...normalized([3, 4])].map((value) => value.toFixed(3))).toEqual(['0.600', '0.800']);
  expect([...normalized([0, 0])]).toEqual([0, 0]);
  expect(product(normalized([1, 1]), normalized([1, 0]))).toBeCloseTo(Math.SQRT1_2, 6);
  expect([...mean([Float32Array.of(1, 3), Float32Array.of(3, 5)])]).toEqual([2, 4]);
  expect([...mean([])]).toEqual([]);
});
