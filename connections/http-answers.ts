/**
 * What an answer over HTTP means for a step: its result, or the failure that it is.
 *
 * HOST, without I/O. A failure is tried again where that can help and cannot do anything twice.
 */
import type { HttpAnswer, HttpCall, HttpRequest } from '../language/plan/calls.js';
import { failure, Failure } from '../language/plan/failure.js';
import { TransientFailure } from '../store/failures.js';
import { fitted, parseAnswer, show } from './answers.js';
import type { Received, Sent } from './http.js';

/** Statuses that may be gone at the next attempt. */
const RETRIED = new Set([408, 429, 502, 503, 504]);

export type Asked = Pick<HttpRequest, 'method' | 'path' | 'repeat'> & { readonly shown: string };

/** `expect` holds statuses and classes. */
export function isExpected(status: number, expect: readonly string[]): boolean {
  return expect.includes(String(status)) || expect.includes(`${Math.trunc(status / 100)}xx`);
}

/** The result of a step. Failures `http.<status>`, `invalid`, `precision`, `result_too_large`. */
export function resultOf(received: Received, asked: Asked, call: Pick<HttpCall, 'expect' | 'returns'>): HttpAnswer {
  if (!isExpected(received.status, call.expect)) throw unexpectedStatus(received, asked);
  return answerOf(received, asked, call.returns);
}

/** The answer, whatever its status. With `returns`, only an answer of success has a body. */
export function answerOf(received: Received, asked: Asked, returns: HttpCall['returns']): HttpAnswer {
  const { status, headers, body, more } = received;
  const named = `the body of ${asked.method} ${asked.path}`;
  if (returns !== null && (status < 200 || status > 299)) return { status, headers };
  if (more) {
    const hint = 'ask for less, or raise `max_body` of the connection in firn.yaml';
    throw failure('result_too_large', `${named} is larger than the connection allows: ${hint}`);
  }
  if (body.length === 0) {
    if (returns === null) return { status, headers };
    throw failure('invalid', `${named} is empty (status ${status}), and \`returns\` declares what it holds`);
  }
  const text = textOf(received, named);
  const isJson = returns !== null || /\bjson\b/i.test(headers['content-type'] ?? '');
  return { status, headers, body: isJson ? fitted(returns, parseAnswer(text, named), named) : text };
}

function textOf({ body, headers }: Received, named: string): string {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw failure('invalid', `${named} is compressed (${encoding}), although nobody asked for it`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw failure('invalid', `${named} is no text in UTF-8, for which there is no value here`);
  }
}

function unexpectedStatus({ status, headers, body, retry_after_ms }: Received, asked: Asked): Failure {
  const said = body.length === 0 ? '' : `: ${show(body.subarray(0, 1_000).toString('utf8'))}`;
  const redirect = status >= 300 && status <= 399 && headers['location'] !== undefined;
  const hint = redirect ? ' (redirects are not followed)' : '';
  const message = `${asked.method} ${asked.path} at ${asked.shown} was answered with status ${status}${hint}${said}`;
  if (asked.repeat === 'once' || !RETRIED.has(status)) return new Failure(`http.${status}`, message);
  return new TransientFailure(`http.${status}`, message, retry_after_ms);
}

/** The failure of a request that has no answer. `again_ms`: not to be asked again before. */
export function unanswered(sent: Exclude<Sent, { is: 'answer' }>, asked: Asked, again_ms?: number): Failure {
  const where = `${asked.method} ${asked.path} at ${asked.shown}`;
  if (sent.is === 'not_sent') {
    const message = `${where} could not be sent: ${sent.why}`;
    return sent.final ? failure('unreachable', message) : new TransientFailure('unreachable', message);
  }
  if (asked.repeat !== 'once') {
    return new TransientFailure('unreachable', `${where} was sent and not answered: ${sent.why}`, again_ms);
  }
  const hint = 'nobody can say whether it was carried out, so it is not sent again';
  return failure('outcome_unknown', `${where} was sent and not answered (${sent.why}): ${hint}`);
}
