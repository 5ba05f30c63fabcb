/** `http`: what compiles, the exact problems of what does not, and what a step asks for whatever the values are. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../language/plan/failure.js';
import type { Json } from '../../language/plan/json.js';
import type { Expression, Value } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';
import { kindOf } from '../../language/steps/index.js';
import { textOfJson } from '../../language/steps/said.js';
import { matching } from '../real/expecting.js';
import { compileSteps, problemsOf } from './definitions.js';
import { expression, fakeHost } from './fake-host.js';

type Case = readonly [name: string, body: string, ...problems: RegExp[]];

function check(cases: readonly Case[]): void {
  it.each(cases.map((one) => ({ name: one[0], one })))('$name', ({ one: [, body, ...problems] }) => {
    expect(problemsOf(`- id: r\n  http: { connection: registry, ${body} }\n`)).toEqual(
      problems.map((problem): unknown => expect.stringMatching(problem)),
    );
  });
}

/** The compiled node of one `http` step, and what else stands beside it. */
function nodeOf(body: string, beside = ''): Node {
  const { plan, problems } = compileSteps(`- id: r\n  http: { connection: registry, ${body} }\n${beside}`);
  const node = plan?.nodes.find(({ verb }) => verb === 'http');
  if (node === undefined) throw new Error(JSON.stringify(problems));
  return node;
}

async function asked(body: string, values: Readonly<Record<string, Json>>): Promise<Json> {
  const { host, noted } = fakeHost({ values, answer: { status: 200, headers: {} } });
  const node = nodeOf(body);
  await kindOf(node).run(node, host);
  return noted.calls[0] ?? null;
}

describe('the path is the definition’s', () => {
  check([
    ['plain', 'get: /orders'],
    ['with values', 'get: "/orders/${{ order.id }}/lines/${{ order.total }}"'],
    ['root', 'get: /'],
    ['a slash at the end', 'get: /orders/'],
    ['percent-encoded by the author', 'get: /a%20b/c%2Fd'],
    ['a piece of a part', 'get: "/files/order-${{ order.id }}.pdf"'],
    ['no slash', 'get: orders', /^FIRN420 "orders" does not begin with "\/"/],
    [
      'all computed',
      'get: "${{ order.id }}"',
      /^FIRN420 .*does not begin with "\/" \| the structure of a path is written/,
    ],
    ['a host', 'get: "https://evil.example/x"', /^FIRN420 .*names a host.* \| the address stands at the connection/],
    ['a host without scheme', 'get: //evil.example/x', /^FIRN420 .*names a host/],
    ['a query', 'get: "/orders?id=${{ order.id }}"', /^FIRN420 .*has a query in it \| write it under `query`/],
    ['a fragment', 'get: "/orders#x"', /^FIRN420 .*fragment/],
    ['a space', 'get: "/my orders"', /^FIRN420 .*" " in it, which no path can hold \| write it as %20/],
    ['a backslash', "get: '/a\\b'", /^FIRN420 .*%5C/],
    ['half a percent', 'get: "/100%"', /^FIRN420 .*a percent sign itself is written %25/],
    ['upwards', 'get: /a/../b', /^FIRN420 .*a step to another place/],
    ['upwards, encoded', 'get: /a/%2e%2E/b', /^FIRN420 .*a step to another place/],
    ['half of an encoded character, which a value could end', 'get: "/%2e%2${{ order.id }}"', /^FIRN420 .*percent/],
    ['an empty part', 'get: /a//b', /^FIRN420 .*an empty part/],
    ['an absent value', 'get: "/orders/${{ order.?note }}"', /^FIRN207/],
    ['a list', 'get: "/orders/${{ [1] }}"', /^FIRN210/],
    ['two problems at once', 'get: "orders/${{ ordr.id }}"', /^FIRN420/, /^FIRN204/],
  ]);
});

