/**
 * The input of a run against its definition: checked, with defaults filled in, or refused in sentences.
 *
 * PURE, but never in the sandbox: ajv runs here. The schema is an author's, compiled by fields.ts to keywords of linear
 * cost; the input is anybody's. Patterns are matched by Firn's own linear matcher instead of JavaScript's RegExp.
 */
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { closest } from '../expressions/closest.js';
import { parseInstant } from '../expressions/instant.js';
import { compilePattern, matchesPattern } from '../expressions/pattern.js';
import { isJsonMap, jsonSize } from '../plan/json.js';
import type { Json, JsonMap } from '../plan/json.js';
import type { NodeBase, Plan } from '../plan/plan.js';

/** Characters of an input as JSON: what a run can hold at all. */
const INPUT_LIMIT = 512 * 1024;
const MOST_SENTENCES = 20;

export type InputCheck =
  { readonly ok: true; readonly input: JsonMap } | { readonly ok: false; readonly problems: readonly string[] };

/** Null and undefined count as `{}`. The problems are whole sentences that name the field, the value and what is allowed. */
export function validateInput<Node extends NodeBase>(
  plan: Pick<Plan<Node>, 'input' | 'name'>,
  input: unknown,
): InputCheck {
  const given = input ?? {};
  if (!isJsonMap(given)) {
    return { ok: false, problems: [`The input of ${plan.name} must be a map of fields, and this is ${show(given)}.`] };
  }
  const copy = jsonCopy(given);
  if (copy === undefined) return { ok: false, problems: [`The input of ${plan.name} cannot be written as JSON.`] };
  if (jsonSize(copy) > INPUT_LIMIT) {
    const kib = Math.ceil(jsonSize(copy) / 1024);
    return { ok: false, problems: [`The input of ${plan.name} has ${kib} KiB; it can have ${INPUT_LIMIT / 1024}.`] };
  }
  const problems = validateValue(plan.input, copy, 'the input');
  return problems.length === 0 ? { ok: true, input: copy } : { ok: false, problems };
}

/** What is wrong with a value, one sentence each; fills defaults into it. `what` names the whole value. */
export function validateValue(schema: JsonMap, value: Json, what: string): readonly string[] {
  const validate = validatorOf(schema);
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  const sentences = errors.slice(0, MOST_SENTENCES).map((error) => sentence(error, what));
  const more = errors.length - sentences.length;
  return more > 0 ? [...sentences, `And ${more} more.`] : sentences;
}

const validators = new WeakMap<JsonMap, ValidateFunction>();

/** One ajv per schema: ajv keeps what it compiles for ever, and plans come and go. */
function validatorOf(schema: JsonMap): ValidateFunction {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const linear = Object.assign((source: string) => new LinearPattern(source), { code: 'linear' });
  const ajv = new Ajv({ allErrors: true, verbose: true, useDefaults: true, strict: false, code: { regExp: linear } });
  addFormats.default(ajv, { mode: 'fast', formats: ['date', 'email', 'uri', 'uuid'] });
  ajv.addFormat('date-time', { type: 'string', validate: (text: string) => parseInstant(text) !== undefined });
  const validate = ajv.compile(schema);
  validators.set(schema, validate);
  return validate;
}

class LinearPattern {
  readonly source: string;
  private readonly pattern;

  constructor(source: string) {
    this.source = source;
    this.pattern = compilePattern(source);
  }

  test(text: string): boolean {
    return matchesPattern(this.pattern, text);
  }
}

