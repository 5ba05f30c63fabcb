/**
 * The supervisor of a model process: starts it, restarts it with back-off, stops it, and says why models are off.
 *
 * HOST. The child gets a bare environment: no address of a database or of Temporal, no secret. It is detached from the
 * terminal's process group, so that Ctrl-C reaches it through us and in order; its standard input is a pipe that closes
 * when we die, and it ends with it. A process that says it cannot work is not started again; one that keeps dying
 * before its model is loaded is given up too.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashText, isJsonMap } from '../language/plan/json.js';
import { type ModelClient, connectModels } from './client.js';
import type { GpuChoice } from './encoder.js';
import { EXIT_HANGS, EXIT_UNUSABLE } from './exits.js';
import { lineReader } from './lines.js';
import { ModelError, type ModelPort, type ModelState } from './port.js';

export interface SupervisorOptions {
  /** The GGUF file and what it must hash to. */
  readonly model: string;
  readonly sha256: string;
  /** Where the socket is put: `.firn` of the project. */
  readonly directory: string;
  /** Tokens the model sees at once. */
  readonly context: number;
  /** Default: one fewer than the processors there are, at least one. */
  readonly threads?: number | undefined;
  /** Default: off. */
  readonly gpu?: GpuChoice | undefined;
  readonly timeout_ms?: number | undefined;
  /** What Node is given to run the model process; default: the compiled entry point beside this file. */
  readonly entry?: readonly string[] | undefined;
  /** For a log: what the process said of itself, and why it was restarted. */
  readonly onEvent?: ((event: string) => void) | undefined;
}

export interface SupervisedModels {
  readonly port: ModelPort;
  readonly socket: string;
  /** Process id while it runs. */
  pid(): number | undefined;
  /** SIGTERM, and SIGKILL after the grace. */
  stop(grace_ms?: number): Promise<void>;
}

const FIRST_BACKOFF_MS = 250;
const MOST_BACKOFF_MS = 30_000;
/** Having run so long, it starts again without waiting. */
const STEADY_MS = 60_000;
/** In a row, before the model was loaded. */
const FAILED_STARTS_ALLOWED = 3;
const GRACE_MS = 5_000;
const STDERR_KEPT = 2_000;
/** Unix socket paths hold 107 bytes on Linux, 103 on macOS. */
const LONGEST_SOCKET_PATH = 100;
const KEPT_VARIABLES = ['PATH', 'HOME', 'LANG', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'TMPDIR', 'USERPROFILE'];

export function superviseModels(options: SupervisorOptions): SupervisedModels {
  const socket = socketPath(options.directory);
  const client = connectModels({ socket, timeout_ms: options.timeout_ms });
  const say = (event: string): void => options.onEvent?.(event);
  let child: ChildProcess | undefined;
  let ended: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let off: string | undefined;
  let failedStarts = 0;
  let backoff_ms = FIRST_BACKOFF_MS;

  const start = (): void => {
    const started = performance.now();
    let reason: string | undefined;
    let loading = true;
    const running = spawnModels(options, socket);
    child = running.child;
    ended = new Promise((done) => running.child.once('close', () => done()));
    const read = lineReader(1_000_000, (text) => {
      say(text);
      const said = parse(text);
      if (typeof said['off'] === 'string') reason = said['off'];
      // Listening is as far as it comes without a text; loading is where a machine that cannot run it shows.
      if (said['listening'] !== undefined || said['loaded'] !== undefined) loading = false;
      if (said['loading'] !== undefined) loading = true;
      if (said['loaded'] !== undefined) failedStarts = 0;
    });
    running.child.stdout.setEncoding('utf8').on('data', read);
    running.child.once('error', (error) => (reason = `it could not be started: ${error.message}`));
    running.child.once('close', (code, signal) => {
      child = undefined;
      if (stopping) return;
      const how = describeEnd(code, signal, running.stderr());
      if (loading) failedStarts += 1;
      if (code === EXIT_UNUSABLE) off = reason ?? how;
      else if (failedStarts >= FAILED_STARTS_ALLOWED)
        off = `the model process ended ${failedStarts} times before its model was loaded; ${reason ?? how}`;
      if (off !== undefined) {
        say(`models are off: ${off}`);
        // Whoever is waiting for it hears of it now.
        return void client.close();
      }
      if (performance.now() - started > STEADY_MS) backoff_ms = FIRST_BACKOFF_MS;
      say(`the model process ended (${reason ?? how}); it is started again in ${backoff_ms} ms`);
      timer = setTimeout(start, backoff_ms);
      backoff_ms = Math.min(backoff_ms * 2, MOST_BACKOFF_MS);
    });
  };
  start();

  return {
    port: portOf(client, () => off),
    socket,
    pid: () => child?.pid,
    stop: async (grace_ms = GRACE_MS) => {
      stopping = true;
      clearTimeout(timer);
      await client.close();
      const target = child;
      target?.kill('SIGTERM');
      const force = setTimeout(() => target?.kill('SIGKILL'), grace_ms);
      if (target !== undefined) await ended;
      clearTimeout(force);
      if (process.platform !== 'win32') rmSync(socket, { force: true });
    },
  };
}

