/**
 * Tables in the words of the data verbs: `connection.table`, its rows as types, `where`, and the values of a written row.
 *
 * PURE. Reports unknown connections, tables and columns, with what was probably meant. Where the table is not known,
 * values are still compiled, against an unknown type, so that what is wrong inside them shows at the same time.
 */
import { AUTHOR } from '../expressions/labels.js';
import type { Parsed } from '../plan/parsed.js';
import type { MapEntry, Value } from '../plan/plan.js';
import type { Table } from '../plan/project.js';
import type { Field, Type } from '../plan/types.js';
import { ANY, listOf } from '../plan/types.js';
import { entriesOf, holdsExpression, itemsOf, keyPlace, textOf } from './bodies.js';
import { findConnection } from './connections.js';
import type { ConnectionUse } from './connections.js';
import type { CompileContext, CompiledValue } from './kind.js';
import { checkTrusted } from './trusted.js';

export interface TableUse {
  /** `connection.table`, as written. */
  readonly name: string;
  readonly database: ConnectionUse<'postgres'>;
  readonly table: Table;
}

/** Finds what `from` or `in` names. */
export function compileTable(parsed: Parsed | undefined, context: CompileContext): TableUse | undefined {
  const name = textOf(parsed);
  if (parsed === undefined || name === undefined) return undefined;
  if (holdsExpression(name)) {
    const hint = 'write it out; where the table depends on a value, use a `switch`';
    context.error('FIRN300', parsed, 'a table is named by the definition and never computed', hint);
    return undefined;
  }
  const dot = name.indexOf('.');
  if (dot < 1 || dot === name.length - 1) {
    context.error('FIRN300', parsed, `"${name}" is not a connection and a table`, 'write it as `connection.table`');
    return undefined;
  }
  const database = findConnection(parsed, name.slice(0, dot), 'postgres', context);
  if (database === undefined) return undefined;
  const { tables } = database.connection;
  const table = tables.get(name.slice(dot + 1));
  if (table === undefined) {
    context.unknown('FIRN312', parsed, `table of ${database.name}`, name.slice(dot + 1), tables.keys());
    return undefined;
  }
  return { name, database, table };
}

/** The type of one row: NULL is a field that is not there; each column says who wrote it. */
export function rowType(table: Table): Type {
  const fields = new Map<string, Field>();
  for (const [name, column] of table.columns) {
    const presence = column.nullable ? 'optional' : 'certain';
    fields.set(name, { type: column.type, presence, label: column.trusted ? 'trusted' : 'record' });
  }
  return { kind: 'map', fields };
}

/** `where` as a map value: each column with a value, or with a map of comparisons. */
export function compileWhere(
  parsed: Parsed | undefined,
  use: TableUse | undefined,
  context: CompileContext,
): Value | undefined {
  if (parsed?.is !== 'map') return undefined;
  const entries: MapEntry[] = [];
  for (const entry of parsed.entries) {
    const type = columnType(parsed, entry, use, context);
    const value =
      entry.value.is === 'map'
        ? compileComparisons(entry.value, type ?? ANY, context)
        : context.value(entry.value, type ?? ANY)?.value;
    if (type !== undefined && value !== undefined) entries.push({ key: entry.key, value });
  }
  return entries.length === parsed.entries.length ? { is: 'map', entries } : undefined;
}

function compileComparisons(parsed: Parsed, type: Type, context: CompileContext): Value | undefined {
  const entries: MapEntry[] = [];
  for (const { key, value } of entriesOf(parsed)) {
    const compiled = context.value(value, key === 'in' ? listOf(type) : type);
    if (compiled !== undefined) entries.push({ key, value: compiled.value });
  }
  return entries.length === entriesOf(parsed).length ? { is: 'map', entries } : undefined;
}

/** The values of one written row; a key whose `${{ a.?b }}` is absent is left out. */
export function compileColumns(
  parsed: Parsed | undefined,
  use: TableUse | undefined,
  context: CompileContext,
): CompiledValue | undefined {
  if (parsed?.is !== 'map') return undefined;
  const known = parsed.entries.filter((entry) => columnType(parsed, entry, use, context) !== undefined);
  const expected = use === undefined ? ANY : writtenType(use.table);
  const compiled = context.value({ ...parsed, entries: known }, expected, { absentKeys: true });
  if (use !== undefined && compiled?.type.kind === 'map')
    checkTrusted(parsed, compiled.type.fields, AUTHOR, use, context);
  return known.length === parsed.entries.length ? compiled : undefined;
}

/** What a written row may hold: any of the columns; which of them it must hold is another question. */
export function writtenType(table: Table): Extract<Type, { kind: 'map' }> {
  const fields = new Map<string, Field>();
  for (const [name, column] of table.columns) fields.set(name, { type: column.type, presence: 'optional' });
  return { kind: 'map', fields };
}

/** Reports required columns that a new row of this type does not certainly have. */
export function checkRequired(place: Parsed, row: Type, use: TableUse, context: CompileContext): void {
  if (row.kind !== 'map') return;
  const required = [...use.table.columns].filter(([, column]) => !column.nullable && !column.hasDefault);
  const missing = required.filter(([name]) => !row.fields.has(name)).map(([name]) => name);
  const unsure = required.filter(([name]) => row.fields.get(name)?.presence === 'optional').map(([name]) => name);
  if (missing.length > 0) {
    const message = `a new row of ${use.name} needs ${missing.join(', ')}, which may not be NULL and has no default`;
    context.error('FIRN317', place, message, `add ${missing.join(', ')}`);
  }
  for (const name of unsure) {
    const at = itemsOf(place).length > 0 ? place : (entriesOf(place).find(({ key }) => key === name)?.value ?? place);
    const message = `${name} may be absent here, but a new row of ${use.name} needs it: it may not be NULL and has no default`;
    context.error(
      'FIRN317',
      at,
      message,
      "give it a value for that case with `.orValue('…')`, or read it under a `has()`",
    );
  }
}

/** The type of the column that an entry names; ANY where the table is not known, undefined where the column is not. */
function columnType(
  map: Parsed,
  entry: Parameters<typeof keyPlace>[1],
  use: TableUse | undefined,
  context: CompileContext,
): Type | undefined {
  if (use === undefined) return ANY;
  const column = use.table.columns.get(entry.key);
  if (column === undefined) {
    context.unknown('FIRN313', keyPlace(map, entry), `column of ${use.name}`, entry.key, use.table.columns.keys());
  }
  return column?.type;
}
