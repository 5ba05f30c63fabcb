/**
 * JSON values, and the one way to write them down when bytes matter.
 *
 * PURE. What a run holds, what it sends to activities and what is hashed is `Json` and nothing else: no undefined, no
 * Date, no BigInt, no class. `canonicalJson` sorts keys, so that equal values have equal digests on every machine.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

export type Json = null | boolean | number | string | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json;
}

export function isJsonMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for what JSON can hold; false for bytes and whatever else a payload can bring. */
export function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isJsonMap(value) && !ArrayBuffer.isView(value) && Object.values(value).every(isJson);
}

/** JSON text with the keys of every map in code-unit order and no white space (the ordering of RFC 8785). */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (isJsonMap(value)) {
    const map = value;
    const entries = Object.keys(map)
      .sort()
      .flatMap((key) => {
        const item = map[key];
        return item === undefined ? [] : [`${JSON.stringify(key)}:${canonicalJson(item)}`];
      });
    return `{${entries.join(',')}}`;
  }
  return JSON.stringify(value);
}

/** SHA-256 of a text, as 64 hexadecimal digits. */
export function hashText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}

/** SHA-256 of a value's canonical JSON, as 64 hexadecimal digits. */
export function digest(value: Json): string {
  return hashText(canonicalJson(value));
}

/** Size of a value as JSON text, in UTF-16 code units: the unit of every size limit on results and state. */
export function jsonSize(value: Json): number {
  return JSON.stringify(value).length;
}

/** The same value without fields that are null: a field that is not there is the one kind of absence. */
export function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutNulls(item));
  if (!isJsonMap(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item)]));
}
