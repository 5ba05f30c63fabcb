/**
 * `fetch` for libraries that bring their own protocol: no private addresses, no endless answers.
 *
 * HOST. An address is checked as a literal, and again inside the connection's own lookup, as channels do it. The answer to a
 * request is cut off with an error when it grows over the limit; streams that a server keeps open for news are not counted.
 */
import { Agent, fetch as fetchWith } from 'undici';
import { PrivateAddressError, privateLiteral, publicLookup } from './addresses.js';

export interface FetchLimits {
  readonly name: string;
  readonly allowPrivate: boolean;
  /** Bytes of an answer. */
  readonly answerLimit: number;
}

export interface LimitedFetch {
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  /** Ends what is still open. */
  readonly close: () => Promise<void>;
}

export function limitedFetch({ name, allowPrivate, answerLimit }: FetchLimits): LimitedFetch {
  const dispatcher = new Agent({ connect: allowPrivate ? {} : { lookup: publicLookup } });
  const fetch = async (address: string | URL, init: RequestInit = {}): Promise<Response> => {
    const literal = allowPrivate ? undefined : privateLiteral(new URL(address));
    if (literal !== undefined) throw new PrivateAddressError(literal);
    const { method = 'GET', body, headers, signal, redirect } = init;
    const response = await fetchWith(address, {
      method,
      dispatcher,
      redirect: redirect ?? 'error',
      headers: Object.fromEntries(new Headers(headers)),
      ...(typeof body === 'string' ? { body } : {}),
      ...(signal === undefined || signal === null ? {} : { signal }),
    });
    const counted = method === 'POST' ? response.body?.pipeThrough(counter(name, answerLimit)) : response.body;
    return new Response(counted ?? null, { status: response.status, headers: Object.fromEntries(response.headers) });
  };
  return { fetch, close: () => dispatcher.destroy() };
}

function counter(name: string, limit: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > limit) controller.error(new Error(`an answer of ${name} has more than ${limit} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
