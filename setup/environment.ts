/**
 * Brings up everything a project needs on this machine: Temporal, PostgreSQL, models, the worker; and takes it down.
 *
 * HOST. This is what `npm start` and the tests use. One process per project is the owner; a second one is told who that
 * is and where everything answers. Servers that were configured are used and left alone; those started here are
 * watched, and stopped in order. What it does goes to a Reporter; nothing is printed here.
 */
import type { JsonMap } from '../language/plan/json.js';
import type { Problem } from '../language/plan/problem.js';
import type { Configuration, Variables } from './configuration.js';
import { obtainModels, type Models } from './models.js';
import { askOwner, claimOwnership } from './owner.js';
import { projectDatabase, stopLeftOver, type Database } from './postgres.js';
import { stopProcess } from './processes.js';
import { loadProject } from './project.js';
import { step, type Reporter } from './reporter.js';
import { removeUnfinished, stateFolder, type StateFolder } from './state-folder.js';
import { createSupervisor, stopLeftOvers, type Supervisor } from './supervisor.js';
import { prepareTables } from './tables.js';
import { temporalServer, type TemporalServer } from './temporal-server.js';
import { startWorker } from './worker-process.js';

export interface Options {
  readonly directory: string;
  readonly variables: Variables;
  readonly reporter: Reporter;
  /** What is wanted besides Temporal and the database; both unless said otherwise. Without models, they are off. */
  readonly needs?: { readonly worker?: boolean; readonly models?: boolean };
  /** Called once this process is the owner: `stop` ends everything, also while it is still coming up. */
  readonly onOwned?: (stop: () => Promise<void>) => void;
  /** Sentences about what happens later: a process that ended and was started again. */
  readonly onTrouble?: (sentence: string) => void;
  /** Lines that the worker prints: the messages of the channel `console`. */
  readonly onWorkerLine?: (line: string) => void;
}

export interface Environment {
  readonly configuration: Configuration;
  readonly temporal: TemporalServer;
  readonly database: Database;
  readonly models: Models;
  /** The variables with which every part of Firn finds this environment: TEMPORAL_ADDRESS, DATABASE_URL, … */
  readonly variables: Variables;
  /** Ends the worker with SIGKILL, as a crash would; the supervisor starts another. */
  crashWorker(): Promise<void>;
  /** Stops what was started, in order. Repeatable. */
  stop(): Promise<void>;
}

export type BroughtUp =
  | { readonly kind: 'up'; readonly environment: Environment }
  /** Another process runs this project: what it tells, without secrets. */
  | { readonly kind: 'running'; readonly owner: Running }
  /** firn.yaml, or what it names, has problems. */
  | { readonly kind: 'refused'; readonly problems: readonly Problem[]; readonly sources: ReadonlyMap<string, string> };

/** What an owner tells whoever asks. */
export interface Running {
  readonly pid: number | undefined;
  readonly phase: 'starting' | 'up' | 'unknown';
  readonly temporal: string | undefined;
  readonly namespace: string | undefined;
  readonly ui: string | undefined;
  readonly database: string | undefined;
  /** It has a worker; a command that only reads tables brings up none. */
  readonly worker: boolean;
}

