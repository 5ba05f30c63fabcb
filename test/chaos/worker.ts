/**
 * A real worker process that may be killed at any moment: `node dist/worker/main.js`, with what it printed kept. Not a
 * test itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { isJsonMap } from '../../language/plan/json.js';
import { workerEntry, type Place } from './place.js';

export interface ChaosWorker {
  readonly pid: number;
  /** Resolves when it polls; rejects, with what it said, when it ends before. */
  ready(): Promise<void>;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  alive(): boolean;
  /** SIGKILL unless another is named; resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** What its console channel printed. */
  readonly printed: readonly string[];
  /** What it wrote to its log. */
  readonly logged: readonly string[];
}

const READY_LIMIT_MS = 60_000;

/** `failpoint`: the setting of FIRN_FAILPOINT. */
export function spawnWorker({ directory, variables }: Place, failpoint?: string): ChaosWorker {
  const env = { ...variables, ...(failpoint === undefined ? {} : { FIRN_FAILPOINT: failpoint }) };
  const child = spawn(process.execPath, [workerEntry(), directory], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const printed: string[] = [];
  const logged: string[] = [];
  keepLines(child.stdout, printed);
  keepLines(child.stderr, logged);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the worker was not ready in time: ${logged.join('\n')}`)),
      READY_LIMIT_MS,
    );
    child.on('message', (message) => {
      if (!isJsonMap(message) || message['firn'] !== 'ready') return;
      clearTimeout(timer);
      resolve();
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`the worker ended before it was ready (${String(signal ?? code)}): ${logged.join('\n')}`));
    });
  });
  ready.catch(() => undefined);
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  if (child.pid === undefined) throw new Error('the worker could not be started');
  return { pid: child.pid, ready: () => ready, ended, alive, kill, printed, logged };
}

/** Whole lines only; what a kill cut off is kept as a line of its own. */
function keepLines(stream: Readable | null, lines: string[]): void {
  if (stream === null) throw new Error('the worker was started without a pipe');
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  void once(stream, 'end').then(() => (rest === '' ? undefined : lines.push(rest)));
}
