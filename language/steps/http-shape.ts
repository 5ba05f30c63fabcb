/**
 * What stands under `http`: its schema, and which method it is.
 *
 * PURE.
 */
import type { HttpRequest } from '../plan/calls.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { CompileContext, Schema } from './kind.js';
import { RETURNS } from './returns.js';
import { NAME, TEXT_VALUE, VALUE } from './shapes.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const NAMES: Readonly<Record<(typeof METHODS)[number], HttpRequest['method']>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};

const PATH = { type: 'string', minLength: 1, maxLength: 2_000 } as const;
const QUERY = {
  type: 'object',
  additionalProperties: VALUE,
  maxProperties: 50,
  description: 'what comes behind the `?`: names with values; a list stands several times',
} as const;

export const HTTP_SCHEMA = {
  type: 'object',
  properties: {
    connection: { ...NAME, description: 'an HTTP service of firn.yaml' },
    get: { ...PATH, description: 'the path to read; each `${{ }}` in it is one encoded piece' },
    post: { ...PATH, description: 'the path to post to' },
    put: { ...PATH, description: 'the path to put to' },
    patch: { ...PATH, description: 'the path to patch' },
    delete: { ...PATH, description: 'the path to delete' },
    query: QUERY,
    headers: {
      type: 'object',
      additionalProperties: TEXT_VALUE,
      maxProperties: 20,
      description: 'headers with values; secrets stand at the connection in firn.yaml',
    },
    json: { ...VALUE, description: 'the body, sent as JSON' },
    returns: { ...RETURNS, description: `the body of the answer: ${RETURNS.description}` },
    expect: {
      type: ['array', 'string', 'integer'],
      items: { type: ['integer', 'string'] },
      minItems: 1,
      maxItems: 20,
      description: 'statuses that are no failure: `204`, `2xx`, `[200, 404]`; `2xx` unless said otherwise',
    },
    key: {
      description:
        'whether a write may be asked again: `none` (one attempt), `header` (the service honours Idempotency-Key), `repeatable` (twice is as once), `{lookup: {get}}` (asked before)',
      anyOf: [
        { type: 'string', enum: ['none', 'header', 'repeatable'] },
        {
          type: 'object',
          properties: {
            lookup: {
              type: 'object',
              properties: { get: { ...PATH, description: 'the path that finds what was done' }, query: QUERY },
              required: ['get'],
              additionalProperties: false,
            },
          },
          required: ['lookup'],
          additionalProperties: false,
        },
      ],
    },
  },
  required: ['connection'],
  additionalProperties: false,
} as const satisfies Schema;

/** The one method of the step, with its path. Problems: FIRN300, FIRN302. */
export function compileMethod(
  body: Parsed,
  context: CompileContext,
): { readonly name: HttpRequest['method']; readonly path: Parsed } | undefined {
  const found = METHODS.flatMap((method) => {
    const path = get(body, method);
    return path === undefined ? [] : [{ name: NAMES[method], path }];
  });
  const [first, second] = found;
  if (first === undefined) {
    const hint = 'write the path under `get`, `post`, `put`, `patch` or `delete`';
    context.error('FIRN302', body, '`http` does not say what to ask for', hint);
  } else if (second !== undefined) {
    const message = `${first.name} and ${second.name} stand side by side`;
    context.error('FIRN300', second.path, message, 'one step sends one request: make a second step of it');
    return undefined;
  }
  return first;
}
