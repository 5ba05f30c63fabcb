/**
 * The columns document: which tables and columns a connection has, as a committed file says.
 *
 * HOST, without I/O: setup/ reads the file and shows the problems. Definitions are checked against this, so that
 * checking needs no database. The document is written by connections/introspect.ts and may be edited by people.
 */
import { isJsonMap } from '../language/plan/json.js';
import type { Column, Table } from '../language/plan/project.js';
import { ANY, BOOLEAN, enumeration, listOf, NUMBER, TEXT, TIMESTAMP } from '../language/plan/types.js';
import type { Type } from '../language/plan/types.js';

export interface ColumnsProblem {
  /** Place in the document: `tables.orders.columns.total.type`. */
  readonly path: string;
  readonly message: string;
}

export interface Columns {
  readonly tables: ReadonlyMap<string, Table>;
  readonly problems: readonly ColumnsProblem[];
}

/** Columns by table that firn.yaml lists as trusted. */
export type Trusted = ReadonlyMap<string, readonly string[]> | Readonly<Record<string, readonly string[]>>;

const WHOLE: Type = { kind: 'number', whole: true };

const TYPES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ...named(TEXT, 'text', 'varchar', 'character varying', 'char', 'character', 'bpchar', 'name', 'citext', 'uuid'),
  ...named(TEXT, 'time', 'time without time zone', 'time with time zone', 'timetz', 'interval', 'inet', 'cidr'),
  ...named(TEXT, 'macaddr', 'macaddr8', 'xml', 'bit', 'bit varying', 'varbit', 'money', 'tsvector', '"char"'),
  ...named(WHOLE, 'smallint', 'integer', 'bigint', 'int', 'int2', 'int4', 'int8', 'oid'),
  ...named(NUMBER, 'numeric', 'decimal', 'real', 'double precision', 'float4', 'float8'),
  ...named(BOOLEAN, 'boolean', 'bool'),
  ...named(TIMESTAMP, 'timestamptz', 'timestamp with time zone', 'timestamp', 'timestamp without time zone', 'date'),
  ...named(ANY, 'json', 'jsonb'),
]);

function named(type: Type, ...names: readonly string[]): readonly (readonly [string, Type])[] {
  return names.map((name) => [name, type]);
}

/** The type that a column of this PostgreSQL type has; undefined = there is no value for it. */
export function columnType(written: string): Type | undefined {
  const text = written.trim().toLowerCase();
  if (text.endsWith('[]')) {
    const item = columnType(text.slice(0, -2));
    return item === undefined ? undefined : listOf(item);
  }
  const match = /^(.*?)\s*(?:\((\d+)(?:\s*,\s*(-?\d+))?\))?((?: with| without) time zone)?$/.exec(text);
  const type = TYPES.get(`${match?.[1] ?? text}${match?.[4] ?? ''}`);
  const size = match?.[2];
  if (type === undefined || size === undefined) return type;
  if (type.kind === 'text') return { kind: 'text', maxLength: Number(size) };
  const scale = Number(match?.[3] ?? 0);
  return type === NUMBER && scale <= 0 ? WHOLE : type;
}

/** Reads the parsed document (plain maps, lists and scalars). Reports all problems at once; good tables survive. */
export function readColumns(document: unknown, trusted: Trusted): Columns {
  const problems: ColumnsProblem[] = [];
  const tables = new Map<string, Table>();
  const trustedColumns = new Map<string, readonly string[]>(trusted instanceof Map ? trusted : Object.entries(trusted));
  const hint = 'it is written by `firn connections introspect`';
  if (!isMap(document) || !isMap(document['tables'])) {
    problems.push({ path: isMap(document) ? 'tables' : '', message: `a map \`tables\` is needed here; ${hint}` });
    return { tables, problems };
  }
  for (const [name, table] of Object.entries(document['tables'])) {
    tables.set(name, readTable(`tables.${name}`, table, new Set(trustedColumns.get(name) ?? []), problems));
  }
  for (const [name, columns] of trustedColumns) {
    const table = tables.get(name);
    const missing = columns.filter((column) => table?.columns.has(column) !== true);
    if (table === undefined) {
      const message = `\`trusted\` names the table "${name}", which is not here; ${listed('tables', tables.keys())}`;
      problems.push({ path: `tables.${name}`, message });
      continue;
    }
    const has = listed('columns', table.columns.keys());
    for (const column of missing) {
      const message = `\`trusted\` names the column "${column}", which "${name}" does not have; ${has}`;
      problems.push({ path: `tables.${name}.columns.${column}`, message });
    }
  }
  return { tables, problems };
}

