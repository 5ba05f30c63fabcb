/**
 * What every request over HTTP has in common: where it may go, the key it carries, and why it failed.
 *
 * HOST. An address is a secret reference: messages show its host and never its path or its password.
 */
import { messageOf } from '../language/plan/failure.js';
import { publicLookup } from './addresses.js';

const MOST_RETRY_AFTER_MS = 60 * 60 * 1000;

/** Options of a socket that refuses private addresses, unless they are allowed. */
export function guard(allowPrivate: boolean): { readonly lookup?: typeof publicLookup } {
  return allowPrivate ? {} : { lookup: publicLookup };
}

/** An http or https URL; undefined when the text is none. */
export function webUrl(address: string): URL | undefined {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:') ? url : undefined;
}

/** The value of `Idempotency-Key`: a structured-field string of printable ASCII; others are percent-encoded. */
export function keyHeader(key: string): string {
  return `"${key.replace(/[^\x20-\x7e]/gu, encodeURIComponent).replace(/["\\]/g, '\\$&')}"`;
}

/** `Retry-After`: seconds or a date; at most an hour is honoured. */
export function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const wait_ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(wait_ms) && wait_ms > 0 ? Math.min(wait_ms, MOST_RETRY_AFTER_MS) : undefined;
}

/** The innermost reason, by its code where it has one: never with the address. */
export function reasonOf(error: unknown, timeout_ms: number): string {
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(inner instanceof Error)) return messageOf(error);
  if (inner.name === 'TimeoutError') return `no answer within ${timeout_ms / 1000} s`;
  const code: unknown = Reflect.get(inner, 'code');
  return typeof code === 'string' ? (WORDS.get(code) ?? code) : inner.message;
}

/** What no operator should have to look up. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', 'the connection was cut'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of the answer are too large'],
]);
