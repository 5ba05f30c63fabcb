/**
 * Types side by side: the type that covers two, and whether a value of one may stand where another is needed.
 *
 * PURE. Absence never fits where a field is needed; a text only fits an enumeration when each of its values is listed.
 */
import { ANY, describeType, listOf, type Field, type Type, type Written } from '../plan/types.js';
import { closest } from './closest.js';
import { fieldWritten, joinWritten, writtenOf } from './labels.js';

export interface Labelled extends Written {
  readonly type: Type;
}

/** The type of `[]`: it goes with every list. */
export const EMPTY_LIST: Type = listOf(ANY, 0);

/** The type and label of "one or the other", or undefined when they have nothing in common. */
export function unify(left: Labelled, right: Labelled): Labelled | undefined {
  const type = unifyTypes(left, right);
  return type === undefined ? undefined : { type, ...joinWritten(left, right) };
}

function unifyTypes(left: Labelled, right: Labelled): Type | undefined {
  const [a, b] = [left.type, right.type];
  if (a.kind === 'any' && a.nothing === true) return b;
  if (b.kind === 'any' && b.nothing === true) return a;
  if (a.kind === 'any' || b.kind === 'any') return ANY;
  if (a.kind === 'text' && b.kind === 'text') return unifyTexts(a, b);
  if (a.kind === 'number' && b.kind === 'number') {
    return a.whole === true && b.whole === true ? { kind: 'number', whole: true } : { kind: 'number' };
  }
  if (a.kind === 'list' && b.kind === 'list') {
    if (a.atMost === 0) return b;
    if (b.atMost === 0) return a;
    const item = unifyTypes({ ...writtenOf(left), type: a.item }, { ...writtenOf(right), type: b.item });
    if (item === undefined) return undefined;
    const known = a.atMost !== undefined && b.atMost !== undefined;
    return known ? listOf(item, Math.max(a.atMost, b.atMost)) : listOf(item);
  }
  if (a.kind === 'map' && b.kind === 'map') {
    const fields = unifyFields(a.fields, left, b.fields, right);
    if (fields === undefined) return undefined;
    return a.open === true || b.open === true ? { kind: 'map', fields, open: true } : { kind: 'map', fields };
  }
  return a.kind === b.kind ? a : undefined;
}

type TextType = Extract<Type, { kind: 'text' }>;

function unifyTexts(a: TextType, b: TextType): Type {
  if (a.values !== undefined && b.values !== undefined) {
    return { kind: 'text', values: [...new Set([...a.values, ...b.values])] };
  }
  const [left, right] = [longest(a), longest(b)];
  return left === undefined || right === undefined
    ? { kind: 'text' }
    : { kind: 'text', maxLength: Math.max(left, right) };
}

/** The most characters a text of this type has, where that is known. */
export function longest(type: Type): number | undefined {
  if (type.kind !== 'text') return undefined;
  if (type.maxLength !== undefined || type.values === undefined) return type.maxLength;
  return Math.max(0, ...type.values.map((value) => value.length));
}

function unifyFields(
  left: ReadonlyMap<string, Field>,
  leftBy: Written,
  right: ReadonlyMap<string, Field>,
  rightBy: Written,
): ReadonlyMap<string, Field> | undefined {
  const fields = new Map<string, Field>();
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const [a, b] = [left.get(name), right.get(name)];
    const only = a ?? b;
    if (only === undefined) continue;
    const mine = { type: a?.type ?? only.type, ...(a === undefined ? writtenOf(leftBy) : fieldWritten(a, leftBy)) };
    const other = { type: b?.type ?? only.type, ...(b === undefined ? writtenOf(rightBy) : fieldWritten(b, rightBy)) };
    const both = unify(a === undefined ? other : mine, b === undefined ? mine : other);
    if (both === undefined) return undefined;
    const certain = a?.presence === 'certain' && b?.presence === 'certain';
    fields.set(name, { ...both, presence: certain ? 'certain' : 'optional' });
  }
  return fields;
}

/** A type in words, with its article: "a number", "text", "the text "x"". */
export function article(type: Type): string {
  if (type.kind === 'text' && type.values?.length === 1) return `the text "${type.values.join('')}"`;
  const words = describeType(type);
  return /^(text|one of|a value)/.test(words) ? words : `a ${words}`;
}

/** Why a value of type `actual` cannot stand where `expected` is needed; undefined when it can. */
export function misfit(actual: Type, expected: Type): string | undefined {
  if (expected.kind === 'any') return undefined;
  if (actual.kind === 'any') return misfitOfAny(expected);
  if (actual.kind === 'timestamp' && expected.kind === 'text' && expected.values === undefined) return undefined;
  if (actual.kind === 'text' && expected.kind === 'text') return misfitOfText(actual, expected);
  if (actual.kind === 'number' && expected.kind === 'number') {
    if (expected.whole !== true || actual.whole === true) return undefined;
    return 'a whole number is needed, and this may have decimals; write round(…, 0)';
  }
  if (actual.kind === 'list' && expected.kind === 'list') {
    const item = actual.atMost === 0 ? undefined : misfit(actual.item, expected.item);
    return item === undefined ? undefined : `of the list's items: ${item}`;
  }
  if (actual.kind === 'map' && expected.kind === 'map') return misfitOfMap(actual, expected);
  if (actual.kind === expected.kind) return undefined;
  return `${article(expected)} is needed, and this is ${article(actual)}`;
}

/** A value of unknown type is looked at when it is there; what its parts are is not. */
function misfitOfAny(expected: Type): string | undefined {
  const needsMore =
    (expected.kind === 'text' && expected.values !== undefined) ||
    (expected.kind === 'list' && expected.item.kind !== 'any') ||
    (expected.kind === 'map' && expected.fields.size > 0);
  if (!needsMore) return undefined;
  return `${article(expected)} is needed, and the type of this is not declared`;
}

function misfitOfText(actual: TextType, expected: TextType): string | undefined {
  if (expected.values === undefined) return undefined;
  const allowed = expected.values;
  if (actual.values === undefined) return `${article(expected)} is needed, and this can be any text`;
  const wrong = actual.values.find((value) => !allowed.includes(value));
  if (wrong === undefined) return undefined;
  const near = closest(wrong, allowed);
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  return `it can be "${wrong}", which is not ${article(expected)}${meant}`;
}

type MapType = Extract<Type, { kind: 'map' }>;

function misfitOfMap(actual: MapType, expected: MapType): string | undefined {
  for (const [name, field] of expected.fields) {
    const given = actual.fields.get(name);
    if (given === undefined) {
      if (field.presence === 'certain') return `the field "${name}" is needed, and this map has none`;
      continue;
    }
    if (field.presence === 'certain' && given.presence === 'optional') {
      return `the field "${name}" is needed, and it may be absent in this map`;
    }
    const reason = misfit(given.type, field.type);
    if (reason !== undefined) return `of the field "${name}": ${reason}`;
  }
  if (expected.open === true) return undefined;
  const extra = [...actual.fields.keys()].find((name) => !expected.fields.has(name));
  if (extra !== undefined && expected.fields.size > 0) return `there is no place for its field "${extra}"`;
  return undefined;
}

/** The part of a type that may not leave an expression, in words; undefined when all of it may. */
export function cannotLeave(type: Type): string | undefined {
  if (type.kind === 'duration') return 'a duration';
  if (type.kind === 'list') return cannotLeave(type.item);
  if (type.kind !== 'map') return undefined;
  for (const field of type.fields.values()) {
    const inside = cannotLeave(field.type);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
