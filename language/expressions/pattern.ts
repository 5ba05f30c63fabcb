/**
 * Patterns of `matches`: a regular expression read into a small program that takes time linear in the text.
 *
 * PURE. JavaScript's own RegExp backtracks: twenty-eight letters can stop a worker for eleven seconds. This follows all
 * ways through the pattern at once (K. Thompson, "Regular expression search algorithm", CACM 11(6), 1968), so that no
 * pattern is dangerous; what cannot be done that way (back references, look-around) is refused by name.
 */
import { parseRanges, type Ranges } from './pattern-classes.js';

type Step =
  | { readonly op: 'character'; readonly ranges: Ranges; readonly next: number }
  | { readonly op: 'either'; readonly ways: readonly number[] }
  | { readonly op: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly op: 'match' };
type Assertion = 'start' | 'end' | 'edge' | 'no edge';

/** A compiled pattern: steps that refer to each other by index. */
export interface Pattern {
  readonly steps: readonly Step[];
  readonly first: number;
}

type Tree =
  | { readonly is: 'character'; readonly ranges: Ranges }
  | { readonly is: 'assert'; readonly what: Assertion }
  | { readonly is: 'sequence'; readonly parts: readonly Tree[] }
  | { readonly is: 'either'; readonly ways: readonly Tree[] }
  | { readonly is: 'repeat'; readonly part: Tree; readonly least: number; readonly most: number };

const STEPS_AT_MOST = 1000;
const LENGTH_AT_MOST = 500;
const DEPTH_AT_MOST = 20;
const BUT_NEWLINE: Ranges = [
  [0, 9],
  [11, 0x10ffff],
];

/** Reads a pattern; throws an Error whose message says what is wrong or not available. */
export function compilePattern(source: string): Pattern {
  if (source.length > LENGTH_AT_MOST) throw new Error(`a pattern has at most ${LENGTH_AT_MOST} characters`);
  const steps: Step[] = [{ op: 'match' }];
  const first = emit(new Reader(source).read(), 0, steps);
  return { steps, first };
}

/** Puts the steps of `tree` before step `next`; answers where they begin. Built from the end to the beginning. */
function emit(tree: Tree, next: number, steps: Step[]): number {
  if (steps.length > STEPS_AT_MOST) throw new Error('the pattern is too large: repeat fewer things fewer times');
  switch (tree.is) {
    case 'character':
      return steps.push({ op: 'character', ranges: tree.ranges, next }) - 1;
    case 'assert':
      return steps.push({ op: 'assert', what: tree.what, next }) - 1;
    case 'sequence':
      return tree.parts.reduceRight((after, part) => emit(part, after, steps), next);
    case 'either':
      return steps.push({ op: 'either', ways: tree.ways.map((way) => emit(way, next, steps)) }) - 1;
    case 'repeat':
      return emitRepeat(tree.part, tree.least, tree.most, next, steps);
  }
}

function emitRepeat(part: Tree, least: number, most: number, next: number, steps: Step[]): number {
  let at = next;
  if (most === Infinity) {
    const loop = steps.push({ op: 'match' }) - 1;
    steps[loop] = { op: 'either', ways: [emit(part, loop, steps), next] };
    at = loop;
  } else {
    for (let count = least; count < most; count += 1) {
      at = steps.push({ op: 'either', ways: [emit(part, at, steps), next] }) - 1;
    }
  }
  for (let count = 0; count < least; count += 1) at = emit(part, at, steps);
  return at;
}

/** Recursive descent over the pattern's text, by code points. */
class Reader {
  private readonly characters: readonly string[];
  private at = 0;
  private depth = 0;

  constructor(source: string) {
    this.characters = Array.from(source);
  }

  read(): Tree {
    const tree = this.either();
    if (this.at < this.characters.length) throw new Error('")" has no "(" before it');
    return tree;
  }

  private either(): Tree {
    if (this.depth++ > DEPTH_AT_MOST) throw new Error(`groups are nested more than ${DEPTH_AT_MOST} deep`);
    const ways = [this.sequence()];
    while (this.take('|')) ways.push(this.sequence());
    this.depth -= 1;
    return ways.length === 1 && ways[0] !== undefined ? ways[0] : { is: 'either', ways };
  }

  private sequence(): Tree {
    const parts: Tree[] = [];
    for (;;) {
      const next = this.characters[this.at];
      if (next === undefined || next === '|' || next === ')') return { is: 'sequence', parts };
      parts.push(this.repeated());
    }
  }

