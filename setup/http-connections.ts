/**
 * Connections to HTTP services, from firn.yaml.
 *
 * HOST, reads nothing itself. Shapes are checked before; what is said here is what no schema can say.
 */
import { parseDuration } from '../language/plan/duration.js';
import { get, type Parsed, type ParsedEntry } from '../language/plan/parsed.js';
import type { Problems } from '../language/plan/problem.js';
import type { HttpConnection, Secret } from './configuration.js';
import { placeOf } from './firn-yaml-shape.js';

const DEFAULT_TIMEOUT_MS = 8_000;
/** Two of them fit into an attempt of an activity: a lookup, and the request behind it. */
const MOST_TIMEOUT_MS = 25_000;
const DEFAULT_BODY = 1_000_000;
const MOST_BODY = 10_000_000;

/** Problems: FIRN500. */
export function httpConnection(
  { key: name, value }: ParsedEntry,
  asSecret: (reference: string) => Secret,
  problems: Problems,
): HttpConnection {
  const headers = get(value, 'headers');
  const allowed = get(value, 'allow_private');
  return {
    name,
    kind: 'http',
    url: asSecret(textOf(get(value, 'http')) ?? ''),
    headers: new Map(
      (headers?.is === 'map' ? headers.entries : []).map((header): [string, Secret] => [
        header.key,
        asSecret(textOf(header.value) ?? ''),
      ]),
    ),
    allowPrivate: allowed?.is === 'scalar' && allowed.value === true,
    timeout_ms: timeoutOf(get(value, 'timeout'), problems),
    maxBody_bytes: sizeOf(get(value, 'max_body'), problems),
  };
}

/** Everything of it that is a secret, with its place. */
export function secretsOfService({ url, headers }: HttpConnection): readonly (readonly [readonly string[], Secret])[] {
  return [[['http'], url], ...[...headers].map(([name, secret]) => [['headers', name], secret] as const)];
}

function timeoutOf(parsed: Parsed | undefined, problems: Problems): number {
  const written = textOf(parsed);
  if (parsed === undefined || written === undefined) return DEFAULT_TIMEOUT_MS;
  const timeout_ms = parseDuration(written);
  if (timeout_ms !== undefined && timeout_ms > 0 && timeout_ms <= MOST_TIMEOUT_MS) return timeout_ms;
  const hint = `a duration such as 5s, at most ${MOST_TIMEOUT_MS / 1000}s`;
  problems.error('FIRN500', placeOf(parsed), `"${written}" cannot be the timeout of a request`, hint);
  return DEFAULT_TIMEOUT_MS;
}

function sizeOf(parsed: Parsed | undefined, problems: Problems): number {
  const written = textOf(parsed);
  if (parsed === undefined || written === undefined) return DEFAULT_BODY;
  const match = /^(\d{1,6})(KB|MB)$/.exec(written);
  const bytes = Number(match?.[1] ?? 0) * (match?.[2] === 'MB' ? 1_000_000 : 1_000);
  if (bytes > 0 && bytes <= MOST_BODY) return bytes;
  problems.error('FIRN500', placeOf(parsed), `"${written}" cannot be the size of a body`, '512KB, 1MB; at most 10MB');
  return DEFAULT_BODY;
}

function textOf(parsed: Parsed | undefined): string | undefined {
  return parsed?.is === 'scalar' && typeof parsed.value === 'string' ? parsed.value : undefined;
}
