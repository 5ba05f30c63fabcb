/**
 * What a server says about its tools, in words that a file of this project can hold.
 *
 * HOST, pure. A YAML file of Firn knows no null and no number that JavaScript would read as another one; the schemas of other
 * languages are full of both. Nothing is lost that values are checked against.
 */
import { isJsonMap } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';

/** The same schema without nulls and without numbers beyond 2^53: `default: null`, `maximum` of a 64-bit integer. */
export function recordable(schema: JsonMap): JsonMap {
  const kept: [string, Json][] = [];
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'const' && value === null) kept.push(['type', 'null']);
    else if (key === 'enum' && Array.isArray(value) && value.includes(null)) {
      const values = value.filter((one: Json) => one !== null);
      kept.push(['anyOf', [{ enum: values }, { type: 'null' }]]);
    } else if (canStand(value)) kept.push([key, inside(value)]);
  }
  // A type beside a list of values says nothing more, and would forbid the null.
  const nullable = kept.some(([key]) => key === 'anyOf') && schema['anyOf'] === undefined;
  return Object.fromEntries(nullable ? kept.filter(([key]) => key !== 'type') : kept);
}

function inside(value: Json): Json {
  if (Array.isArray(value)) return value.filter(canStand).map(inside);
  return isJsonMap(value) ? recordable(value) : value;
}

function canStand(value: Json): boolean {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return value !== null;
}
