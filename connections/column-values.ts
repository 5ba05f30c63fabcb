/**
 * Rows of a database as the language knows them: NULL is absence, instants are RFC 3339 text, numbers lose nothing.
 *
 * HOST. Values arrive as PostgreSQL's text, so that nothing is rounded before it is looked at. Types that the language
 * has no value for are refused by name; nothing is ever shown as something else.
 */
import type pg from 'pg';
import { failure } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { builtinParser } from '../store/pool.js';
import type { PoolClient } from '../store/pool.js';
import { isTimestampText, parseJson, timestampText } from '../store/values.js';

/** What a column holds, settled from its type once per result. */
export type ColumnKind = 'text' | 'number' | 'boolean' | 'timestamp' | 'date' | 'json' | 'refused';
export interface ColumnType {
  readonly kind: ColumnKind;
  readonly list: boolean;
  readonly name: string;
}
export interface ResultColumn extends ColumnType {
  readonly column: string;
}

const KIND_BY_NAME: ReadonlyMap<string, ColumnKind> = new Map<string, ColumnKind>([
  ...kinds('number', 'int2', 'int4', 'int8', 'float4', 'float8', 'numeric', 'oid'),
  ...kinds('boolean', 'bool'),
  ...kinds('text', 'text', 'varchar', 'bpchar', 'name', 'citext', 'uuid', 'time', 'timetz', 'interval', 'inet', 'cidr'),
  ...kinds('text', 'macaddr', 'macaddr8', 'xml', 'bit', 'varbit', 'money', 'char', 'tsvector'),
  ...kinds('timestamp', 'timestamp', 'timestamptz'),
  ...kinds('date', 'date'),
  ...kinds('json', 'json', 'jsonb'),
]);

function kinds(kind: ColumnKind, ...names: readonly string[]): readonly (readonly [string, ColumnKind])[] {
  return names.map((name) => [name, kind]);
}

/** The kind of a type by its name in pg_type; enums are text; undefined = the language has no value for it. */
export function kindOfType(name: string, category: string): ColumnKind {
  return KIND_BY_NAME.get(name) ?? (category === 'E' ? 'text' : 'refused');
}

/** Type by oid, per pool: an oid means one thing as long as its database lives. */
const seenTypes = new WeakMap<object, Map<number, ColumnType>>();

/** Reads what the types of a result mean; asks the catalogue only for types that were not seen before. */
export async function resultColumns(
  pool: object,
  client: PoolClient,
  fields: readonly pg.FieldDef[],
): Promise<readonly ResultColumn[]> {
  const seen = seenTypes.get(pool) ?? new Map<number, ColumnType>();
  seenTypes.set(pool, seen);
  const unknown = [...new Set(fields.map((field) => field.dataTypeID))].filter((oid) => !seen.has(oid));
  if (unknown.length > 0) {
    const { rows } = await client.query<{ oid: number; name: string; category: string; list: boolean }>(
      `select t.oid, coalesce(e.typname, t.typname) as name, coalesce(e.typcategory, t.typcategory) as category,
         e.oid is not null as list
       from pg_catalog.pg_type t
       left join pg_catalog.pg_type e on t.typcategory = 'A' and e.oid = t.typelem
       where t.oid = any($1)`,
      [unknown],
    );
    for (const { oid, name, category, list } of rows) seen.set(oid, { kind: kindOfType(name, category), list, name });
  }
  return fields.map((field) => {
    const type = seen.get(field.dataTypeID) ?? { kind: 'refused', list: false, name: `type ${field.dataTypeID}` };
    return { ...type, column: field.name };
  });
}

/** One row. Failures `precision` and `invalid` name table and column. */
export function rowValue(table: string, columns: readonly ResultColumn[], texts: readonly (string | null)[]): JsonMap {
  const row: [string, Json][] = [];
  for (const [index, column] of columns.entries()) {
    const text = texts[index];
    if (text === null || text === undefined) continue;
    const value = columnValue(`${table}.${column.column}`, column, text);
    if (value !== null) row.push([column.column, value]);
  }
  return Object.fromEntries(row);
}

function columnValue(place: string, column: ColumnType, text: string): Json {
  if (column.kind === 'refused') {
    throw failure(
      'invalid',
      `${place} is of type ${column.name}, for which there is no value here; read a view without it`,
    );
  }
  if (!column.list) return singleValue(place, column.kind, text);
  const items: readonly unknown[] = parseTextArray(text);
  return items.map((item) => listItem(place, column.kind, item));
}

/** Oid of `text[]`, in whose notation every array of PostgreSQL is written. */
const TEXT_ARRAY = 1009;

/** PostgreSQL's own notation of arrays, `{a,"b c",NULL}`: texts, NULL, and lists of them. */
function parseTextArray(text: string): readonly unknown[] {
  const parser = builtinParser(TEXT_ARRAY);
  const parsed: unknown = typeof parser === 'function' ? Reflect.apply(parser, undefined, [text]) : undefined;
  return Array.isArray(parsed) ? parsed : [];
}

function listItem(place: string, kind: ColumnKind, item: unknown): Json {
  if (Array.isArray(item)) return item.map((inner: unknown) => listItem(place, kind, inner));
  if (typeof item === 'string') return singleValue(place, kind, item);
  throw failure('invalid', `${place} holds a list with NULL in it, for which there is no value here`);
}

function singleValue(place: string, kind: ColumnKind, text: string): Json {
  switch (kind) {
    case 'number':
      return exactNumber(place, text);
    case 'boolean':
      return text === 't' || text === 'true';
    case 'timestamp':
      if (!isTimestampText(text))
        throw failure('invalid', `${place} holds "${text}", which is no instant of the calendar`);
      return timestampText(text);
    case 'date':
      if (!isTimestampText(`${text}T00:00:00Z`))
        throw failure('invalid', `${place} holds "${text}", which is no day of the calendar`);
      return `${text}T00:00:00Z`;
    case 'json':
      return jsonValue(place, text);
    case 'text':
    case 'refused':
      return text;
  }
}

const MOST_DIGITS = 15;

/** A number of at most 15 significant digits survives the way through a double and back; others may not. */
function exactNumber(place: string, text: string): number {
  const digits = (/^[+-]?([\d.]+)/.exec(text)?.[1] ?? '').replace('.', '').replace(/^0+|0+$/g, '');
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw failure('precision', `${place} holds ${text}, which is not a number that can be kept`);
  }
  if (digits.length > MOST_DIGITS) {
    const hint = 'read a view that rounds it, or that gives it as text';
    throw failure(
      'precision',
      `${place} holds ${text}, which has ${digits.length} significant digits; at most 15 are kept without loss: ${hint}`,
    );
  }
  return value;
}

/** Strings are skipped, so that digits inside them do not count. */
const JSON_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/g;

function jsonValue(place: string, text: string): Json {
  for (const [token] of text.matchAll(JSON_NUMBER)) if (!token.startsWith('"')) exactNumber(place, token);
  return withoutNull(place, parseJson(text));
}

/** There is one kind of absence: a field that is not there. */
function withoutNull(place: string, value: Json): Json {
  if (isJsonMap(value)) {
    const entries = Object.entries(value).filter(([, item]) => item !== null);
    return Object.fromEntries(entries.map(([key, item]) => [key, withoutNull(place, item)]));
  }
  if (!Array.isArray(value)) return value;
  return value.map((item: Json) => {
    if (item === null)
      throw failure('invalid', `${place} holds a list with null in it, for which there is no value here`);
    return withoutNull(place, item);
  });
}
