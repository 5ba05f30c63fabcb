/**
 * Where a request goes below the address of its connection: path and query, written and evaluated.
 *
 * PURE. The names of a query are the definition's; its values are encoded when they are sent.
 */
import type { HttpPlace } from '../plan/calls.js';
import { failure } from '../plan/failure.js';
import type { Json } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import type { Value } from '../plan/plan.js';
import type { Type } from '../plan/types.js';
import { mapFrom } from './bodies.js';
import { compilePath, pathFrom } from './http-path.js';
import type { CompileContext } from './kind.js';
import { isScalar } from './said.js';

/** Not evaluated yet. */
export interface HttpTarget {
  readonly target: Value;
  readonly query: Value;
}

const ANY_QUERY: Type = { kind: 'map', fields: new Map(), open: true };

export function compileTarget(
  path: Parsed | undefined,
  query: Parsed | undefined,
  context: CompileContext,
): HttpTarget | undefined {
  const target = path === undefined ? undefined : compilePath(path, context);
  const asked: Value | undefined =
    query === undefined ? { is: 'map', entries: [] } : context.value(query, ANY_QUERY, { absentKeys: true })?.value;
  return target === undefined || asked === undefined ? undefined : { target, query: asked };
}

/** Failure `invalid` where a value cannot stand where it is written. */
export function placeFrom({ target, query }: HttpTarget, evaluate: (value: Value) => Json): HttpPlace {
  const values = mapFrom(evaluate(query), 'query');
  for (const [name, value] of Object.entries(values)) {
    if (isScalar(value) || (Array.isArray(value) && value.every(isScalar))) continue;
    const what = Array.isArray(value) ? 'a list of other things than texts, numbers or booleans' : 'a map';
    const hint = 'texts, numbers, booleans and lists of them can stand there';
    throw failure('invalid', `the query of this request has ${what} for "${name}"; ${hint}`);
  }
  return { path: pathFrom(target, evaluate), query: values };
}
