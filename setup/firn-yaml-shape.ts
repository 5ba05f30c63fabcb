/**
 * The shape of firn.yaml, checked by its schema and told in words, each problem at the key or value it is about.
 *
 * HOST, reads no files. ajv says what is wrong; this says it in the author's words and with a "did you mean".
 */
import { Ajv, type ErrorObject } from 'ajv';
import { closest, distance } from 'fastest-levenshtein';
import { toPlain, type Parsed, type ParsedEntry } from '../language/plan/parsed.js';
import type { Place, Problems } from '../language/plan/problem.js';
import { FIRN_YAML_SCHEMA } from './firn-yaml-schema.js';

const check = new Ajv({ allErrors: true, strict: true }).compile(FIRN_YAML_SCHEMA);

/** Puts what is wrong with the shape into `problems`; true when nothing is. */
export function checkShape(tree: Parsed, problems: Problems): boolean {
  if (check(toPlain(tree))) return true;
  // That the schema of a kind of connection does not hold is said by what is wrong in it.
  const errors = (check.errors ?? []).filter(({ keyword }) => keyword !== 'if');
  // A misspelt key is told as such; that the right one is missing is the same mistake.
  const misspelt = new Set(
    errors.filter((error) => error.keyword === 'additionalProperties').map((error) => error.instancePath),
  );
  for (const error of errors) {
    // `if` says only that one of its branches has said something.
    if (error.keyword === 'if' || (error.keyword === 'required' && misspelt.has(error.instancePath))) continue;
    report(error, tree, problems);
  }
  return false;
}

/** A hint that lists what is allowed, and the nearest of it to what was written. */
export function listed(what: string, written: string, known: Iterable<string>): string {
  const names = [...known];
  const near = names.length === 0 ? undefined : closest(written, names);
  const meant =
    near !== undefined && distance(written, near) <= Math.max(2, written.length / 3) ? `did you mean "${near}"? ` : '';
  return `${meant}${what}: ${names.join(', ')}`;
}

export function placeOf(parsed: Parsed): Place {
  return { at: parsed.at, path: parsed.path, length: parsed.is === 'scalar' ? parsed.length : 1 };
}

function report(error: ErrorObject, tree: Parsed, problems: Problems): void {
  const { parsed, entry } = find(tree, error.instancePath);
  const what = entry === undefined ? 'firn.yaml' : `"${entry.key}"`;
  const here = placeOf(parsed);
  const params: Readonly<Record<string, unknown>> = error.params;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const at = parsed.is === 'map' ? parsed.entries.find((candidate) => candidate.key === key) : undefined;
      const place = at === undefined ? here : keyPlace(at, parsed.path);
      problems.error(
        'FIRN500',
        place,
        `${what} has no key "${key}"`,
        listed('keys here', key, KEYS.get(error.schemaPath) ?? []),
      );
      return;
    }
    case 'required':
      problems.error(
        'FIRN500',
        entry === undefined ? here : keyPlace(entry, ''),
        `${what} lacks the key "${String(params['missingProperty'])}"`,
        requiredHint(String(params['missingProperty'])),
      );
      return;
    case 'propertyNames':
      problems.error(
        'FIRN500',
        here,
        `"${String(params['propertyName'])}" cannot be a name in ${what}`,
        'names are lower-case letters, digits, - and _, and begin with a letter',
      );
      return;
    case 'pattern':
      // A name that is wrong is told by `propertyNames`.
      if (!('propertyName' in error))
        problems.error('FIRN500', here, patternMessage(what, parsed), patternHint(entry?.key));
      return;
    case 'enum':
      problems.error(
        'FIRN500',
        here,
        `${shown(parsed)} is not a value of ${what}`,
        listed('allowed', plain(parsed), allowedOf(params['allowedValues'])),
      );
      return;
    default:
      problems.error('FIRN500', here, `${what} ${inWords(error)}, and is ${shown(parsed)}`);
  }
}

function inWords(error: ErrorObject): string {
  const words: Readonly<Record<string, string>> = {
    array: 'a list',
    object: 'a map',
    boolean: 'true or false',
    string: 'text',
    integer: 'a whole number',
  };
  if (error.keyword !== 'type') return error.message ?? 'has the wrong shape';
  const params: Readonly<Record<string, unknown>> = error.params;
  const type = String(params['type']);
  return `must be ${words[type] ?? type}`;
}

function patternMessage(what: string, parsed: Parsed): string {
  // The value may be a secret that somebody wrote down: it is not repeated.
  return ['"project"', '"address"', '"encoder_sha256"'].includes(what)
    ? `${shown(parsed)} cannot be the value of ${what}`
    : `the value of ${what} must be a reference to a secret, not the secret itself`;
}

function patternHint(key: string | undefined): string {
  if (key === 'project') return 'lower-case letters, digits, - and _, beginning with a letter, at most 40';
  if (key === 'encoder_sha256') return '64 hexadecimal digits, lower-case';
  if (key === 'address') return 'host:port, without a scheme';
  return 'write env:NAME for an environment variable or file:path for a file';
}

function requiredHint(key: string): string {
  if (key === 'columns')
    return 'name a file, for example ./definitions/shop.columns.yaml; `firn connections introspect` writes it';
  if (key === 'postgres') return 'write postgres: env:DATABASE_URL';
  if (key === 'tools')
    return 'name a file, for example ./definitions/desk.tools.yaml; `firn connections introspect` writes it';
  if (key === 'mcp') return 'write mcp: { command: [node, server.mjs] } or mcp: { url: env:URL }';
  if (key === 'workflow') return 'name the workflow that it starts';
  if (key === 'cron') return 'write cron: "0 6 1 * *", which is every first of a month at six';
  if (key === 'zone') return 'write zone: Europe/Berlin, or zone: UTC';
  return 'write people: [name, …]; [] if nobody has this role yet';
}

function keyPlace(entry: ParsedEntry, parent: string): Place {
  return { at: entry.keyAt, path: parent === '' ? entry.key : `${parent}.${entry.key}`, length: entry.key.length };
}

/** Allowed keys by the place in the schema that refuses others. */
const KEYS: ReadonlyMap<string, readonly string[]> = collectKeys(FIRN_YAML_SCHEMA, '#');

function collectKeys(schema: unknown, path: string): ReadonlyMap<string, readonly string[]> {
  const all = new Map<string, readonly string[]>();
  if (typeof schema !== 'object' || schema === null) return all;
  for (const [key, value] of Object.entries<unknown>({ ...schema })) {
    if (key === 'properties' && typeof value === 'object' && value !== null)
      all.set(`${path}/additionalProperties`, Object.keys(value));
    for (const [place, keys] of collectKeys(value, `${path}/${key}`)) all.set(place, keys);
  }
  return all;
}

function allowedOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function plain(parsed: Parsed): string {
  return parsed.is === 'scalar' ? String(parsed.value) : '';
}

function shown(parsed: Parsed): string {
  return parsed.is === 'scalar' ? JSON.stringify(parsed.value) : `a ${parsed.is}`;
}

/** The value at a JSON pointer, and the entry that holds it. */
function find(tree: Parsed, pointer: string): { readonly parsed: Parsed; readonly entry: ParsedEntry | undefined } {
  let parsed = tree;
  let entry: ParsedEntry | undefined;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (parsed.is === 'map') {
      const found: ParsedEntry | undefined = parsed.entries.find((candidate) => candidate.key === key);
      if (found === undefined) break;
      entry = found;
      parsed = found.value;
    } else if (parsed.is === 'list') {
      parsed = parsed.items[Number(key)] ?? parsed;
    }
  }
  return { parsed, entry };
}
