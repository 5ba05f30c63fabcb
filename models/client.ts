/**
 * The client of a model process: the model port over its socket.
 *
 * HOST. Connects when it is first needed, again whenever the process was restarted, and waits for it as long as the
 * request may take. A process that dies in the middle of a request fails that request and no other; the text it was
 * at is counted, and refused after the second time.
 */
import { type Socket, connect } from 'node:net';
import { messageOf } from '../language/plan/failure.js';
import { CrashCount } from './crashes.js';
import { lineReader } from './lines.js';
import { type Embedded, ModelError, type ModelPort } from './port.js';
import { type Health, LINE_LIMIT, type Message, TEXTS_LIMIT, line, parseMessage } from './protocol.js';

export interface ClientOptions {
  /** Path of the Unix socket, or the name of a Windows pipe. */
  readonly socket: string;
  /** Of a whole request: connecting, waiting for others, loading the model, computing. */
  readonly timeout_ms?: number | undefined;
}

export interface ModelClient extends ModelPort {
  health(): Promise<Health>;
}

interface Pending {
  readonly texts: readonly string[];
  /** The text in work, by the process's own word. */
  at: number | undefined;
  readonly settle: (message: Message | ModelError) => void;
}

interface Link {
  readonly socket: Socket;
  readonly pending: Map<number, Pending>;
  /** The process said that it goes down in order: nobody died of anything. */
  closing: boolean;
}

const TIMEOUT_MS = 20_000;
const RECONNECT_MS = 100;

export function connectModels({ socket: path, timeout_ms = TIMEOUT_MS }: ClientOptions): ModelClient {
  const crashes = new CrashCount();
  let link: Promise<Link> | undefined;
  let nextId = 1;
  let closed = false;

  const unavailable = (why: string): ModelError =>
    new ModelError('model_unavailable', `the model process at ${path} ${why}`);

  const open = async (deadline_ms: number): Promise<Link> => {
    for (;;) {
      if (closed) throw unavailable('was left');
      try {
        link ??= openLink(path, crashes, unavailable);
        const opened = await link;
        if (!opened.socket.destroyed) return opened;
        link = undefined;
      } catch (error) {
        link = undefined;
        if (performance.now() + RECONNECT_MS > deadline_ms) throw unavailable(`cannot be reached: ${messageOf(error)}`);
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  };

  const ask = async (op: 'embed' | 'health', texts: readonly string[]): Promise<Message> => {
    const deadline_ms = performance.now() + timeout_ms;
    const { socket, pending } = await open(deadline_ms);
    const id = nextId++;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => settle(unavailable(`did not answer within ${timeout_ms / 1000} s`));
      const timer = setTimeout(giveUp, Math.max(1, deadline_ms - performance.now()));
      const settle = (outcome: Message | ModelError): void => {
        clearTimeout(timer);
        pending.delete(id);
        if (outcome instanceof ModelError) reject(outcome);
        else resolve(outcome);
      };
      pending.set(id, { texts, at: undefined, settle });
      socket.write(line(op === 'embed' ? { id, op, texts } : { id, op }));
    });
  };

  const embedSome = async (texts: readonly string[], first: number): Promise<Embedded> => {
    const spent = texts.findIndex((text) => crashes.isSpent(text));
    if (spent >= 0)
      throw new ModelError('model_crashed_on_text', 'the model process died twice at this text', first + spent);
    const answer = await ask('embed', texts);
    if (answer.is === 'error')
      throw new ModelError(answer.code, answer.message, answer.index === undefined ? undefined : first + answer.index);
    if (answer.is !== 'embedded' || answer.vectors.length !== texts.length)
      throw unavailable('answered something else than was asked');
    return answer;
  };

  return {
    embed: async (texts) => {
      const parts: Embedded[] = [];
      for (let first = 0; first < texts.length; first += TEXTS_LIMIT) {
        parts.push(await embedSome(texts.slice(first, first + TEXTS_LIMIT), first));
      }
      const [model_sha256 = '', ...others] = new Set(parts.map((part) => part.model_sha256));
      if (others.length > 0) throw unavailable('was restarted with another model in the middle of a request');
      return {
        vectors: parts.flatMap((part) => part.vectors),
        model_sha256,
        ms: parts.reduce((sum, part) => sum + part.ms, 0),
      };
    },
    health: async () => {
      const answer = await ask('health', []);
      if (answer.is !== 'health') throw unavailable('answered something else than was asked');
      return answer.health;
    },
    state: () => ({ is: 'on' }),
    close: async () => {
      closed = true;
      const opened = await link?.catch(() => undefined);
      opened?.socket.destroy();
    },
  };
}

function openLink(path: string, crashes: CrashCount, unavailable: (why: string) => ModelError): Promise<Link> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const link: Link = { socket, pending: new Map(), closing: false };
    const read = lineReader(LINE_LIMIT, (text) => receive(link, text));
    socket.setEncoding('utf8').on('data', (piece: string) => {
      try {
        read(piece);
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    socket.once('connect', () => resolve(link));
    socket.on('error', reject);
    socket.once('close', () => {
      for (const pending of link.pending.values()) {
        const text = pending.at === undefined ? undefined : pending.texts[pending.at];
        if (text !== undefined && !link.closing) crashes.add(text);
        pending.settle(unavailable(link.closing ? 'is going down' : 'died in the middle of the request'));
      }
    });
  });
}

function receive(link: Link, text: string): void {
  const message = parseMessage(text);
  if (message === undefined) throw new Error('the model process said what cannot be read');
  if (message.is === 'closing') {
    link.closing = true;
    link.socket.destroy();
    return;
  }
  const pending = link.pending.get(message.id);
  if (message.is === 'evaluating') {
    if (pending !== undefined) pending.at = message.index;
    return;
  }
  pending?.settle(message);
}
