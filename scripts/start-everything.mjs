/**
 * What `npm start` does once Node is known to be recent enough: packages, build, then the demo of cli/, which owns and
 * supervises everything else.
 *
 * Dependency-free, because it is what installs the dependencies. Exit codes are the demo's; before it: 1 the packages
 * or the build failed, 4 something could not be reached, 130 interrupted.
 */
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setImmediate } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { installPackages } from './packages.mjs';
import { red, say, step } from './steps.mjs';

const ROOT = resolve(fileURLToPath(import.meta.url), '../..');

/** `started`: when `npm start` began, in epoch milliseconds. */
export async function startEverything(started) {
  const interrupted = () => process.exit(130);
  process.once('SIGINT', interrupted);
  let code = 1;
  try {
    await step('Packages', 'what the lock file names', (progress) => installPackages(ROOT, progress));
    await step('Build', 'sources to dist/', (progress) => build(ROOT, progress));
    const { runDemo } = await import(pathToFileURL(join(ROOT, 'dist/cli/demo.js')).href);
    // The demo listens from its first line on; only then is ours taken away, so that no Ctrl-C falls between the two.
    const ending = runDemo(ROOT, started);
    process.off('SIGINT', interrupted);
    code = await ending;
  } catch (error) {
    say(`\n${red('Firn could not start:')} ${error instanceof Error ? error.message : String(error)}`);
    code = error?.code === 'unreachable' ? 4 : 1;
  }
  // What libraries still hold open must not keep a finished start alive.
  process.exitCode = code;
  setImmediate(() => process.exit(code));
}
