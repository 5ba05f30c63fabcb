/**
 * What the functions of expressions compute, on values as the evaluator holds them: texts, numbers, booleans, arrays,
 * Maps, instants and spans.
 *
 * PURE. The compiler has checked every call; what is checked again here are values of unknown type (`any`) and what only
 * shows on values: a whole number, an empty list. Every function pays for what it reads (fuel.ts) and throws an Error
 * whose message can stand behind "could not be computed: ".
 */
import { parseDuration } from '../plan/duration.js';
import { DIGITS_AT_MOST, fixed, round } from './decimal.js';
import { toJsonValue } from './exchange.js';
import { spend, spendOn, spendText } from './fuel.js';
import { formatInstant, Instant, parseInstant, Span } from './instant.js';
import { compilePattern, matchesPattern, type Pattern } from './pattern.js';

export type LibraryFunction = (...values: readonly unknown[]) => unknown;

/** By the name under which lowered expressions call them, with the number of arguments. */
export const FUNCTIONS: ReadonlyMap<string, readonly [number, LibraryFunction]> = new Map<
  string,
  readonly [number, LibraryFunction]
>([
  ['spend', [2, (value, weight) => spendOn(value, number(weight))]],
  ['place', [1, (value) => BigInt(whole(value, 'an index'))]],
  ['divide', [2, (left, right) => divide(number(left), number(right))]],
  ['modulo', [2, (left, right) => modulo(whole(left, '%'), whole(right, '%'))]],
  ['exact', [1, (value) => exact(number(value))]],
  ['sum', [1, (list) => numbers(list).reduce((total, item) => total + item, 0)]],
  ['least', [1, (list) => extreme(list, 'min', (left, right) => left < right)]],
  ['most', [1, (list) => extreme(list, 'max', (left, right) => left > right)]],
  ['round', [2, (value, digits) => round(number(value), decimals(digits))]],
  ['fixed', [2, (value, digits) => fixed(number(value), decimals(digits))]],
  ['day', [1, (value) => asText(instant(value)).slice(0, 10)]],
  ['datePart', [2, (value, part) => datePart(instant(value), text(part))]],
  ['instant', [1, (value) => new Instant(parse(text(value), parseInstant, 'a time such as 2026-03-01T00:00:00Z'))]],
  ['span', [1, (value) => new Span(parse(text(value), parseDuration, 'a duration such as 30s, 15m or 2d'))]],
  ['upper', [1, (value) => paid(value).toUpperCase()]],
  ['lower', [1, (value) => paid(value).toLowerCase()]],
  ['trim', [1, (value) => paid(value).trim()]],
  ['split', [2, (value, separator) => split(paid(value), text(separator))]],
  ['join', [2, (list, separator) => join(items(list), text(separator))]],
  ['matchesPattern', [2, (value, pattern) => matches(text(value), text(pattern))]],
  ['toJson', [1, (value) => JSON.stringify(toJsonValue(value))]],
  ['asText', [1, (value) => asText(value)]],
  ['asNumber', [1, (value) => asNumber(value)]],
]);

/** How a value stands inside text: `12`, `true`, `2026-03-01T00:00:00Z`. Lists and maps need `toJson`. */
export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value === 0 ? 0 : value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Instant) {
    const written = formatInstant(value.epoch_ms);
    if (written !== undefined) return written;
  }
  throw new Error(`${describe(value)} cannot stand inside text; write toJson(…)`);
}

/** A value in a few words, for messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Span) return 'a duration';
  if (value instanceof Instant) return formatInstant(value.epoch_ms) ?? 'a time out of range';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a map';
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`${describe(value)} is not text`);
  return value;
}

function paid(value: unknown): string {
  const written = text(value);
  spendText(written);
  return written;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`${describe(value)} is not a number`);
  return value;
}

function whole(value: unknown, what: string): number {
  const given = number(value);
  if (!Number.isSafeInteger(given)) throw new Error(`${what} needs a whole number, and ${given} is none`);
  return given;
}

function decimals(value: unknown): number {
  const digits = whole(value, 'the number of digits');
  if (digits < 0 || digits > DIGITS_AT_MOST) throw new Error(`${digits} digits: 0 to ${DIGITS_AT_MOST} are possible`);
  return digits;
}

function instant(value: unknown): Instant {
  if (!(value instanceof Instant)) throw new Error(`${describe(value)} is not a timestamp`);
  return value;
}

function items(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error(`${describe(value)} is not a list`);
  spend(value.length);
  return value;
}

function numbers(value: unknown): readonly number[] {
  return items(value).map(number);
}

function parse(written: string, read: (text: string) => number | undefined, what: string): number {
  const found = read(written);
  if (found === undefined) throw new Error(`${describe(written)} is not ${what}`);
  return found;
}

function divide(left: number, right: number): number {
  if (right === 0) throw new Error(`${left} is divided by 0`);
  return left / right;
}

function exact(value: number): number {
  if (!Number.isSafeInteger(value) && Number.isInteger(value))
    throw new Error(`it gives a whole number beyond ${Number.MAX_SAFE_INTEGER}, which a number does not keep exactly`);
  return value;
}

function modulo(left: number, right: number): number {
  if (right === 0) throw new Error(`${left} % 0 has no result`);
  return left % right;
}

type Ordered = number | Instant | Span;

function extreme(list: unknown, name: string, before: (left: Ordered, right: Ordered) => boolean): Ordered {
  let best: Ordered | undefined;
  for (const item of items(list)) {
    const candidate = item instanceof Instant || item instanceof Span ? item : number(item);
    if (best === undefined || before(candidate, best)) best = candidate;
  }
  if (best === undefined) throw new Error(`${name}() of an empty list has no result`);
  return best;
}

function datePart(at: Instant, part: string): number {
  const date = new Date(at.epoch_ms);
  switch (part) {
    case 'getFullYear':
      return date.getUTCFullYear();
    case 'getMonth':
      return date.getUTCMonth();
    case 'getDate':
      return date.getUTCDate();
    case 'getDayOfWeek':
      return date.getUTCDay();
    case 'getHours':
      return date.getUTCHours();
    case 'getMinutes':
      return date.getUTCMinutes();
    default:
      return date.getUTCSeconds();
  }
}

function split(value: string, separator: string): readonly string[] {
  if (separator === '') throw new Error('split() needs a separator that is not empty');
  const parts = value.split(separator);
  spend(parts.length);
  return parts;
}

function join(list: readonly unknown[], separator: string): string {
  const parts = list.map(text);
  for (const part of parts) spendText(part);
  spend(Math.ceil((separator.length * parts.length) / 64));
  return parts.join(separator);
}

const PATTERNS_AT_MOST = 200;
/** A pure cache: a pattern's text decides its program. */
const patterns = new Map<string, Pattern>();

function matches(value: string, source: string): boolean {
  let pattern = patterns.get(source);
  if (pattern === undefined) {
    pattern = compilePattern(source);
    if (patterns.size >= PATTERNS_AT_MOST) patterns.clear();
    patterns.set(source, pattern);
  }
  spend(Math.ceil((value.length * pattern.steps.length) / 256));
  return matchesPattern(pattern, value);
}

function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  const written = text(value).trim();
  if (!/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(written)) throw new Error(`${describe(value)} is not a number`);
  return Number(written);
}
