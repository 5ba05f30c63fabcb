/**
 * `delete`: takes rows out of a table.
 *
 * PURE. How many rows it may meet is declared; another number is a failure and deletes nothing.
 */
import type { Json } from '../plan/json.js';
import { get } from '../plan/parsed.js';
import type { DeleteCall } from '../plan/calls.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { mapFrom, textAt } from './bodies.js';
import type { Expect } from './changes.js';
import { changedType, expectOf } from './changes.js';
import { warnUnprotected } from './connections.js';
import type { StepKind } from './kind.js';
import { sayRows } from './said.js';
import { EXPECT, TABLE, WHERE_OF_A_WRITE } from './shapes.js';
import { compileTable, compileWhere } from './tables.js';
import { summarizeWhere } from './where.js';

export interface DeleteNode extends NodeBase {
  readonly verb: 'delete';
  readonly from: string;
  readonly where: Value;
  readonly expect: Expect;
}

export const deleteRows: StepKind<'delete', DeleteNode> = {
  verb: 'delete',
  about: 'Deletes rows of a table.',
  result:
    'The deleted row (`expect: one`, the default); the row or `{}` (`none-or-one`); the list of rows (`any`). No row is failure `not_found` and several are `not_unique` where they are not expected; then nothing is deleted.',
  effect: 'write',
  schema: {
    type: 'object',
    properties: { from: TABLE, where: WHERE_OF_A_WRITE, expect: EXPECT },
    required: ['from', 'where'],
    additionalProperties: false,
  },
  example: `- delete: { from: shop.refunds, where: { order_id: "\${{ input.order_id }}" }, expect: any }
`,
  compile(body, context) {
    const place = get(body, 'from');
    const use = compileTable(place, context);
    if (use !== undefined && place !== undefined) warnUnprotected(place, use.database, context);
    const where = compileWhere(get(body, 'where'), use, context);
    if (use === undefined || where === undefined) return undefined;
    const expect = expectOf(textAt(body, 'expect'));
    const node = { verb: 'delete', from: use.name, where, expect } as const;
    return { node, type: changedType(use.table, expect), label: 'record', silent: true };
  },
  async run(node, host) {
    const request = requestOf(node, (value) => host.evaluate(value));
    const call: DeleteCall = { ...request, key: host.key };
    return { kind: 'value', value: await host.call(call) };
  },
  request: requestOf,
  summarize: (node) => `delete ${node.from}${summarizeWhere(node.where)}`,
  say: sayRows,
};

function requestOf(node: DeleteNode, evaluate: (value: Value) => Json) {
  return { from: node.from, where: mapFrom(evaluate(node.where), 'where'), expect: node.expect };
}
