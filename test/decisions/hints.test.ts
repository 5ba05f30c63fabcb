/** Hints: whole words, whatever the case and the punctuation. */
import { describe, expect, it } from 'vitest';
import { matchHints } from '../../decisions/hints.js';

const matches = (text: string, hint: string): boolean =>
  matchHints(text, [{ answer: 'a', is: 'A', hints: [hint] }]).length === 1;

describe('a hint matches', () => {
  const cases: [text: string, hint: string, expected: boolean][] = [
    ['The screen is broken.', 'broken', true],
    ['BROKEN!', 'broken', true],
    ['it is unbroken', 'broken', false],
    ['a train ran late', 'rain', false],
    ['It DOES not -- work!', 'does not work', true],
    ['it does not\n  work', 'does not work', true],
    ['it does work, not', 'does not work', false],
    ["it doesn't work", 'doesnt work', true],
    ['it doesn’t work', "doesn't work", true],
    ['an e-mail came', 'e mail', true],
    ['lost/stolen', 'stolen', true],
    ['Überweisung FEHLT', 'überweisung fehlt', true],
    ['ｂｒｏｋｅｎ', 'broken', true],
    ['订单没有到达', '没有到', true],
    ['订单没有到达', '没到', false],
    ['top_up failed', 'top up', true],
    ['order 42', '42', true],
    ['order 421', '42', false],
    ['anything', '', false],
    ['anything', '!!!', false],
    ['', 'broken', false],
  ];
  it.each(cases)('%j with %j: %j', (text, hint, expected) => {
    expect(matches(text, hint)).toBe(expected);
  });
});

it('gives each answer its first matching hint, in the order of the answers', () => {
  const answers = [
    { answer: 'damaged', is: 'It is broken', hints: ['cracked', 'broken', 'does not work'] },
    { answer: 'late', is: 'It is late', hints: ['late'] },
    { answer: 'other', is: 'Something else', hints: [] },
  ];
  expect(matchHints('late, and it does not work: broken', answers)).toEqual([
    { answer: 'damaged', hint: 'broken' },
    { answer: 'late', hint: 'late' },
  ]);
});
