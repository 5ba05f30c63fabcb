/**
 * A real Temporal server for tests: the one that the whole test run shares (FIRN_TEST_TEMPORAL_ADDRESS), or an own one.
 * Not a test itself.
 *
 * The shared one is started by scripts/test.mjs. A test that stops, kills or reconfigures its server takes `ownTemporal`.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitForAnswer } from '../../setup/ports.js';
import { SILENT } from '../../setup/reporter.js';
import { stateFolder } from '../../setup/state-folder.js';
import { temporalBinary } from '../../setup/temporal-binary.js';
import { startWords } from '../../setup/temporal-server.js';

export interface TestTemporal {
  readonly address: string;
  readonly namespace: string;
  /** A task queue that no other test uses. */
  readonly taskQueue: string;
  /** First page of its UI; undefined for a shared server whose UI is not known. */
  readonly ui: string | undefined;
  stop(): Promise<void>;
  /** Ends the server at once; only for an own one. */
  pause(): Promise<void>;
  /** Starts it again on the same port with the same database. */
  resume(): Promise<void>;
}

export async function startTemporal(): Promise<TestTemporal> {
  const address = process.env['FIRN_TEST_TEMPORAL_ADDRESS'];
  if (address === undefined || address === '') return ownTemporal();
  const refuse = (): Promise<void> => Promise.reject(new Error('a shared server is not stopped by a test'));
  const shared = { address, namespace: 'default', taskQueue: freshQueue(), ui: process.env['FIRN_TEST_TEMPORAL_UI'] };
  return { ...shared, stop: () => Promise.resolve(), pause: refuse, resume: refuse };
}

/** Always a server of its own, on free ports, with a database that is deleted at the end. */
export async function ownTemporal(): Promise<TestTemporal> {
  const root = resolve(import.meta.dirname, '../..');
  const { path } = await temporalBinary(stateFolder(root), process.env, SILENT.begin('', ''));
  const folder = mkdtempSync(join(tmpdir(), 'firn-test-temporal-'));
  const port = await freePort();
  const uiPort = await freePort();
  const address = `127.0.0.1:${port}`;
  const words = startWords(join(folder, 'temporal.db'), 'default', port, uiPort);
  let child = spawn(path, words, { stdio: 'ignore' });
  const start = async (): Promise<void> => {
    child = spawn(path, words, { stdio: 'ignore' });
    await answering(child, address);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  await answering(child, address);
  return {
    address,
    namespace: 'default',
    taskQueue: freshQueue(),
    ui: `http://127.0.0.1:${uiPort}`,
    stop: async () => {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
    pause: () => end('SIGKILL'),
    resume: start,
  };
}

async function answering(child: ReturnType<typeof spawn>, address: string): Promise<void> {
  if (await waitForAnswer(address, 60_000, () => child.exitCode !== null)) return;
  child.kill('SIGKILL');
  throw new Error(`the test server did not answer at ${address}`);
}

function freshQueue(): string {
  return `test-${randomBytes(6).toString('hex')}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
