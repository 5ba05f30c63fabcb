/**
 * The gate of an uncalibrated question: is the encoder's answer taken, or asked of a person?
 *
 * PURE. Taken at p >= max(0.8, accept), or when the one answer whose hints match is the encoder's too. Where exactly
 * one answer's hints match and the encoder says another, neither is right often enough, and it is a person's. With few
 * recorded texts nothing is centred and only agreement counts. Compares the rounded probabilities, so that what is
 * recorded is what was decided on.
 */
import type { Proposal, QuestionAnswer } from '../language/plan/calls.js';
import { type HintMatch, matchHints } from './hints.js';
import { CENTRED_FROM, type Vectors, likeness } from './likeness.js';

/** Without a calibration `accept` is no promise, so no lower probability than this is taken. */
export const CAUTIOUS_ACCEPT = 0.8;

export interface Verdict {
  /** Null: a person must answer. */
  readonly answer: string | null;
  readonly probability: number | null;
  /** For people; one line without a full stop. */
  readonly why: string;
  readonly proposals: readonly Proposal[];
}

export interface Judged {
  readonly text: string;
  readonly answers: readonly QuestionAnswer[];
  readonly accept: number;
  readonly vectors: Vectors;
}

export function judge({ text, answers, accept, vectors }: Judged): Verdict {
  const proposals = likeness(answers, vectors);
  const [first] = proposals;
  if (first === undefined) return { answer: null, probability: null, why: 'the question lists no answers', proposals };
  const matches = matchHints(text, answers);
  const [hint] = matches.length === 1 ? matches : [];
  const take = (why: string): Verdict => ({
    answer: first.answer,
    probability: first.probability,
    why: `${why}, uncalibrated`,
    proposals,
  });
  const pass = (why: string): Verdict => ({ answer: null, probability: null, why: `${why}, uncalibrated`, proposals });

  if (hint !== undefined && hint.answer !== first.answer) {
    return pass(
      `the hint "${hint.hint}" speaks for "${hint.answer}" and the encoder for "${first.answer}" (${first.probability})`,
    );
  }
  const threshold = Math.max(CAUTIOUS_ACCEPT, accept);
  const centred = vectors.recent.length >= CENTRED_FROM;
  const likely = centred && first.probability >= threshold;
  if (likely)
    return take(
      `${first.probability} >= ${threshold}${hint === undefined ? '' : ` and agrees with the hint "${hint.hint}"`}`,
    );
  if (hint !== undefined) return take(`agrees with the hint "${hint.hint}"`);
  if (centred) return pass(`${first.probability} < ${threshold} for "${first.answer}", and ${withoutHint(matches)}`);
  return pass(
    `only ${vectors.recent.length} earlier texts of this question are recorded, fewer than ${CENTRED_FROM}, so a probability alone is not enough, and ${withoutHint(matches)}`,
  );
}

function withoutHint(matches: readonly HintMatch[]): string {
  if (matches.length === 0) return 'no hint matches';
  return `hints of several answers match: ${matches.map(({ answer, hint }) => `"${hint}" (${answer})`).join(', ')}`;
}
