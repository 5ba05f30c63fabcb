/**
 * What a generated program may read at a place, by type, and random expressions over it that certainly compile.
 */
import type { Expr, Operator } from './expressions.js';

export type Shaped =
  /** `open`: any text may be compared with it. */
  | { readonly is: 'n' | 'b' | 't'; readonly open?: true }
  | { readonly is: 'enum'; readonly values: readonly string[] }
  | { readonly is: 'list'; readonly item: Shaped }
  | { readonly is: 'map'; readonly fields: ReadonlyMap<string, { readonly of: Shaped; readonly certain: boolean }> };

export interface Readable {
  readonly path: readonly string[];
  readonly of: Shaped;
  readonly certain: boolean;
}
export type Scope = readonly Readable[];

export const N: Shaped = { is: 'n' };
export const B: Shaped = { is: 'b' };
export const T: Shaped = { is: 't' };
export const OPEN: Shaped = { is: 't', open: true };

/** A map; a name with `?` may be absent. */
export function mapOf(fields: { readonly [name: string]: Shaped }): Shaped {
  const entries = Object.entries(fields).map(
    ([name, of]) => [name.replace('?', ''), { of, certain: !name.endsWith('?') }] as const,
  );
  return { is: 'map', fields: new Map(entries) };
}

/** All that can be read of a name. */
export function readables(path: readonly string[], of: Shaped, certain: boolean): readonly Readable[] {
  if (of.is !== 'map') return [{ path, of, certain }];
  return [...of.fields].flatMap(([name, field]) => readables([...path, name], field.of, certain && field.certain));
}

/** Small numbers in a row, the same for the same seed. */
export class Dice {
  private state: number;
  constructor(seed: number) {
    this.state = (seed + 1) * 0x9e3779b1;
  }
  /** From 0 up to and without `sides`. */
  roll(sides: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  }
  /** One of them; undefined of none. */
  pick<T>(all: readonly T[]): T | undefined {
    return all[this.roll(Math.max(1, all.length))];
  }
}

/** Reads one of the things of this type, or a literal where there is none. */
function read(scope: Scope, is: 'n' | 'b' | 't', dice: Dice): Expr {
  const found = dice.pick(scope.filter(({ of }) => of.is === is || (is === 't' && of.is === 'enum')));
  const literal = is === 'n' ? dice.roll(9) : is === 'b' ? dice.roll(2) === 0 : `lit${dice.roll(5)}`;
  if (found === undefined || dice.roll(6) === 0) return { e: 'literal', value: literal };
  const { path, of, certain } = found;
  // Of unknown type until its loop has been compiled: good for arithmetic only.
  if (path[0] === 'last')
    return {
      e: 'two',
      op: '+',
      left: { e: 'maybe', path, or: literal },
      right: { e: 'literal', value: 1 },
    };
  if (certain && dice.roll(5) > 0) return { e: 'get', path };
  return path.length === 1
    ? { e: 'get', path }
    : { e: 'maybe', path, or: of.is === 'enum' ? (of.values[0] ?? '') : literal };
}

export function number(scope: Scope, dice: Dice): Expr {
  const lists = scope.filter(({ of, certain }) => of.is === 'list' && certain);
  const list = dice.pick(lists);
  const way = dice.roll(5);
  if (way === 0 && list !== undefined) return { e: 'size', path: list.path };
  const left = read(scope, 'n', dice);
  if (way > 2) return left;
  if (way === 2) return { e: 'either', when: condition(scope, dice), then: left, otherwise: read(scope, 'n', dice) };
  return { e: 'two', op: dice.roll(2) === 0 ? '+' : '-', left, right: { e: 'literal', value: 1 + dice.roll(5) } };
}

export function condition(scope: Scope, dice: Dice): Expr {
  const way = dice.roll(6);
  const op: Operator = dice.roll(2) === 0 ? '<' : '<=';
  const compared: Expr = {
    e: 'two',
    op,
    left: read(scope, 'n', dice),
    right: dice.roll(3) === 0 ? read(scope, 'n', dice) : { e: 'literal', value: dice.roll(14) },
  };
  if (way === 0) return { e: 'not', of: compared };
  if (way === 1)
    return { e: 'two', op: dice.roll(2) === 0 ? '&&' : '||', left: compared, right: read(scope, 'b', dice) };
  const text = dice.pick(scope.filter(({ of, certain }) => of.is === 't' && of.open === true && certain));
  if (way === 2 && text !== undefined)
    return { e: 'two', op: '!=', left: { e: 'get', path: text.path }, right: { e: 'literal', value: 'A-7' } };
  return way === 3 ? read(scope, 'b', dice) : compared;
}

/** Text with something in it, so that its type is text and no enumeration. */
export function text(scope: Scope, dice: Dice): Expr {
  const some = Array.from({ length: 1 + dice.roll(2) }, () =>
    dice.roll(3) === 0 ? read(scope, 'n', dice) : read(scope, dice.roll(4) === 0 ? 'b' : 't', dice),
  );
  return { e: 'text', parts: ['says ', ...some.flatMap((one) => [one, '; ']), 'so'] };
}
