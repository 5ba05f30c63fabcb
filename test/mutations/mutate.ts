/**
 * Mutations of a definition's text: one key or reference dropped, renamed, retyped or moved, and nothing else touched.
 *
 * TEST. Works on the text by the ranges that the YAML parser gives, so that every other line stays where it was.
 */
import { isMap, isPair, isScalar, isSeq, parseDocument, type Pair } from 'yaml';

export interface Mutant {
  readonly what:
    'drop' | 'rename' | 'retype' | 'reorder keys' | 'reorder steps' | 'rename reference' | 'retype reference';
  readonly text: string;
  /** The lines of the mutated text that differ, 1-based. */
  readonly from: number;
  readonly to: number;
  /** What it was called before. */
  readonly name: string;
  /** The text that stood there; empty where that was long. */
  readonly was: string;
  /** What it is called now, where it was renamed. */
  readonly now?: string;
}

interface Place {
  readonly pair: Pair;
  readonly key: string;
  readonly keyRange: readonly [number, number];
  readonly valueRange: readonly [number, number];
  readonly flow: boolean;
  /** The next pair of a block map. */
  readonly next: Pair | undefined;
}

/** Seeded, so that every run can be had again. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  below(limit: number): number {
    // Mulberry32, by Tommy Ettinger (public domain).
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of<T>(values: readonly T[]): T | undefined {
    return values[this.below(Math.max(1, values.length))];
  }
}

const OTHER_TYPES = ['17', 'true', '[1, 2]', '{ odd: 1 }', '"odd"', '"${{ 17 }}"', '"${{ [1] }}"'];

/** One mutation of `text`; undefined where the dice fell on a place that this mutation cannot change. */
export function mutate(text: string, dice: Dice): Mutant | undefined {
  const places = placesOf(text);
  switch (dice.below(7)) {
    case 0:
      return drop(text, dice.of(places));
    case 1:
      return rename(text, dice.of(places), dice);
    case 2:
      return retype(text, dice.of(places), dice);
    case 3:
      return reorderKeys(text, dice.of(places.filter(({ next, flow }) => next !== undefined && !flow)));
    case 4:
      return reorderSteps(text, dice);
    case 5:
      return renameReference(text, dice);
    default:
      return retypeReference(text, dice);
  }
}

function placesOf(text: string): Place[] {
  const found: Place[] = [];
  const visit = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (!isMap(node)) return;
    for (const [index, pair] of node.items.entries()) {
      const place = placeOf(pair, node.flow === true, node.items[index + 1]);
      if (place !== undefined) found.push(place);
      visit(pair.value);
    }
  };
  visit(parseDocument(text).contents);
  return found;
}

function placeOf(pair: unknown, flow: boolean, next: unknown): Place | undefined {
  if (!isPair(pair) || !isScalar(pair.key)) return undefined;
  const keyRange = rangeOf(pair.key);
  const valueRange = rangeOf(pair.value);
  if (keyRange === undefined || valueRange === undefined) return undefined;
  const following = isPair(next) && isScalar(next.key) ? next : undefined;
  return { pair, key: String(pair.key.value), keyRange, valueRange, flow, next: following };
}

function rangeOf(node: unknown): readonly [number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range)) return undefined;
  const [from, to]: unknown[] = node.range;
  return typeof from === 'number' && typeof to === 'number' ? [from, to] : undefined;
}

function drop(text: string, place: Place | undefined): Mutant | undefined {
  if (place === undefined) return undefined;
  const { key, keyRange, valueRange, flow } = place;
  let [from, to] = [keyRange[0], valueRange[1]];
  if (flow) {
    const after = /^\s*,\s*/.exec(text.slice(to));
    const before = /,\s*$/.exec(text.slice(0, from));
    if (after !== null) to += after[0].length;
    else if (before !== null) from -= before[0].length;
  } else {
    // A block value ends with its line; the first key of an item leaves its dash to the next one.
    const line = text.lastIndexOf('\n', from - 1) + 1;
    const dash = text.slice(line, from).includes('-');
    const end = text.indexOf('\n', to - 1);
    const stop = text[to - 1] === '\n' ? to : end < 0 ? text.length : end + 1;
    if (dash) return dropFirst(text, place, stop);
    [from, to] = [line, stop];
  }
  return mutant('drop', text, from, to, '', key);
}

/** `- id: a` + `  read: …` becomes `- read: …`. */
function dropFirst(text: string, { key, keyRange, next }: Place, stop: number): Mutant | undefined {
  const nextRange = next === undefined ? undefined : rangeOf(next.key);
  if (nextRange === undefined) return undefined;
  return mutant('drop', text, keyRange[0], Math.max(stop, nextRange[0]), '', key);
}

function rename(text: string, place: Place | undefined, dice: Dice): Mutant | undefined {
  if (place === undefined) return undefined;
  const { key, keyRange } = place;
  const now = misspelt(key, dice);
  const quoted = text[keyRange[0]] === '"' || text[keyRange[0]] === "'";
  if (now === key || quoted) return undefined;
  return { ...mutant('rename', text, keyRange[0], keyRange[1], now, key), now };
}

