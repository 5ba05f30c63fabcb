/**
 * Ports on this machine: free ones for the servers that Firn starts, the same ones again at the next start.
 *
 * HOST. A port that is free now can be taken a moment later; the servers refuse a taken port and say so.
 */
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { failure } from '../language/plan/failure.js';
import type { StateFolder } from './state-folder.js';

const FILE = 'ports.json';
/** How far above the preferred port a free one is looked for. */
const REACH = 200;

export interface ChosenPort {
  readonly port: number;
  /** The preferred port, when another program has it. */
  readonly taken: number | undefined;
}

/** The port that `name` had last time if it is free, else the preferred one, else the next free one above it. */
export async function choosePort(
  state: StateFolder,
  name: string,
  preferred: number,
  avoid: readonly number[] = [],
): Promise<ChosenPort> {
  const remembered = state.read(FILE)[name];
  const taken = (await isFree(preferred)) ? undefined : preferred;
  const first = typeof remembered === 'number' ? [remembered] : [];
  for (const port of [...first, ...range(preferred)]) {
    if (avoid.includes(port) || !(await isFree(port))) continue;
    state.write(FILE, { ...state.read(FILE), [name]: port });
    return { port, taken: port === preferred ? undefined : taken };
  }
  throw failure(
    'unreachable',
    `no free port for ${name}: ${preferred} to ${preferred + REACH - 1} are all taken on 127.0.0.1; stop the programs that hold them`,
  );
}

/** Whether a server could listen on 127.0.0.1 at this port. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether something accepts connections at `host:port`. A first look before gRPC, which waits a second after a refusal. */
export function answers(address: string, limit_ms = 2000): Promise<boolean> {
  const split = address.lastIndexOf(':');
  const host = address.slice(0, split).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(split + 1));
  if (split < 1 || !Number.isInteger(port) || port < 1 || port > 65_535) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: limit_ms });
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => finish(true));
    socket.once('timeout', () => finish(false));
    socket.once('error', () => finish(false));
  });
}

/** Waits until something answers. False when the time is over or `gaveUp` says that waiting is of no use. */
export async function waitForAnswer(address: string, limit_ms: number, gaveUp: () => boolean): Promise<boolean> {
  const end = performance.now() + limit_ms;
  while (performance.now() < end && !gaveUp()) {
    if (await answers(address, 500)) return !gaveUp();
    await delay(25);
  }
  return false;
}

function range(first: number): readonly number[] {
  return Array.from({ length: REACH }, (_, index) => first + index);
}
