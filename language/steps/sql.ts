/**
 * `sql`: one statement, for what `read`, `list`, `create`, `update` and `delete` cannot say.
 *
 * PURE. The text is the definition's and constant; every `${{ }}` in it is a bound parameter, so that no value can become
 * a part of the statement. A query runs in a READ ONLY transaction; what changes rows happens once, under its key.
 */
import { failure } from '../plan/failure.js';
import type { Json } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { SqlCall } from '../plan/calls.js';
import type { JsonMap } from '../plan/json.js';
import type { NodeBase, Value } from '../plan/plan.js';
import type { Type } from '../plan/types.js';
import { ANY, listOf, mapOf } from '../plan/types.js';
import { numberAt } from './bodies.js';
import { compileConnection, warnUnprotected } from './connections.js';
import type { CompileContext, StepKind } from './kind.js';
import { compileReturns, RETURNS } from './returns.js';
import { isScalar, sayRows, sayRow } from './said.js';
import { NAME } from './shapes.js';
import { compileStatement } from './sql-statement.js';
import { warnUnseen } from './trusted.js';

const DEFAULT_LIMIT = 100;
const MOST = 10_000;

export interface SqlNode extends NodeBase {
  readonly verb: 'sql';
  readonly connection: string;
  readonly text: string;
  /** Values of its parameters, in order. */
  readonly values: readonly Value[];
  readonly write: boolean;
  readonly returns?: JsonMap;
  /** Absent: it answers how many rows it met. */
  readonly limit?: number;
}

const STATEMENT = { type: 'string', minLength: 1, maxLength: 20_000 } as const;

export const sql: StepKind<'sql', SqlNode> = {
  verb: 'sql',
  about: 'Runs one SQL statement: a `query` that reads, or an `execute` that changes rows.',
  result:
    'The rows of a query; more than `limit` (default 100, at most 10,000) are failure `too_many`. Of a change `{count}`, or with `returns` the rows that its RETURNING gives. A NULL column is an absent field; `returns` says what fields a row has.',
  effect: (node) => (node.write ? 'write' : 'read'),
  schema: {
    type: 'object',
    properties: {
      connection: { ...NAME, description: 'a database of firn.yaml' },
      query: { ...STATEMENT, description: 'a statement that reads; every `${{ }}` is a bound parameter' },
      execute: { ...STATEMENT, description: 'a statement that changes rows; every `${{ }}` is a bound parameter' },
      returns: { ...RETURNS, type: 'object', description: 'the fields of a row, as in `input`' },
      limit: { type: 'integer', minimum: 1, maximum: MOST, description: 'more rows than this are a failure' },
    },
    required: ['connection'],
    additionalProperties: false,
  },
  example: `- id: late
  sql:
    connection: shop
    query: |
      select o.id, count(r.id) as refunds
      from orders o left join refunds r on r.order_id = o.id
      where o.status = \${{ order.status }} group by o.id
    returns: { id: string, refunds: integer }
`,
  compile(body, context) {
    const place = get(body, 'connection');
    const use = compileConnection(place, 'postgres', context);
    const statement = compileStatement(body, context);
    const returnsAt = get(body, 'returns');
    const returns = returnsAt === undefined ? undefined : compileReturns(returnsAt, context);
    if (statement !== undefined) checkRows(body, statement, context);
    if (use === undefined || statement === undefined || (returnsAt !== undefined && returns === undefined))
      return undefined;
    if (statement.write && place !== undefined) {
      warnUnprotected(place, use, context);
      warnUnseen(get(body, 'execute') ?? body, statement.text, use, context);
    }
    const { text, values, write } = statement;
    const limit = write && returns === undefined ? undefined : (numberAt(body, 'limit') ?? DEFAULT_LIMIT);
    const node = {
      ...({ verb: 'sql', connection: use.name, text, values, write } as const),
      ...(returns === undefined ? {} : { returns: returns.schema }),
      ...(limit === undefined ? {} : { limit }),
    };
    const type: Type =
      limit === undefined ? mapOf({ count: { kind: 'number', whole: true } }) : listOf(returns?.type ?? ANY, limit);
    return { node, type, label: 'record', ...(write ? { silent: true as const } : {}) };
  },
  async run(node, host) {
    const request = requestOf(node, (value) => host.evaluate(value));
    const { write, returns = null, limit = null } = node;
    const call: SqlCall = { ...request, write, returns, limit, key: write ? host.key : null };
    return { kind: 'value', value: await host.call(call) };
  },
  request: requestOf,
  summarize: (node) => `${node.write ? 'execute' : 'query'} ${node.connection}: ${firstWords(node.text)}`,
  say: (result) => (Array.isArray(result) ? sayRows(result) : sayRow(result)),
};

/** Whether it answers with rows, and whether the author says so. Problems: FIRN300, FIRN302, FIRN425. */
function checkRows(
  body: Parsed,
  { write, gives }: { readonly write: boolean; readonly gives: boolean },
  context: CompileContext,
): void {
  const returns = get(body, 'returns');
  const limit = get(body, 'limit');
  if (!write) return;
  if (returns !== undefined && !gives) {
    const message = '`returns` declares rows, and this statement gives none';
    context.error('FIRN425', returns, message, 'add `returning …` to the statement, or leave `returns` out');
  } else if (returns === undefined && gives) {
    const message = 'this statement gives rows, and `returns` does not say what fields they have';
    context.error('FIRN302', body, message, 'add `returns`, or leave `returning` out: then the result is `{count}`');
  }
  if (limit !== undefined && returns === undefined) {
    const hint = 'leave it out; how many rows were changed is the `count` of the result';
    context.error('FIRN300', limit, '`limit` is for rows, and without `returns` there are none', hint);
  }
}

function requestOf(node: SqlNode, evaluate: (value: Value) => Json) {
  const values = node.values.map((value, index) => {
    const bound = evaluate(value);
    if (isScalar(bound) || (Array.isArray(bound) && bound.every(isScalar))) return bound;
    const source = value.is === 'expression' ? value.expression.source : `parameter ${index + 1}`;
    const message = `\`\${{ ${source} }}\` is ${Array.isArray(bound) ? 'a list of other things than texts, numbers or booleans' : 'a map'}`;
    throw failure('invalid', `${message}, and no parameter of a statement; toJson() makes a text of it`);
  });
  return { connection: node.connection, text: node.text, values };
}

function firstWords(text: string): string {
  const words = text.trim().split(/\s+/);
  return words.length <= 8 ? words.join(' ') : `${words.slice(0, 8).join(' ')} …`;
}
