/**
 * Runs a TypeScript program of test/ or bench/ against a fresh build: dist/ for what is measured or killed, the sources for
 * the program itself.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { say, step } from './steps.mjs';

const ROOT = resolve(fileURLToPath(import.meta.url), '../..');

/** @returns its exit code */
export async function runSources(program, words) {
  try {
    await step('Build', 'sources to dist/', (progress) => build(ROOT, progress));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    return 1;
  }
  const loader = join(ROOT, 'test/real/typescript.mjs');
  const child = spawn(process.execPath, ['--import', loader, join(ROOT, program), ...words], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child by itself; it must be heard to end in order, and not before the child has.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return await new Promise((done) => {
    child.once('error', () => done(1));
    child.once('exit', (code) => done(code ?? 1));
  });
}