describe('methods, connection, body', () => {
  check([
    ['none', 'query: { a: 1 }', /^FIRN302 `http` does not say what to ask for/],
    ['two', 'get: /a, post: /b', /^FIRN300 GET and POST stand side by side/],
    ['a body', 'post: /a, json: { id: "${{ order.id }}", lines: [1, 2], note: "${{ order.?note }}" }'],
    ['a body of a get', 'get: /a, json: {}', /^FIRN301 a `get` has no body/],
    ['a body by instinct', 'post: /a, body: {}', /^FIRN320 .*here it is called "json"/],
    ['a query by instinct', 'get: /a, params: {}', /^FIRN320 .*here it is called "query"/],
    ['a status by instinct', 'get: /a, status: 200', /^FIRN320 .*here it is called "expect"/],
    ['a key by instinct', 'post: /a, idempotency_key: header', /^FIRN320 .*here it is called "key"/],
    ['a query', 'get: /a, query: { n: 1, ids: "${{ [order.id] }}", on: "${{ order.?delivered_at }}" }'],
  ]);
  it('a database is no service, and a service no database', () => {
    expect(problemsOf('- http: { connection: shop, get: /a }\n')).toEqual([
      expect.stringMatching(
        /^FIRN424 the connection "shop" is a database, and an HTTP service is needed here \| .*registry/,
      ),
    ]);
    expect(problemsOf('- read: { from: registry.orders, where: { id: a } }\n')).toEqual([
      expect.stringMatching(/^FIRN424 the connection "registry" is an HTTP service, and a database is needed/),
    ]);
  });
  it('a connection is never computed', () => {
    expect(problemsOf('- http: { connection: "${{ order.id }}", get: /a }\n')).toEqual([
      expect.stringMatching(/^FIRN300 .*never computed/),
    ]);
  });
});

describe('headers', () => {
  const forbidden = [
    ...[
      'authorization',
      'Authorization',
      'cookie',
      'host',
      'Content-Length',
      'transfer-encoding',
      'connection',
      'upgrade',
    ],
    ...['idempotency-key', 'proxy-authorization', 'proxy-x', 'sec-fetch-mode', 'x-forwarded-host', 'expect', 'te'],
  ];
  it.each(forbidden)('%s cannot be set', (name) => {
    expect(problemsOf(`- http: { connection: registry, get: /a, headers: { ${name}: x } }\n`)).toEqual([
      expect.stringMatching(/^FIRN421 the header ".*" cannot be set here \| ./),
    ]);
  });
  check([
    ['allowed', 'get: /a, headers: { x-trace: "${{ run.ticket }}", Accept-Language: en }'],
    ['computed name', 'get: /a, headers: { "x ${{ order.id }}": x }', /^FIRN421 .*is never computed/],
    ['twice', 'get: /a, headers: { X-A: x, x-a: y }', /^FIRN421 .*stands twice/],
  ]);
});

describe('key', () => {
  check([
    ['none', 'post: /a, key: none'],
    ['header', 'post: /a, key: header'],
    ['repeatable', 'put: /a, key: repeatable'],
    ['lookup', 'post: /a, key: { lookup: { get: "/a/${{ order.id }}", query: { b: 1 } } }'],
    ['lookup with a wrong path', 'post: /a, key: { lookup: { get: a } }', /^FIRN420/],
    ['lookup without a path', 'post: /a, key: { lookup: {} }', /^FIRN302/],
    ['another word', 'post: /a, key: once', /^FIRN30/],
    ['of a get', 'get: /a, key: header', /^FIRN422 `key` is for what changes something/],
  ]);
  it('a write without a key has one attempt', () => {
    const steps = '- http: { connection: registry, post: /a }\n  retry: { attempts: 3 }\n';
    expect(problemsOf(steps)).toEqual([expect.stringMatching(/^FIRN422 there is one attempt only: .*second POST/)]);
    expect(problemsOf(steps.replace('/a', '/a, key: repeatable'))).toEqual([]);
    expect(problemsOf(steps.replace('post', 'get'))).toEqual([]);
    expect(nodeOf('post: /a')).toMatchObject({ repeat: 'once', once: true });
    expect(nodeOf('post: /a, key: header')).not.toHaveProperty('once');
    expect(nodeOf('get: /a')).not.toHaveProperty('once');
  });
  it('a write can be undone and approved, a read cannot', () => {
    const undo = '  undo: { http: { connection: registry, delete: "/a/${{ r.status }}", key: repeatable } }\n';
    expect(nodeOf('post: /a', undo)).toHaveProperty('undo');
    expect(problemsOf(`- id: r\n  http: { connection: registry, get: /a }\n${undo}`)).toEqual([
      expect.stringMatching(/^FIRN408/),
    ]);
    const approve = '- approve: { for: [r], by: returns-desk }\n- id: r\n  http: { connection: registry, post: /a }\n';
    expect(problemsOf(approve)).toEqual([]);
    expect(problemsOf(approve.replace('post', 'get'))).toEqual([expect.stringMatching(/^FIRN405/)]);
  });
});

