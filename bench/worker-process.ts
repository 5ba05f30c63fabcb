/**
 * The measured worker from outside: started, asked for its CPU time, stopped.
 *
 * HOST. The bundle is made of the compiled interpreter, as it is shipped, and of the hand-written workflow beside it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { isJsonMap } from '../language/plan/json.js';
import { bundleWorkflows } from '../worker/bundle.js';

export interface BenchWorker {
  /** Of the whole process, in microseconds. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

export interface BenchWorkerOptions {
  /** The project; the bundle is put there. */
  readonly directory: string;
  readonly databaseUrl: string;
  readonly address: string;
  readonly queue: string;
  /** Where Node puts CPU profiles of the process and of its workflow thread; none without it. */
  readonly profiles?: string | undefined;
}

const ROOT = resolve(import.meta.dirname, '..');

export async function startBenchWorker(options: BenchWorkerOptions): Promise<BenchWorker> {
  const { directory, databaseUrl, address, queue, profiles } = options;
  writeFileSync(join(directory, 'bundle.js'), await bundle());
  const words = ['--import', join(ROOT, 'test/real/typescript.mjs'), join(ROOT, 'bench/worker.ts'), directory];
  const profiling = profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', resolve(profiles)];
  const env = { ...process.env, BENCH_DATABASE: databaseUrl, BENCH_TEMPORAL: address, BENCH_QUEUE: queue };
  const child = spawn(process.execPath, [...profiling, ...words], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await answerOf(child, 'firn');
  return {
    cpu: async () => {
      child.send({ ask: 'cpu' });
      return Number(await answerOf(child, 'cpu_us'));
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.send({ ask: 'stop' });
      await gone;
    },
  };
}

/** The next message that has this key. */
async function answerOf(child: ChildProcess, key: string): Promise<unknown> {
  return await new Promise((done, reject) => {
    const onMessage = (message: unknown): void => {
      if (!isJsonMap(message) || message[key] === undefined) return;
      child.off('message', onMessage).off('exit', onExit);
      done(message[key]);
    };
    const onExit = (code: number | null): void => reject(new Error(`the measured worker ended (${String(code)})`));
    child.on('message', onMessage).on('exit', onExit);
  });
}

/** Below node_modules, so that packages are found from there. */
async function bundle(): Promise<string> {
  const interpreter = join(ROOT, 'dist/workflows/run-plan.js');
  if (!existsSync(interpreter)) throw new Error(`${interpreter} is missing; run npm run build`);
  const source = readFileSync(join(ROOT, 'bench/workflows.ts'), 'utf8').replace(
    '../workflows/run-plan.js',
    interpreter,
  );
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022, verbatimModuleSyntax: true };
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'firn-bench-'));
  try {
    const entry = join(folder, 'workflows.js');
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(entry, ts.transpileModule(source, { compilerOptions }).outputText);
    return await bundleWorkflows(entry);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