/** The client's port, until models are given up. */
function portOf(client: ModelClient, off: () => string | undefined): ModelPort {
  const state = (): ModelState => {
    const reason = off();
    return reason === undefined ? { is: 'on' } : { is: 'off', reasons: [reason] };
  };
  const refuseWhenOff = (): void => {
    const reason = off();
    if (reason !== undefined) throw new ModelError('models_off', reason);
  };
  return {
    embed: async (texts) => {
      refuseWhenOff();
      try {
        return await client.embed(texts);
      } catch (error) {
        // It may have been given up while this request was waiting for it.
        refuseWhenOff();
        throw error;
      }
    },
    state,
    close: () => client.close(),
  };
}

interface Running {
  readonly child: ReturnType<typeof spawnPiped>;
  readonly stderr: () => string;
}

function spawnModels(options: SupervisorOptions, socket: string): Running {
  const { model, sha256, context, threads, gpu = 'off' } = options;
  const entry = options.entry ?? [fileURLToPath(new URL('./process.js', import.meta.url))];
  const settings = [
    '--socket',
    socket,
    '--model',
    resolve(model),
    '--sha256',
    sha256,
    '--context',
    String(context),
    '--gpu',
    gpu,
  ];
  if (threads !== undefined) settings.push('--threads', String(threads));
  const child = spawnPiped([...entry, ...settings]);
  // Writing into a process that is gone is no error of ours.
  child.stdin.on('error', () => undefined);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (stderr = (stderr + piece).slice(-STDERR_KEPT)));
  return { child, stderr: () => stderr };
}

function spawnPiped(words: readonly string[]) {
  const env = Object.fromEntries(
    KEPT_VARIABLES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true, windowsHide: true, env });
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonMap(value) ? value : {};
  } catch {
    return {};
  }
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null, stderr: string): string {
  const last = stderr
    .split('\n')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .at(-1);
  const why =
    code === EXIT_HANGS
      ? 'a text was not computed in time'
      : signal === null
        ? `exit code ${String(code)}`
        : `signal ${signal}`;
  return last === undefined ? why : `${why}: ${last}`;
}

/** One for each supervising process; in the temporary directory where the project's path is too long for a socket. */
function socketPath(directory: string): string {
  const absolute = resolve(directory);
  const name = `models-${process.pid}`;
  const short = hashText(absolute).slice(0, 12);
  if (process.platform === 'win32') return `\\\\.\\pipe\\firn-${short}-${name}`;
  const path = join(absolute, `${name}.sock`);
  const place =
    Buffer.byteLength(path) <= LONGEST_SOCKET_PATH
      ? absolute
      : join(tmpdir(), `firn-${process.getuid?.() ?? 0}-${short}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  return join(place, `${name}.sock`);
}
