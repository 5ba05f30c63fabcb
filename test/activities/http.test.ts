/** `http` and its settling as activities, against a real server: what is sent again, what is never, and what is known then. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HttpCall, SettleCall } from '../../language/plan/calls.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import { createPool } from '../../store/pool.js';
import type { Pool } from '../../store/pool.js';
import { cut, json, startService } from '../real/http-service.js';
import type { Request, TestService } from '../real/http-service.js';
import { failureOf, testWorker } from './worker.js';
import type { TestWorker } from './worker.js';

const TIMEOUT_MS = 500;
let here: TestService;
let pool: Pool;
let worker: TestWorker;
beforeAll(async () => {
  here = await startService();
  // Never asked: these activities use no database.
  pool = createPool('postgres://nobody@127.0.0.1:1/none');
  const nowhere = here.service({ url: { resolve: () => 'http://127.0.0.1:1' } });
  const services = new Map([
    ['registry', here.service({ timeout_ms: TIMEOUT_MS, maxBody_bytes: 5_000 })],
    ['nowhere', nowhere],
  ]);
  worker = testWorker(pool, [], [], { services });
});
afterAll(async () => {
  await Promise.all([here.stop(), pool.end()]);
});
beforeEach(() => {
  here.received.length = 0;
});

const key = 'ticket/run/charge';
const GET: HttpCall = {
  ...{ connection: 'registry', method: 'GET', path: '/orders/A-1', query: {}, headers: {}, repeat: 'repeatable' },
  ...{ shown: '/orders/A-1', lookup: null, returns: null, expect: ['2xx'], key: null },
};
const POST: HttpCall = {
  ...GET,
  method: 'POST',
  path: '/charges',
  shown: '/charges',
  json: { amount: 12.5 },
  repeat: 'once',
  key,
};

/** Runs it as the given attempt of an activity that was scheduled so long ago. */
function run<Call, Answer>(
  activity: (call: Call) => Promise<Answer>,
  call: Call,
  attempt = 1,
  ago_ms = 0,
): Promise<Answer> {
  const scheduledTimestampMs = Date.now() - ago_ms;
  return new MockActivityEnvironment({ attempt, scheduledTimestampMs, startToCloseTimeoutMs: 10_000 }).run(
    activity,
    call,
  );
}
const http = (call: HttpCall, attempt = 1) => run(worker.activities.http, call, attempt);
const failed = (call: HttpCall, attempt = 1) => failureOf(http(call, attempt));
const requests = (): readonly string[] => here.received.map(({ method, url }) => `${method} ${url}`);