describe('expect and the result', () => {
  const read = (body: string, expression: string) =>
    problemsOf(`- id: r\n  http: { connection: registry, get: /a, ${body} }\n- set: { x: "\${{ ${expression} }}" }\n`);
  check([
    ['statuses and classes', 'get: /a, expect: [200, 404, 5xx]'],
    ['one', 'get: /a, expect: 204'],
    ['a class', 'get: /a, expect: 2xx'],
    ['no status', 'get: /a, expect: [20, 2XX, ok]', /^FIRN423 "20"/, /^FIRN423 "2XX"/, /^FIRN423 "ok"/],
    ['no answer', 'get: /a, expect: 1xx', /^FIRN423/],
  ]);
  it.each<readonly [body: string, expression: string, ...problems: RegExp[]]>([
    ['expect: 2xx', 'r.status + 1'],
    ['returns: { id: string, note?: string }', 'r.body.id'],
    ['returns: { id: string, note?: string }', 'r.body.note', /^FIRN207 "r.body.note"/],
    ['returns: { id: string }', 'r.body.idd', /^FIRN205 .*did you mean "id"/],
    ['returns: { id: string }, expect: [200, 404]', 'r.body.id', /^FIRN207 "r.body/],
    ['returns: { id: string }, expect: [200, 404]', "has(r.body) ? r.body.id : 'none'"],
    ['returns: [{ id: string }]', 'r.body[0].id'],
    ['returns: [a, b]', "r.body == 'a'"],
    ['returns: { id: strin }', "'x'", /^FIRN310/],
    ['expect: 2xx', "r.headers['etag']", /^FIRN207/],
    ['expect: 2xx', "r.headers[?'etag'].orValue('')"],
  ])('%s: %s', (body, expression, ...problems) => {
    expect(read(String(body), String(expression))).toEqual(
      problems.map((problem): unknown => expect.stringMatching(new RegExp(problem))),
    );
  });
  it('nobody outside chooses who is told', () => {
    const steps =
      '- id: r\n  http: { connection: registry, get: /a, returns: { email: string } }\n- tell: { who: customer, to: "${{ r.body.email }}", text: Hi }\n';
    expect(problemsOf(steps)).toEqual([expect.stringMatching(/^FIRN407 .*written by another system/)]);
  });
});

describe('what is asked', () => {
  it('a read: without a key', async () => {
    const body =
      'get: "/orders/${{ order.id }}", query: { n: "${{ order.total }}" }, headers: { x-t: "${{ run.ticket }}" }';
    expect(await asked(body, { 'order.id': 'A/1', 'order.total': 2, 'run.ticket': 't1' })).toEqual({
      ...{ connection: 'registry', method: 'GET', path: '/orders/A%2F1', query: { n: 2 }, headers: { 'x-t': 't1' } },
      ...{ shown: '/orders/A%2F1', repeat: 'repeatable', lookup: null, returns: null, expect: ['2xx'], key: null },
    });
  });

  it('a write: what is approved, and its key', async () => {
    const body =
      'post: /charges, json: { amount: "${{ order.total }}" }, key: { lookup: { get: /charges, query: { ref: "${{ order.id }}" } } }, returns: { id: string }, expect: 201';
    const values = { 'order.total': 12.5, 'order.id': 'A-1' };
    const request = {
      ...{ connection: 'registry', method: 'POST', path: '/charges', query: {}, headers: {}, json: { amount: 12.5 } },
      ...{ repeat: 'lookup', lookup: { path: '/charges', query: { ref: 'A-1' } } },
    };
    const call = await asked(body, values);
    expect(call).toEqual({
      ...request,
      ...{ shown: '/charges', key: 'prefix/here', expect: ['201'] },
      returns: {
        type: 'object',
        properties: { id: { type: 'string', maxLength: 10_000 } },
        required: ['id'],
        additionalProperties: false,
      },
    });
    const node = nodeOf(body);
    const { host } = fakeHost({ values });
    expect(kindOf(node).request?.(node, (value) => host.evaluate(value))).toEqual(request);
    const { settle } = kindOf(node);
    expect(settle?.(node, { ...request, expect: ['201'], returns: null, key: 'k' })).toEqual({
      connection: 'registry',
      request: { ...request, expect: ['201'], returns: null },
    });
  });

  const kept: readonly (readonly [value: string, path: string])[] = [
    ['A-1', '/orders/A-1/lines'],
    ['a/b', '/orders/a%2Fb/lines'],
    ['?x=1', '/orders/%3Fx%3D1/lines'],
    ['#frag', '/orders/%23frag/lines'],
    ['a b', '/orders/a%20b/lines'],
    ['%2e%2e%2fadmin', '/orders/%252e%252e%252fadmin/lines'],
    ['%00', '/orders/%2500/lines'],
    ['//evil.example', '/orders/%2F%2Fevil.example/lines'],
    ['@evil.example', '/orders/%40evil.example/lines'],
    ['http://evil.example', '/orders/http%3A%2F%2Fevil.example/lines'],
    [':8080', '/orders/%3A8080/lines'],
    [';a=b', '/orders/%3Ba%3Db/lines'],
    ['…', '/orders/%E2%80%A6/lines'],
    ['...', '/orders/.../lines'],
    ['\'"<>', "/orders/'%22%3C%3E/lines"],
  ];
  it.each(kept)('%j stays one part of the path', async (value, path) => {
    expect(await asked('get: "/orders/${{ order.id }}/lines"', { 'order.id': value })).toMatchObject({ path });
  });

  const refused: readonly (readonly [value: Json, body?: string])[] = [
    ...[
      '',
      '.',
      '..',
      '../admin',
      '..\\admin',
      'a/../../admin',
      '%2e%2e',
      '%2E.',
      'a/%2e%2e/b',
      '\u0000',
      'a\r\nb',
      'a\tb',
      '\ud800',
    ].map((value) => [value] as const),
    ['.', 'get: "/orders/.${{ order.id }}/lines"'],
    ['x'.repeat(5_000)],
  ];
  it.each(refused)('%j does not go into a path', async (value, body = 'get: "/orders/${{ order.id }}/lines"') => {
    const error: unknown = await asked(String(body), { 'order.id': value ?? '' }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'invalid' });
  });

  it('whatever a value is, the parts of the path are as many, and it is one of them or refused', async () => {
    const node = nodeOf('get: "/orders/${{ order.id }}/lines/${{ order.id }}.txt"');
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom('.', '/', '\\', '%', '2e', '?', '#', 'a')).map((all) => all.join('')),
    );
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const { host, noted } = fakeHost({ values: { 'order.id': value }, answer: {} });
        const error: unknown = await Promise.resolve(kindOf(node).run(node, host)).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error !== undefined) {
          expect(error).toMatchObject({ code: 'invalid' });
          return;
        }
        const path = textOfJson(noted.calls[0]?.['path'] ?? '');
        const url = new URL(`http://host${path}`);
        expect([url.host, url.pathname, url.search, url.hash]).toEqual(['host', path, '', '']);
        expect(path.split('/').map(decodeURIComponent)).toEqual(['', 'orders', value, 'lines', `${value}.txt`]);
      }),
    );
  });

  it.each(['a\r\nx-admin: 1', 'a\nb', '', 'é', ' a', '\u0000', 'x'.repeat(4_001)])('%j is no header', async (value) => {
    const error: unknown = await asked('get: /a, headers: { x-a: "${{ order.id }}" }', { 'order.id': value }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'invalid' });
  });

  it('what is private goes out, and is in no message', async () => {
    const secret: Expression = { ...expression('input.ssn', 'input'), private: true };
    const made = nodeOf('get: /people');
    const target: Value = { is: 'text', parts: ['/people/', secret, '/file'] };
    if (made.verb !== 'http') throw new Error('this is another verb');
    const node: Node = { ...made, target };
    const ask = (value: Json) => {
      const { host, noted } = fakeHost({ values: { 'input.ssn': value }, answer: {} });
      return Promise.resolve(kindOf(node).run(node, host)).then(() => noted.calls[0]);
    };
    expect(await ask('12 34')).toMatchObject({ path: '/people/12%2034/file', shown: '/people/(private)/file' });
    const error: unknown = await ask('../12').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid', message: matching(/\(private\)/) });
    expect(String(error)).not.toContain('12');
  });

  it('a map is no value of a query', async () => {
    const body = 'get: /a, query: { q: "${{ order }}" }';
    await expect(asked(body, { order: { a: 1 } })).rejects.toMatchObject({ code: 'invalid' });
  });
});
