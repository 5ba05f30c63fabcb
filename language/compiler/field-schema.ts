/**
 * A field declared as JSON Schema: `{ type: string, maxLength: 2000 }`. The part of JSON Schema that has a meaning here.
 *
 * PURE. Author's schemas run on outside data, so only keywords of linear cost are taken; `pattern` is matched in linear
 * time by Firn's own matcher (compiler/input.ts), and what that cannot match is refused here.
 */
import { compilePattern } from '../expressions/pattern.js';
import type { JsonMap } from '../plan/json.js';
import type { Parsed, ParsedMap } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import { enumeration, listOf } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import { asJson, DEFAULT_ITEMS, DEFAULT_LENGTH, typeNamed, wrong } from './field-types.js';
import type { Declared } from './field-types.js';
import { checkShape } from './shape.js';
import { validateValue } from './input.js';
import { textOf } from './validate.js';

const MOST_LENGTH = 200_000;
const MOST_ITEMS = 10_000;

const COUNT = { type: 'integer', minimum: 0 } as const;
const COMMON = {
  type: { type: 'string' },
  description: { type: 'string', maxLength: 500 },
  default: {},
  private: { type: 'boolean' },
} as const;

const KEYWORDS: Readonly<Record<string, JsonMap>> = {
  string: {
    minLength: { ...COUNT, maximum: MOST_LENGTH },
    maxLength: { type: 'integer', minimum: 1, maximum: MOST_LENGTH },
    pattern: { type: 'string', minLength: 1, maxLength: 500 },
    enum: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 200, uniqueItems: true },
    format: { enum: ['date-time', 'date', 'email', 'uri', 'uuid'] },
  },
  number: {
    minimum: { type: 'number' },
    maximum: { type: 'number' },
    exclusiveMinimum: { type: 'number' },
    exclusiveMaximum: { type: 'number' },
  },
  integer: { minimum: { type: 'integer' }, maximum: { type: 'integer' } },
  boolean: {},
  'date-time': {},
  array: {
    items: {},
    minItems: { ...COUNT, maximum: MOST_ITEMS },
    maxItems: { ...COUNT, minimum: 1, maximum: MOST_ITEMS },
  },
};

const SCHEMAS: ReadonlyMap<string, JsonMap> = new Map(
  Object.entries(KEYWORDS).map(([name, keywords]) => [
    name,
    {
      type: 'object',
      properties: { ...COMMON, ...keywords },
      required: name === 'array' ? ['items'] : [],
      additionalProperties: false,
    },
  ]),
);

export function jsonSchemaOf(
  parsed: ParsedMap,
  type: string,
  problems: Problems,
  itemOf: (item: Parsed) => Declared,
): Declared {
  const shape = SCHEMAS.get(type);
  if (shape === undefined) {
    const hint = 'write the fields of the map directly, without `type: object`';
    return wrong(get(parsed, 'type') ?? parsed, 'a map is declared by its fields', problems, hint);
  }
  if (!checkShape(parsed, shape, `a field of type ${type}`, problems))
    return { schema: {}, type: { kind: 'any' }, given: false };
  const base = declaredBy(parsed, type, problems, itemOf);
  checkBounds(parsed, problems);
  const otherwise = get(parsed, 'default');
  const about = textOf(get(parsed, 'description'));
  const isPrivate = get(parsed, 'private');
  const schema: JsonMap = {
    ...base.schema,
    ...(about === undefined ? {} : { description: about }),
    ...(isPrivate?.is === 'scalar' && isPrivate.value === true ? { private: true } : {}),
    ...(otherwise === undefined ? {} : { default: asJson(otherwise) }),
  };
  if (otherwise !== undefined) {
    for (const message of validateValue(base.schema, asJson(otherwise), 'the default'))
      problems.error('FIRN310', otherwise, message);
  }
  return { schema, type: base.type, given: otherwise !== undefined };
}

function declaredBy(parsed: ParsedMap, type: string, problems: Problems, itemOf: (item: Parsed) => Declared): Declared {
  if (type === 'array') return arrayOf(parsed, itemOf);
  if (type !== 'string') {
    const plain = typeNamed(type);
    const bounds = numbersAt(parsed, ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum']);
    return { schema: { ...plain?.schema, ...bounds }, type: plain?.type ?? { kind: 'any' }, given: false };
  }
  const values = get(parsed, 'enum');
  if (values?.is === 'list') {
    const texts = values.items.flatMap((item) => textOf(item) ?? []);
    return { schema: { type: 'string', enum: texts }, type: enumeration(texts), given: false };
  }
  const format = textOf(get(parsed, 'format'));
  const dateTime = typeNamed('date-time');
  if (format === 'date-time' && dateTime !== undefined) return dateTime;
  return text(parsed, format, problems);
}

function text(parsed: ParsedMap, format: string | undefined, problems: Problems): Declared {
  const limits = { maxLength: DEFAULT_LENGTH, ...numbersAt(parsed, ['minLength', 'maxLength']) };
  const { maxLength } = limits;
  const pattern = textOf(get(parsed, 'pattern'));
  const readable = pattern === undefined || checkPattern(parsed, pattern, problems);
  const schema: JsonMap = {
    type: 'string',
    ...limits,
    ...(format === undefined ? {} : { format }),
    ...(pattern === undefined || !readable ? {} : { pattern }),
  };
  const type: Type = { kind: 'text', maxLength };
  return { schema, type, given: false };
}

function checkPattern(parsed: ParsedMap, pattern: string, problems: Problems): boolean {
  try {
    compilePattern(pattern);
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    problems.error('FIRN212', get(parsed, 'pattern') ?? parsed, `the pattern "${pattern}" cannot be used: ${why}`);
    return false;
  }
}

function arrayOf(parsed: ParsedMap, itemOf: (item: Parsed) => Declared): Declared {
  const items = get(parsed, 'items');
  const item = items === undefined ? undefined : itemOf(items);
  const limits = { maxItems: DEFAULT_ITEMS, ...numbersAt(parsed, ['minItems', 'maxItems']) };
  const schema: JsonMap = { type: 'array', items: item?.schema ?? {}, ...limits };
  return { schema, type: listOf(item?.type ?? { kind: 'any' }, limits.maxItems), given: false };
}

function checkBounds(parsed: ParsedMap, problems: Problems): void {
  for (const [low, high] of [
    ['minLength', 'maxLength'],
    ['minimum', 'maximum'],
    ['minItems', 'maxItems'],
  ] as const) {
    const values = numbersAt(parsed, [low, high]);
    const [least, most] = [values[low], values[high]];
    if (least === undefined || most === undefined || least <= most) continue;
    problems.error(
      'FIRN310',
      get(parsed, low) ?? parsed,
      `no value fits: ${low} ${least} is more than ${high} ${most}`,
    );
  }
}

function numbersAt(parsed: ParsedMap, keys: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const key of keys) {
    const value = get(parsed, key);
    if (value?.is === 'scalar' && typeof value.value === 'number') found[key] = value.value;
  }
  return found;
}