function retype(text: string, place: Place | undefined, dice: Dice): Mutant | undefined {
  const value = dice.of(OTHER_TYPES);
  if (place === undefined || value === undefined) return undefined;
  const { key, valueRange } = place;
  const [from, end] = valueRange;
  const block = text.slice(from, end).includes('\n');
  const to = block ? end - (/\s*$/.exec(text.slice(from, end))?.[0].length ?? 0) : end;
  if (text.slice(from, to) === value) return undefined;
  return mutant('retype', text, from, to, value, key);
}

function reorderKeys(text: string, place: Place | undefined): Mutant | undefined {
  const next = place?.next;
  const nextKey = rangeOf(next?.key);
  const nextValue = rangeOf(next?.value);
  if (place === undefined || nextKey === undefined || nextValue === undefined) return undefined;
  const { keyRange, valueRange, key } = place;
  const one = text.slice(keyRange[0], valueRange[1]).trimEnd();
  const other = text.slice(nextKey[0], nextValue[1]).trimEnd();
  const between = text.slice(keyRange[0] + one.length, nextKey[0]);
  // A comment between them would belong to the other one then; a block scalar ends where its lines do.
  if (between.includes('#') || /[|>][+-]?\n/.test(one + other)) return undefined;
  const start = keyRange[0];
  return mutant('reorder keys', text, start, nextKey[0] + other.length, other + between + one, key);
}

function reorderSteps(text: string, dice: Dice): Mutant | undefined {
  const lists: { readonly items: readonly unknown[] }[] = [];
  const visit = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const isSteps = isScalar(pair.key) && (pair.key.value === 'steps' || pair.key.value === 'finally');
      if (isSteps && isSeq(pair.value) && pair.value.flow !== true && pair.value.items.length > 1)
        lists.push(pair.value);
      visit(pair.value);
    }
  };
  visit(parseDocument(text).contents);
  const list = dice.of(lists);
  if (list === undefined) return undefined;
  const index = dice.below(list.items.length - 1);
  const [one, other] = [rangeOf(list.items[index]), rangeOf(list.items[index + 1])];
  if (one === undefined || other === undefined) return undefined;
  const first = text.slice(one[0], one[1]).trimEnd();
  const second = text.slice(other[0], other[1]).trimEnd();
  const between = text.slice(one[0] + first.length, other[0]);
  if (between.includes('#')) return undefined;
  return mutant('reorder steps', text, one[0], other[0] + second.length, second + between + first, 'step');
}

/** The names in expressions, outside of quotes: `order`, `.total`. */
function references(text: string): { readonly at: number; readonly name: string }[] {
  const found: { at: number; name: string }[] = [];
  for (const match of text.matchAll(/(?<!\$)\$\{\{(.*?)\}\}/g)) {
    const source = match[1] ?? '';
    const start = match.index + 3;
    const plain = source.replace(/'[^']*'/g, (quoted) => ' '.repeat(quoted.length));
    for (const word of plain.matchAll(/[A-Za-z_][A-Za-z0-9_]*/g)) {
      if (['true', 'false', 'null', 'in'].includes(word[0])) continue;
      found.push({ at: start + word.index, name: word[0] });
    }
  }
  return found;
}

function renameReference(text: string, dice: Dice): Mutant | undefined {
  const reference = dice.of(references(text));
  if (reference === undefined) return undefined;
  const { at, name } = reference;
  const now = misspelt(name, dice);
  if (now === name) return undefined;
  return { ...mutant('rename reference', text, at, at + name.length, now, name), now };
}

function retypeReference(text: string, dice: Dice): Mutant | undefined {
  const reference = dice.of(references(text));
  if (reference === undefined) return undefined;
  const { at, name } = reference;
  const end = at + name.length;
  // A function's or a macro's name is no value.
  if (text[end] === '(') return undefined;
  const now = dice.of([`${name}[0]`, `${name}.size()`, `-${name}`, `!${name}`]) ?? name;
  if (text[at - 1] === '.' || text[at - 1] === '?') {
    return mutant('retype reference', text, at, end, `${name}.size()`, name);
  }
  return mutant('retype reference', text, at, end, now, name);
}

/** A slip of the fingers: two letters swapped, one lost, one doubled, or another case. */
function misspelt(word: string, dice: Dice): string {
  const at = dice.below(Math.max(1, word.length - 1));
  switch (dice.below(4)) {
    case 0:
      return word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2);
    case 1:
      return word.length < 2 ? word : word.slice(0, at) + word.slice(at + 1);
    case 2:
      return word.slice(0, at) + (word[at] ?? '') + word.slice(at);
    default:
      return (word[0] ?? '').toUpperCase() + word.slice(1);
  }
}

function mutant(what: Mutant['what'], text: string, from: number, to: number, instead: string, name: string): Mutant {
  const mutated = text.slice(0, from) + instead + text.slice(to);
  const line = (at: number): number => mutated.slice(0, at).split('\n').length;
  const was = to - from > 60 ? '' : text.slice(from, to).trim();
  return { what, text: mutated, from: line(from), to: line(from + instead.length), name, was };
}
