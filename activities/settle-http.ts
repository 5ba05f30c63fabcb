/**
 * Settling a request: whether a service carried out what a step asked of it.
 *
 * HOST. By key, or where twice is as once, the same request is sent again and its answer taken: it may do now what it did
 * not do before, and is undone then. By lookup the service is asked. Without a key only what the step heard can tell. A
 * service that does not answer for ten minutes has nothing to say: nobody can know, and the owner is told.
 */
import { asyncLocalStorage } from '@temporalio/activity';
import { answerOf, isExpected, unanswered } from '../connections/http-answers.js';
import { send } from '../connections/http.js';
import type { Service } from '../connections/http.js';
import type {
  Headers,
  HttpAnswer,
  HttpCall,
  HttpPlace,
  Repeat,
  SettleAnswer,
  SettleCall,
} from '../language/plan/calls.js';
import { failure } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import { TransientFailure } from '../store/failures.js';
import { askedOf, isUnfit, lookUp, outgoing, serviceOf } from './http.js';
import type { Services } from './http.js';

const PATIENCE_MS = 10 * 60 * 1000;
const UNKNOWN: SettleAnswer = { happened: null, result: null };
const NEVER: SettleAnswer = { happened: false, result: null };
/** Refusals that do not say that nothing was done: too late, already running, too early, too often. */
const NOT_DEFINITE = new Set([408, 409, 425, 429]);

export async function settleHttp({ services }: Services, settled: SettleCall): Promise<SettleAnswer> {
  const call = callOf(settled);
  if (isDefinite(settled.failed_with, call)) return NEVER;
  if (call.repeat === 'once') return settled.failed_with === 'unreachable' ? NEVER : UNKNOWN;
  const service = serviceOf(services, call);
  try {
    return call.lookup === null ? await repeat(service, call) : await ask(service, call, call.lookup);
  } catch (error) {
    // What was done, and cannot be read, is nothing that an undo could work with.
    if (isUnfit(error) || (error instanceof TransientFailure && waited_ms() > PATIENCE_MS)) return UNKNOWN;
    throw error;
  }
}

/** `http.4xx`: the service has refused, and done nothing. What is gone may be gone by the very request. */
function isDefinite(failed_with: string | null, { method, repeat: again }: HttpCall): boolean {
  const status = Number(/^http\.(4\d\d)$/.exec(failed_with ?? '')?.[1] ?? 0);
  if (method === 'DELETE' && again === 'repeatable' && (status === 404 || status === 410)) return false;
  return status !== 0 && !NOT_DEFINITE.has(status);
}

async function repeat(service: Service, call: HttpCall): Promise<SettleAnswer> {
  const asked = askedOf(service, call);
  const sent = await send(service, outgoing(call));
  if (sent.is !== 'answer') throw unanswered(sent, asked);
  const { status } = sent;
  if (isExpected(status, call.expect) || (status >= 200 && status <= 299)) {
    return happened(answerOf(sent, asked, call.returns));
  }
  if (isDefinite(`http.${status}`, call)) return NEVER;
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const message = `whether it happened is not known yet: ${asked.method} ${asked.path} at ${asked.shown} was answered with status ${status}`;
    throw new TransientFailure('unreachable', message, sent.retry_after_ms);
  }
  return UNKNOWN;
}

async function ask(service: Service, call: HttpCall, place: HttpPlace): Promise<SettleAnswer> {
  const done = await lookUp(service, call, place);
  if (done !== undefined) return happened(done);
  const left_ms = service.timeout_ms - waited_ms();
  if (left_ms <= 0) return NEVER;
  throw new TransientFailure('unreachable', 'it is not there, and the request may still arrive', left_ms);
}

function happened(result: HttpAnswer): SettleAnswer {
  return { happened: true, result };
}

/** Since this settling was asked for, all attempts together; outside of Temporal, for ever. */
function waited_ms(): number {
  const info = asyncLocalStorage.getStore()?.info;
  return info === undefined ? Number.POSITIVE_INFINITY : Date.now() - info.scheduledTimestampMs;
}

/** The request of the step, as `settle` of its kind handed it over. */
function callOf({ request, key }: SettleCall): HttpCall {
  const { connection, method, path, query, headers, repeat: again, lookup, returns, expect } = request ?? {};
  const known = METHODS.find((name) => name === method);
  const kept = REPEATS.find((name) => name === again);
  const isCall =
    typeof connection === 'string' && typeof path === 'string' && known !== undefined && kept !== undefined;
  if (!isCall) throw failure('unexpected', 'a request to be settled has not the shape of one: a bug of the step kind');
  const json = request?.['json'];
  return {
    ...{ connection, method: known, path, shown: textOf(request?.['shown']), repeat: kept, key },
    ...{ query: mapOf(query), headers: headersOf(headers), returns: isJsonMap(returns) ? returns : null },
    expect: Array.isArray(expect) ? expect.map(String) : [],
    lookup: isJsonMap(lookup) ? { path: textOf(lookup['path']), query: mapOf(lookup['query']) } : null,
    ...(json === undefined ? {} : { json }),
  };
}

const METHODS: readonly HttpCall['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const REPEATS: readonly Repeat[] = ['once', 'header', 'repeatable', 'lookup'];

function headersOf(value: Json | undefined): Headers {
  return Object.fromEntries(Object.entries(mapOf(value)).map(([name, text]) => [name, textOf(text)]));
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

function mapOf(value: Json | undefined): JsonMap {
  return isJsonMap(value) ? value : {};
}
