/**
 * Headers of a request: names that the definition may use, and values that stay one line.
 *
 * PURE. What a header would change about where a request goes, who sends it or how long it is, is Firn's or the
 * connection's: a definition cannot set it.
 */
import { failure } from '../plan/failure.js';
import type { Headers } from '../plan/calls.js';
import type { JsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import type { Value } from '../plan/plan.js';
import { TEXT } from '../plan/types.js';
import { entriesOf, keyPlace } from './bodies.js';
import type { CompileContext } from './kind.js';

const CREDENTIAL = 'credentials stand at the connection in firn.yaml, as references to secrets';
const ROUTE = 'where a request goes is said by its connection and its path';
const FRAME = 'how a message is sent is settled by what sends it';
const FORBIDDEN: ReadonlyMap<string, string> = new Map([
  ...['authorization', 'proxy-authorization', 'cookie', 'cookie2'].map((name) => [name, CREDENTIAL] as const),
  ...['host', 'origin', 'forwarded', 'via', 'x-forwarded-host', 'x-forwarded-for', 'x-forwarded-proto'].map(
    (name) => [name, ROUTE] as const,
  ),
  ...['content-length', 'transfer-encoding', 'content-encoding', 'accept-encoding', 'connection', 'keep-alive'].map(
    (name) => [name, FRAME] as const,
  ),
  ...['te', 'trailer', 'upgrade', 'expect', 'date', 'http2-settings'].map((name) => [name, FRAME] as const),
  ['idempotency-key', 'write `key: header`: then it carries the key of this step'],
  ['x-http-method-override', 'the method is said by `get`, `post`, `put`, `patch` or `delete`'],
]);
const FORBIDDEN_FAMILIES = ['proxy-', 'sec-'];
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Printable ASCII; a value begins and ends with something that can be seen. */
const ONE_LINE = /^[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?$/;
const MOST_LENGTH = 4_000;

/** Problems: FIRN421, and what is wrong with the values. */
export function compileHeaders(parsed: Parsed | undefined, context: CompileContext): Value | undefined {
  const seen = new Set<string>();
  const entries = entriesOf(parsed).map((entry) => {
    const name = entry.key.toLowerCase();
    const fault = faultOf(name, seen);
    seen.add(name);
    if (fault !== undefined && parsed !== undefined) {
      context.error('FIRN421', keyPlace(parsed, entry), `the header "${entry.key}" cannot be set here`, fault);
    }
    const value = context.value(entry.value, TEXT)?.value;
    return fault === undefined && value !== undefined ? { key: name, value } : undefined;
  });
  const good = entries.flatMap((entry) => entry ?? []);
  return good.length === entries.length ? { is: 'map', entries: good } : undefined;
}

function faultOf(name: string, seen: ReadonlySet<string>): string | undefined {
  if (seen.has(name)) return 'it stands twice; upper and lower case are the same';
  if (!TOKEN.test(name)) return 'the name of a header holds letters, digits and - only, and is never computed';
  if (FORBIDDEN_FAMILIES.some((family) => name.startsWith(family))) return FRAME;
  return FORBIDDEN.get(name);
}

/** Failure `invalid` where a value is no single line of ASCII: the next line would be another header. */
export function headersFrom(headers: JsonMap): Headers {
  const lines = Object.entries(headers).map(([name, value]) => {
    if (typeof value === 'string' && value.length <= MOST_LENGTH && ONE_LINE.test(value)) return [name, value] as const;
    // The value is not repeated: what goes into a header is often what nobody should read.
    const hint = `one line of printable ASCII can stand there, at most ${MOST_LENGTH} characters`;
    throw failure('invalid', `what the header "${name}" of this request would hold cannot stand there; ${hint}`);
  });
  return Object.fromEntries(lines);
}
