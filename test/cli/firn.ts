/**
 * The command `firn` as a child process, as a person's shell runs it: `node scripts/firn.mjs …`. Not a test itself.
 */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { isJsonMap, type JsonMap } from '../../language/plan/json.js';
import type { Variables } from '../../setup/configuration.js';

const ENTRY = resolve(import.meta.dirname, '../../scripts/firn.mjs');
/** A command that takes longer hangs. */
const HANG_MS = 50_000;

export interface Ran {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The one JSON document on stdout; throws when there is anything else, or more. */
  json(): JsonMap;
}

export interface RunOptions {
  readonly directory?: string;
  readonly variables?: Variables;
  /** Besides, or in place of, the ones above. */
  readonly set?: Variables;
  /** Ctrl-C, once this resolves. */
  readonly interruptAfter?: () => Promise<unknown>;
}

export async function runFirn(words: readonly string[], options: RunOptions): Promise<Ran> {
  const child = spawn(process.execPath, [ENTRY, ...words], {
    cwd: options.directory,
    env: { ...options.variables, ...options.set },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  void options.interruptAfter?.().then(() => child.kill('SIGINT'));
  const timer = setTimeout(() => child.kill('SIGKILL'), HANG_MS);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done) => {
    child.once('close', (exit, by) => done([exit, by]));
  });
  clearTimeout(timer);
  const json = (): JsonMap => {
    const value: unknown = JSON.parse(stdout);
    if (!isJsonMap(value) || !stdout.endsWith('}\n')) throw new Error(`no JSON document: ${stdout}\n${stderr}`);
    return value;
  };
  return { code, signal, stdout, stderr, json };
}

/** Several commands, two at a time: as many as there are processors to wait for. */
export async function inTurns<T>(work: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const rest = work.entries();
  const lane = async (): Promise<void> => {
    for (const [index, task] of rest) results[index] = await task();
  };
  await Promise.all([lane(), lane()]);
  return results;
}
