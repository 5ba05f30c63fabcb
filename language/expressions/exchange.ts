/**
 * Values on their way into an expression and out of it.
 *
 * PURE. In: JSON maps become `Map`, so that no author's or sender's key can meet a prototype; null becomes what it means
 * here, an absent field; RFC 3339 text becomes an instant where the compiler says so. Out: JSON and nothing else.
 */
import { isJsonMap, type Json } from '../plan/json.js';
import { formatInstant, Instant, parseInstant, Span } from './instant.js';

type Paths = readonly (readonly string[])[];

/** JSON characters that one expression may give. */
export const RESULT_LIMIT = 256 * 1024;

/**
 * Converted slots, by the JSON value and the paths of its instants. Values of slots never change, so this is a pure
 * cache: it spares a loop over a thousand rows from converting all of them a thousand times.
 */
const converted = new WeakMap<object, Map<string, unknown>>();

/** A slot's value as the evaluator reads it. `times`: see NameUse. */
export function fromSlot(value: Json, times: Paths): unknown {
  if (typeof value !== 'object' || value === null) return convert(value, times);
  const key = JSON.stringify(times);
  const known = converted.get(value) ?? new Map<string, unknown>();
  converted.set(value, known);
  if (!known.has(key)) known.set(key, convert(value, times));
  return known.get(key);
}

function convert(value: Json, times: Paths): unknown {
  if (times.some((path) => path.length === 0)) return toInstant(value);
  if (Array.isArray(value)) {
    const below = under(times, '*');
    return value.map((item: Json) => convert(item, below));
  }
  if (!isJsonMap(value)) return value;
  const map = new Map<string, unknown>();
  for (const [key, item] of Object.entries(value)) {
    if (item !== null) map.set(key, convert(item, under(times, key)));
  }
  return map;
}

function under(times: Paths, key: string): Paths {
  return times.length === 0 ? times : times.filter(([first]) => first === key).map((path) => path.slice(1));
}

function toInstant(value: Json): Instant {
  const epoch_ms = typeof value === 'string' ? parseInstant(value) : undefined;
  if (epoch_ms === undefined) throw new Error(`${JSON.stringify(value)} is not a time such as 2026-03-01T00:00:00Z`);
  return new Instant(epoch_ms);
}

/** The JSON of an evaluator's value: instants as RFC 3339 text, a duration as milliseconds. Throws on what has none. */
export function toJsonValue(value: unknown): Json {
  return new Writer().write(value);
}

class Writer {
  private left = RESULT_LIMIT;

  write(value: unknown): Json {
    if (typeof value === 'string') return this.pay(value, value.length + 2);
    if (typeof value === 'boolean' || value === null) return this.pay(value, 5);
    if (typeof value === 'number') return this.pay(finite(value), 8);
    if (typeof value === 'bigint') return this.pay(finite(Number(value)), 8);
    if (value instanceof Instant) return this.pay(written(value), 24);
    if (value instanceof Span) return this.pay(finite(value.length_ms), 8);
    if (Array.isArray(value)) return value.map((item: unknown) => this.write(item));
    if (value instanceof Map) return this.map(value);
    if (isPlainMap(value)) return this.map(Object.entries(value));
    throw new Error('it gives a value that only exists inside expressions');
  }

  private map(entries: Iterable<readonly [unknown, unknown]>): Json {
    const result: [string, Json][] = [];
    for (const [key, item] of entries) {
      if (item === null || item === undefined) continue;
      const name = String(key);
      this.pay(name, name.length + 3);
      result.push([name, this.write(item)]);
    }
    return Object.fromEntries(result);
  }

  private pay<Value>(value: Value, size: number): Value {
    this.left -= size;
    if (this.left < 0) throw new ResultTooLarge();
    return value;
  }
}

/** The result of an expression is over the limit; evaluate.ts turns it into a failure of its own code. */
export class ResultTooLarge extends Error {
  constructor() {
    super(`it gives more than ${RESULT_LIMIT / 1024} KB; select what is needed of it`);
    this.name = 'ResultTooLarge';
  }
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error('it gives a number that is too large, or none');
  return value === 0 ? 0 : value;
}

function written(value: Instant): string {
  const text = formatInstant(value.epoch_ms);
  if (text === undefined) throw new Error('it gives a time outside the years 1 to 9999');
  return text;
}

/** What a map literal evaluates to. */
function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
