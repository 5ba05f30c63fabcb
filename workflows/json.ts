/**
 * The border between what Temporal hands over, which can be anything, and JSON.
 *
 * SANDBOX.
 */
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';

/** True for what JSON can hold; false for bytes and whatever else a payload can bring. */
export function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  return isJsonMap(value) && !ArrayBuffer.isView(value) && Object.values(value).every(isJson);
}

/** One of our own objects as JSON: fields that are undefined are left out. */
export function toJsonMap(value: object): JsonMap {
  const map: unknown = JSON.parse(JSON.stringify(value));
  if (!isJsonMap(map)) throw new Error('an object that is not a map cannot be sent: a bug of the engine');
  return map;
}
