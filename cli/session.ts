/**
 * What a command works with: the project, Firn's tables, and where needed Temporal with a worker.
 *
 * HOST. An environment that already answers is used: one that is configured (TEMPORAL_ADDRESS, DATABASE_URL), or the one
 * that `npm start` keeps running. When there is none, one is brought up for the time of the command, and says so.
 */
import { Firn } from '../client/index.js';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../language/plan/failure.js';
import { createPool, placeOf, type Pool } from '../store/pool.js';
import type { Configuration, Variables } from '../setup/configuration.js';
import { bringUp, running, runningVariables, type BroughtUp } from '../setup/environment.js';
import { withActivities } from '../setup/load-activities.js';
import { loadProject, type LoadedProject } from '../setup/project.js';
import { temporalAddress } from '../setup/temporal-address.js';
import type { CommonOptions } from './main.js';
import { problemLines } from './problems.js';
import { stepReporter } from './reporter.js';
import { prepareSamples } from './samples.js';
import { CommandError, EXIT, type Terminal } from './terminal.js';

const OWNER_WAIT_MS = 180_000;
const OWNER_LOOK_MS = 300;

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
  readonly namespace: string;
}

/** A project without problems, or the end of the command with all of them. */
export function openProject(terminal: Terminal, directory: string, variables: Variables): Configuration {
  return withoutProblems(terminal, loadProject(directory, variables));
}

/** The same, with the activities that its application registers: for commands that compile definitions. */
export async function openToCompile(
  terminal: Terminal,
  directory: string,
  variables: Variables,
): Promise<Configuration> {
  return withoutProblems(terminal, await withActivities(loadProject(directory, variables)));
}

function withoutProblems(terminal: Terminal, { configuration, problems, sources }: LoadedProject): Configuration {
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
  return await stoppingOnError(found, async () => {
    const configuration = openProject(terminal, options.directory, found.variables);
    const db = await openTables(configuration);
    const close = async (): Promise<void> => {
      await db.end();
      await found.stop();
    };
    return { configuration, db, close };
  });
}

/** For commands that start or steer runs. */
export async function openSession(terminal: Terminal, options: CommonOptions): Promise<Session> {
  const found = await findEnvironment(terminal, options, { worker: true, models: true });
  return await stoppingOnError(found, async () => {
    const configuration = openProject(terminal, options.directory, found.variables);
    const { namespace } = temporalAddress(configuration, found.variables);
    const db = await openTables(configuration);
    const firn = await connectFirn(configuration, found.variables, db).catch(async (error: unknown) => {
      await db.end();
      throw error;
    });
    const close = async (): Promise<void> => {
      await firn.close();
      await db.end();
      await found.stop();
    };
    return { configuration, db, firn, ui: found.variables['FIRN_TEMPORAL_UI'], namespace, close };
  });
}

/** The library's client, connected as the worker is; `db` stays the caller's. */
export async function connectFirn(configuration: Configuration, variables: Variables, db: Pool): Promise<Firn> {
  const { address, namespace, apiKey, tls } = temporalAddress(configuration, variables);
  return await Firn.connect({
    address,
    namespace,
    queue: configuration.taskQueue,
    database: { pool: db },
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
  });
}

interface Needs {
  readonly worker: boolean;
  readonly models: boolean;
}

interface Found {
  readonly variables: Variables;
  stop(): Promise<void>;
}

/** Whatever was brought up does not outlive a command that cannot go on. */
async function stoppingOnError<T>(found: Found, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await found.stop();
    throw error;
  }
}

async function findEnvironment(terminal: Terminal, options: CommonOptions, needs: Needs): Promise<Found> {
  if (await anOwnerServes(terminal, options, needs)) return await asItRuns(options);
  const variables = await runningVariables(options.directory, process.env);
  const database = (variables['DATABASE_URL'] ?? '') !== '';
  const temporal = (variables['TEMPORAL_ADDRESS'] ?? '') !== '';
  if (database && (temporal || !needs.worker)) return await asItRuns(options);
  terminal.note('Nothing runs here yet; bringing up what this command needs (npm start keeps it running).');
  const brought = await bringUp({
    directory: options.directory,
    variables: process.env,
    reporter: stepReporter(terminal, 'quiet'),
    needs,
    onOwned: stopWhenInterrupted,
    onTrouble: (sentence) => terminal.note(sentence),
    onWorkerLine: (line) => terminal.note(line),
  });
  return use(terminal, options, needs, brought);
}

/** Ctrl-C leaves nothing running that this command brought up. A command that listens itself ends in its own order. */
function stopWhenInterrupted(stop: () => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return;
      void stop().finally(() => process.exit(EXIT.interrupted));
    });
  }
}

/** True when another process runs what is needed; one that is on its way, in or out, is waited for. */
async function anOwnerServes(terminal: Terminal, options: CommonOptions, needs: Needs): Promise<boolean> {
  const end = performance.now() + OWNER_WAIT_MS;
  for (let told = false; ; told = true) {
    const owner = await running(options.directory);
    if (owner === undefined) return false;
    if (owner.phase === 'up' && (owner.worker || !needs.worker)) return true;
    if (!told) terminal.note(`Waiting for process ${owner.pid ?? 'unknown'}, which is starting or ending here.`);
    if (performance.now() > end) {
      const hint = 'wait until it is done, or end it';
      throw new CommandError(
        EXIT.unreachable,
        'unreachable',
        `process ${owner.pid ?? 'unknown'} holds this project`,
        hint,
      );
    }
    await delay(OWNER_LOOK_MS);
  }
}

async function asItRuns(options: CommonOptions): Promise<Found> {
  const variables = await runningVariables(options.directory, process.env);
  return { variables, stop: () => Promise.resolve() };
}

async function use(terminal: Terminal, options: CommonOptions, needs: Needs, brought: BroughtUp): Promise<Found> {
  switch (brought.kind) {
    case 'running':
      return await findEnvironment(terminal, options, needs);
    case 'refused': {
      for (const line of problemLines(terminal, brought.problems, brought.sources)) terminal.note(line);
      const [first] = brought.problems;
      throw new CommandError(EXIT.usage, 'invalid_project', first?.message ?? 'the project has problems', first?.hint);
    }
    case 'up': {
      const { environment } = brought;
      const found = { variables: environment.variables, stop: () => environment.stop() };
      // Somebody's own database gets no sample rows behind their back.
      const ours = environment.database.process !== undefined;
      return await stoppingOnError(found, async () => {
        if (ours) await prepareSamples(environment, 'where missing');
        return found;
      });
    }
  }
}

/** Asked before anything is started: a command that cannot read these tables could not say what became of its run. */
export async function openTables({ databaseUrl, schema }: Configuration): Promise<Pool> {
  const url = databaseUrl.resolve();
  const pool = createPool(url, { schema, size: 4 });
  try {
    const { rows } = await pool.query<{ there: boolean }>("select to_regclass('firn_run') is not null as there");
    if (rows[0]?.there === true) return pool;
  } catch (error) {
    await pool.end();
    const message = `the database ${placeOf(url)} cannot be used now: ${messageOf(error)}`;
    throw new CommandError(EXIT.unreachable, 'unreachable', message, 'start it, or correct DATABASE_URL');
  }
  await pool.end();
  const message = `the database ${placeOf(url)} has no tables of Firn in a schema "${schema}"`;
  throw new CommandError(EXIT.unreachable, 'unreachable', message, 'npm start and firn worker make them');
}
