/**
 * What field declarations are made of: the named types, the default limits, and what is made of a wrong one.
 *
 * PURE.
 */
import type { Json, JsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import { ANY, BOOLEAN, NUMBER, TIMESTAMP } from '../plan/types.js';
import type { Type } from '../plan/types.js';

/** Characters of a text, items of a list, when the author says nothing. */
export const DEFAULT_LENGTH = 10_000;
export const DEFAULT_ITEMS = 1000;

export interface Fields {
  /** JSON Schema (draft-07 style) of the whole map; `private: true` marks what stays out of logs. */
  readonly schema: JsonMap;
  readonly type: Type;
}

/** One declared value: its schema and type. `given`: a default fills it in when it is left out. */
export interface Declared extends Fields {
  readonly given: boolean;
}

/** A field that is only a type name. */
export function typeNamed(name: string): Declared | undefined {
  switch (name) {
    case 'string':
      return {
        schema: { type: 'string', maxLength: DEFAULT_LENGTH },
        type: { kind: 'text', maxLength: DEFAULT_LENGTH },
        given: false,
      };
    case 'number':
      return { schema: { type: 'number' }, type: NUMBER, given: false };
    case 'integer':
      return { schema: { type: 'integer' }, type: { kind: 'number', whole: true }, given: false };
    case 'boolean':
      return { schema: { type: 'boolean' }, type: BOOLEAN, given: false };
    case 'date-time':
      return { schema: { type: 'string', format: 'date-time' }, type: TIMESTAMP, given: false };
    default:
      return undefined;
  }
}

/** Reports a declaration; the field goes on as a value of unknown type, so that nothing else is said about it. */
export function wrong(parsed: Parsed, message: string, problems: Problems, hint?: string): Declared {
  problems.error('FIRN310', parsed, message, hint);
  return { schema: {}, type: ANY, given: false };
}

/** A parsed value as JSON. */
export function asJson(parsed: Parsed): Json {
  if (parsed.is === 'scalar') return parsed.value;
  if (parsed.is === 'list') return parsed.items.map(asJson);
  return Object.fromEntries(parsed.entries.map(({ key, value }) => [key, asJson(value)]));
}
