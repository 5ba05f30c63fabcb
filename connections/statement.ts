/**
 * Statements of the data verbs as SQL text and bound values.
 *
 * HOST, without I/O. Names are quoted identifiers and come from the plan, which was checked; every value is a bound
 * parameter. Nothing that a run computed ever becomes part of the text.
 */
import { failure } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { quoteIdentifier } from '../store/pool.js';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Columns of json and jsonb type: a list bound to one of them is JSON text, to any other a PostgreSQL array. */
export type JsonColumns = ReadonlySet<string>;

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['le', '<='],
  ['gt', '>'],
  ['ge', '>='],
  // An absent column is not equal to the value, so the row counts.
  ['ne', 'is distinct from'],
]);

class Parameters {
  readonly values: unknown[] = [];
  readonly json: JsonColumns;

  constructor(json: JsonColumns) {
    this.json = json;
  }

  bind(column: string, value: Json): string {
    const structured = isJsonMap(value) || (Array.isArray(value) && this.json.has(column));
    this.values.push(structured || this.json.has(column) ? JSON.stringify(value) : value);
    return `$${this.values.length}`;
  }

  where(where: JsonMap): string {
    const terms = Object.entries(where).flatMap(([column, condition]) => {
      const name = quoteIdentifier(column);
      if (!isJsonMap(condition)) return [this.term(name, '=', column, condition)];
      return Object.entries(condition).map(([operator, value]) => this.condition(name, operator, column, value));
    });
    return terms.length === 0 ? '' : ` where ${terms.join(' and ')}`;
  }

  private condition(name: string, operator: string, column: string, value: Json): string {
    if (operator === 'in' && Array.isArray(value)) {
      this.values.push(value);
      return `${name} = any($${this.values.length})`;
    }
    const sql = OPERATORS.get(operator);
    if (sql !== undefined) return this.term(name, sql, column, value);
    throw failure(
      'invalid',
      `where ${column}: "${operator}" is no comparison; there are lt, le, gt, ge, ne, in (with a list)`,
    );
  }

  private term(name: string, sql: string, column: string, value: Json): string {
    if (value === null) throw failure('invalid', `where ${column}: there is nothing to compare with`);
    return `${name} ${sql} ${this.bind(column, value)}`;
  }
}

export function selectStatement(table: string, where: JsonMap, orderBy: readonly string[], limit: number): Statement {
  const parameters = new Parameters(new Set());
  const order = orderBy.map((entry) => {
    const match = /^(.*?)(?: +(asc|desc))?$/s.exec(entry.trim());
    return `${quoteIdentifier(match?.[1] ?? entry)} ${match?.[2] ?? 'asc'} nulls last`;
  });
  const sorted = order.length === 0 ? '' : ` order by ${order.join(', ')}`;
  return {
    text: `select * from ${table}${parameters.where(where)}${sorted} limit ${Math.trunc(limit)}`,
    values: parameters.values,
  };
}

export function insertStatement(table: string, row: JsonMap, json: JsonColumns): Statement {
  const parameters = new Parameters(json);
  const columns = Object.keys(row).map(quoteIdentifier).join(', ');
  const bound = Object.entries(row).map(([column, value]) => parameters.bind(column, value));
  const what = bound.length === 0 ? 'default values' : `(${columns}) values (${bound.join(', ')})`;
  return { text: `insert into ${table} ${what} returning *`, values: parameters.values };
}

export function updateStatement(table: string, where: JsonMap, set: JsonMap, json: JsonColumns): Statement {
  const parameters = new Parameters(json);
  const entries = Object.entries(set);
  if (entries.length === 0) throw failure('invalid', 'there is nothing to set');
  const changes = entries.map(([column, value]) => `${quoteIdentifier(column)} = ${parameters.bind(column, value)}`);
  const filter = parameters.where(demandWhere(where));
  return { text: `update ${table} set ${changes.join(', ')}${filter} returning *`, values: parameters.values };
}

export function deleteStatement(table: string, where: JsonMap): Statement {
  const parameters = new Parameters(new Set());
  return { text: `delete from ${table}${parameters.where(demandWhere(where))} returning *`, values: parameters.values };
}

/** A write without any condition would reach every row of its table. */
function demandWhere(where: JsonMap): JsonMap {
  const conditions = Object.values(where).filter((value) => !isJsonMap(value) || Object.keys(value).length > 0);
  if (conditions.length === 0) throw failure('invalid', 'a write needs a condition in `where`');
  return where;
}

/** `id = "A-1", status in ["open"]`: a `where` for messages. */
export function showWhere(where: JsonMap): string {
  const shown = Object.entries(where).map(([column, condition]) => {
    if (!isJsonMap(condition)) return `${column} = ${JSON.stringify(condition)}`;
    return Object.entries(condition)
      .map(([operator, value]) => `${column} ${operator} ${JSON.stringify(value)}`)
      .join(', ');
  });
  return shown.length === 0 ? 'any value' : shown.join(', ');
}
