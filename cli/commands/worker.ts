/** `firn worker`: a worker in the foreground, until Ctrl-C; what `npm start` supervises and a container runs. HOST. */
import { runWorker } from '../../worker/run.js';
import { runningVariables } from '../../setup/environment.js';
import type { CommonOptions } from '../main.js';
import { EXIT, type ExitCode, type Terminal } from '../terminal.js';

export async function run(_terminal: Terminal, options: CommonOptions): Promise<ExitCode> {
  const variables = await runningVariables(options.directory, process.env);
  await runWorker({ directory: options.directory, variables, print: (text) => void process.stdout.write(`${text}\n`) });
  return EXIT.ok;
}
