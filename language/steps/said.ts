/**
 * What a result says in a few words, for the trail of a run.
 *
 * PURE. Short on purpose: a trail is read at a glance, travels into Temporal's UI and must not carry whole rows there.
 */
import type { Json } from '../plan/json.js';
import { isJsonMap } from '../plan/json.js';

const LONGEST = 40;

/** At most `longest` characters, with an ellipsis where something is left out. */
export function shorten(text: string, longest = LONGEST): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}

/** A row by what names it: its `id`, else its first scalar. */
export function sayRow(row: Json): string {
  if (!isJsonMap(row)) return 'nothing';
  const named = row['id'] ?? Object.values(row).find(isScalar);
  if (named === undefined) return Object.keys(row).length === 0 ? 'no row' : 'a row';
  return isScalar(named) ? shorten(String(named)) : 'a row';
}

/** A row, or how many rows. */
export function sayRows(result: Json): string {
  if (!Array.isArray(result)) return sayRow(result);
  return result.length === 1 ? '1 row' : `${result.length} rows`;
}

/** The scalars of a map, with their names; at most three. */
export function sayMap(map: Json): string {
  if (!isJsonMap(map)) return 'nothing';
  const scalars = Object.entries(map).filter(([, value]) => isScalar(value));
  const shown = scalars.slice(0, 3).map(([name, value]) => `${name} ${shorten(textOfJson(value), 24)}`);
  return shown.join(', ') + (scalars.length > shown.length ? ', …' : '');
}

/** A text as it is, anything else as JSON. */
export function textOfJson(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function isScalar(value: Json): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