function readTable(path: string, table: unknown, trusted: ReadonlySet<string>, problems: ColumnsProblem[]): Table {
  const columns = new Map<string, Column>();
  const written = isMap(table) ? table['columns'] : undefined;
  if (!isMap(table) || !isMap(written)) {
    problems.push({ path, message: 'a table needs a map `columns`' });
    return { columns, primaryKey: [] };
  }
  for (const [name, column] of Object.entries(written)) {
    const read = readColumn(`${path}.columns.${name}`, column, trusted.has(name), problems);
    if (read !== undefined) columns.set(name, read);
  }
  const primaryKey = readTexts(`${path}.primary_key`, table['primary_key'], problems);
  for (const key of primaryKey.filter((name) => !columns.has(name))) {
    problems.push({ path: `${path}.primary_key`, message: `"${key}" is no column of this table` });
  }
  for (const key of Object.keys(table)) {
    if (key !== 'columns' && key !== 'primary_key') {
      problems.push({
        path: `${path}.${key}`,
        message: `"${key}" is not known here; a table has primary_key and columns`,
      });
    }
  }
  return { columns, primaryKey };
}

const COLUMN_KEYS = new Set(['type', 'values', 'nullable', 'default']);

function readColumn(path: string, column: unknown, trusted: boolean, problems: ColumnsProblem[]): Column | undefined {
  const written = isMap(column) ? column['type'] : undefined;
  if (!isMap(column) || typeof written !== 'string') {
    problems.push({ path, message: 'a column needs a `type`, such as { type: text }' });
    return undefined;
  }
  for (const key of Object.keys(column).filter((name) => !COLUMN_KEYS.has(name))) {
    problems.push({
      path: `${path}.${key}`,
      message: `"${key}" is not known here; a column has type, values, nullable, default`,
    });
  }
  const type = columnType(written);
  if (type === undefined) {
    const hint = 'leave the column out, or read a view that gives it as text';
    problems.push({
      path: `${path}.type`,
      message: `"${written}" is a type for which definitions have no value; ${hint}`,
    });
    return undefined;
  }
  const values = column['values'] === undefined ? undefined : readTexts(`${path}.values`, column['values'], problems);
  const closed = values !== undefined && type.kind === 'text' ? enumeration(values) : type;
  const nullable = readFlag(`${path}.nullable`, column['nullable'], problems);
  return { type: closed, nullable, hasDefault: readFlag(`${path}.default`, column['default'], problems), trusted };
}

function readFlag(path: string, value: unknown, problems: ColumnsProblem[]): boolean {
  if (value !== undefined && typeof value !== 'boolean')
    problems.push({ path, message: 'true or false is needed here' });
  return value === true;
}

function readTexts(path: string, value: unknown, problems: ColumnsProblem[]): readonly string[] {
  if (value === undefined) return [];
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  const texts = items.filter((item) => typeof item === 'string');
  if (!Array.isArray(value) || texts.length < items.length)
    problems.push({ path, message: 'a list of texts is needed here' });
  return texts;
}

function listed(what: string, names: Iterable<string>): string {
  const all = [...names];
  return all.length === 0 ? `there are no ${what}` : `its ${what}: ${all.join(', ')}`;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return isJsonMap(value);
}
