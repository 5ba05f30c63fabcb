/**
 * Whether a value fits declared fields: the check of what arrives while a run is under way, such as messages and forms.
 *
 * PURE: runs in Temporal's sandbox, where ajv does not. Knows the JSON Schema that compiler/fields.ts makes, and nothing
 * more; patterns are matched in linear time. What a run is started with is checked by compiler/input.ts.
 */
import { isJsonMap, type Json, type JsonMap } from '../plan/json.js';
import { parseInstant } from './instant.js';
import { compilePattern, matchesPattern } from './pattern.js';

const FORMATS: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  email: /^[^\s@]{1,64}@[^\s@]{1,190}$/,
  uri: /^[a-z][a-z0-9+.-]{0,20}:[^\s]{1,2000}$/i,
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i,
};

/** What is wrong, as a sentence that names the place; undefined when the value fits. `place` is what it is called. */
export function conform(schema: JsonMap, value: Json, place: string): string | undefined {
  switch (schema['type']) {
    case 'object':
      return isJsonMap(value) ? conformMap(schema, value, place) : `${place} must be a map`;
    case 'array':
      return Array.isArray(value) ? conformList(schema, value, place) : `${place} must be a list`;
    case 'string':
      return typeof value === 'string' ? conformText(schema, value, place) : `${place} must be text`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${place} must be true or false`;
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value)
        ? conformNumber(schema, value, place)
        : `${place} must be a whole number`;
    case 'number':
      return typeof value === 'number' ? conformNumber(schema, value, place) : `${place} must be a number`;
    default:
      return undefined;
  }
}

function conformMap(schema: JsonMap, value: JsonMap, place: string): string | undefined {
  const { required } = schema;
  const properties = isJsonMap(schema['properties']) ? schema['properties'] : {};
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const missing = needed.find((name) => typeof name === 'string' && !Object.hasOwn(value, name));
  if (typeof missing === 'string') return `${place}.${missing} is missing`;
  for (const [name, item] of Object.entries(value)) {
    const declared = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (!isJsonMap(declared)) {
      return `${place} has no field "${name}"; it has: ${Object.keys(properties).join(', ') || 'none'}`;
    }
    const wrong = conform(declared, item, `${place}.${name}`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function conformList(
  { items, minItems, maxItems }: JsonMap,
  value: readonly Json[],
  place: string,
): string | undefined {
  if (typeof minItems === 'number' && value.length < minItems) return `${place} needs at least ${minItems} items`;
  if (typeof maxItems === 'number' && value.length > maxItems) return `${place} may have at most ${maxItems} items`;
  if (!isJsonMap(items)) return undefined;
  for (const [index, item] of value.entries()) {
    const wrong = conform(items, item, `${place}[${index}]`);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function conformText(schema: JsonMap, value: string, place: string): string | undefined {
  const { minLength, maxLength, pattern, format } = schema;
  const values = schema['enum'];
  if (Array.isArray(values) && !values.some((known: Json) => known === value)) {
    return `${place} must be one of: ${values.join(', ')}`;
  }
  if (typeof minLength === 'number' && value.length < minLength)
    return `${place} needs at least ${minLength} characters`;
  if (typeof maxLength === 'number' && value.length > maxLength) {
    return `${place} has ${value.length} characters, and may have ${maxLength}`;
  }
  if (typeof pattern === 'string' && !matchesPattern(compilePattern(pattern), value)) {
    return `${place} does not match ${pattern}`;
  }
  if (format === 'date-time') return parseInstant(value) === undefined ? `${place} must be an instant` : undefined;
  if (typeof format !== 'string') return undefined;
  const known = FORMATS[format];
  return known === undefined || known.test(value) ? undefined : `${place} must be a ${format}`;
}

function conformNumber(schema: JsonMap, value: number, place: string): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  if (!Number.isFinite(value)) return `${place} must be a number`;
  if (typeof minimum === 'number' && value < minimum) return `${place} must be at least ${minimum}`;
  if (typeof maximum === 'number' && value > maximum) return `${place} must be at most ${maximum}`;
  if (typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum)
    return `${place} must be more than ${exclusiveMinimum}`;
  if (typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
    return `${place} must be less than ${exclusiveMaximum}`;
  return undefined;
}
