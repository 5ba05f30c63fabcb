/**
 * The worker as a child process: how it is started, how it says that it is ready, how it is stopped.
 *
 * HOST. The child is worker/main.js, named by its path only, with the addresses in its environment variables. It is in a
 * session of its own, so that Ctrl-C reaches the supervisor alone, and it has a channel to its parent: on it the child says `ready`, and when
 * the channel closes the parent is gone.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { failure } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import type { Variables } from './configuration.js';
import { remember, stopProcess, type KnownProcess } from './processes.js';
import type { StateFolder } from './state-folder.js';

const READY_LIMIT_MS = 60_000;
/** A worker asks its activities to end for 10 s and drops them at 20 s; a little more, and it is killed. */
const STOP_LIMIT_MS = 22_000;

/** Called by the worker when it polls. Does nothing when nobody supervises it. */
export function sayReady(): void {
  process.send?.({ firn: 'ready' });
}

/** Called by the worker: `stop` runs when the supervisor is gone, so that a kill of it leaves no worker behind. */
export function onSupervisorGone(stop: () => void): void {
  if (process.channel === undefined) return;
  process.once('disconnect', stop);
  // The channel alone must not keep a worker alive that has finished.
  process.channel.unref();
}

export interface WorkerProcess {
  readonly known: KnownProcess;
  /** Resolves when it polls. Failure `unreachable`, with the end of its log, when it ends or stays silent instead. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  readonly state: StateFolder;
  /** The project's folder. */
  readonly directory: string;
  readonly variables: Variables;
  /** Where its standard error goes, besides `.firn/worker.log`; the messages of the channel `console` come there. */
  readonly onLine?: (line: string) => void;
}

export function startWorker(options: WorkerOptions): WorkerProcess {
  const main = fileURLToPath(new URL('../worker/main.js', import.meta.url));
  if (!existsSync(main)) throw failure('unreachable', `${main} is missing; run npm run build`);
  const log = options.state.path('worker.log');
  const file = openSync(log, 'a', 0o600);
  const child = spawn(process.execPath, ['--enable-source-maps', main, options.directory], {
    cwd: options.directory,
    detached: true,
    env: options.variables,
    stdio: ['ignore', 'pipe', file, 'ipc'],
  });
  closeSync(file);
  const known = child.pid === undefined ? undefined : remember(options.state, 'worker', child.pid);
  if (known === undefined) throw failure('unreachable', `the worker did not start; see ${log}`);
  forwardLines(child, options.onLine);
  const ready = whenReady(child, log);
  // Whoever wants to know calls `ready()`; a worker that dies before is not an unhandled rejection.
  ready.catch(() => undefined);
  const stop = async (): Promise<void> => {
    await stopProcess(known, STOP_LIMIT_MS);
  };
  return { known, ready: () => ready, stop };
}

function whenReady(child: ChildProcess, log: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (what: string): void => reject(failure('unreachable', `the worker ${what}; see ${log}`));
    const timer = setTimeout(() => fail(`was not ready after ${READY_LIMIT_MS / 1000} s`), READY_LIMIT_MS);
    child.on('message', (message: unknown) => {
      if (!isJsonMap(message) || message['firn'] !== 'ready') return;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended (${signal ?? `exit code ${code}`}) before it was ready`);
    });
    child.once('error', (error) => fail(`could not be run: ${error.message}`));
  });
}

function forwardLines(child: ChildProcess, onLine: ((line: string) => void) | undefined): void {
  let rest = '';
  child.stdout?.setEncoding('utf8');
  child.stdout?.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine?.(line);
  });
}
