/**
 * Answers of other systems as the language knows them: checked by what the author declared, without null, nothing lost.
 *
 * HOST, without I/O. What `returns` does not name is left out; what it names must fit. Failures `invalid` and `precision`
 * name the place in the answer and quote what stands there.
 */
import { validateValue } from '../language/compiler/input.js';
import { failure } from '../language/plan/failure.js';
import { canonicalJson, isJsonMap } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { parseJson } from '../store/values.js';

const DEEPEST = 64;
const MOST_DIGITS = 15;
const MOST_SCHEMAS = 500;
/** Stands before the digits of a number that no double can hold, until it is known whether anybody wants it. */
const INEXACT = '\uE000number:';
/** Strings are skipped, so that digits inside them do not count. */
const NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** The text of a JSON document. `what` names it in messages: "the body". Failure `invalid`. */
export function parseAnswer(text: string, what: string): Json {
  try {
    parseJson(text);
    return parseJson(text.replace(NUMBER, (token) => (isExact(token) ? token : JSON.stringify(INEXACT + token))));
  } catch {
    throw failure('invalid', `${what} is no JSON: ${show(text)}`);
  }
}

/** The declared part of an answer; without a schema, all of it. */
export function fitted(schema: JsonMap | null, answer: Json, what: string): Json {
  const declared = schema === null ? answer : pick(schema, answer, 0);
  const value = clean(declared, what, 0);
  if (schema === null) return value;
  const problems = validateValue(known(schema), value, what);
  if (problems.length > 0) throw failure('invalid', `${what} is not as \`returns\` says: ${problems.join(' ')}`);
  return value;
}

/** What the schema names. Nothing is converted: whether it fits is another question. */
function pick(schema: JsonMap, value: Json, depth: number): Json {
  if (depth > DEEPEST) return value;
  const { properties, items } = schema;
  if (Array.isArray(value) && isJsonMap(items)) return value.map((item: Json) => pick(items, item, depth + 1));
  if (!isJsonMap(value) || !isJsonMap(properties)) return value;
  const map = value;
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, inner]) => {
      const found = Object.hasOwn(map, name) ? map[name] : undefined;
      return found === undefined || !isJsonMap(inner) ? [] : [[name, pick(inner, found, depth + 1)]];
    }),
  );
}

/** There is one kind of absence, a field that is not there; and no number that is nearly what was sent. */
function clean(value: Json, place: string, depth: number): Json {
  if (depth > DEEPEST) throw failure('invalid', `${place} is nested deeper than ${DEEPEST} levels`);
  if (typeof value === 'string' && value.startsWith(INEXACT)) throw imprecise(place, value.slice(INEXACT.length));
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => {
      if (item !== null) return clean(item, `${place}[${index}]`, depth + 1);
      throw failure('invalid', `${place} is a list with null in it, for which there is no value here`);
    });
  }
  if (!isJsonMap(value)) return value;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    if (name === '__proto__') throw failure('invalid', `${place} has a field "__proto__", which no value may have`);
    return item === null ? [] : [[name, clean(item, `${place}.${name}`, depth + 1)] as const];
  });
  return Object.fromEntries(entries);
}

function imprecise(place: string, digits: string): Error {
  const hint = 'ask for it as text, or leave it out of `returns`';
  return failure('precision', `${place} holds ${digits}, which is not kept without loss as a number: ${hint}`);
}

/** A number is exact when the double that it becomes is written with the same digits. */
function isExact(token: string): boolean {
  if (token.startsWith('"') || token.replace(/\D/g, '').length <= MOST_DIGITS) return true;
  return digitsOf(token) === digitsOf(String(Number(token)));
}

/** The digits without leading and trailing zeros, and the power of ten of the last one. */
function digitsOf(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  const short = digits.replace(/0+$/, '');
  return `${sign}${short}e${Number(exponent) - fraction.length + digits.length - short.length}`;
}

const schemas = new Map<string, JsonMap>();

/** The same schema as before, so that its validator is made once and not for every answer. */
function known(schema: JsonMap): JsonMap {
  const text = canonicalJson(schema);
  const found = schemas.get(text);
  if (found !== undefined) return found;
  if (schemas.size >= MOST_SCHEMAS) schemas.clear();
  schemas.set(text, schema);
  return schema;
}

/** The beginning of a text, on one line. */
export function show(text: string): string {
  const line = text.slice(0, 400).replace(/\s+/g, ' ').trim();
  return JSON.stringify(line.length > 200 ? `${line.slice(0, 200)}…` : line);
}
