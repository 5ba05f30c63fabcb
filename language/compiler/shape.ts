/**
 * Shapes: a parsed value against a JSON Schema, with what is wrong said in the author's words.
 *
 * PURE. Schemas are Firn's own (of the header, the common keys and the step kinds), never an author's. ajv finds what is
 * wrong; none of its words reach anybody. Where a value may have several shapes, the one it comes closest to is told.
 */
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { closest } from '../expressions/closest.js';
import { isJsonMap } from '../plan/json.js';
import type { JsonMap } from '../plan/json.js';
import { entry, toPlain } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import type { Place, Problems } from '../plan/problem.js';
import { rightWord } from './instinct.js';

const MOST_ERRORS = 30;

const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, validateFormats: false });
const validators = new Map<JsonMap, ValidateFunction>();

/** True when the value has the shape. `what` names the whole: "read", "a step". Problems: FIRN300-302, 306, 319, 320. */
export function checkShape(parsed: Parsed, schema: JsonMap, what: string, problems: Problems): boolean {
  const validate = validators.get(schema) ?? ajv.compile(schema);
  validators.set(schema, validate);
  if (validate(toPlain(parsed))) return true;
  const errors = withoutConsequences(causes(validate.errors ?? []));
  for (const error of errors.slice(0, MOST_ERRORS)) report(error, parsed, what, problems);
  return false;
}

/** A key that is missing because it was written otherwise is told once, at what was written. */
function withoutConsequences(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const meant = new Set<string>();
  for (const error of errors) {
    if (error.keyword !== 'additionalProperties') continue;
    const known = knownKeys(error);
    const key = textOf(error.params['additionalProperty']);
    const word = rightWord(key, known) ?? closest(key, known);
    if (word !== undefined) meant.add(`${error.instancePath} ${word}`);
  }
  return errors.filter(
    (error) =>
      error.keyword !== 'required' || !meant.has(`${error.instancePath} ${textOf(error.params['missingProperty'])}`),
  );
}

function knownKeys(error: ErrorObject): readonly string[] {
  return isJsonMap(error.parentSchema) ? Object.keys(mapAt(error.parentSchema, 'properties')) : [];
}

/** Of the errors of alternatives (`anyOf`, `oneOf`), those of the alternative that fits best. */
function causes(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choice = errors.find((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf');
  if (choice === undefined)
    return errors.filter((error) => error.keyword !== 'propertyNames' && error.keyword !== 'if');
  const inside = errors.filter((error) => error !== choice && error.schemaPath.startsWith(`${choice.schemaPath}/`));
  const others = errors.filter((error) => error !== choice && !inside.includes(error));
  const alternatives = new Map<string, ErrorObject[]>();
  for (const error of inside) {
    const index = error.schemaPath
      .slice(choice.schemaPath.length + 1)
      .split('/', 1)
      .join('');
    alternatives.set(index, [...(alternatives.get(index) ?? []), error]);
  }
  const fitting = [...alternatives.values()]
    .map((alternative) => causes(alternative))
    .filter(
      (alternative) =>
        !alternative.some((error) => error.keyword === 'type' && error.instancePath === choice.instancePath),
    )
    .sort((left, right) => left.length - right.length);
  return [...(fitting[0] ?? [choice]), ...causes(others)];
}

function report(error: ErrorObject, root: Parsed, what: string, problems: Problems): void {
  const segments = error.instancePath.split('/').slice(1).map(unescape);
  const { node, place, name } = find(root, segments, what);
  const schema = isJsonMap(error.parentSchema) ? error.parentSchema : {};
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = textOf(error.params['additionalProperty']);
      reportUnknownKey(key, knownKeys(error), node, name, problems);
      return;
    }
    case 'required': {
      const key = textOf(error.params['missingProperty']);
      const about = mapAt(mapAt(schema, 'properties'), key)['description'];
      const hint = typeof about === 'string' ? `"${key}": ${about}` : undefined;
      problems.error('FIRN302', place, `${name} needs "${key}", which is missing`, hint);
      return;
    }
    case 'enum':
    case 'const': {
      const allowed: unknown[] = Array.isArray(schema['enum']) ? schema['enum'] : [schema['const']];
      const words = allowed.map(String);
      const value = show(node);
      const near = node.is === 'scalar' ? closest(String(node.value), words) : undefined;
      const hint = near === undefined ? undefined : `did you mean "${near}"?`;
      problems.error('FIRN306', place, `${name} is ${value}; it can be ${words.join(', ')}`, hint);
      return;
    }
    case 'type':
    case 'anyOf':
    case 'oneOf': {
      problems.error(
        'FIRN300',
        place,
        `${name} must be ${expected(schema)}, and this is ${kindOf(node)}`,
        about(schema) ?? keysHint(schema, node),
      );
      return;
    }
    default: {
      const [code, message] = limitOf(error, name, node);
      problems.error(code, place, message, about(schema));
    }
  }
}

