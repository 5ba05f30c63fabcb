/**
 * Single values on their way out of and into PostgreSQL.
 *
 * HOST. Sessions run with `timezone=UTC` and `datestyle=ISO`; other offsets are understood all the same.
 */
import { isJson, type Json } from '../language/plan/json.js';

const TIMESTAMP = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d+)?(?:([+-]\d{2})(?::?(\d{2}))?(?::?\d{2})?|Z)?$/;
const MINUTE_MS = 60_000;

/** RFC 3339 in UTC, with a fraction only where there is one. Text that is no plain instant (`infinity`, BC) stays. */
export function timestampText(text: string): string {
  const match = TIMESTAMP.exec(text);
  if (match === null) return text;
  const [, date = '', time = '', fraction = '', hours, minutes = '0'] = match;
  const shown = fraction.replace(/\.?0+$/, '');
  const offset_minutes = hours === undefined ? 0 : Number(hours) * 60 + Math.sign(Number(hours)) * Number(minutes);
  if (offset_minutes === 0) return `${date}T${time}${shown}Z`;
  const instant = new Date(Date.parse(`${date}T${time}Z`) - offset_minutes * MINUTE_MS);
  return `${instant.toISOString().slice(0, 19)}${shown}Z`;
}

/** True for text that `timestampText` could read. */
export function isTimestampText(text: string): boolean {
  return TIMESTAMP.test(text);
}

/** Text as JSON. Throws SyntaxError. */
export function parseJson(text: string): Json {
  const value: unknown = JSON.parse(text);
  if (!isJson(value)) throw new SyntaxError('this is not JSON');
  return value;
}

/** PostgreSQL's text cannot hold U+0000; what must be recorded whatever it holds shows U+FFFD there. */
export function storableText(text: string): string {
  return text.replaceAll('\u0000', '\uFFFD');
}

export function storableTextOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : storableText(text);
}
