/**
 * `update`: changes rows of a table.
 *
 * PURE. How many rows it may meet is declared; another number is a failure and changes nothing.
 */
import type { Json } from '../plan/json.js';
import { failure } from '../plan/failure.js';
import { get } from '../plan/parsed.js';
import type { UpdateCall } from '../plan/calls.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { mapFrom, textAt } from './bodies.js';
import type { Expect } from './changes.js';
import { changedType, expectOf } from './changes.js';
import { warnUnprotected } from './connections.js';
import type { StepKind } from './kind.js';
import { sayRows } from './said.js';
import { COLUMNS, EXPECT, TABLE, WHERE_OF_A_WRITE } from './shapes.js';
import { compileColumns, compileTable, compileWhere } from './tables.js';
import { summarizeWhere } from './where.js';

export interface UpdateNode extends NodeBase {
  readonly verb: 'update';
  readonly in: string;
  readonly where: Value;
  readonly set: Value;
  readonly expect: Expect;
}

export const update: StepKind<'update', UpdateNode> = {
  verb: 'update',
  about: 'Changes rows of a table.',
  result:
    'The changed row (`expect: one`, the default); the row or `{}` (`none-or-one`); the list of rows (`any`). No row is failure `not_found` and several are `not_unique` where they are not expected; then nothing is changed.',
  effect: 'write',
  schema: {
    type: 'object',
    properties: { in: TABLE, where: WHERE_OF_A_WRITE, set: COLUMNS, expect: EXPECT },
    required: ['in', 'where', 'set'],
    additionalProperties: false,
  },
  example: `- id: marked
  update: { in: shop.orders, where: { id: "\${{ order.id }}" }, set: { status: refunded } }
`,
  compile(body, context) {
    const place = get(body, 'in');
    const use = compileTable(place, context);
    if (use !== undefined && place !== undefined) warnUnprotected(place, use.database, context);
    const where = compileWhere(get(body, 'where'), use, context);
    const set = compileColumns(get(body, 'set'), use, context);
    if (use === undefined || where === undefined || set === undefined) return undefined;
    const expect = expectOf(textAt(body, 'expect'));
    const node = { verb: 'update', in: use.name, where, set: set.value, expect } as const;
    return { node, type: changedType(use.table, expect), label: 'record', silent: true };
  },
  async run(node, host) {
    const request = requestOf(node, (value) => host.evaluate(value));
    const call: UpdateCall = { ...request, key: host.key };
    return { kind: 'value', value: await host.call(call) };
  },
  request: requestOf,
  summarize: (node) => `update ${node.in}${summarizeWhere(node.where)}`,
  say: sayRows,
};

function requestOf(node: UpdateNode, evaluate: (value: Value) => Json) {
  const set = mapFrom(evaluate(node.set), 'set');
  if (Object.keys(set).length === 0) {
    throw failure('invalid', `nothing is left to change in ${node.in}: every value of \`set\` is absent`);
  }
  return { in: node.in, where: mapFrom(evaluate(node.where), 'where'), set, expect: node.expect };
}
