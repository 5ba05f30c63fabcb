/**
 * `returns`: what an author declares of an answer that comes from outside, as its type and as the schema it is checked by.
 *
 * PURE. The check itself runs where the answer arrives (connections/answers.ts), so that nothing unchecked is recorded.
 */
import { isJsonMap } from '../plan/json.js';
import type { JsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import type { Type } from '../plan/types.js';
import { ANY } from '../plan/types.js';
import type { CompileContext, Schema } from './kind.js';

export const RETURNS = {
  type: ['object', 'array', 'string'],
  description: 'its fields, as in `input`: `{id: string, total?: number}`; a list of such maps is `[{…}]`',
} as const satisfies Schema;

export interface Returns {
  readonly type: Type;
  readonly schema: JsonMap;
}

/** A map is read as fields; a list, an enumeration or a type name as the one value that they declare. */
export function compileReturns(parsed: Parsed, context: CompileContext): Returns | undefined {
  if (parsed.is === 'map') return context.fields(parsed);
  const entry = { key: 'body', keyAt: parsed.at, value: parsed };
  const whole = context.fields({ is: 'map', entries: [entry], at: parsed.at, path: parsed.path });
  if (whole === undefined || whole.type.kind !== 'map') return undefined;
  const { properties } = whole.schema;
  const schema = isJsonMap(properties) ? properties['body'] : undefined;
  return isJsonMap(schema) ? { type: whole.type.fields.get('body')?.type ?? ANY, schema } : undefined;
}
