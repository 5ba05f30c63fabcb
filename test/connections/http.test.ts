/** Requests to a real HTTP server: where they may go, what they carry, and what is known when no answer comes. */
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { send } from '../../connections/http.js';
import type { Outgoing } from '../../connections/http.js';
import { matching } from '../real/expecting.js';
import { cut, json, startService } from '../real/http-service.js';
import type { TestService } from '../real/http-service.js';

let here: TestService;
beforeAll(async () => {
  here = await startService();
});
afterAll(() => here.stop());
beforeEach(() => {
  here.received.length = 0;
  here.answer(json(200, { ok: true }));
});

const GET: Outgoing = { method: 'GET', path: '/orders', query: {}, headers: {} };
const ask = (outgoing: Partial<Outgoing> = {}, more: Parameters<TestService['service']>[0] = {}) =>
  send(here.service(more), { ...GET, ...outgoing });

describe('a request', () => {
  it('goes below the path of its connection, with its query and headers', async () => {
    const query = { name: 'a b&c=d/é', n: 2.5, yes: true, id: ['x', 'y'] };
    const sent = await ask(
      { method: 'POST', query, headers: { 'x-trace': 'abc' }, json: { a: [1] } },
      { path: '/v1/' },
    );
    expect(sent).toMatchObject({ is: 'answer', status: 200, more: false });
    expect(here.received).toEqual([
      {
        method: 'POST',
        url: '/v1/orders?name=a%20b%26c%3Dd%2F%C3%A9&n=2.5&yes=true&id=x&id=y',
        body: '{"a":[1]}',
        headers: {
          host: `127.0.0.1:${here.port}`,
          connection: 'close',
          authorization: 'Bearer secret',
          'x-trace': 'abc',
          accept: 'application/json',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'content-length': '9',
        },
      },
    ]);
  });

  it('cannot change a header of its connection', async () => {
    await expect(ask({ headers: { authorization: 'mine' } })).rejects.toMatchObject({ code: 'invalid' });
    expect(here.received).toEqual([]);
  });

  const paths = [
    ...['//evil.example/x', '/../admin', '/a/../b', '/a/%2e%2e/b', '/.%2e/b', '/a/./b', '/a?x=1', '/a#x', 'orders', ''],
    ...[
      '/a\\..\\b',
      '/a\tb',
      '/a b',
      '@evil.example/',
      ':1/',
      '.evil.example/',
      '\\\\evil.example',
      '/a\r\nhost: evil',
    ],
  ];
  it.each(paths)('the path %j does not leave', async (path) => {
    await expect(ask({ path }, { path: '/v1' })).rejects.toMatchObject({ code: 'invalid' });
    expect(here.received).toEqual([]);
  });

  const addresses: readonly (readonly [string, RegExp])[] = [
    ['ftp://127.0.0.1/', /no http or https URL/],
    ['not an address', /no http or https URL/],
    ['http://user:pass@127.0.0.1/', /more in it than host and path/],
    ['http://127.0.0.1/?a=1', /more in it than host and path/],
  ];
  it.each(addresses)('the address %s is refused', async (address, message) => {
    const error: unknown = await ask({}, { url: { resolve: () => address } }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid', message: matching(message) });
    expect(String(error)).not.toContain('pass');
  });
});

describe('private addresses', () => {
  const hosts = [
    ...[
      '127.0.0.1',
      '[::1]',
      '10.0.0.1',
      '169.254.169.254',
      '192.168.1.1',
      '[::ffff:127.0.0.1]',
      '[fd00::1]',
      '0.0.0.0',
    ],
    ...[
      '2130706433',
      '0x7f.1',
      '127.1',
      '0177.0.0.1',
      'localhost',
      'LOCALHOST',
      '[0:0:0:0:0:ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
    ],
  ];
  it.each(hosts)('%s is refused, and nothing is sent', async (host) => {
    const url = { resolve: () => `http://${host}:${here.port}` };
    const sent = await ask({}, { url, allowPrivate: false });
    expect(sent).toMatchObject({ is: 'not_sent', final: true });
    expect('why' in sent ? sent.why : '').toMatch(/not on the public internet; `allow_private: true`/);
    expect(here.received).toEqual([]);
  });
});

describe('an answer', () => {
  it('has lower-case headers without cookies, and only so many', async () => {
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, index) => [`X-N${index}`, 'v']));
    here.answer(json(201, {}, { ETag: 'e1', 'Set-Cookie': 'session=1', 'X-Long': 'v'.repeat(3_000), ...many }));
    const sent = await ask();
    if (sent.is !== 'answer') throw new Error(sent.why);
    expect(sent.status).toBe(201);
    expect(sent.headers).toMatchObject({ etag: 'e1', 'content-type': 'application/json' });
    expect(Object.keys(sent.headers)).toHaveLength(50);
    expect(sent.headers).not.toHaveProperty('set-cookie');
    expect(sent.headers).not.toHaveProperty('x-long');
  });

  it('that redirects is not followed', async () => {
    here.answer(json(302, {}, { location: `http://127.0.0.1:${here.port}/elsewhere` }));
    expect(await ask()).toMatchObject({ is: 'answer', status: 302 });
    expect(here.received).toHaveLength(1);
  });

  it('is read up to the limit', async () => {
    here.answer(json(200, 'x'.repeat(50_000)));
    expect(await ask()).toMatchObject({ is: 'answer', more: true });
    here.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = setInterval(() => response.write('x'.repeat(4_000)), 5);
      response.on('close', () => clearInterval(more));
    });
    expect(await ask()).toMatchObject({ is: 'answer', more: true });
  });

  it('says how long to stay away', async () => {
    here.answer(json(429, {}, { 'retry-after': '7' }));
    expect(await ask()).toMatchObject({ status: 429, retry_after_ms: 7_000 });
  });
});

describe('no answer', () => {
  it('nobody listens: the request was not sent', async () => {
    const url = { resolve: () => 'http://127.0.0.1:1' };
    expect(await ask({}, { url })).toEqual({ is: 'not_sent', why: 'ECONNREFUSED', final: false });
  });

  it('no such host: the request was not sent', async () => {
    const url = { resolve: () => 'http://no-such-host.invalid' };
    expect(await ask({}, { url })).toMatchObject({ is: 'not_sent', final: false });
  });

  it('TLS is not spoken there: the request was not sent', async () => {
    const url = { resolve: () => `https://127.0.0.1:${here.port}` };
    expect(await ask({}, { url })).toMatchObject({ is: 'not_sent', final: false });
    expect(here.received).toEqual([]);
  });

  it('the connection is cut: nobody knows', async () => {
    here.answer(cut);
    expect(await ask({ method: 'POST' })).toMatchObject({ is: 'no_answer' });
    expect(here.received).toHaveLength(1);
  });

  it.each([
    ['never begins', () => undefined],
    [
      'never ends',
      (_request: unknown, response: { writeHead(status: number): unknown; write(text: string): unknown }) => {
        response.writeHead(200);
        response.write('{');
      },
    ],
  ])('the answer %s: nobody knows', async (_name, respond) => {
    here.answer(respond);
    expect(await ask({}, { timeout_ms: 200 })).toEqual({ is: 'no_answer', why: 'no answer within 0.2 s' });
  });

  it('what is no HTTP: nobody knows', async () => {
    const server = createServer((socket) => socket.resume().end('hello\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const sent = await ask({}, { url: { resolve: () => `http://127.0.0.1:${port}` } });
    expect(sent.is).toBe('no_answer');
    await new Promise((resolve) => server.close(resolve));
  });
});
