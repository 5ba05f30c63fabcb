/**
 * Who runs this project on this machine: a Unix socket below `.firn/` on which the owner tells where everything is.
 *
 * HOST. The owner answers each connection with one JSON document and closes it. A socket on which nobody answers is
 * stale and taken over. Two that start at the same moment are kept apart by a folder that only one of them can make.
 */
import { mkdirSync, rmSync, rmdirSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { failure } from '../language/plan/failure.js';
import { isJsonMap, type JsonMap } from '../language/plan/json.js';
import type { StateFolder } from './state-folder.js';

/** Bytes that a socket's path may have on every system. */
const PATH_LIMIT = 100;
const CLAIM_STALE_MS = 10_000;

export type Claim =
  | { readonly mine: true; release(): Promise<void> }
  /** Somebody else owns it; this is what the owner tells. */
  | { readonly mine: false; readonly owner: JsonMap };

/** Becomes the owner, or learns who it is. `tell` makes the owner's answer each time somebody asks. */
export async function claimOwnership(state: StateFolder, tell: () => JsonMap): Promise<Claim> {
  const claim = state.path('owner.claim');
  await enter(claim);
  try {
    const owner = await askOwner(state);
    if (owner !== undefined) return { mine: false, owner };
    const path = socketPath(state);
    if (process.platform !== 'win32') rmSync(path, { force: true });
    const server = await listen(path, tell);
    return { mine: true, release: () => new Promise((resolve) => server.close(() => resolve())) };
  } finally {
    leave(claim);
  }
}

/** What the owner tells of itself; undefined when nobody runs this project here. */
export function askOwner(state: StateFolder): Promise<JsonMap | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path: socketPath(state), timeout: 3000 });
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.once('end', () => resolve(parseAnswer(text)));
    socket.once('error', () => resolve(undefined));
    socket.once('timeout', () => {
      // Somebody holds the socket and says nothing: stopped, or busy. It is not for us to take it over.
      resolve(socket.connecting ? undefined : {});
      socket.destroy();
    });
  });
}

function listen(path: string, tell: () => JsonMap): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(JSON.stringify(tell()));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // The answer holds the address of a database: only this user may connect.
    const before = process.umask(0o077);
    server.listen(path, () => resolve(server));
    process.umask(before);
  });
}

async function enter(claim: string): Promise<void> {
  const end = performance.now() + 2 * CLAIM_STALE_MS;
  while (performance.now() < end) {
    try {
      mkdirSync(claim);
      return;
    } catch {
      if (ageOf(claim) > CLAIM_STALE_MS) leave(claim);
      await delay(50);
    }
  }
  throw failure('unreachable', `${claim} cannot be made; if no other start is under way, delete it and start again`);
}

function leave(claim: string): void {
  try {
    rmdirSync(claim);
  } catch {
    // Another start found it stale and removed it.
  }
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}

function socketPath(state: StateFolder): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\firn-${state.mark}`;
  const path = state.path('owner.sock');
  return Buffer.byteLength(path) <= PATH_LIMIT ? path : join(tmpdir(), `firn-${state.mark}.sock`);
}

function parseAnswer(text: string): JsonMap | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
