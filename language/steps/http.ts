/**
 * `http`: a request to an HTTP service of firn.yaml.
 *
 * PURE. The definition fixes where a request goes: connection, method, the structure of the path, the names of its query
 * and headers. Values are encoded where they stand. Whether a write may be asked again is the author's word (`key`):
 * without it there is one attempt, and what came of it may be unknown.
 */
import { withoutPrivate } from '../expressions/private.js';
import type { HttpCall, HttpRequest, Repeat } from '../plan/calls.js';
import type { Json, JsonMap } from '../plan/json.js';
import { isJsonMap } from '../plan/json.js';
import { get } from '../plan/parsed.js';
import type { NodeBase, Value } from '../plan/plan.js';
import type { Field, Type } from '../plan/types.js';
import { ANY, mapOf, optional } from '../plan/types.js';
import { mapFrom } from './bodies.js';
import { compileConnection } from './connections.js';
import { compileExpect, onlySuccess } from './http-expect.js';
import { compileHeaders, headersFrom } from './http-headers.js';
import { compileKey } from './http-key.js';
import { pathFrom, writtenPath } from './http-path.js';
import { compileTarget, placeFrom } from './http-place.js';
import type { HttpTarget } from './http-place.js';
import { compileMethod, HTTP_SCHEMA } from './http-shape.js';
import type { StepKind } from './kind.js';
import { compileReturns } from './returns.js';
import { textOfJson } from './said.js';

export interface HttpNode extends NodeBase, HttpTarget {
  readonly verb: 'http';
  readonly connection: string;
  readonly method: HttpRequest['method'];
  readonly headers: Value;
  readonly json?: Value;
  readonly returns?: JsonMap;
  readonly expect: readonly string[];
  readonly repeat: Repeat;
  readonly lookup?: HttpTarget;
}

export const http: StepKind<'http', HttpNode> = {
  verb: 'http',
  about: 'Sends a request to an HTTP service: `get` reads; `post`, `put`, `patch` and `delete` change something.',
  result:
    '`{status, headers, body}`. A status that `expect` does not name (2xx unless said otherwise) is failure `http.<status>`. `returns` declares the fields of a JSON body: others are left out, and one that does not fit is failure `invalid`; an answer outside 2xx that is expected has no body then. `headers` holds the first 50 in lower case, without cookies.',
  effect: (node) => (node.method === 'GET' ? 'read' : 'write'),
  schema: HTTP_SCHEMA,
  example: `- id: stock
  http:
    connection: registry
    get: /orders/\${{ order.id }}/stock
    query: { on: "\${{ order.ordered_at }}" }
    returns: { left: integer, note?: string }
`,
  compile(body, context, step) {
    const use = compileConnection(get(body, 'connection'), 'http', context);
    const method = compileMethod(body, context);
    const target = compileTarget(method?.path, get(body, 'query'), context);
    const headers = compileHeaders(get(body, 'headers'), context);
    const jsonAt = get(body, 'json');
    const json = jsonAt === undefined ? undefined : context.value(jsonAt, ANY, { absentKeys: true });
    if (jsonAt !== undefined && method?.name === 'GET') {
      context.error('FIRN301', jsonAt, 'a `get` has no body, so `json` is not for it', 'write it under `query`');
    }
    const returnsAt = get(body, 'returns');
    const returns = returnsAt === undefined ? undefined : compileReturns(returnsAt, context);
    const expect = compileExpect(get(body, 'expect'), context);
    const key = compileKey(body, step, method?.name ?? 'POST', context);
    const missing = (jsonAt !== undefined && json === undefined) || (returnsAt !== undefined && returns === undefined);
    if (use === undefined || method === undefined || target === undefined || missing) return undefined;
    if (headers === undefined || expect === undefined || key === undefined) return undefined;
    const node = {
      ...({ verb: 'http', connection: use.name, method: method.name, ...target, headers, expect } as const),
      ...(json === undefined ? {} : { json: json.value }),
      ...(returns === undefined ? {} : { returns: returns.schema }),
      ...key,
    };
    const write = method.name !== 'GET';
    return { node, type: answerType(returns?.type, expect), label: 'outside', ...(write ? { silent: true } : {}) };
  },
  async run(node, host) {
    const request = requestOf(node, (value) => host.evaluate(value));
    const { returns = null, expect } = node;
    const shown = pathFrom(withoutPrivate(node.target), (value) => host.evaluate(value));
    const call: HttpCall = { ...request, shown, returns, expect, key: node.method === 'GET' ? null : host.key };
    return { kind: 'value', value: await host.call(call) };
  },
  request: requestOf,
  settle: (node, { key: _key, ...request }) => ({ connection: node.connection, request }),
  summarize: ({ method, connection, target }) => `${method.toLowerCase()} ${connection} ${writtenPath(target)}`,
  say: (result) => (isJsonMap(result) ? `status ${textOfJson(result['status'] ?? '')}` : 'nothing'),
};

/** With `returns`, a body is there unless an answer is expected that has none of that kind. */
function answerType(returns: Type | undefined, expect: readonly string[]): Type {
  const headers: Type = { kind: 'map', fields: new Map(), open: true };
  const status: Field = { type: { kind: 'number', whole: true }, presence: 'certain', label: 'definition' };
  const certain = returns !== undefined && onlySuccess(expect);
  const body: Field = certain ? { type: returns, presence: 'certain' } : optional(returns ?? ANY);
  return mapOf({ status, headers, body });
}

function requestOf(node: HttpNode, evaluate: (value: Value) => Json): HttpRequest {
  const { connection, method, repeat } = node;
  const place = placeFrom(node, evaluate);
  const headers = headersFrom(mapFrom(evaluate(node.headers), 'headers'));
  const lookup = node.lookup === undefined ? null : placeFrom(node.lookup, evaluate);
  const body = node.json === undefined ? {} : { json: evaluate(node.json) };
  return { connection, method, ...place, headers, ...body, repeat, lookup };
}
