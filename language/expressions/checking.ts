/**
 * What the parts of the checker share: what is known about an expression before it runs, and what may be asked.
 *
 * PURE. Checking and lowering are one walk: each node answers its type, its label, what is certain when it holds, and the
 * text that will be evaluated. A node with a problem answers undefined, and what stands above it says nothing more.
 */
import { BOOLEAN, type Type, type Written } from '../plan/types.js';
import type { ProblemCode } from '../plan/problem.js';
import type { CelNode, Range } from './cel.js';
import { joinWritten, wholeWritten, written } from './labels.js';
import type { Scope } from './scope.js';

export interface Known extends Written {
  /** The text to evaluate: an operand of its own, whatever stands around it. */
  readonly cel: string;
  readonly type: Type;
  /** It may hold nothing: what `.?` gives until `orValue` is called. */
  readonly maybe?: boolean;
  /** Of unknown type: what it is that nobody declares. */
  readonly unknown?: string;
  /** Dotted path of a name and its fields; what facts are about. */
  readonly path?: string;
  readonly literal?: string | number | boolean;
  /** Paths that certainly exist when it is true, and when it is false. */
  readonly whenTrue?: ReadonlySet<string>;
  readonly whenFalse?: ReadonlySet<string>;
}

/** Where a node stands: what is certain there, and which variables of macros are around it. */
export interface Around {
  readonly facts: ReadonlySet<string>;
  readonly variables: ReadonlyMap<string, Known>;
  readonly macros: number;
  readonly depth: number;
}

export interface Checking {
  readonly scope: Scope;
  /** Type and lowered text, or undefined after a problem. The result may be `maybe`. */
  check(node: CelNode, around: Around): Known | undefined;
  /** As `check`, for places that need a value: what may hold nothing is a problem. */
  value(node: CelNode, around: Around): Known | undefined;
  /** Records that a name of the scope is read: one field of it, or all. */
  reads(name: string, field: string | undefined): void;
  /** Notes that a value is read which is private. */
  hush(value: Written): void;
  /** A value is about to be computed with: warns where nobody has declared its type. */
  computes(value: Known, range: Range): void;
  problem(code: ProblemCode, range: Range, message: string, hint?: string): undefined;
  /** The author's text of a node. */
  quote(range: Range): string;
}

export function known(cel: string, type: Type, ...by: readonly Written[]): Known {
  const all = joinWritten(...by);
  const listed = type.kind === 'text' && type.values !== undefined;
  return { cel, type, ...(listed ? written('definition', undefined, all.private === true) : all) };
}

/** Who wrote everything that a value holds. */
export function writersOf(value: Known): Written {
  return wholeWritten(value.type, value);
}

/** What is found out about a private value is not the value. */
export function truth(cel: string, ...of: readonly Known[]): Known {
  const { label, from } = joinWritten(...of.map(writersOf));
  return { cel, type: BOOLEAN, ...written(label, from, false) };
}

/** A text literal of CEL. */
export function celText(text: string): string {
  return JSON.stringify(text);
}

/** A number literal of CEL; always a double. */
export function celNumber(value: number): string {
  const text = String(value);
  return /[.e]/.test(text) ? text.replace('e+', 'e') : `${text}.0`;
}

export function addFacts(facts: ReadonlySet<string>, more: ReadonlySet<string> | undefined): ReadonlySet<string> {
  return more === undefined || more.size === 0 ? facts : new Set([...facts, ...more]);
}
