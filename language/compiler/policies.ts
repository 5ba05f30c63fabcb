/**
 * Policy files: what holds from when to when, under which name.
 *
 * PURE. `policy`, `versions: [{id, from, until?, values}]`. `until` is excluded, versions do not overlap (gaps are
 * allowed), and every version has the same fields of the same types, so that a step can rely on them whichever is in force.
 */
import { formatInstant, parseInstant } from '../expressions/instant.js';
import { isUsableName } from '../expressions/cel.js';
import type { Json, JsonMap } from '../plan/json.js';
import type { Parsed, ParsedMap } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import { Problems } from '../plan/problem.js';
import type { Policy, PolicyVersion } from '../plan/project.js';
import { ANY, BOOLEAN, describeType, NUMBER, TEXT } from '../plan/types.js';
import type { Field, Type } from '../plan/types.js';
import { asJson } from './field-types.js';
import { parse } from './parse.js';
import { checkShape } from './shape.js';
import { textOf } from './validate.js';

export const POLICY_SCHEMA = {
  type: 'object',
  properties: {
    policy: { type: 'string', minLength: 1, maxLength: 100, description: 'the name of the policy' },
    summary: { type: 'string', minLength: 1, maxLength: 200 },
    versions: {
      type: 'array',
      minItems: 1,
      maxItems: 200,
      items: {
        type: 'object',
        properties: {
          id: {
            type: 'string',
            minLength: 1,
            maxLength: 100,
            description: 'what receipts and messages call this version',
          },
          from: { type: 'string', description: 'the first day or instant, as in 2026-01-01' },
          until: { type: 'string', description: 'the first day or instant on which it no longer holds' },
          values: { type: 'object', minProperties: 1, maxProperties: 200 },
        },
        required: ['id', 'from', 'values'],
        additionalProperties: false,
      },
    },
  },
  required: ['policy', 'versions'],
  additionalProperties: false,
} as const satisfies JsonMap;

interface Version {
  readonly parsed: Parsed;
  readonly version: PolicyVersion;
  readonly from_ms: number;
  readonly until_ms: number;
}

/** Undefined when anything is wrong. `name` is what the definition calls it. Problems: 1xx, FIRN502. */
export function parsePolicy(name: string, file: string, text: string, problems: Problems): Policy | undefined {
  const found = new Problems(file);
  const policy = read(name, text, found);
  for (const problem of found.all) {
    problems.all.push(problem.code.startsWith('FIRN1') ? problem : { ...problem, code: 'FIRN502' });
  }
  return found.failed ? undefined : policy;
}

function read(name: string, text: string, problems: Problems): Policy | undefined {
  const root = parse(text, problems);
  if (root === undefined || !checkShape(root, POLICY_SCHEMA, 'a policy file', problems)) return undefined;
  const list = get(root, 'versions');
  const versions = (list?.is === 'list' ? list.items : []).flatMap((item) => readVersion(item, problems) ?? []);
  versions.sort((one, other) => one.from_ms - other.from_ms);
  checkOrder(versions, problems);
  return { name, versions: versions.map(({ version }) => version), type: commonType(versions, problems) };
}

function readVersion(parsed: Parsed, problems: Problems): Version | undefined {
  const [id, values] = [textOf(get(parsed, 'id')), get(parsed, 'values')];
  const from_ms = readInstant(get(parsed, 'from'), problems);
  const until = get(parsed, 'until');
  const until_ms = until === undefined ? Number.POSITIVE_INFINITY : readInstant(until, problems);
  if (id === undefined || values?.is !== 'map' || from_ms === undefined || until_ms === undefined) return undefined;
  if (until !== undefined && until_ms <= from_ms) {
    problems.error(
      'FIRN502',
      until,
      `version "${id}" ends before it begins`,
      '`until` is the first day on which it no longer holds',
    );
    return undefined;
  }
  const from = formatInstant(from_ms) ?? '';
  const base = { id, from, values: readValues(values, problems) };
  const version = until === undefined ? base : { ...base, until: formatInstant(until_ms) ?? '' };
  return { parsed, version, from_ms, until_ms };
}

