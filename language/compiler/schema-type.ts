/**
 * JSON Schemas that others wrote (tools, activities of applications): the static type they mean, and the part of them that
 * can be checked.
 *
 * PURE. The type may know less than the schema, never something else: what has no type here is a value of unknown type.
 * Text of a schema never becomes code: patterns are matched by Firn's own linear matcher, and what that cannot match is not
 * checked here but by who wrote the schema.
 */
import { compilePattern } from '../expressions/pattern.js';
import { messageOf } from '../plan/failure.js';
import { isJsonMap } from '../plan/json.js';
import type { Json, JsonMap } from '../plan/json.js';
import { ANY, BOOLEAN, enumeration, listOf, NUMBER, TIMESTAMP } from '../plan/types.js';
import type { Field, Type } from '../plan/types.js';
import { validateValue } from './input.js';

/** Levels of a schema that are looked at: deeper parts, and parts that hold themselves, are of unknown type. */
const DEEPEST = 12;
const FORMATS: ReadonlySet<string> = new Set(['date-time', 'date', 'email', 'uri', 'uuid']);
/** What a validator could fetch, or take for its own. */
const LEFT_OUT: ReadonlySet<string> = new Set(['$schema', '$id', 'id', '$comment', '$anchor', '$dynamicAnchor']);

/** A field that its schema does not require, or that may be null, may be absent. */
export function typeOfSchema(schema: JsonMap): Type {
  return typeOf(schema, schema, 0);
}

/** The schema without what cannot be checked here: other patterns, other formats, its own address. */
export function checkableSchema(schema: JsonMap): JsonMap {
  return cleanMap(schema, 'schema');
}

/** Why values cannot be checked against this schema; undefined when they can. */
export function schemaProblem(schema: JsonMap): string | undefined {
  try {
    validateValue(schema, {}, 'the value');
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function typeOf(given: Json | undefined, root: JsonMap, depth: number): Type {
  if (!isJsonMap(given) || depth > DEEPEST) return ANY;
  const { $ref } = given;
  if (typeof $ref === 'string') return typeOf(referred($ref, root), root, depth + 1);
  const schema = withoutNull(given);
  const values = valuesOf(schema);
  if (values !== undefined) return enumeration(values);
  switch (schema['type']) {
    case 'string':
      return textType(schema);
    case 'number':
      return NUMBER;
    case 'integer':
      return { kind: 'number', whole: true };
    case 'boolean':
      return BOOLEAN;
    case 'array':
      return arrayType(schema, root, depth);
    case 'object':
      return mapType(schema, root, depth);
    default:
      return schema['type'] === undefined && isJsonMap(schema['properties']) ? mapType(schema, root, depth) : ANY;
  }
}

function textType({ format, maxLength }: JsonMap): Type {
  if (format === 'date-time') return TIMESTAMP;
  return typeof maxLength === 'number' ? { kind: 'text', maxLength } : { kind: 'text' };
}

function arrayType({ items, maxItems }: JsonMap, root: JsonMap, depth: number): Type {
  const item = typeOf(items, root, depth + 1);
  return typeof maxItems === 'number' ? listOf(item, maxItems) : listOf(item);
}

/** Only fields that are declared can be read; a map that declares none may hold any. */
function mapType({ properties, required, additionalProperties }: JsonMap, root: JsonMap, depth: number): Type {
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const fields = new Map<string, Field>();
  for (const [name, property] of Object.entries(isJsonMap(properties) ? properties : {})) {
    const certain = needed.includes(name) && !mayBeNull(property);
    fields.set(name, { type: typeOf(property, root, depth + 1), presence: certain ? 'certain' : 'optional' });
  }
  const more = additionalProperties === true || isJsonMap(additionalProperties);
  const open = more || (fields.size === 0 && additionalProperties !== false);
  return open ? { kind: 'map', fields, open: true } : { kind: 'map', fields };
}

/** `#/$defs/order`, as generators of schemas write it. */
function referred(reference: string, root: JsonMap): Json | undefined {
  if (!reference.startsWith('#')) return undefined;
  let at: Json | undefined = root;
  for (const part of reference.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    at = isJsonMap(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  }
  return at;
}

function valuesOf(schema: JsonMap): readonly string[] | undefined {
  const listed = schema['const'] === undefined ? listAt(schema, 'enum') : [schema['const']];
  if (listed === undefined) return undefined;
  const texts = listed.filter((value) => typeof value === 'string');
  const others = listed.filter((value) => typeof value !== 'string' && value !== null);
  return others.length === 0 && texts.length > 0 ? texts : undefined;
}

/** Null is a field that is not there: what is left of a schema without it. */
function withoutNull(schema: JsonMap): JsonMap {
  const types = listAt(schema, 'type')?.filter((one) => one !== 'null');
  if (types !== undefined) return { ...schema, type: types.length === 1 ? (types[0] ?? 'null') : types };
  const left = alternatives(schema).filter((one) => !isNull(one));
  const [only] = left;
  return left.length === 1 && isJsonMap(only) ? only : schema;
}

function mayBeNull(schema: Json): boolean {
  if (!isJsonMap(schema)) return false;
  const values = [...(listAt(schema, 'enum') ?? []), ...(listAt(schema, 'type') ?? [])];
  return values.some((value) => value === null || value === 'null') || alternatives(schema).some(isNull);
}

function alternatives(schema: JsonMap): readonly Json[] {
  return listAt(schema, 'anyOf') ?? listAt(schema, 'oneOf') ?? [];
}

function listAt(schema: JsonMap, key: string): readonly Json[] | undefined {
  const list = schema[key];
  return isList(list) ? list : undefined;
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function isNull(schema: Json): boolean {
  return isJsonMap(schema) && schema['type'] === 'null';
}

/** `named`: the keys of this map are names that an author chose, such as those of properties. */
function cleanMap(map: JsonMap, keys: 'schema' | 'named'): JsonMap {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]): [string, Json][] => {
      if (keys === 'named') return [[key, clean(value)]];
      if (LEFT_OUT.has(key) || !isCheckable(key, value)) return [];
      if (key === 'default' || key === 'enum' || key === 'const' || key === 'examples') return [[key, value]];
      const named = key === 'properties' || key === '$defs' || key === 'definitions';
      return [[key, named && isJsonMap(value) ? cleanMap(value, 'named') : clean(value)]];
    }),
  );
}

function clean(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => clean(item));
  return isJsonMap(value) ? cleanMap(value, 'schema') : value;
}

function isCheckable(key: string, value: Json): boolean {
  if (key === 'patternProperties') return false;
  if (key === 'format') return typeof value === 'string' && FORMATS.has(value);
  if (key !== 'pattern') return true;
  try {
    compilePattern(typeof value === 'string' ? value : '');
    return true;
  } catch {
    return false;
  }
}
