/** A real HTTP server for tests, which notes what it is asked and answers as the test says. Not a test itself. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http';
import type { Service } from '../../connections/http.js';

export interface Request {
  readonly method: string;
  /** As it came over the wire: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

type Respond = (request: Request, response: Parameters<RequestListener>[1]) => void;

export interface TestService {
  readonly port: number;
  readonly received: Request[];
  /** What it answers from now on. */
  answer(respond: Respond): void;
  /** A connection of firn.yaml that leads here. */
  service(more?: Partial<Service> & { readonly path?: string }): Service;
  stop(): Promise<void>;
}

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Respond {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** The connection is cut without an answer, after the request was read. */
export const cut: Respond = (_request, response) => response.destroy();

export async function startService(): Promise<TestService> {
  const received: Request[] = [];
  let respond: Respond = json(200, {});
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const noted = { method, url, headers, body };
      received.push(noted);
      respond(noted, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    received,
    answer: (next) => {
      respond = next;
    },
    service: ({ path = '', ...more } = {}) => ({
      name: 'registry',
      url: { resolve: () => `http://127.0.0.1:${port}${path}` },
      headers: new Map([['authorization', { resolve: () => 'Bearer secret' }]]),
      ...{ allowPrivate: true, timeout_ms: 2_000, maxBody_bytes: 10_000 },
      ...more,
    }),
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
