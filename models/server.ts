/**
 * The model process's server: takes requests from its socket and has them computed, one text at a time.
 *
 * HOST, and only in the model process. Requests are answered in the order they came. When too many wait, nothing more
 * is read until they are fewer: whoever writes feels it. Before each text it says so on the socket, so that the other
 * side knows which text a crash belongs to.
 */
import { type Server, type Socket, createServer } from 'node:net';
import { messageOf } from '../language/plan/failure.js';
import type { Encoder } from './encoder.js';
import { lineReader } from './lines.js';
import { ModelError } from './port.js';
import { type Health, LINE_LIMIT, type Request, TEXTS_LIMIT, encodeVector, line, parseRequest } from './protocol.js';

export interface ServerOptions {
  readonly model_sha256: string;
  readonly threads: number;
  /** Called once, when the first text comes; a rejection goes to `onUnusable`. */
  readonly open: () => Promise<Encoder>;
  /** The model cannot be used on this machine: no later request could be answered. */
  readonly onUnusable: (reason: string) => void;
  /** A text takes longer than any should: the native code hangs. */
  readonly onHang: () => void;
  readonly hang_ms: number;
}

export interface ModelServer {
  readonly server: Server;
  /** Lets the text in work finish, tells everybody, closes. */
  close(): Promise<void>;
}

interface Waiting {
  readonly socket: Socket;
  readonly request: Extract<Request, { op: 'embed' }>;
}

const PAUSE_AT = 64;
const RESUME_AT = 32;

export function createModelServer(options: ServerOptions): ModelServer {
  const sockets = new Set<Socket>();
  const queue: Waiting[] = [];
  let encoder: Promise<Encoder> | undefined;
  let loaded = false;
  let working: Promise<void> | undefined;
  let closing = false;

  const load = (): Promise<Encoder> => {
    encoder ??= options.open().then((opened) => {
      loaded = true;
      return opened;
    });
    return encoder;
  };

  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !closing; next = queue.shift()) {
      if (queue.length < RESUME_AT) for (const socket of sockets) socket.resume();
      await answer(next);
    }
    working = undefined;
  };

  const answer = async ({ socket, request }: Waiting): Promise<void> => {
    const started = performance.now();
    let opened: Encoder;
    try {
      opened = await load();
    } catch (error) {
      const message = messageOf(error);
      socket.write(line({ id: request.id, error: { code: 'models_off', message } }));
      options.onUnusable(message);
      return;
    }
    const vectors: string[] = [];
    for (const [index, text] of request.texts.entries()) {
      if (socket.destroyed || closing) return;
      socket.write(line({ evaluating: request.id, index }));
      const watch = setTimeout(options.onHang, options.hang_ms);
      try {
        vectors.push(encodeVector(await opened.embed(text)));
      } catch (error) {
        const code = error instanceof ModelError ? error.code : 'evaluation_failed';
        socket.write(line({ id: request.id, error: { code, message: messageOf(error), index } }));
        return;
      } finally {
        clearTimeout(watch);
      }
    }
    const ms = Math.round((performance.now() - started) * 10) / 10;
    socket.write(line({ id: request.id, vectors, model_sha256: options.model_sha256, ms }));
  };

  const take = (socket: Socket, text: string): void => {
    const request = parseRequest(text);
    if (request === undefined) {
      const message = `a request is {id, op: "embed", texts: [1 to ${TEXTS_LIMIT} texts]} or {id, op: "health"}`;
      socket.end(line({ id: 0, error: { code: 'invalid_request', message } }));
    } else if (request.op === 'health') {
      const { model_sha256, threads } = options;
      const health: Health = {
        model_sha256,
        threads,
        loaded,
        waiting: queue.length,
        rss_bytes: process.memoryUsage.rss(),
      };
      socket.write(line({ id: request.id, health }));
    } else {
      queue.push({ socket, request });
      if (queue.length >= PAUSE_AT) for (const each of sockets) each.pause();
      working ??= work();
    }
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    if (queue.length >= PAUSE_AT) socket.pause();
    const read = lineReader(LINE_LIMIT, (text) => take(socket, text));
    socket.setEncoding('utf8').on('data', (piece: string) => {
      try {
        read(piece);
      } catch (error) {
        socket.end(line({ id: 0, error: { code: 'invalid_request', message: messageOf(error) } }));
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });

  return {
    server,
    close: async () => {
      closing = true;
      server.close();
      await working;
      for (const socket of sockets) socket.end(line({ closing: true }));
    },
  };
}
