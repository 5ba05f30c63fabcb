/** Channels against a real HTTP server: what is sent, what is tried again, and where a message may not go. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { containing } from '../real/expecting.js';
import { isPrivateAddress } from '../../connections/addresses.js';
import { deliver } from '../../connections/channels.js';
import type { Message } from '../../connections/channels.js';
import { TransientFailure } from '../../store/failures.js';

const message: Message = {
  key: 'run/tell',
  ticket: 'refund-1',
  who: 'customer',
  to: 'a@example.com',
  subject: null,
  text: 'Hello,\nthere.',
};
let server: Server;
let port = 0;
let answer: { status: number; headers?: Record<string, string> } = { status: 200 };
let received: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(answer.status, answer.headers).end('thank you');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  answer = { status: 200 };
  received = [];
});

const nowhere = (): never => {
  throw new Error('not the console');
};
const post = (url: string, allowPrivate = true, sent = message) =>
  deliver({ name: 'desk', kind: 'webhook', url: { resolve: () => url }, allowPrivate }, sent, nowhere);
const here = (path = '/hook/secret') => `http://127.0.0.1:${port}${path}`;

describe('console', () => {
  it('prints a block for people', async () => {
    const printed: string[] = [];
    await deliver({ name: 'console', kind: 'console' }, { ...message, subject: 'Refund' }, (text) =>
      printed.push(text),
    );
    expect(printed).toEqual(['--- to customer <a@example.com> · refund-1 · Refund\n  Hello,\n  there.']);
  });
});

describe('webhook', () => {
  it('posts the message with its key, quoted', async () => {
    await post(here(), true, { ...message, key: 'refund-1/ä"x/tell' });
    expect(received).toHaveLength(1);
    expect(received[0]?.headers['idempotency-key']).toBe('"refund-1/%C3%A4\\"x/tell"');
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({ ...message, key: 'refund-1/ä"x/tell' });
  });

  it('a retry sends the same bytes', async () => {
    await post(here());
    await post(here());
    expect(received[0]?.body).toBe(received[1]?.body);
  });

  const final = [300, 301, 307, 400, 401, 404, 409, 422];
  it.each(final)('status %d is final', async (status) => {
    answer = { status, headers: { location: here('/elsewhere') } };
    const error: unknown = await post(here()).catch((thrown: unknown) => thrown);
    expect(error).not.toBeInstanceOf(TransientFailure);
    expect(error).toMatchObject({ code: 'delivery', message: containing(`status ${status}`) });
    expect(received).toHaveLength(1);
  });

  const again: [status: number, headers: Record<string, string>, retry_after_ms: number | undefined][] = [
    [500, {}, undefined],
    [503, { 'retry-after': '7' }, 7000],
    [429, { 'retry-after': '100000' }, 3_600_000],
    [408, { 'retry-after': 'soon' }, undefined],
    [425, {}, undefined],
  ];
  it.each(again)('status %d %j is tried again', async (status, headers, retry_after_ms) => {
    answer = { status, headers };
    const error: unknown = await post(here()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientFailure);
    expect(error).toMatchObject({ code: 'unreachable', retry_after_ms });
  });

  it('a server that is gone is tried again; the address stays out of the message', async () => {
    const error: unknown = await post('http://127.0.0.1:1/hook/secret').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientFailure);
    expect(error).toMatchObject({ message: 'channel desk (127.0.0.1:1) cannot be reached: ECONNREFUSED' });
  });

  it('too long a text is refused before anything is sent', async () => {
    const text = 'x'.repeat(64 * 1024 + 1);
    await expect(post(here(), true, { ...message, text })).rejects.toMatchObject({ code: 'delivery' });
    expect(received).toHaveLength(0);
  });
});

describe('addresses that are not public', () => {
  const refused = ['127.0.0.1', 'localhost', '0x7f.1', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '127.1'];
  it.each(refused)('%s is refused and gets no connection', async (host) => {
    await expect(post(`http://${host}:${port}/`, false)).rejects.toMatchObject({
      code: 'delivery',
      message: containing('not on the public internet'),
    });
    expect(received).toHaveLength(0);
  });
  it.each(['ftp://example.com/', 'file:///etc/passwd', 'nonsense'])('%s is no address of a webhook', async (url) => {
    await expect(post(url, false)).rejects.toMatchObject({
      code: 'delivery',
      message: containing('no http'),
    });
  });
  it.each([
    '10.1.2.3',
    '169.254.169.254',
    '192.168.0.1',
    '172.31.0.1',
    '100.64.0.1',
    'fe80::1',
    'fd00::1',
    '64:ff9b::1',
    '::',
    'nonsense',
  ])('%s', (address) => expect(isPrivateAddress(address)).toBe(true));
  it.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111'])('%s is public', (address) => {
    expect(isPrivateAddress(address)).toBe(false);
  });
});