  private repeated(): Tree {
    const part = this.single();
    const counts = this.counts();
    if (counts === undefined) return part;
    this.take('?');
    if (this.counts() !== undefined) throw new Error('a repetition cannot be repeated; put it into a group');
    return { is: 'repeat', part, least: counts[0], most: counts[1] };
  }

  private counts(): readonly [number, number] | undefined {
    if (this.take('*')) return [0, Infinity];
    if (this.take('+')) return [1, Infinity];
    if (this.take('?')) return [0, 1];
    const match = /^\{(\d{1,3})(?:(,)(\d{0,3}))?\}/.exec(this.characters.slice(this.at, this.at + 9).join(''));
    if (match === null) return undefined;
    this.at += match[0].length;
    const least = Number(match[1]);
    const most = match[2] === undefined ? least : match[3] === '' ? Infinity : Number(match[3]);
    if (most < least) throw new Error(`"${match[0]}" counts backwards`);
    return [least, most];
  }

  private single(): Tree {
    const character = this.characters[this.at] ?? '';
    this.at += 1;
    switch (character) {
      case '(':
        return this.group();
      case '.':
        return { is: 'character', ranges: BUT_NEWLINE };
      case '^':
        return { is: 'assert', what: 'start' };
      case '$':
        return { is: 'assert', what: 'end' };
      case '*':
      case '+':
      case '?':
        throw new Error(`"${character}" has nothing before it to repeat`);
      case '\\':
        if (this.take('b')) return { is: 'assert', what: 'edge' };
        if (this.take('B')) return { is: 'assert', what: 'no edge' };
    }
    const [ranges, end] = parseRanges(this.characters, this.at - 1);
    this.at = end;
    return { is: 'character', ranges };
  }

  private group(): Tree {
    if (this.take('?') && !this.take(':')) {
      const kind = this.characters[this.at] ?? '';
      throw new Error(
        kind === '=' || kind === '!' || kind === '<'
          ? `"(?${kind}" (looking around, or a named group) is not available`
          : `"(?${kind}" is not available; only "(?:" is`,
      );
    }
    const tree = this.either();
    if (!this.take(')')) throw new Error('"(" is not closed');
    return tree;
  }

  private take(character: string): boolean {
    if (this.characters[this.at] !== character) return false;
    this.at += 1;
    return true;
  }
}

/** Whether the pattern is found anywhere in the text. Takes at most text length times steps. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  const characters = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const seen = new Int32Array(pattern.steps.length).fill(-1);
  let current: number[] = [];
  for (let at = 0; at <= characters.length; at += 1) {
    const ready: number[] = [];
    // The pattern may begin at every place, so its first step joins those already under way.
    for (const step of [...current, pattern.first]) {
      if (follow(pattern, step, characters, at, seen, ready)) return true;
    }
    const code = characters[at];
    if (code === undefined) return false;
    current = [];
    for (const index of ready) {
      const step = pattern.steps[index];
      if (step?.op === 'character' && inRanges(step.ranges, code)) current.push(step.next);
    }
  }
  return false;
}

/** Adds the character steps reachable from `from` without reading; true when the end of the pattern is. */
function follow(
  pattern: Pattern,
  from: number,
  text: readonly number[],
  at: number,
  seen: Int32Array,
  ready: number[],
): boolean {
  const waiting = [from];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (seen[index] === at) continue;
    seen[index] = at;
    const step = pattern.steps[index];
    if (step?.op === 'match') return true;
    if (step?.op === 'character') ready.push(index);
    else if (step?.op === 'either') waiting.push(...step.ways);
    else if (step?.op === 'assert' && holds(step.what, text, at)) waiting.push(step.next);
  }
  return false;
}

function holds(what: Assertion, text: readonly number[], at: number): boolean {
  if (what === 'start') return at === 0;
  if (what === 'end') return at === text.length;
  const edge = isWord(text[at - 1]) !== isWord(text[at]);
  return what === 'edge' ? edge : !edge;
}

const WORD: Ranges = parseRanges(['\\', 'w'], 0)[0];

function isWord(code: number | undefined): boolean {
  return code !== undefined && inRanges(WORD, code);
}

function inRanges(ranges: Ranges, code: number): boolean {
  return ranges.some(([from, to]) => code >= from && code <= to);
}
