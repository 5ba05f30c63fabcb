/**
 * An HTTP service: one request, one answer, and whether the request can have arrived when there is none.
 *
 * HOST. Private addresses are refused unless firn.yaml allows them, redirects are not followed, time and size are limited,
 * and the secrets of a connection go to its own origin only. Each request has a connection of its own: a reset never
 * means that an old one was closed by the other side. Nothing is retried here: that is Temporal's.
 */
import { buildConnector, Client } from 'undici';
import type { Dispatcher } from 'undici';
import type { Headers, HttpPlace, HttpRequest } from '../language/plan/calls.js';
import { failure } from '../language/plan/failure.js';
import type { Json } from '../language/plan/json.js';
import { privateLiteral, PrivateAddressError } from './addresses.js';
import { guard, reasonOf, retryAfterMs, webUrl } from './requests.js';

/** A configured HTTP service. */
export interface Service {
  readonly name: string;
  readonly url: { resolve(): string };
  /** Sent with every request: credentials. */
  readonly headers: ReadonlyMap<string, { resolve(): string }>;
  readonly allowPrivate: boolean;
  /** From the first packet to the last byte of the answer. */
  readonly timeout_ms: number;
  readonly maxBody_bytes: number;
}

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** The body went on behind `maxBody_bytes`. */
  readonly more: boolean;
  readonly retry_after_ms: number | undefined;
}

/** `not_sent`: the request cannot have arrived. `no_answer`: it may have. */
export type Sent =
  | ({ readonly is: 'answer' } & Received)
  | { readonly is: 'not_sent'; readonly why: string; readonly final: boolean }
  | { readonly is: 'no_answer'; readonly why: string };

/** What is sent; `key` becomes `Idempotency-Key`. */
export interface Outgoing extends Pick<HttpRequest, 'method' | 'path' | 'query' | 'headers'> {
  readonly json?: Json;
}

const MOST_HEADERS = 50;
const MOST_HEADER_LENGTH = 2_000;
/** Cookies are credentials of a kind. */
const LEFT_OUT = new Set(['set-cookie', 'set-cookie2']);

/** Failure `invalid` where the connection or the path cannot be used at all. */
export async function send(service: Service, outgoing: Outgoing): Promise<Sent> {
  const base = baseOf(service);
  const path = fullPath(service, base, outgoing);
  const literal = service.allowPrivate ? undefined : privateLiteral(base);
  if (literal !== undefined) return { is: 'not_sent', why: privateReason(literal), final: true };
  const headers = headersOf(service, outgoing);
  const body = outgoing.json === undefined ? null : JSON.stringify(outgoing.json);
  const connect = buildConnector({ timeout: service.timeout_ms, ...guard(service.allowPrivate) });
  const socket = { connected: false };
  const client = new Client(base.origin, {
    // No keeping alive.
    pipelining: 0,
    connect: (options, done) => {
      connect(options, (...result) => {
        if (result[0] === null) socket.connected = true;
        done(...result);
      });
    },
  });
  const signal = AbortSignal.timeout(service.timeout_ms);
  try {
    const answer = await client.request({ method: outgoing.method, path, headers, body, signal });
    const { statusCode } = answer;
    const read = await readBody(answer.body, service.maxBody_bytes);
    const retry_after_ms = retryAfterMs(answer.headers['retry-after']);
    return { is: 'answer', status: statusCode, headers: plainHeaders(answer.headers), ...read, retry_after_ms };
  } catch (error) {
    if (error instanceof PrivateAddressError) return { is: 'not_sent', why: privateReason(error.message), final: true };
    const why = reasonOf(error, service.timeout_ms);
    return socket.connected ? { is: 'no_answer', why } : { is: 'not_sent', why, final: false };
  } finally {
    await client.destroy();
  }
}

/** "registry (registry.example.org)": for messages, without path and secrets. */
export function shownService(service: Service): string {
  return `${service.name} (${baseOf(service).host})`;
}

function baseOf({ name, url }: Service): URL {
  const base = webUrl(url.resolve());
  if (base === undefined) throw failure('invalid', `the address of the connection ${name} is no http or https URL`);
  if (base.username !== '' || base.password !== '' || base.search !== '' || base.hash !== '') {
    const hint = 'credentials stand under its `headers`, and a query in the definition';
    throw failure('invalid', `the address of the connection ${name} has more in it than host and path: ${hint}`);
  }
  return base;
}

/** Path and query below the address. What the plan says is looked at once more: from here it goes out. */
function fullPath({ name }: Service, base: URL, { path, query }: Pick<HttpPlace, 'path' | 'query'>): string {
  const below = base.pathname.replace(/\/$/, '');
  const whole = `${below}${path}`;
  const url = new URL(`${base.origin}${whole}`);
  if (
    !path.startsWith('/') ||
    path.includes('//') ||
    url.origin !== base.origin ||
    url.pathname !== whole ||
    url.search !== ''
  ) {
    throw failure('invalid', `the path ${JSON.stringify(path)} leads out of the connection ${name}`);
  }
  const pairs = Object.entries(query).flatMap(([key, value]) => {
    const values: readonly Json[] = Array.isArray(value) ? value : [value];
    return values.map((one) => `${encode(key)}=${encode(typeof one === 'string' ? one : JSON.stringify(one))}`);
  });
  return pairs.length === 0 ? whole : `${whole}?${pairs.join('&')}`;
}

function encode(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw failure('invalid', `a value of the query of this request holds half of a character: ${JSON.stringify(text)}`);
  }
}

/** The connection's headers stand above the definition's. */
function headersOf({ name, headers }: Service, outgoing: Outgoing): Record<string, string> {
  const all = new Map<string, string>([
    ['accept', 'application/json'],
    ['accept-encoding', 'identity'],
  ]);
  if (outgoing.json !== undefined) all.set('content-type', 'application/json');
  for (const [header, value] of Object.entries(outgoing.headers)) all.set(header, value);
  for (const [header, secret] of headers) {
    if (Object.hasOwn(outgoing.headers, header)) {
      const hint = 'take it out of the step';
      throw failure(
        'invalid',
        `the header "${header}" is set by the connection ${name} and cannot be changed: ${hint}`,
      );
    }
    all.set(header, secret.resolve());
  }
  return Object.fromEntries(all);
}

async function readBody(
  stream: Dispatcher.ResponseData['body'],
  limit: number,
): Promise<Pick<Received, 'body' | 'more'>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.byteLength;
    if (bytes > limit) return { body: Buffer.concat(chunks), more: true };
    chunks.push(chunk);
  }
  return { body: Buffer.concat(chunks), more: false };
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Headers {
  const all = Object.entries(headers).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : (value ?? '');
    return LEFT_OUT.has(name) || text.length > MOST_HEADER_LENGTH ? [] : [[name.toLowerCase(), text] as const];
  });
  return Object.fromEntries(all.slice(0, MOST_HEADERS));
}

function privateReason(address: string): string {
  return `it leads to ${address}, which is not on the public internet; \`allow_private: true\` at the connection in firn.yaml allows it`;
}
