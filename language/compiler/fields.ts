/**
 * Field declarations (`input`, forms): what an author writes, as JSON Schema and as a static type.
 *
 * PURE. Rule 10 of the language: a type name, a list of texts, a list of one map, a map with `type`, or nested fields.
 * Everything gets a limit. The schema is the plan's; only compiler/input.ts reads it.
 */
import { isUsableName } from '../expressions/cel.js';
import { closest } from '../expressions/closest.js';
import { isJsonMap } from '../plan/json.js';
import type { Json } from '../plan/json.js';
import type { Parsed, ParsedEntry, ParsedMap } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import { enumeration, listOf } from '../plan/types.js';
import type { Field } from '../plan/types.js';
import { jsonSchemaOf } from './field-schema.js';
import { DEFAULT_ITEMS, typeNamed, wrong } from './field-types.js';
import type { Declared, Fields } from './field-types.js';
import { textOf } from './validate.js';

export const TYPE_NAMES: readonly string[] = ['string', 'number', 'integer', 'boolean', 'date-time'];

/** What people write for a type name. */
const TYPE_WORDS: ReadonlyMap<string, string> = new Map([
  ...['text', 'str', 'varchar', 'char', 'email', 'url', 'uuid', 'id'].map((word) => [word, 'string'] as const),
  ...['int', 'long', 'bigint', 'whole'].map((word) => [word, 'integer'] as const),
  ...['float', 'double', 'decimal', 'numeric', 'money', 'amount'].map((word) => [word, 'number'] as const),
  ...['bool', 'flag', 'yesno'].map((word) => [word, 'boolean'] as const),
  ...['date', 'datetime', 'time', 'timestamp', 'timestamptz', 'instant'].map((word) => [word, 'date-time'] as const),
]);

const HOW =
  'a field is a type name (string, number, integer, boolean, date-time), a list of texts, a list with one map, or a map';

/** The declarations under `parsed`. A field that is wrong is reported and of unknown type. Problems: FIRN310, FIRN319. */
export function compileFields(parsed: Parsed | undefined, problems: Problems): Fields {
  const properties = new Map<string, Json>();
  const required: string[] = [];
  const fields = new Map<string, Field>();
  for (const declared of parsed?.is === 'map' ? parsed.entries : []) {
    const optional = declared.key.endsWith('?');
    const name = optional ? declared.key.slice(0, -1) : declared.key;
    if (!checkName(name, declared, parsed, problems)) continue;
    if (fields.has(name)) {
      const place = { at: declared.keyAt, path: declared.value.path, length: declared.key.length };
      problems.error('FIRN310', place, `the field "${name}" is declared twice, with and without "?"`);
      continue;
    }
    const field = compileField(declared.value, problems);
    properties.set(name, field.schema);
    const presence = optional && !field.given ? 'optional' : 'certain';
    fields.set(name, { type: field.type, presence, ...(isPrivate(field.schema) ? { private: true } : {}) });
    if (!optional && !field.given) required.push(name);
  }
  const schema = { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false };
  return { schema, type: { kind: 'map', fields } };
}

function compileField(parsed: Parsed, problems: Problems): Declared {
  if (parsed.is === 'scalar') return named(parsed, problems);
  if (parsed.is === 'list') return listed(parsed.items, parsed, problems);
  const type = textOf(get(parsed, 'type'));
  if (type === undefined || !isTypeName(type)) {
    const word = type === undefined ? undefined : TYPE_WORDS.get(type);
    if (word === undefined || parsed.entries.length === 1) return nested(parsed, problems);
    return wrong(get(parsed, 'type') ?? parsed, `there is no type "${type ?? ''}"`, problems, `write "${word}"`);
  }
  return jsonSchemaOf(parsed, type, problems, (item) => compileField(item, problems));
}

/** A list of private values is private as a whole. */
function isPrivate(schema: Json | undefined): boolean {
  return isJsonMap(schema) && (schema['private'] === true || isPrivate(schema['items']));
}

function isTypeName(name: string): boolean {
  return TYPE_NAMES.includes(name) || name === 'array' || name === 'object';
}

function named(parsed: Parsed, problems: Problems): Declared {
  const name = textOf(parsed);
  const declared = name === undefined ? undefined : typeNamed(name);
  if (declared !== undefined) return declared;
  const written = parsed.is === 'scalar' ? String(parsed.value) : '';
  const right = TYPE_WORDS.get(written) ?? closest(written, TYPE_NAMES);
  const message = written.endsWith('[]')
    ? `"${written}" is no type: a list is written { type: array, items: … }`
    : `there is no type "${written}"`;
  return wrong(parsed, message, problems, right === undefined ? HOW : `did you mean "${right}"?`);
}

function listed(items: readonly Parsed[], list: Parsed, problems: Problems): Declared {
  const [first] = items;
  if (first === undefined) return wrong(list, 'this list is empty, so the field could have no value', problems, HOW);
  if (items.length === 1 && first.is === 'map') {
    const item = nested(first, problems);
    const schema = { type: 'array', items: item.schema, maxItems: DEFAULT_ITEMS };
    return { schema, type: listOf(item.type, DEFAULT_ITEMS), given: false };
  }
  const values: string[] = [];
  for (const item of items) {
    const value = textOf(item);
    if (value === undefined || value === '') {
      return wrong(item, 'the values of an enumeration are texts', problems, 'put numbers and true or false in quotes');
    }
    if (values.includes(value))
      return wrong(item, `"${value}" stands twice in the enumeration`, problems, 'remove one');
    values.push(value);
  }
  const only = values[0] ?? '';
  if (values.length === 1 && isTypeName(only)) {
    const hint = `a list of them is { type: array, items: ${only} }`;
    return wrong(list, `[${only}] would be an enumeration whose only value is "${only}"`, problems, hint);
  }
  if (values.length > 200)
    return wrong(list, `the enumeration has ${values.length} values; it can have 200`, problems, HOW);
  return { schema: { type: 'string', enum: values }, type: enumeration(values), given: false };
}

function nested(parsed: ParsedMap, problems: Problems): Declared {
  return { ...compileFields(parsed, problems), given: false };
}

function checkName(name: string, declared: ParsedEntry, map: Parsed | undefined, problems: Problems): boolean {
  if (isUsableName(name)) return true;
  const place = { at: declared.keyAt, path: `${map?.path ?? ''}.${declared.key}`, length: declared.key.length };
  const hint = 'letters, digits and _, not beginning with a digit, and no word of the expression language';
  problems.error('FIRN309', place, `a field cannot be named "${name}", because expressions could not read it`, hint);
  return false;
}
