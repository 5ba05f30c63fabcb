/**
 * `key`: whether a request that changes something may be asked again.
 *
 * PURE. Nobody but the author knows what the other side does with a second request, so without a word there is one.
 */
import type { HttpRequest, Repeat } from '../plan/calls.js';
import type { Parsed, ParsedMap } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import { textOf } from './bodies.js';
import { compileTarget } from './http-place.js';
import type { HttpTarget } from './http-place.js';
import type { CompileContext } from './kind.js';

interface Keyed {
  readonly repeat: Repeat;
  readonly lookup?: HttpTarget;
  /** One attempt. */
  readonly once?: true;
}

/** Problems: FIRN422, and what is wrong with a lookup. */
export function compileKey(
  body: Parsed,
  step: ParsedMap,
  method: HttpRequest['method'],
  context: CompileContext,
): Keyed | undefined {
  const parsed = get(body, 'key');
  if (method === 'GET') {
    if (parsed === undefined) return { repeat: 'repeatable' };
    const message = '`key` is for what changes something; a `get` can always be asked again';
    context.error('FIRN422', parsed, message, 'leave it out');
    return undefined;
  }
  const lookupAt = get(parsed, 'lookup');
  if (lookupAt !== undefined) {
    const lookup = compileTarget(get(lookupAt, 'get'), get(lookupAt, 'query'), context);
    return lookup === undefined ? undefined : { repeat: 'lookup', lookup };
  }
  const word = textOf(parsed) ?? 'none';
  if (word === 'header' || word === 'repeatable') return { repeat: word };
  const retry = get(step, 'retry');
  if (retry !== undefined) {
    const message = `there is one attempt only: without a \`key\` nobody knows whether a second ${method} would do it twice`;
    const hint =
      'leave `retry` out, or write `key: header`, `key: repeatable` or `key: { lookup: { get: … } }` if that holds';
    context.error('FIRN422', retry, message, hint);
  }
  return { repeat: 'once', once: true };
}