function reportUnknownKey(key: string, known: readonly string[], map: Parsed, name: string, problems: Problems): void {
  const found = entry(map, key);
  const at = found?.keyAt ?? map.at;
  const place = { at, path: map.path === '' ? key : `${map.path}.${key}`, length: key.length };
  const right = rightWord(key, known);
  if (right !== undefined) {
    problems.error('FIRN320', place, `${name} has no key "${key}"; here it is called "${right}"`, `write "${right}"`);
    return;
  }
  const near = closest(key, known);
  const allowed = known.length === 0 ? 'it has no keys' : `it can have ${known.join(', ')}`;
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  problems.error('FIRN301', place, `${name} has no key "${key}"; ${allowed}`, hint);
}

function limitOf(error: ErrorObject, name: string, node: Parsed): readonly ['FIRN300' | 'FIRN319', string] {
  const limit = String(error.params['limit'] ?? '');
  const value = show(node);
  switch (error.keyword) {
    case 'minimum':
      return ['FIRN319', `${name} is ${value}; it must be at least ${limit}`];
    case 'maximum':
      return ['FIRN319', `${name} is ${value}; it can be at most ${limit}`];
    case 'exclusiveMinimum':
      return ['FIRN319', `${name} is ${value}; it must be more than ${limit}`];
    case 'exclusiveMaximum':
      return ['FIRN319', `${name} is ${value}; it must be less than ${limit}`];
    case 'minLength':
      return ['FIRN300', limit === '1' ? `${name} is empty` : `${name} is shorter than ${limit} characters`];
    case 'maxLength':
      return ['FIRN319', `${name} is longer than ${limit} characters`];
    case 'minItems':
    case 'minProperties':
      return [
        'FIRN300',
        limit === '1' ? `${name} is empty; it needs at least one entry` : `${name} needs at least ${limit} entries`,
      ];
    case 'maxItems':
    case 'maxProperties':
      return ['FIRN319', `${name} has more than ${limit} entries`];
    case 'uniqueItems':
      return ['FIRN300', `${name} holds the same entry twice`];
    default:
      return ['FIRN300', `${name} is ${value}, which cannot be read here`];
  }
}

interface Found {
  readonly node: Parsed;
  readonly place: Place;
  readonly name: string;
}

function find(root: Parsed, segments: readonly string[], what: string): Found {
  let node = root;
  let name = what;
  for (const segment of segments) {
    if (node.is === 'list') {
      const next = node.items[Number(segment)];
      if (next === undefined) break;
      name = `item ${Number(segment) + 1} of ${name}`;
      node = next;
    } else {
      const next = entry(node, segment);
      if (next === undefined) break;
      name = `"${segment}"`;
      node = next.value;
    }
  }
  return { node, place: node, name };
}

function expected(schema: JsonMap): string {
  const words = schemaTypes(schema).map((type) => TYPE_WORDS[type] ?? type);
  return words.length === 0 ? 'of another shape' : [...new Set(words)].join(' or ');
}

function schemaTypes(schema: JsonMap): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  const alternatives = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(alternatives))
    return alternatives.flatMap((one: unknown) => (isJsonMap(one) ? schemaTypes(one) : []));
  return schema['enum'] === undefined ? [] : ['string'];
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function kindOf(node: Parsed): string {
  if (node.is !== 'scalar') return node.is === 'list' ? 'a list' : 'a map';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? `the text ${show(node)}` : `the ${typeof node.value} ${show(node)}`;
}

function show(node: Parsed): string {
  if (node.is !== 'scalar') return node.is === 'list' ? 'a list' : 'a map';
  const text = String(node.value);
  return typeof node.value === 'string' ? `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"` : text;
}

function about(schema: JsonMap): string | undefined {
  const { description } = schema;
  return typeof description === 'string' ? description : undefined;
}

/** Where a value stands in place of a map: the keys that it could stand under. */
function keysHint(schema: JsonMap, node: Parsed): string | undefined {
  const keys = Object.keys(mapAt(schema, 'properties'));
  const [first] = keys;
  if (first === undefined || schema['type'] !== 'object' || node.is === 'map') return undefined;
  return `what it says goes under a key; it can have ${keys.join(', ')}`;
}

function mapAt(map: JsonMap, key: string): JsonMap {
  const value = Object.hasOwn(map, key) ? map[key] : undefined;
  return isJsonMap(value) ? value : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function unescape(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
