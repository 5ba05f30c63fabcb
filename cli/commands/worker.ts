/**
 * `firn worker`: a worker in the foreground, until Ctrl-C. It makes the tables that are missing; while the database does
 * not answer it tries again, and the worker runs already. HOST.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../language/plan/failure.js';
import type { Configuration } from '../../setup/configuration.js';
import { runningVariables } from '../../setup/environment.js';
import { prepareTables } from '../../setup/tables.js';
import { runWorker } from '../../worker/run.js';
import type { CommonOptions } from '../main.js';
import { openProject } from '../session.js';
import { EXIT, type ExitCode, type Terminal } from '../terminal.js';

const PAUSE_MS = 2_000;

export async function run(terminal: Terminal, options: CommonOptions): Promise<ExitCode> {
  const variables = await runningVariables(options.directory, process.env);
  const configuration = openProject(terminal, options.directory, variables);
  const over = new AbortController();
  const prepared = prepare(terminal, configuration, over.signal);
  try {
    const print = (text: string): void => void process.stdout.write(`${text}\n`);
    await runWorker({ directory: options.directory, variables, print });
  } finally {
    over.abort();
    await prepared;
  }
  return EXIT.ok;
}

async function prepare(terminal: Terminal, configuration: Configuration, over: AbortSignal): Promise<void> {
  for (let told = false; !over.aborted; told = true) {
    try {
      await prepareTables(configuration);
      return;
    } catch (error) {
      if (!told) terminal.note(`${messageOf(error)}; trying again until they are there`);
    }
    // An aborted pause is the end of trying.
    await delay(PAUSE_MS, undefined, { signal: over }).catch(() => undefined);
  }
}
