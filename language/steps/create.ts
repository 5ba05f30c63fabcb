/**
 * `create`: new rows in a table.
 *
 * PURE. Which columns a row may have is settled by the definition: rows that an expression gives are checked against
 * the table's columns when they are written, so that no text from outside ever becomes the name of a column.
 */
import type { Json, JsonMap } from '../plan/json.js';
import { isJsonMap } from '../plan/json.js';
import { failure } from '../plan/failure.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { CreateCall } from '../plan/calls.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { listOf } from '../plan/types.js';
import { warnUnprotected } from './connections.js';
import type { CompileContext, CompiledValue, StepKind } from './kind.js';
import { sayRows } from './said.js';
import { COLUMNS, TABLE } from './shapes.js';
import type { TableUse } from './tables.js';
import { checkRequired, compileColumns, compileTable, rowType, writtenType } from './tables.js';
import { checkTrusted } from './trusted.js';

const MOST_ROWS = 1000;

export interface CreateNode extends NodeBase {
  readonly verb: 'create';
  readonly in: string;
  /** A map, or a list of maps where `many`. */
  readonly rows: Value;
  readonly many: boolean;
  /** The columns a row may have. */
  readonly columns: readonly string[];
}

export const create: StepKind<'create', CreateNode> = {
  verb: 'create',
  about: 'Writes a new row into a table, or several in one statement.',
  result: 'The row as the database holds it, defaults included; with `rows`, the list of rows.',
  effect: 'write',
  schema: {
    type: 'object',
    properties: {
      in: TABLE,
      values: COLUMNS,
      rows: {
        type: ['array', 'string'],
        items: COLUMNS,
        minItems: 1,
        maxItems: MOST_ROWS,
        description: 'a list of rows, written out or as one `${{ … }}`',
      },
    },
    required: ['in'],
    additionalProperties: false,
  },
  example: `- id: refund
  create: { in: shop.refunds, values: { order_id: "\${{ order.id }}", amount: "\${{ order.total }}", reason: damaged } }
  undo: { delete: { from: shop.refunds, where: { id: "\${{ refund.id }}" } } }
`,
  compile(body, context) {
    const place = get(body, 'in');
    const use = compileTable(place, context);
    if (use !== undefined && place !== undefined) warnUnprotected(place, use.database, context);
    const values = get(body, 'values');
    const rows = get(body, 'rows');
    if ((values === undefined) === (rows === undefined)) {
      const message =
        values === undefined ? '`create` does not say what to write' : '`values` and `rows` stand side by side';
      context.error(
        values === undefined ? 'FIRN302' : 'FIRN300',
        body,
        message,
        'give `values` for one row, or `rows` for several',
      );
    }
    const row = values === undefined ? undefined : compileRow(values, use, context);
    const all = rows === undefined ? undefined : compileRows(rows, use, context);
    const written = row ?? all;
    if (use === undefined || written === undefined || (row !== undefined && rows !== undefined)) return undefined;
    const many = row === undefined;
    const columns = [...use.table.columns.keys()];
    const node = { verb: 'create', in: use.name, rows: written, many, columns } as const;
    const type = rowType(use.table);
    return { node, type: many ? listOf(type, MOST_ROWS) : type, label: 'record', silent: true };
  },
  async run(node, host) {
    const request = requestOf(node, (value) => host.evaluate(value));
    const call: CreateCall = { ...request, key: host.key };
    return { kind: 'value', value: await host.call(call) };
  },
  request: requestOf,
  summarize: (node) => `create ${node.many ? 'rows in ' : ''}${node.in}`,
  say: sayRows,
};

function compileRow(parsed: Parsed, use: TableUse | undefined, context: CompileContext): Value | undefined {
  const compiled = compileColumns(parsed, use, context);
  if (compiled === undefined || use === undefined) return undefined;
  checkRequired(parsed, compiled.type, use, context);
  return compiled.value;
}

function compileRows(parsed: Parsed, use: TableUse | undefined, context: CompileContext): Value | undefined {
  if (parsed.is === 'list') {
    const items = parsed.items.flatMap((item) => compileRow(item, use, context) ?? []);
    return items.length === parsed.items.length ? { is: 'list', items } : undefined;
  }
  if (use === undefined) return undefined;
  const compiled = context.value(parsed, listOf({ ...writtenType(use.table), open: true }));
  if (compiled === undefined) return undefined;
  checkRows(parsed, compiled, use, context);
  return compiled.value;
}

/** Rows that an expression gives: each field must be a column, and each required column a field. */
function checkRows(parsed: Parsed, compiled: CompiledValue, use: TableUse, context: CompileContext): void {
  const { type } = compiled;
  const row = type.kind === 'list' ? type.item : type;
  if (row.kind !== 'map') return;
  for (const name of row.fields.keys()) {
    const known = use.table.columns.keys();
    if (!use.table.columns.has(name)) context.unknown('FIRN313', parsed, `column of ${use.name}`, name, known);
  }
  checkRequired(parsed, row, use, context);
  checkTrusted(parsed, row.fields, compiled, use, context);
}

function requestOf(node: CreateNode, evaluate: (value: Value) => Json) {
  const value = evaluate(node.rows);
  const rows = (Array.isArray(value) ? value : [value]).map((row: Json) => checkRow(row, node));
  if (rows.length === 0 || rows.length > MOST_ROWS) {
    const message = `there are ${rows.length} rows to write into ${node.in}; one \`create\` writes 1 to ${MOST_ROWS}`;
    throw failure('invalid', message);
  }
  return { in: node.in, rows, many: node.many };
}

function checkRow(row: Json, node: CreateNode): JsonMap {
  if (!isJsonMap(row)) throw failure('invalid', `a row for ${node.in} should be a map, but is ${JSON.stringify(row)}`);
  const foreign = Object.keys(row).find((key) => !node.columns.includes(key));
  if (foreign === undefined) return row;
  throw failure('invalid', `a row for ${node.in} has a field "${foreign}", which is not one of its columns`);
}
