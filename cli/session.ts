/**
 * What a command works with: the project, Firn's tables, and where needed Temporal with a worker.
 *
 * HOST. An environment that already answers is used: one that is configured (TEMPORAL_ADDRESS, DATABASE_URL), or the one
 * that `npm start` keeps running. When there is none, one is brought up for the time of the command, and says so.
 */
import { Firn } from '../client/index.js';
import { createPool, type Pool } from '../store/pool.js';
import type { Configuration, Variables } from '../setup/configuration.js';
import { bringUp, running, runningVariables, type BroughtUp } from '../setup/environment.js';
import { loadProject } from '../setup/project.js';
import type { CommonOptions } from './main.js';
import { problemLines } from './problems.js';
import { stepReporter } from './reporter.js';
import { prepareSamples } from './samples.js';
import { CommandError, EXIT, type Terminal } from './terminal.js';

/** Firn's tables of a project. */
export interface Store {
  readonly configuration: Configuration;
  readonly db: Pool;
  close(): Promise<void>;
}

export interface Session extends Store {
  readonly firn: Firn;
  /** First page of Temporal's UI, where it is known. */
  readonly ui: string | undefined;
}

/** A project without problems, or the end of the command with all of them. */
export function openProject(terminal: Terminal, directory: string, variables: Variables): Configuration {
  const { configuration, problems, sources } = loadProject(directory, variables);
  const errors = problems.filter((problem) => problem.severity === 'error');
  if (configuration !== undefined && errors.length === 0) return configuration;
  for (const line of problemLines(terminal, problems, sources)) terminal.note(line);
  const [first] = errors;
  const message = first === undefined ? 'the project cannot be read' : `${first.file}:${first.line}: ${first.message}`;
  throw new CommandError(EXIT.usage, 'invalid_project', message, first?.hint);
}

/** For commands that only read Firn's tables: no Temporal, no worker. */
export async function openStore(terminal: Terminal, options: CommonOptions): Promise<Store> {
  const found = await findEnvironment(terminal, options, { worker: false, models: false });
  const configuration = openProject(terminal, options.directory, found.variables);
  const db = openTables(configuration);
  const close = async (): Promise<void> => {
    await db.end();
    await found.stop();
  };
  return { configuration, db, close };
}

/** For commands that start or steer runs. */
export async function openSession(terminal: Terminal, options: CommonOptions): Promise<Session> {
  const found = await findEnvironment(terminal, options, { worker: true, models: true });
  const configuration = openProject(terminal, options.directory, found.variables);
  const db = openTables(configuration);
  try {
    const address = configuration.temporal.address ?? found.variables['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233';
    const firn = await Firn.connect({
      address,
      namespace: configuration.temporal.namespace,
      queue: configuration.taskQueue,
      database: { pool: db },
    });
    const close = async (): Promise<void> => {
      await firn.close();
      await db.end();
      await found.stop();
    };
    return { configuration, db, firn, ui: found.variables['FIRN_TEMPORAL_UI'], close };
  } catch (error) {
    await db.end();
    await found.stop();
    throw error;
  }
}

interface Found {
  readonly variables: Variables;
  stop(): Promise<void>;
}

async function findEnvironment(
  terminal: Terminal,
  options: CommonOptions,
  needs: { worker: boolean; models: boolean },
): Promise<Found> {
  const variables = await runningVariables(options.directory, process.env);
  const nothing: Found = { variables, stop: () => Promise.resolve() };
  if ((await running(options.directory)) !== undefined) return nothing;
  const database = (variables['DATABASE_URL'] ?? '') !== '';
  const temporal = (variables['TEMPORAL_ADDRESS'] ?? '') !== '';
  if (database && (temporal || !needs.worker)) return nothing;
  terminal.note('Nothing runs here yet; bringing up what this command needs (npm start keeps it running).');
  const brought = await bringUp({
    directory: options.directory,
    variables: process.env,
    reporter: stepReporter(terminal, 'quiet'),
    needs,
    onTrouble: (sentence) => terminal.note(sentence),
    onWorkerLine: (line) => terminal.note(line),
  });
  return use(terminal, options, brought);
}

async function use(terminal: Terminal, options: CommonOptions, brought: BroughtUp): Promise<Found> {
  switch (brought.kind) {
    case 'running':
      return { variables: await runningVariables(options.directory, process.env), stop: () => Promise.resolve() };
    case 'refused':
      for (const line of problemLines(terminal, brought.problems, brought.sources)) terminal.note(line);
      throw new CommandError(EXIT.usage, 'invalid_project', brought.problems[0]?.message ?? 'the project has problems');
    case 'up': {
      const { environment } = brought;
      await prepareSamples(environment, 'where missing');
      const stop = (): Promise<void> => environment.stop();
      return { variables: environment.variables, stop };
    }
  }
}

function openTables(configuration: Configuration): Pool {
  const url = configuration.databaseUrl.resolve();
  const pool = createPool(url, { schema: configuration.schema, size: 4 });
  pool.on('error', () => undefined);
  return pool;
}
