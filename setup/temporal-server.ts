/**
 * The Temporal server of this project: one that answers already, or one started on this machine.
 *
 * HOST. A started server keeps its database below `.firn/`, has its UI on and keeps finished runs for 30 days. Its
 * settings are measured ones: without the three poll rates each hop of a run takes 50 ms, without WAL and
 * synchronous=NORMAL each step costs three fsyncs more.
 */
import { execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { failure, messageOf } from '../language/plan/failure.js';
import type { TemporalSettings, Variables } from './configuration.js';
import { answers, choosePort, waitForAnswer } from './ports.js';
import { remember, type KnownProcess } from './processes.js';
import type { StepReport } from './reporter.js';
import type { StateFolder } from './state-folder.js';
import { readProfile } from './temporal-address.js';
import { temporalBinary, type BinarySource, type TemporalBinary } from './temporal-binary.js';

const run = promisify(execFile);
const START_LIMIT_MS = 60_000;
const PREFERRED_PORT = 7233;
const PREFERRED_UI_PORT = 8233;
const RETENTION = '720h';

/** What Firn lets people search runs by. Values are never personal data. */
export const SEARCH_ATTRIBUTES = {
  FirnOutcome: 'Keyword',
  FirnWaitingFor: 'KeywordList',
  FirnVersion: 'Keyword',
  FirnOwner: 'Keyword',
  FirnEndsBy: 'Datetime',
} as const;

export interface TemporalServer {
  readonly address: string;
  readonly namespace: string;
  /** Address of the UI's first page; undefined when the server is not ours. */
  readonly ui: string | undefined;
  /** The process, when Firn started it. */
  readonly process: KnownProcess | undefined;
  readonly said: string;
}

export interface TemporalOptions {
  readonly state: StateFolder;
  readonly settings: TemporalSettings;
  readonly variables: Variables;
  readonly report: StepReport;
  /** Only for tests: fewer sources of the program. */
  readonly sources?: readonly BinarySource[];
}

/** A server to use. Failure `unreachable` says what was tried and what to do by hand. */
export async function temporalServer(options: TemporalOptions): Promise<TemporalServer> {
  const { settings, report } = options;
  for (const candidate of configuredAddresses(settings, options.variables)) {
    if (await answers(candidate.address)) {
      const { address, namespace } = candidate;
      return {
        address,
        namespace,
        ui: undefined,
        process: undefined,
        said: `using the one at ${address} (${candidate.from})`,
      };
    }
    report.note(
      `${candidate.from} names ${candidate.address}, where nothing answers; starting a server on this machine instead`,
    );
  }
  const binary = await temporalBinary(options.state, options.variables, report, options.sources);
  return start(binary, options);
}

/** Where a server is said to be: firn.yaml, then TEMPORAL_ADDRESS or a profile of Temporal's own configuration file. */
export function configuredAddresses(
  settings: TemporalSettings,
  variables: Variables,
): readonly { readonly address: string; readonly namespace: string; readonly from: string }[] {
  const own =
    settings.address === undefined
      ? []
      : [{ address: settings.address, namespace: settings.namespace, from: 'firn.yaml' }];
  const { connectionOptions, namespace } = readProfile(variables);
  if (connectionOptions.address === undefined) return own;
  const from = variables['TEMPORAL_ADDRESS'] === undefined ? "Temporal's configuration file" : 'TEMPORAL_ADDRESS';
  return [...own, { address: connectionOptions.address, namespace: namespace ?? settings.namespace, from }];
}

async function start(binary: TemporalBinary, options: TemporalOptions): Promise<TemporalServer> {
  const { state, report, settings } = options;
  const port = await choosePort(state, 'temporal', PREFERRED_PORT);
  const ui = await choosePort(state, 'temporal ui', PREFERRED_UI_PORT, [port.port]);
  if (port.taken !== undefined) {
    report.note(
      `port ${port.taken} is taken, so the server listens on ${port.port}; ` +
        `if it is a Temporal server that you want used: TEMPORAL_ADDRESS=127.0.0.1:${port.taken} npm start`,
    );
  }
  if (ui.taken !== undefined) report.note(`port ${ui.taken} is taken, so the UI is on ${ui.port}`);
  report.progress(`starting ${binary.version} from ${binary.from}`);
  const database = state.path('temporal.db');
  const isNew = !existsSync(database);
  const address = `127.0.0.1:${port.port}`;
  const log = state.path('temporal.log');
  const child = launch(binary.path, startWords(database, settings.namespace, port.port, ui.port), log);
  const known = child.pid === undefined ? undefined : remember(state, 'temporal', child.pid);
  if (known === undefined || !(await waitForAnswer(address, START_LIMIT_MS, () => child.ended()))) {
    throw failure(
      'unreachable',
      `the Temporal server did not start. ${lastLines(log)}\nAll of it: ${log}. A database of an older version? Move ${database} away.`,
    );
  }
  if (isNew) await keepRunsLonger(binary.path, address, settings.namespace, report);
  return {
    address,
    namespace: settings.namespace,
    ui: `http://127.0.0.1:${ui.port}`,
    process: known,
    said: `started ${binary.version} from ${binary.from} on ${address}`,
  };
}

/** The words behind the program's name. Exported because docs and tests show them. */
export function startWords(database: string, namespace: string, port: number, uiPort: number): readonly string[] {
  const rates = ['transfer', 'timer', 'visibility'].flatMap((queue) => [
    '--dynamic-config-value',
    `history.${queue}ProcessorMaxPollRPS=5000`,
  ]);
  const attributes = Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
    ...['--db-filename', database, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...['--namespace', namespace, '--log-level', 'warn', ...rates, ...attributes],
  ];
}

/** Detached from the terminal's process group: Ctrl-C must reach the supervisor alone, which stops things in order. */
function launch(
  path: string,
  words: readonly string[],
  log: string,
): { readonly pid: number | undefined; ended(): boolean } {
  const file = openSync(log, 'a', 0o600);
  const child = spawn(path, words, { detached: true, stdio: ['ignore', file, file] });
  closeSync(file);
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', () => (ended = true));
  child.unref();
  return { pid: child.pid, ended: () => ended };
}

async function keepRunsLonger(path: string, address: string, namespace: string, report: StepReport): Promise<void> {
  const words = [
    'operator',
    'namespace',
    'update',
    '--namespace',
    namespace,
    '--retention',
    RETENTION,
    '--address',
    address,
  ];
  for (let attempt = 1; ; attempt += 1) {
    try {
      await run(path, words, { timeout: 20_000 });
      return;
    } catch (error) {
      if (attempt < 5) continue;
      report.note(
        `finished runs will vanish from Temporal after a day: its retention could not be raised (${messageOf(error)})`,
      );
      return;
    }
  }
}

function lastLines(log: string): string {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
  } catch {
    return '';
  }
}
