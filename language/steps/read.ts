/**
 * `read`: one row of a table.
 *
 * PURE. The row arrives by an activity in a READ ONLY transaction; what is NULL there is a field that is not there.
 */
import { get } from '../plan/parsed.js';
import type { ReadCall } from '../plan/calls.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { maybe } from '../plan/types.js';
import { flagAt, mapFrom } from './bodies.js';
import type { StepKind } from './kind.js';
import { sayRow } from './said.js';
import { TABLE, WHERE } from './shapes.js';
import { compileTable, compileWhere, rowType } from './tables.js';
import { summarizeWhere } from './where.js';

export interface ReadNode extends NodeBase {
  readonly verb: 'read';
  readonly from: string;
  readonly where: Value;
  readonly optional: boolean;
}

export const read: StepKind<'read', ReadNode> = {
  verb: 'read',
  about: 'Reads one row of a table.',
  result:
    'The row; a NULL column is an absent field. No row is failure `not_found`, or `{}` with `optional: true`; several rows are failure `not_unique`.',
  effect: 'read',
  schema: {
    type: 'object',
    properties: {
      from: TABLE,
      where: WHERE,
      optional: { type: 'boolean', description: 'true: no row is `{}` and no failure' },
    },
    required: ['from', 'where'],
    additionalProperties: false,
  },
  example: `- id: order
  read: { from: shop.orders, where: { id: "\${{ input.order_id }}" } }
`,
  compile(body, context) {
    const use = compileTable(get(body, 'from'), context);
    const where = compileWhere(get(body, 'where'), use, context);
    if (use === undefined || where === undefined) return undefined;
    const optional = flagAt(body, 'optional');
    const row = rowType(use.table);
    const node = { verb: 'read', from: use.name, where, optional } as const;
    return { node, type: optional ? maybe(row) : row, label: 'record' };
  },
  async run(node, host) {
    const where = mapFrom(host.evaluate(node.where), 'where');
    const call: ReadCall = { from: node.from, where, optional: node.optional };
    return { kind: 'value', value: await host.call(call) };
  },
  summarize: (node) => `read ${node.from}${summarizeWhere(node.where)}`,
  say: sayRow,
};
