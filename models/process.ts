/**
 * The model process: holds one model and answers over one socket. Started by supervisor.ts.
 *
 * HOST, an entry point of its own: no Temporal, no database, no network. It says on standard output, one JSON object a
 * line, how far it has come: {listening}, {loading}, {loaded, ms}, {off: reason}. The model is loaded when the first
 * text comes. It ends when its standard input does, so that it never outlives whoever started it.
 */
import { chmodSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../language/plan/failure.js';
import { GPU_CHOICES, type GpuChoice, openEncoder } from './encoder.js';
import { fileSize, sha256OfFile } from './files.js';
import { EXIT_HANGS, EXIT_UNUSABLE } from './exits.js';
import { line } from './protocol.js';
import { createModelServer } from './server.js';
import { modelThreads } from './threads.js';

const HANG_MS = 60_000;

function say(message: object): void {
  process.stdout.write(line(message));
}

/** Nothing will change by starting again: the supervisor switches models off and says why. */
function giveUp(reason: string): void {
  process.exitCode = EXIT_UNUSABLE;
  process.stdout.write(line({ off: reason }), () => process.exit());
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      socket: { type: 'string' },
      model: { type: 'string' },
      sha256: { type: 'string' },
      context: { type: 'string', default: '512' },
      threads: { type: 'string' },
      gpu: { type: 'string', default: 'off' },
    },
  });
  const { socket, model, sha256 } = values;
  if (socket === undefined || model === undefined || sha256 === undefined) {
    throw new Error('the model process needs --socket, --model and --sha256');
  }
  const threads = values.threads === undefined ? modelThreads() : wholeNumber('threads', values.threads);
  return {
    socket,
    model,
    sha256,
    context: wholeNumber('context', values.context),
    threads,
    gpu: gpuChoice(values.gpu),
  };
}

function wholeNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new Error(`--${name} must be a whole number from 1, and is ${JSON.stringify(text)}`);
  return Number(text);
}

function gpuChoice(text: string): GpuChoice {
  const choice = GPU_CHOICES.find((candidate) => candidate === text);
  if (choice === undefined)
    throw new Error(`--gpu must be one of ${GPU_CHOICES.join(', ')}, and is ${JSON.stringify(text)}`);
  return choice;
}

async function checkFile(path: string, sha256: string): Promise<void> {
  if (fileSize(path) === undefined) throw new Error(`there is no model file ${path}`);
  const found = await sha256OfFile(path);
  if (found !== sha256) {
    throw new Error(
      `the model file ${path} is not the one that was imported: its SHA-256 is ${found} and should be ${sha256}; delete it to have it made again`,
    );
  }
}

async function main(): Promise<void> {
  const { socket, model, sha256, context, threads, gpu } = readArguments();
  await checkFile(model, sha256);
  const models = createModelServer({
    model_sha256: sha256,
    threads,
    hang_ms: HANG_MS,
    onHang: () => process.exit(EXIT_HANGS),
    onUnusable: (reason) => giveUp(`the model ${model} cannot be loaded: ${reason}`),
    open: async () => {
      const started = performance.now();
      say({ loading: model });
      const encoder = await openEncoder({ path: model, context, threads, gpu });
      say({ loaded: model, ms: Math.round(performance.now() - started), threads });
      return encoder;
    },
  });
  const stop = (): void => void models.close().then(() => setTimeout(() => process.exit(0), 20));
  process.once('SIGTERM', stop).once('SIGINT', stop);
  process.stdin.once('end', stop).once('close', stop).resume();
  models.server.on('error', (error) => giveUp(`the socket ${socket} cannot be opened: ${messageOf(error)}`));
  const isPipe = process.platform === 'win32';
  if (!isPipe) rmSync(socket, { force: true });
  models.server.listen(socket, () => {
    if (!isPipe) chmodSync(socket, 0o600);
    say({ listening: socket });
  });
}

main().catch((error: unknown) => giveUp(messageOf(error)));
