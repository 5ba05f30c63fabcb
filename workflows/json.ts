/**
 * Our own objects as what Temporal is given: JSON and nothing else.
 *
 * SANDBOX.
 */
import { isJsonMap, type JsonMap } from '../language/plan/json.js';

/** One of our own objects as JSON: fields that are undefined are left out. */
export function toJsonMap(value: object): JsonMap {
  const map: unknown = JSON.parse(JSON.stringify(value));
  if (!isJsonMap(map)) throw new Error('an object that is not a map cannot be sent: a bug of the engine');
  return map;
}