describe('the result', () => {
  const returns: JsonMap = {
    type: 'object',
    properties: {
      id: { type: 'string' },
      at: { type: 'string', format: 'date-time' },
      lines: { type: 'array', items: { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] } },
    },
    required: ['id'],
    additionalProperties: false,
  };
  const bodies: readonly (readonly [name: string, body: Json, expected: Json])[] = [
    ['what is declared', { id: 'c1', lines: [{ n: 1 }] }, { id: 'c1', lines: [{ n: 1 }] }],
    [
      'what is not declared is left out',
      { id: 'c1', more: { a: [null] }, lines: [{ n: 1, m: 2 }] },
      { id: 'c1', lines: [{ n: 1 }] },
    ],
    ['null is absence', { id: 'c1', at: null }, { id: 'c1' }],
  ];
  it.each(bodies)('%s', async (_name, body, expected) => {
    here.answer(json(201, body, { etag: 'e' }));
    const answer = await http({ ...GET, returns });
    expect(answer).toMatchObject({ status: 201, headers: { etag: 'e' }, body: expected });
    expect(answer.body).toEqual(expected);
  });

  const misfits: readonly (readonly [name: string, body: Json, message: RegExp])[] = [
    [
      'a field that is missing',
      { lines: [] },
      /^the body of GET \/orders\/A-1 is not as `returns` says: id is missing; it must be text/,
    ],
    ['a field of another type', { id: 7 }, /id is 7; it must be text/],
    ['a place inside', { id: 'c', lines: [{ n: 1 }, { n: 'x' }] }, /lines\[1\]\.n is "x"; it must be a number/],
    ['no instant', { id: 'c', at: 'soon' }, /at is "soon"; it must be an instant/],
    ['another shape', ['c'], /is \["c"\]; it must be a map/],
  ];
  it.each(misfits)('%s is `invalid`', async (_name, body, message) => {
    here.answer(json(200, body));
    const found = await failed({ ...GET, returns });
    expect([found.type, found.final]).toEqual(['invalid', true]);
    expect(found.message).toMatch(message);
  });

  const raw: readonly (readonly [name: string, type: string, body: string, expected: Json])[] = [
    ['JSON', 'application/json; charset=utf-8', '{"a":[1,{"b":null}]}', { a: [1, {}] }],
    ['problem JSON', 'application/problem+json', '{"a":1}', { a: 1 }],
    ['a double with many digits', 'application/json', '{"a":0.30000000000000004}', { a: 0.30000000000000004 }],
    ['digits inside a text', 'application/json', '{"a":"12345678901234567890"}', { a: '12345678901234567890' }],
    ['text', 'text/plain', 'hello', 'hello'],
  ];
  it.each(raw)('without `returns`: %s', async (_name, type, body, expected) => {
    here.answer((_request, response) => response.writeHead(200, { 'content-type': type }).end(body));
    expect((await http(GET)).body).toEqual(expected);
  });

  it('without a body there is none', async () => {
    here.answer((_request, response) => response.writeHead(204).end());
    expect(await http(GET)).not.toHaveProperty('body');
    expect((await failed({ ...GET, returns })).message).toMatch(/is empty \(status 204\), and `returns` declares/);
  });

  const unreadable: readonly (readonly [
    name: string,
    type: string,
    body: string | Buffer,
    code: string,
    message: RegExp,
  ])[] = [
    ['no JSON', 'application/json', '<html>', 'invalid', /is no JSON: "<html>"/],
    ['no text', 'text/plain', Buffer.from([0xff, 0xfe, 0x00]), 'invalid', /no text in UTF-8/],
    [
      'a number that is too long',
      'application/json',
      '{"a":[12345678901234567890]}',
      'precision',
      /body of GET \/orders\/A-1\.a\[0\] holds 12345678901234567890/,
    ],
    ['a list with null', 'application/json', '{"a":[null]}', 'invalid', /\.a is a list with null/],
    ['a forbidden field', 'application/json', '{"__proto__":{"a":1}}', 'invalid', /"__proto__"/],
    ['too deep', 'application/json', `${'['.repeat(100)}${']'.repeat(100)}`, 'invalid', /nested deeper than 64/],
    ['too large', 'text/plain', 'x'.repeat(6_000), 'result_too_large', /raise `max_body`/],
  ];
  it.each(unreadable)('%s is a failure', async (_name, type, body, code, message) => {
    here.answer((_request, response) => response.writeHead(200, { 'content-type': type }).end(body));
    const found = await failed(GET);
    expect([found.type, found.final]).toEqual([code, true]);
    expect(found.message).toMatch(message);
  });

  it('a number that is too long hurts nobody who does not want it', async () => {
    here.answer((_request, response) => response.writeHead(200).end('{"id":"a","big":12345678901234567890}'));
    expect((await http({ ...GET, returns })).body).toEqual({ id: 'a' });
  });
});

describe('statuses', () => {
  it.each([400, 401, 403, 404, 409, 422, 500, 501])('%d is final', async (status) => {
    here.answer(json(status, { error: 'no\nsuch thing' }));
    expect(await failed(GET)).toMatchObject({
      ...{ type: `http.${status}`, final: true, category: 'BENIGN' },
      message: `GET /orders/A-1 at registry (127.0.0.1:${here.port}) was answered with status ${status}: "{\\"error\\":\\"no\\\\nsuch thing\\"}"`,
    });
    expect(here.received).toHaveLength(1);
  });

  it.each([408, 429, 502, 503, 504])('%d is tried again, but for a write without a key', async (status) => {
    here.answer(json(status, {}, { 'retry-after': '3' }));
    expect(await failed(GET)).toMatchObject({ type: `http.${status}`, final: false, delay: 3_000 });
    expect(await failed({ ...POST, repeat: 'header' })).toMatchObject({ type: `http.${status}`, final: false });
    expect(await failed(POST)).toMatchObject({ type: `http.${status}`, final: true });
  });

  it('a redirect is a failure that says so', async () => {
    here.answer(json(301, {}, { location: '/elsewhere' }));
    expect((await failed(GET)).message).toMatch(/status 301 \(redirects are not followed\)/);
  });

  it('what is expected is a result', async () => {
    here.answer(json(404, { error: 'none' }));
    expect(await http({ ...GET, expect: ['2xx', '404'] })).toMatchObject({ status: 404, body: { error: 'none' } });
    const returns = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    expect(await http({ ...GET, expect: ['2xx', '404'], returns })).not.toHaveProperty('body');
    here.answer(json(204, {}));
    expect(await failed({ ...GET, expect: ['200', '201'] })).toMatchObject({ type: 'http.204', final: true });
  });
});

