/**
 * Hints: words an author expects in texts that mean an answer. Evidence, never a rule.
 *
 * PURE. A hint matches whole words, whatever their case and whatever punctuation stands between them: `does not work`
 * is found in "It DOES not -- work!" and `rain` not in "train". Scripts without spaces are compared character by
 * character. Apostrophes do not count: "doesn't" is `doesnt`.
 */
import type { QuestionAnswer } from '../language/plan/calls.js';

export interface HintMatch {
  readonly answer: string;
  /** The first hint of the answer that matches, as the author wrote it. */
  readonly hint: string;
}

const APOSTROPHES = /['’ʼ`´]/gu;
const NO_WORDS = /[^\p{Letter}\p{Mark}\p{Number}]+/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/gu;

/** One match for each answer that has a matching hint, in the order of the answers. */
export function matchHints(text: string, answers: readonly QuestionAnswer[]): readonly HintMatch[] {
  const words = plainWords(text);
  return answers.flatMap(({ answer, hints }) => {
    const hint = hints.find((candidate) => contains(words, plainWords(candidate)));
    return hint === undefined ? [] : [{ answer, hint }];
  });
}

/** A hint that is nothing but punctuation matches nothing. */
function contains(words: string, hint: string): boolean {
  return hint.trim() !== '' && words.includes(hint);
}

/** Lower case, words only, one space around each: so that a whole word is a piece of text between spaces. */
function plainWords(text: string): string {
  const spaced = text.normalize('NFKC').toLowerCase().replace(APOSTROPHES, '').replace(UNSPACED, ' $& ');
  return ` ${spaced.replace(NO_WORDS, ' ').trim()} `;
}
