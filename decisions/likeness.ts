/**
 * Likeness: what the encoder says about a text, as a probability for each answer. No labels are needed.
 *
 * PURE. The cosine of the text to each answer, minus that answer's mean cosine over recorded texts (some descriptions
 * are near to everything: centring took a three-answer task from .69 to .88), through a softmax. The temperature was
 * set on public data and is not fitted to the question at hand, so these numbers are uncalibrated and say so.
 */
import type { Proposal, QuestionAnswer } from '../language/plan/calls.js';
import { type Vector, mean, product } from './vectors.js';

const TEMPERATURE = 0.07;
/** With fewer recorded texts a mean says more about these texts than about the answer. */
export const CENTRED_FROM = 32;
/** The newest recorded texts of a question that are looked at. */
export const CENTRED_ON = 250;

export interface Vectors {
  readonly text: Vector;
  /** In the order of the question's answers. */
  readonly answers: readonly Vector[];
  /** Recorded texts of the same question, at most CENTRED_ON of them. */
  readonly recent: readonly Vector[];
}

/** What an answer is compared by. */
export function answerText(answer: QuestionAnswer): string {
  return `${answer.answer}: ${answer.is}`;
}

/** All answers with their probabilities, three digits, the likeliest first; equal ones in the author's order. */
export function likeness(answers: readonly QuestionAnswer[], vectors: Vectors): readonly Proposal[] {
  const usual = vectors.recent.length >= CENTRED_FROM ? mean(vectors.recent) : undefined;
  const scores = answers.map((_answer, at) => {
    const answer = vectors.answers[at] ?? new Float32Array();
    const centre = usual === undefined ? 0 : product(usual, answer);
    return (product(vectors.text, answer) - centre) / TEMPERATURE;
  });
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return answers
    .map(({ answer }, at) => ({ answer, probability: threeDigits((weights[at] ?? 0) / total), score: scores[at] ?? 0 }))
    .sort((one, other) => other.score - one.score)
    .map(({ answer, probability }) => ({ answer, probability }));
}

function threeDigits(probability: number): number {
  return Math.round(probability * 1000) / 1000;
}
