/**
 * Downloads of large pinned files: with progress, resumed where the last try ended, kept only if the hash is right.
 *
 * HOST. Redirects are followed, whoever serves the bytes: the SHA-256 decides. What is unfinished lies beside the target
 * as `NAME.part.PID`; a later process takes over the part of one that is gone, so two at once never write one file.
 */
import { createWriteStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { messageOf } from '../language/plan/failure.js';
import { type Progress, fileSize, sha256OfFile } from './files.js';

export interface Download {
  readonly url: string;
  readonly target: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly onProgress?: Progress | undefined;
  /** Without a byte for so long it is given up. */
  readonly silence_ms?: number | undefined;
}

const SILENCE_MS = 20_000;

/** Puts the file at `target`. Throws an Error that says what went wrong; a part that can be resumed stays. */
export async function download(wanted: Download): Promise<void> {
  mkdirSync(dirname(wanted.target), { recursive: true });
  const part = claimPart(wanted.target);
  const have = fileSize(part) ?? 0;
  if (have < wanted.bytes) await receive(wanted, part, have);
  const size = fileSize(part) ?? 0;
  if (size < wanted.bytes)
    throw new Error(`the connection ended after ${size} of ${wanted.bytes} bytes; the next try goes on there`);
  const sha256 = await sha256OfFile(part);
  if (sha256 !== wanted.sha256) {
    rmSync(part, { force: true });
    throw new Error(`the file at ${wanted.url} has SHA-256 ${sha256} and not ${wanted.sha256}; it was thrown away`);
  }
  renameSync(part, wanted.target);
}

async function receive(
  { url, bytes, onProgress, silence_ms = SILENCE_MS }: Download,
  part: string,
  have: number,
): Promise<void> {
  const silence = new AbortController();
  const giveUp = (): void => silence.abort(new Error(`nothing was received for ${silence_ms / 1000} s`));
  let timer = setTimeout(giveUp, silence_ms);
  try {
    const response = await fetch(url, {
      signal: silence.signal,
      redirect: 'follow',
      headers: have > 0 ? { range: `bytes=${have}-` } : {},
    });
    if (!response.ok || response.body === null)
      throw new Error(`the answer was ${response.status} ${response.statusText}`.trim());
    // A server that does not know ranges sends everything again, with 200.
    let received = response.status === 206 ? have : 0;
    const file = createWriteStream(part, { flags: received > 0 ? 'a' : 'w' });
    try {
      const chunks: AsyncIterable<Uint8Array> = response.body;
      for await (const chunk of chunks) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, silence_ms);
        received += chunk.length;
        if (received > bytes) throw new Error(`the file is larger than the ${bytes} bytes it should have`);
        if (!file.write(chunk)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
        onProgress?.(received, bytes);
      }
    } finally {
      await new Promise<void>((resolve) => file.end(() => resolve()));
    }
  } catch (error) {
    throw new Error(`${url}: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` says "fetch failed" and keeps the reason as the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? messageOf(error) : `${messageOf(error)} (${messageOf(cause)})`;
}

/** This process's own part, or that of a process that is gone, made its own by an atomic rename. */
function claimPart(target: string): string {
  const directory = dirname(target);
  const prefix = `${basename(target)}.part.`;
  const own = join(directory, `${prefix}${process.pid}`);
  if (fileSize(own) !== undefined) return own;
  for (const name of readdirSync(directory)) {
    const pid = Number(name.slice(prefix.length));
    if (!name.startsWith(prefix) || !Number.isSafeInteger(pid) || isAlive(pid)) continue;
    try {
      renameSync(join(directory, name), own);
      return own;
    } catch {
      // Another process was faster: look for the next one.
    }
  }
  return own;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
