/**
 * `list`: the rows of a table that match, in order.
 *
 * PURE. Nothing is cut silently: more rows than `limit` is a failure; only `first: n` takes n and leaves the rest.
 */
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { ListCall } from '../plan/calls.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { listOf } from '../plan/types.js';
import { itemsOf, mapFrom, numberAt, textOf } from './bodies.js';
import type { CompileContext, StepKind } from './kind.js';
import { sayRows } from './said.js';
import { TABLE, WHERE } from './shapes.js';
import type { TableUse } from './tables.js';
import { compileTable, compileWhere, rowType } from './tables.js';
import { summarizeWhere } from './where.js';

const DEFAULT_LIMIT = 100;
const MOST = 10_000;

export interface ListNode extends NodeBase {
  readonly verb: 'list';
  readonly from: string;
  readonly where: Value;
  readonly order_by: readonly string[];
  readonly limit: number;
  /** Take the first `limit` rows; without it, more rows are a failure. */
  readonly first: boolean;
}

export const list: StepKind<'list', ListNode> = {
  verb: 'list',
  about: 'Reads the rows of a table that match.',
  result:
    'A list of rows; a NULL column is an absent field. More than `limit` rows (default 100, at most 10,000) are failure `too_many`; `first: n` takes the first n instead.',
  effect: 'read',
  schema: {
    type: 'object',
    properties: {
      from: TABLE,
      where: WHERE,
      order_by: {
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        maxItems: 10,
        description: 'columns to sort by, as `column` or `column desc`',
      },
      limit: { type: 'integer', minimum: 1, maximum: MOST, description: 'more rows than this are a failure' },
      first: { type: 'integer', minimum: 1, maximum: MOST, description: 'take so many rows and leave the others' },
    },
    required: ['from'],
    additionalProperties: false,
  },
  example: `- id: waiting
  list: { from: shop.orders, where: { status: processing }, order_by: [ordered_at desc], limit: 50 }
`,
  compile(body, context) {
    const use = compileTable(get(body, 'from'), context);
    const parsedWhere = get(body, 'where');
    const everything: Value = { is: 'map', entries: [] };
    const where = parsedWhere === undefined ? everything : compileWhere(parsedWhere, use, context);
    const order_by = compileOrder(itemsOf(get(body, 'order_by')), use, context);
    const limit = get(body, 'limit');
    const first = numberAt(body, 'first');
    if (limit !== undefined && first !== undefined) {
      const message =
        '`limit` and `first` contradict each other: `limit` fails when there are more rows, `first` takes so many';
      context.error('FIRN300', limit, message, 'keep one of them');
    }
    if (use === undefined || where === undefined || order_by === undefined) return undefined;
    const most = first ?? numberAt(body, 'limit') ?? DEFAULT_LIMIT;
    const node = { verb: 'list', from: use.name, where, order_by, limit: most, first: first !== undefined } as const;
    return { node, type: listOf(rowType(use.table), most), label: 'record' };
  },
  async run(node, host) {
    const { from, order_by, limit, first } = node;
    const call: ListCall = { from, where: mapFrom(host.evaluate(node.where), 'where'), order_by, limit, first };
    return { kind: 'value', value: await host.call(call) };
  },
  summarize: (node) => `list ${node.from}${summarizeWhere(node.where)}`,
  say: sayRows,
};

/** `column` or `column desc`; undefined when one is not known. */
function compileOrder(
  items: readonly Parsed[],
  use: TableUse | undefined,
  context: CompileContext,
): readonly string[] | undefined {
  const order: string[] = [];
  for (const item of items) {
    const [column = '', direction, ...rest] = (textOf(item) ?? '').trim().split(/\s+/);
    if (rest.length > 0 || (direction !== undefined && direction !== 'asc' && direction !== 'desc')) {
      const message = `"${textOf(item) ?? ''}" is not a column to sort by`;
      context.error('FIRN300', item, message, 'write `column`, or `column desc` for the largest first');
    } else if (use !== undefined && !use.table.columns.has(column)) {
      context.unknown('FIRN313', item, `column of ${use.name}`, column, use.table.columns.keys());
    } else {
      order.push(direction === 'desc' ? `${column} desc` : column);
    }
  }
  return order.length === items.length ? order : undefined;
}
