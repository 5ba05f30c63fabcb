/**
 * Activity `http`: one request to a service, asked again only where that cannot do anything twice.
 *
 * HOST. What may be asked again is the author's word (`repeat`). With a lookup, every attempt but the first asks before
 * whether it is done already, and only once the request before it can no longer arrive: until then the failure of that
 * attempt holds the next one back.
 */
import { asyncLocalStorage } from '@temporalio/activity';
import { answerOf, resultOf, unanswered } from '../connections/http-answers.js';
import type { Asked } from '../connections/http-answers.js';
import { send, shownService } from '../connections/http.js';
import type { Sent, Service } from '../connections/http.js';
import { keyHeader } from '../connections/requests.js';
import type { HttpAnswer, HttpCall, HttpPlace } from '../language/plan/calls.js';
import { failure, isFailure } from '../language/plan/failure.js';
import { hashText } from '../language/plan/json.js';
import { TransientFailure } from '../store/failures.js';
import type { Dependencies } from './dependencies.js';

export type Services = Pick<Dependencies, 'services'>;

/** Characters of a key that services are known to keep. */
const LONGEST_KEY = 200;
/** Left of an attempt for saying how it ended. */
const MARGIN_MS = 500;

export function createHttp({ services }: Services): (call: HttpCall) => Promise<HttpAnswer> {
  return async (call) => {
    const service = serviceOf(services, call);
    if (call.lookup !== null && (asyncLocalStorage.getStore()?.info.attempt ?? 1) > 1) {
      const done = await lookUp(service, call, call.lookup);
      if (done !== undefined) return done;
    }
    return sendOnce(service, call);
  };
}

/**
 * The service of a call, with what an attempt leaves it of its time: when Temporal gives an attempt up, its request is over
 * as well. With a lookup, one attempt may make two requests.
 */
export function serviceOf(services: Services['services'], { connection, lookup }: HttpCall): Service {
  const service = services.get(connection);
  if (service === undefined) {
    const known = [...services.keys()].join(', ');
    throw failure('invalid', `this worker has no HTTP service named "${connection}"; its services: ${known || 'none'}`);
  }
  const attempt_ms = asyncLocalStorage.getStore()?.info.startToCloseTimeoutMs ?? Number.POSITIVE_INFINITY;
  const left_ms = (attempt_ms - MARGIN_MS) / (lookup === null ? 1 : 2);
  return { ...service, timeout_ms: Math.max(MARGIN_MS, Math.min(service.timeout_ms, left_ms)) };
}

/** One attempt of the request itself. */
async function sendOnce(service: Service, call: HttpCall): Promise<HttpAnswer> {
  const asked = askedOf(service, call);
  const began_ms = Date.now();
  const sent = await send(service, outgoing(call));
  if (sent.is === 'answer') {
    try {
      return resultOf(sent, asked, call);
    } catch (error) {
      throw call.repeat === 'lookup' ? heldBack(error, began_ms + service.timeout_ms) : error;
    }
  }
  const again_ms = call.repeat === 'lookup' ? Math.max(1, began_ms + service.timeout_ms - Date.now()) : undefined;
  throw unanswered(sent, asked, again_ms);
}

/** The same failure, not to be tried again before `until_ms`: a gateway's answer does not say that the request is over. */
function heldBack(error: unknown, until_ms: number): unknown {
  if (!(error instanceof TransientFailure) || !isStatus(error.code)) return error;
  const wait_ms = Math.max(1, until_ms - Date.now(), error.retry_after_ms ?? 0);
  return new TransientFailure(error.code, error.message, wait_ms);
}

function isStatus(code: string): code is `http.${number}` {
  return /^http\.\d{3}$/.test(code);
}

/** The request as it goes out: the same bytes and the same key at every attempt. */
export function outgoing(call: HttpCall): Parameters<typeof send>[1] {
  const { method, path, query, headers, json, key } = call;
  const keyed = call.repeat === 'header' && key !== null ? { 'idempotency-key': keyHeader(shortKey(key)) } : {};
  return { method, path, query, headers: { ...headers, ...keyed }, ...(json === undefined ? {} : { json }) };
}

function shortKey(key: string): string {
  return key.length <= LONGEST_KEY ? key : hashText(key);
}

export function askedOf(service: Service, { method, shown, repeat }: HttpCall): Asked {
  return { method, path: shown, repeat, shown: shownService(service) };
}

/** What was done, as a result of the step; undefined when it is not there. Failure `unreachable` when nobody can tell. */
export async function lookUp(service: Service, call: HttpCall, place: HttpPlace): Promise<HttpAnswer | undefined> {
  const path = `(the lookup of ${call.method} ${call.shown})`;
  const asked = { method: 'GET', path, repeat: 'repeatable', shown: shownService(service) } as const;
  const sent: Sent = await send(service, { ...place, method: 'GET', headers: call.headers });
  if (sent.is !== 'answer') throw unanswered(sent, asked);
  if (sent.status === 404) return undefined;
  if (sent.status >= 200 && sent.status <= 299) return answerOf(sent, asked, call.returns);
  const message = `whether it is done already could not be found out: GET ${asked.path} at ${asked.shown} was answered with status ${sent.status}`;
  throw new TransientFailure('unreachable', message, sent.retry_after_ms);
}

/** True for a failure of the answer itself, which came. */
export function isUnfit(error: unknown): boolean {
  return isFailure(error) && ['invalid', 'precision', 'result_too_large'].includes(error.code);
}
