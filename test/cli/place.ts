/**
 * A project of its own for a test file: a copy of the shipped firn.yaml and definitions (and the small definitions beside
 * this file) in a temporary folder, its tables in a real database, a real worker process on a queue that nobody else uses.
 * Not a test itself.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isJsonMap } from '../../language/plan/json.js';
import type { Variables } from '../../setup/configuration.js';
import { loadProject } from '../../setup/project.js';
import { prepareTables } from '../../setup/tables.js';
import { createPool, type Pool } from '../../store/pool.js';
import { startPostgres } from '../real/postgres.js';
import { startTemporal, type TestTemporal } from '../real/temporal.js';
import { runFirn, type Ran, type RunOptions } from './firn.js';

export const ROOT = resolve(import.meta.dirname, '../..');
const WORKER = join(ROOT, 'dist/worker/main.js');
const READY_LIMIT_MS = 60_000;

export interface Place {
  /** The folder with firn.yaml. */
  readonly directory: string;
  /** `project:` of firn.yaml: the task queue, and with `_` for `-` the schema. */
  readonly project: string;
  readonly variables: Variables;
  readonly databaseUrl: string;
  readonly temporal: TestTemporal;
  /** Firn's own tables. */
  readonly pool: Pool;
  /** What the worker wrote to its log. */
  readonly logged: () => string;
  /** Runs the command in the project's folder. */
  firn(words: readonly string[], options?: RunOptions): Promise<Ran>;
  /** A ticket that no other test file uses: the server may be shared. */
  ticket(name: string): string;
  close(): Promise<void>;
}

export interface PlaceOptions {
  /** The folder that holds the encoder's folder or file; without it, models are off. */
  readonly models?: string;
  /** Files of the project besides its own: what is in them, by their path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Variables besides those that say where the servers are: addresses of HTTP services. */
  readonly variables?: Variables;
}

export async function openPlace(options: PlaceOptions = {}): Promise<Place> {
  const project = `t${randomBytes(5).toString('hex')}-x`;
  const directory = copyProject(project, options.files);
  if (options.models !== undefined) {
    mkdirSync(join(directory, '.firn'));
    symlinkSync(options.models, join(directory, '.firn', 'models'));
  }
  const [database, temporal] = await Promise.all([startPostgres(), startTemporal()]);
  const variables: Variables = {
    ...plainVariables(),
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    FIRN_USER: 'maria',
    ...(options.models === undefined ? { FIRN_MODELS: 'off' } : {}),
    ...options.variables,
  };
  const pool = createPool(database.url, { schema: project.replaceAll('-', '_'), size: 4 });
  await applySamples(pool, directory);
  const { configuration } = loadProject(directory, variables);
  if (configuration === undefined) throw new Error(`the project in ${directory} cannot be read`);
  await prepareTables(configuration);
  const worker = await startWorker(directory, variables);
  const close = async (): Promise<void> => {
    await worker.stop();
    await pool.end();
    await Promise.all([database.stop(), temporal.stop()]);
    rmSync(directory, { recursive: true, force: true });
  };
  return {
    ...{ directory, project, variables, databaseUrl: database.url, temporal, pool, close, logged: worker.logged },
    ticket: (name) => `${project}.${name}`,
    firn: (words, more = {}) => runFirn(words, { directory, variables, ...more }),
  };
}

/** The shipped project under another name, with the definitions of these tests (and other files) beside its own. */
export function copyProject(project: string, files: Readonly<Record<string, string>> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'firn-cli-'));
  const shipped = readFileSync(join(ROOT, 'firn.yaml'), 'utf8');
  const named = shipped.replace(/^project: .*$/m, `project: ${project}`);
  if (named === shipped) throw new Error('firn.yaml has no line "project: …" any more');
  writeFileSync(join(directory, 'firn.yaml'), named);
  cpSync(join(ROOT, 'definitions'), join(directory, 'definitions'), { recursive: true });
  cpSync(join(import.meta.dirname, 'project'), join(directory, 'definitions'), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return directory;
}

/** Where the encoder is, if it is there: what the test run names, or the cache of the project. */
export function encoderFolder(): string | undefined {
  const given = process.env['FIRN_TEST_ENCODER'];
  const folder = given === undefined ? join(ROOT, '.firn/models') : dirname(given);
  return existsSync(folder) ? folder : undefined;
}

/** What says where things are, here or in another project, is not handed on; nor what changes how a command prints. */
export function plainVariables(): Variables {
  const foreign = /^(FIRN_|TEMPORAL_|DATABASE_URL$|NO_COLOR$|FORCE_COLOR$|NODE_OPTIONS$|VITEST|NODE_ENV$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function applySamples(pool: Pool, directory: string): Promise<void> {
  const files = readdirSync(join(directory, 'definitions'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.sql')).sort())
    await pool.query(readFileSync(join(directory, 'definitions', file), 'utf8'));
}

interface Worker {
  readonly logged: () => string;
  stop(): Promise<void>;
}

/** The built worker as a process of its own. */
export async function startWorker(directory: string, variables: Variables): Promise<Worker> {
  if (!existsSync(WORKER)) throw new Error(`${WORKER} is missing; run npm run build`);
  const child = spawn(process.execPath, [WORKER, directory], {
    env: variables,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (log += text));
  await ready(child, () => log);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { logged: () => log, stop };
}

function ready(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`the worker was not ready in time: ${log()}`)), READY_LIMIT_MS);
    child.on('message', (message) => {
      if (!isJsonMap(message) || message['firn'] !== 'ready') return;
      clearTimeout(timer);
      done();
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(new Error(`the worker ended (${String(code)}) before it was ready: ${log()}`));
    });
  });
}