function readValues(values: ParsedMap, problems: Problems): Readonly<Record<string, Json>> {
  const found = new Map<string, Json>();
  for (const { key, keyAt, value } of values.entries) {
    const place = { at: keyAt, path: value.path, length: key.length };
    if (key === 'id') {
      problems.error('FIRN502', place, 'no value can be named "id": that is the id of the version');
      continue;
    }
    if (!isUsableName(key)) {
      problems.error('FIRN502', place, `no value can be named "${key}", because expressions could not read it`);
    }
    found.set(key, asJson(value));
  }
  return Object.fromEntries(found);
}

/** A day is the instant at which it begins in UTC. */
function readInstant(parsed: Parsed | undefined, problems: Problems): number | undefined {
  const text = textOf(parsed);
  if (parsed === undefined || text === undefined) return undefined;
  const instant_ms = parseInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (instant_ms === undefined) {
    problems.error('FIRN502', parsed, `"${text}" is no day and no instant`, 'write 2026-01-01 or 2026-01-01T09:00:00Z');
  }
  return instant_ms;
}

function checkOrder(versions: readonly Version[], problems: Problems): void {
  const ids = new Map<string, number>();
  for (const [index, { parsed, version, until_ms }] of versions.entries()) {
    const line = ids.get(version.id);
    if (line !== undefined) {
      problems.error(
        'FIRN502',
        get(parsed, 'id') ?? parsed,
        `the id "${version.id}" stands twice; the first is on line ${line}`,
      );
    }
    ids.set(version.id, parsed.at.line);
    const next = versions[index + 1];
    if (next === undefined || until_ms <= next.from_ms) continue;
    const ends = version.until === undefined ? 'has no end' : `ends at ${version.until}`;
    const message = `version "${next.version.id}" begins at ${next.version.from}, but "${version.id}" ${ends}: both would be in force`;
    problems.error(
      'FIRN502',
      get(next.parsed, 'from') ?? next.parsed,
      message,
      `give "${version.id}" an \`until\` that is not later`,
    );
  }
}

function commonType(versions: readonly Version[], problems: Problems): Type {
  const [first, ...others] = versions;
  if (first === undefined) return ANY;
  const fields = typesOf(first);
  for (const other of others) {
    const types = typesOf(other);
    const place = get(other.parsed, 'values') ?? other.parsed;
    for (const [name, type] of fields) {
      const its = types.get(name);
      if (its === undefined) {
        const message = `version "${other.version.id}" has no value "${name}", which "${first.version.id}" has`;
        problems.error('FIRN502', place, message, 'every version has the same values');
      } else if (describeType(its) !== describeType(type)) {
        const message = `"${name}" is ${describeType(its)} here and ${describeType(type)} in "${first.version.id}"`;
        problems.error('FIRN502', get(place, name) ?? place, message, 'every version has values of the same types');
      }
    }
    for (const name of types.keys()) {
      if (fields.has(name)) continue;
      const message = `version "${other.version.id}" has a value "${name}", which "${first.version.id}" does not have`;
      problems.error('FIRN502', get(place, name) ?? place, message, 'every version has the same values');
    }
  }
  const all = new Map<string, Field>([...fields].map(([name, type]) => [name, { type, presence: 'certain' }]));
  all.set('id', { type: TEXT, presence: 'certain' });
  return { kind: 'map', fields: all };
}

function typesOf({ version }: Version): ReadonlyMap<string, Type> {
  return new Map(Object.entries(version.values).map(([name, value]) => [name, typeOf(value)]));
}

/** What a value is; lists may grow from version to version, so their length is no part of their type. */
function typeOf(value: Json): Type {
  if (typeof value === 'string') return TEXT;
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'boolean') return BOOLEAN;
  if (value === null) return ANY;
  if (Array.isArray(value)) {
    const [first, ...others] = value.map(typeOf);
    const same = first !== undefined && others.every((other) => describeType(other) === describeType(first));
    return { kind: 'list', item: same ? first : ANY, atMost: 1000 };
  }
  const fields = new Map<string, Field>();
  for (const [name, item] of Object.entries(value)) fields.set(name, { type: typeOf(item), presence: 'certain' });
  return { kind: 'map', fields };
}