describe('no answer', () => {
  it('that nothing was sent is known, whatever the key', async () => {
    for (const repeat of ['once', 'header', 'repeatable', 'lookup'] as const) {
      expect(await failed({ ...POST, repeat, connection: 'nowhere' })).toMatchObject({
        type: 'unreachable',
        final: false,
      });
    }
  });

  it('a write without a key is not sent again: nobody can say what came of it', async () => {
    here.answer(cut);
    expect(await failed(POST)).toMatchObject({ type: 'outcome_unknown', final: true });
    expect(here.received).toHaveLength(1);
    here.answer(() => undefined);
    expect((await failed(POST)).message).toMatch(
      /was sent and not answered \(no answer within 0\.5 s\): nobody can say/,
    );
  });

  it('everything else is', async () => {
    here.answer(cut);
    expect(await failed(GET)).toMatchObject({ type: 'unreachable', final: false });
    for (const repeat of ['header', 'repeatable', 'lookup'] as const) {
      expect(await failed({ ...POST, repeat })).toMatchObject({ type: 'unreachable', final: false });
    }
  });

  it('an unknown connection is final', async () => {
    expect(await failed({ ...GET, connection: 'crm' })).toMatchObject({ type: 'invalid', final: true });
  });
});

/** A service that does each thing once per Idempotency-Key, and loses the first acknowledgement. */
function honest(): { readonly done: Map<string, Json>; readonly respond: Parameters<TestService['answer']>[0] } {
  const done = new Map<string, Json>();
  let lost = false;
  return {
    done,
    respond: (request, response) => {
      const name = String(request.headers['idempotency-key'] ?? `none ${done.size}`);
      if (!done.has(name)) done.set(name, { id: `c${done.size + 1}` });
      if (!lost) {
        lost = true;
        cut(request, response);
      } else json(201, done.get(name))(request, response);
    },
  };
}

it('a request is over before its attempt is', async () => {
  here.answer(() => undefined);
  const slow = new Map([['registry', here.service({ timeout_ms: 60_000 })]]);
  const { activities } = testWorker(pool, [], [], { services: slow });
  const attempt = (call: HttpCall) =>
    failureOf(new MockActivityEnvironment({ startToCloseTimeoutMs: 1_700 }).run(activities.http, call));
  expect((await attempt(POST)).message).toMatch(/no answer within 1\.2 s/);
  expect((await attempt(LOOKUP)).message).toMatch(/no answer within 0\.6 s/);
});

describe('with a key in the header', () => {
  it('a lost acknowledgement is asked for again under the same key, and nothing is done twice', async () => {
    const { done, respond } = honest();
    here.answer(respond);
    const call: HttpCall = { ...POST, repeat: 'header' };
    expect(await failed(call)).toMatchObject({ type: 'unreachable', final: false });
    expect(await http(call, 2)).toMatchObject({ status: 201, body: { id: 'c1' } });
    expect(done.size).toBe(1);
    expect(here.received.map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual([
      [`"${key}"`, '{"amount":12.5}'],
      [`"${key}"`, '{"amount":12.5}'],
    ]);
  });

  it('a long key is hashed, always the same', async () => {
    here.answer(json(200, {}));
    const call: HttpCall = { ...POST, repeat: 'header', key: `${'k'.repeat(300)}/charge` };
    await http(call);
    await http(call);
    const keys = here.received.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^"[0-9a-f]{64}"$/);
    expect(keys[1]).toBe(keys[0]);
  });

  it('without it the same service does it twice: that is what the key is for', async () => {
    const { done, respond } = honest();
    here.answer(respond);
    const call: HttpCall = { ...POST, repeat: 'repeatable' };
    await failed(call);
    await http(call, 2);
    expect(done.size).toBe(2);
  });
});

const LOOKUP: HttpCall = { ...POST, repeat: 'lookup', lookup: { path: '/charges', query: { ref: 'A-1' } } };

