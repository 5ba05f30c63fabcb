/**
 * The entry of a worker process of its own, for containers: `node dist/worker/main.js [folder]`.
 *
 * HOST. `firn worker` does the same with the options that all commands have.
 */
import { argv, cwd, env, exit, stderr, stdout } from 'node:process';
import { isFailure, messageOf } from '../language/plan/failure.js';
import { runWorker } from './run.js';

try {
  await runWorker({ directory: argv[2] ?? cwd(), variables: env, print: (text) => void stdout.write(`${text}\n`) });
} catch (error) {
  const text = isFailure(error) || !(error instanceof Error) ? messageOf(error) : (error.stack ?? error.message);
  stderr.write(`${text}\n`);
  exit(1);
}