function sentence(error: ErrorObject, what: string): string {
  const name = fieldName(error.instancePath, what);
  const schema = isJsonMap(error.parentSchema) ? error.parentSchema : {};
  const value = show(error.data);
  switch (error.keyword) {
    case 'required': {
      const field = textOf(error.params['missingProperty']);
      const expected = wanted(propertyOf(schema, field));
      return `${inside(error.instancePath, field)} is missing; it must be ${expected}.`;
    }
    case 'additionalProperties': {
      const field = textOf(error.params['additionalProperty']);
      const known = isJsonMap(schema['properties']) ? Object.keys(schema['properties']) : [];
      const near = closest(field, known);
      const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
      const list = known.length === 0 ? 'it takes no fields' : `the fields are ${known.join(', ')}`;
      return `${capital(name)} has no field "${field}"; ${list}.${hint}`;
    }
    case 'enum': {
      const allowed = Array.isArray(schema['enum']) ? schema['enum'].map(String) : [];
      const near = typeof error.data === 'string' ? closest(error.data, allowed) : undefined;
      const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
      return `${capital(name)} is ${value}; it can be ${allowed.join(', ')}.${hint}`;
    }
    case 'maxLength':
      return `${capital(name)} has ${length(error.data)} characters; it can have ${textOf(error.params['limit'])}.`;
    case 'minLength':
      return `${capital(name)} has ${length(error.data)} characters; it must have at least ${textOf(error.params['limit'])}.`;
    case 'maxItems':
      return `${capital(name)} has ${length(error.data)} items; it can have ${textOf(error.params['limit'])}.`;
    case 'minItems':
      return `${capital(name)} has ${length(error.data)} items; it must have at least ${textOf(error.params['limit'])}.`;
    case 'pattern':
      return `${capital(name)} is ${value}; it must match the pattern ${textOf(schema['pattern'])}.`;
    case 'type':
      if (error.data === null) return `${capital(name)} is null; leave it out, or give ${wanted(schema)}.`;
      return `${capital(name)} is ${value}; it must be ${wanted(schema)}.`;
    default:
      return `${capital(name)} is ${value}; it must be ${wanted(schema)}.`;
  }
}

function wanted(schema: JsonMap): string {
  const limits = [
    ['at least', 'minimum'],
    ['at most', 'maximum'],
    ['more than', 'exclusiveMinimum'],
    ['less than', 'exclusiveMaximum'],
  ] as const;
  const bounds = limits.flatMap(([words, keyword]) => {
    const limit = schema[keyword];
    return typeof limit === 'number' ? [`${words} ${limit}`] : [];
  });
  const suffix = bounds.length === 0 ? '' : ` of ${bounds.join(' and ')}`;
  if (Array.isArray(schema['enum'])) return `one of ${schema['enum'].map(String).join(', ')}`;
  switch (schema['type']) {
    case 'string':
      return FORMATS.get(textOf(schema['format'])) ?? 'text';
    case 'number':
      return `a number${suffix}`;
    case 'integer':
      return `a whole number${suffix}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    default:
      return 'a map of fields';
  }
}

const FORMATS: ReadonlyMap<string, string> = new Map([
  ['date-time', 'an instant like 2026-03-01T09:00:00Z'],
  ['date', 'a date like 2026-03-01'],
  ['email', 'an e-mail address'],
  ['uri', 'an address like https://example.org/'],
  ['uuid', 'a UUID'],
]);

function propertyOf(schema: JsonMap, field: string): JsonMap {
  const { properties } = schema;
  const found = isJsonMap(properties) && Object.hasOwn(properties, field) ? properties[field] : undefined;
  return isJsonMap(found) ? found : {};
}

/** `/items/0/name` as `items[0].name`. */
function fieldName(instancePath: string, what: string): string {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(
      (before, segment) => (/^\d+$/.test(segment) && before !== '' ? `${before}[${segment}]` : `${before}.${segment}`),
      '',
    );
  return path === '' ? what : path.replace(/^\./, '');
}

function inside(instancePath: string, field: string): string {
  const outer = fieldName(instancePath, '');
  return outer === '' ? field : `${outer}.${field}`;
}

/** The name of the whole at the beginning of a sentence; names of fields stay as they are. */
function capital(name: string): string {
  return name.startsWith('the ') ? `T${name.slice(1)}` : name;
}

function show(value: unknown): string {
  const isJson =
    typeof value === 'object' || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  const text = isJson ? JSON.stringify(value) : `a ${typeof value}`;
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** The input as it will travel; undefined for what JSON cannot say (a circle, a BigInt). */
function jsonCopy(value: JsonMap): JsonMap | undefined {
  try {
    const copy: unknown = JSON.parse(JSON.stringify(value));
    return isJsonMap(copy) ? copy : undefined;
  } catch {
    return undefined;
  }
}

function length(value: unknown): number {
  return typeof value === 'string' ? Array.from(value).length : Array.isArray(value) ? value.length : 0;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
