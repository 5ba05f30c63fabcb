/**
 * Reading the body of a step: the few questions that every kind asks of parsed values.
 *
 * PURE. Nothing here reports a problem: a part that is missing or of another shape is `undefined`, because the schema
 * has reported it already.
 */
import { formatInstant } from '../expressions/instant.js';
import type { Parsed, ParsedEntry } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Json, JsonMap } from '../plan/json.js';
import { isJsonMap } from '../plan/json.js';
import type { Place } from '../plan/problem.js';

/** The text that stands under `key`, if it is a text. */
export function textOf(parsed: Parsed | undefined): string | undefined {
  return parsed?.is === 'scalar' && typeof parsed.value === 'string' ? parsed.value : undefined;
}

export function textAt(body: Parsed, key: string): string | undefined {
  return textOf(get(body, key));
}

export function numberAt(body: Parsed, key: string): number | undefined {
  const parsed = get(body, key);
  return parsed?.is === 'scalar' && typeof parsed.value === 'number' ? parsed.value : undefined;
}

/** True where the key stands with the value `true`. */
export function flagAt(body: Parsed, key: string): boolean {
  const parsed = get(body, key);
  return parsed?.is === 'scalar' && parsed.value === true;
}

export function itemsOf(parsed: Parsed | undefined): readonly Parsed[] {
  return parsed?.is === 'list' ? parsed.items : [];
}

export function entriesOf(parsed: Parsed | undefined): readonly ParsedEntry[] {
  return parsed?.is === 'map' ? parsed.entries : [];
}

/** Where the key of an entry stands, for problems about the key and not its value. */
export function keyPlace(map: Parsed, { key, keyAt }: ParsedEntry): Place {
  return { at: keyAt, path: `${map.path}.${key}`, length: key.length };
}

/** True where a text begins with an expression, so that it cannot be a literal duration or timestamp. */
export function isExpression(parsed: Parsed): boolean {
  const text = textOf(parsed);
  return text !== undefined && /^\s*\$\{\{/.test(text);
}

/** True where a text holds an expression anywhere. `$${{` is a literal `${{`. */
export function holdsExpression(text: string): boolean {
  return /(^|[^$])\$\{\{/.test(text);
}

/** RFC 3339 text of epoch milliseconds, as results hold it. */
export function instantText(epoch_ms: number): string {
  return formatInstant(epoch_ms) ?? `${epoch_ms} ms`;
}

/** What must be a map at run time, because the compiler made sure of it. */
export function mapFrom(value: Json | undefined, what: string): JsonMap {
  if (isJsonMap(value)) return value;
  throw new Error(`${what} should be a map, but is ${JSON.stringify(value)}: this is a bug in Firn's compiler`);
}

/** What must be a text at run time, because the compiler made sure of it. */
export function textFrom(value: Json | undefined, what: string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${what} should be a text, but is ${JSON.stringify(value)}: this is a bug in Firn's compiler`);
}

/** What of a block stands beside a kind's own keys: its steps and its output. */
export function branchOf(body: Parsed): Parsed {
  if (body.is !== 'map') return body;
  return { ...body, entries: body.entries.filter(({ key }) => key === 'steps' || key === 'output') };
}