export async function bringUp(options: Options): Promise<BroughtUp> {
  const variables = options.needs?.models === false ? { ...options.variables, FIRN_MODELS: 'off' } : options.variables;
  const loaded = loadProject(options.directory, variables);
  const { configuration, problems, sources } = loaded;
  const wrong = problems.some((problem) => problem.severity === 'error');
  if (configuration === undefined || wrong) return { kind: 'refused', problems, sources };

  const state = stateFolder(options.directory);
  let told: JsonMap = { pid: process.pid, phase: 'starting' };
  const claim = await claimOwnership(state, () => told);
  if (!claim.mine) return { kind: 'running', owner: toRunning(claim.owner) };

  const supervisor = createSupervisor(state, options.onTrouble ?? (() => undefined));
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= supervisor
      .stop()
      // What was starting while the order to stop came is noted, but not yet watched.
      .then(() => stopLeftOvers(state, () => stopLeftOver(state)))
      .then(() => claim.release());
    return stopping;
  };
  options.onOwned?.(stop);
  // What is being stopped while it comes up fails, and that is no news to whoever stopped it.
  const reporter: Reporter = {
    ...options.reporter,
    failed: (name, said, took_ms) => {
      if (stopping === undefined) options.reporter.failed(name, said, took_ms);
    },
  };
  try {
    await recover(state, reporter);
    const environment = await start({ ...options, variables, reporter }, configuration, state, supervisor, stop);
    if ('problems' in environment) {
      await stop();
      return { kind: 'refused', problems: environment.problems, sources };
    }
    const { temporal, database } = environment;
    told = {
      ...{ pid: process.pid, phase: 'up', temporal: temporal.address, namespace: temporal.namespace },
      ...{ ui: temporal.ui ?? null, database: database.shown, database_url: database.url },
      worker: options.needs?.worker !== false,
    };
    return { kind: 'up', environment };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The variables, completed by what the running environment of this project tells. Used by every command. */
export async function runningVariables(directory: string, variables: Variables): Promise<Variables> {
  const owner = await askOwner(stateFolder(directory));
  const complete: Record<string, string | undefined> = { ...variables };
  const add = (name: string, value: unknown): void => {
    if (typeof value === 'string' && (complete[name] ?? '') === '') complete[name] = value;
  };
  add('TEMPORAL_ADDRESS', owner?.['temporal']);
  add('TEMPORAL_NAMESPACE', owner?.['namespace']);
  add('FIRN_TEMPORAL_UI', owner?.['ui']);
  add('DATABASE_URL', owner?.['database_url']);
  return complete;
}

/** Who runs this project now; undefined when nobody does. */
export async function running(directory: string): Promise<Running | undefined> {
  const owner = await askOwner(stateFolder(directory));
  return owner === undefined ? undefined : toRunning(owner);
}

async function recover(state: StateFolder, reporter: Reporter): Promise<void> {
  const started = performance.now();
  removeUnfinished(state);
  const stopped = await stopLeftOvers(state, () => stopLeftOver(state));
  if (stopped.length === 0) return;
  reporter.begin('Clearing up', 'an earlier start was interrupted');
  reporter.end(
    'Clearing up',
    `stopped what an interrupted start left running: ${stopped.join(', ')}`,
    Math.round(performance.now() - started),
  );
}

type Refused = { readonly problems: readonly Problem[] };

async function start(
  options: Options,
  configuration: Configuration,
  state: StateFolder,
  supervisor: Supervisor,
  stop: () => Promise<void>,
): Promise<Environment | Refused> {
  const { reporter, variables } = options;
  const [temporal, database, models] = await allOrNone([
    startTemporal(options, configuration, state, supervisor),
    startDatabase(options, state, supervisor),
    step(reporter, 'Model', 'a small sentence encoder, for questions that no rule answers', (report) =>
      obtainModels(configuration, report),
    ),
  ]);
  const complete: Variables = {
    ...variables,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    FIRN_TEMPORAL_UI: temporal.ui,
    DATABASE_URL: database.url,
  };
  const reloaded = loadProject(options.directory, complete);
  const ready = reloaded.configuration ?? configuration;
  const missing = reloaded.unset.filter(({ severity }) => severity === 'error');
  if (missing.length > 0) return { problems: missing };
  await step(reporter, 'Tables', "Firn's own, and the one that makes effects happen once", () => prepareTables(ready));

  let crash = (): Promise<void> => Promise.resolve();
  if (options.needs?.worker !== false) {
    crash = await step(reporter, 'Worker', 'runs the definitions of this project', (report) => {
      const unset = [...new Set(reloaded.unset.map(({ path }) => path.split('.')[1] ?? path))];
      if (unset.length > 0) {
        report.note(
          `not set up: ${unset.join(', ')} (firn doctor says what is missing); only runs that use them need it`,
        );
      }
      return startWorkers(options, state, complete, supervisor);
    }).then((started) => started.crash);
  }
  return { configuration: ready, temporal, database, models, variables: complete, crashWorker: crash, stop };
}

async function startTemporal(
  options: Options,
  configuration: Configuration,
  state: StateFolder,
  supervisor: Supervisor,
): Promise<TemporalServer> {
  const { reporter, variables } = options;
  const about = 'executes and records the runs';
  const server = await step(reporter, 'Temporal', about, (report) =>
    temporalServer({ state, settings: configuration.temporal, variables, report }),
  );
  let current = server.process;
  supervisor.watch({
    role: 'temporal',
    process: current,
    again: async () => {
      const report = { progress: () => undefined, note: () => undefined };
      const next = await temporalServer({ state, settings: configuration.temporal, variables, report });
      current = next.process;
      return current;
    },
    stop: async () => {
      if (current !== undefined) await stopProcess(current, 10_000);
    },
  });
  return server;
}

async function startDatabase(options: Options, state: StateFolder, supervisor: Supervisor): Promise<Database> {
  const { reporter, variables } = options;
  const about = "holds Firn's tables and the sample data";
  const database = await step(reporter, 'PostgreSQL', about, (report) => projectDatabase({ state, variables, report }));
  supervisor.watch({
    role: 'postgres',
    process: database.process,
    again: async () => {
      const report = { progress: () => undefined, note: () => undefined };
      return (await projectDatabase({ state, variables, report })).process;
    },
    stop: () => database.stop(),
  });
  return database;
}

async function startWorkers(
  options: Options,
  state: StateFolder,
  variables: Variables,
  supervisor: Supervisor,
): Promise<{ readonly said: string; readonly crash: () => Promise<void> }> {
  const begin = (): ReturnType<typeof startWorker> => {
    const onLine = options.onWorkerLine;
    return startWorker({ state, directory: options.directory, variables, ...(onLine === undefined ? {} : { onLine }) });
  };
  let current = begin();
  supervisor.watch({
    role: 'worker',
    process: current.known,
    again: async () => {
      current = begin();
      await current.ready();
      return current.known;
    },
    stop: () => current.stop(),
  });
  await current.ready();
  return {
    said: `polls, pid ${current.known.pid}`,
    crash: async () => {
      await stopProcess(current.known, 0);
    },
  };
}

/** Waits for all, also when one fails: whatever was started is then known and can be stopped. */
async function allOrNone<const T extends readonly Promise<unknown>[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function toRunning(owner: JsonMap): Running {
  const text = (key: string): string | undefined => {
    const value = owner[key];
    return typeof value === 'string' ? value : undefined;
  };
  const pid = owner['pid'];
  const phase = owner['phase'];
  return {
    pid: typeof pid === 'number' ? pid : undefined,
    phase: phase === 'starting' || phase === 'up' ? phase : 'unknown',
    temporal: text('temporal'),
    namespace: text('namespace'),
    ui: text('ui'),
    database: text('database'),
    worker: owner['worker'] === true,
  };
}