describe('with a lookup', () => {
  const service = (found: Json | undefined) => {
    here.answer((request: Request, response) => {
      if (request.method === 'POST') json(201, { id: 'new' })(request, response);
      else if (found === undefined) json(404, {})(request, response);
      else json(200, found)(request, response);
    });
  };

  it('the first attempt does not ask', async () => {
    service({ id: 'old' });
    expect((await http(LOOKUP)).body).toEqual({ id: 'new' });
    expect(requests()).toEqual(['POST /charges']);
  });

  it('a later one does, and what it finds is the result', async () => {
    service({ id: 'old' });
    expect((await http(LOOKUP, 2)).body).toEqual({ id: 'old' });
    expect(requests()).toEqual(['GET /charges?ref=A-1']);
  });

  it('where nothing is found it is sent', async () => {
    service(undefined);
    expect((await http(LOOKUP, 2)).body).toEqual({ id: 'new' });
    expect(requests()).toEqual(['GET /charges?ref=A-1', 'POST /charges']);
  });

  it('what is found is checked against `returns`', async () => {
    service({ id: 7 });
    const returns = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    expect(await failed({ ...LOOKUP, returns }, 2)).toMatchObject({ type: 'invalid', final: true });
  });

  it.each([500, 403, 302])('where the lookup answers %d nothing is sent', async (status) => {
    here.answer(json(status, {}));
    expect(await failed(LOOKUP, 2)).toMatchObject({ type: 'unreachable', final: false });
    expect(requests()).toEqual(['GET /charges?ref=A-1']);
  });

  it('the next attempt waits until the request can no longer arrive', async () => {
    here.answer(cut);
    const { delay } = await failed(LOOKUP);
    expect(delay).toBeGreaterThan(TIMEOUT_MS / 2);
    expect(delay).toBeLessThanOrEqual(TIMEOUT_MS);
    here.answer(json(503, {}));
    expect((await failed(LOOKUP)).delay).toBeGreaterThan(TIMEOUT_MS / 2);
    expect((await failed({ ...LOOKUP, repeat: 'header' })).delay).toBeUndefined();
  });
});

describe('settling', () => {
  const settle = (call: HttpCall, failed_with: string | null, ago_ms = TIMEOUT_MS * 4) => {
    const { key: _key, ...request } = call;
    const asked: SettleCall = { verb: 'http', connection: call.connection, key, request, failed_with };
    return run(worker.activities.settle, asked, 1, ago_ms);
  };
  const NEVER = { happened: false, result: null };
  const UNKNOWN = { happened: null, result: null };

  const heard: readonly (readonly [failed_with: string | null, answer: Json])[] = [
    ['unreachable', NEVER],
    ['http.404', NEVER],
    ['http.422', NEVER],
    ['http.409', UNKNOWN],
    ['http.429', UNKNOWN],
    ['http.500', UNKNOWN],
    ['outcome_unknown', UNKNOWN],
    ['timeout', UNKNOWN],
    ['invalid', UNKNOWN],
    [null, UNKNOWN],
  ];
  it.each(heard)('without a key, after %s, nobody is asked', async (failed_with, answer) => {
    expect(await settle(POST, failed_with)).toEqual(answer);
    expect(here.received).toEqual([]);
  });

  it.each(['header', 'repeatable'] as const)(
    'key: %s: the same is sent again, and its answer taken',
    async (repeat) => {
      here.answer(json(201, { id: 'c1' }));
      expect(await settle({ ...POST, repeat }, null)).toMatchObject({
        happened: true,
        result: { status: 201, body: { id: 'c1' } },
      });
      expect(here.received.map(({ method, body, headers }) => [method, body, headers['idempotency-key']])).toEqual([
        ['POST', '{"amount":12.5}', repeat === 'header' ? `"${key}"` : undefined],
      ]);
      here.answer(json(422, {}));
      expect(await settle({ ...POST, repeat }, 'unreachable')).toEqual(NEVER);
      here.answer(json(409, {}));
      expect(await settle({ ...POST, repeat }, 'unreachable')).toEqual(UNKNOWN);
    },
  );

  it('what was refused before is not sent again', async () => {
    expect(await settle({ ...POST, repeat: 'header' }, 'http.400')).toEqual(NEVER);
    expect(here.received).toEqual([]);
  });

  it('an answer that cannot be read is nothing to undo with', async () => {
    here.answer(json(200, { id: 7 }));
    const returns = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] };
    expect(await settle({ ...POST, repeat: 'header', returns }, null)).toEqual(UNKNOWN);
  });

  it('a service that does not answer is asked again, and given up in the end', async () => {
    const call: HttpCall = { ...POST, repeat: 'header', connection: 'nowhere' };
    expect(await failureOf(settle(call, null))).toMatchObject({ type: 'unreachable', final: false });
    expect(await settle(call, null, 11 * 60_000)).toEqual(UNKNOWN);
    here.answer(json(503, {}));
    expect(await failureOf(settle({ ...POST, repeat: 'header' }, null))).toMatchObject({ final: false });
  });

  it('a lookup tells, once the request can no longer arrive', async () => {
    here.answer(json(200, { id: 'old' }));
    expect(await settle(LOOKUP, null, 0)).toMatchObject({ happened: true, result: { body: { id: 'old' } } });
    here.answer(json(404, {}));
    expect(await failureOf(settle(LOOKUP, null, 0))).toMatchObject({ type: 'unreachable', final: false });
    expect(await settle(LOOKUP, null)).toEqual(NEVER);
    expect(requests().every((request) => request === 'GET /charges?ref=A-1')).toBe(true);
  });
});
