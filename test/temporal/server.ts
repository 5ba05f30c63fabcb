/**
 * A real Temporal development server for tests, in memory, on a free port; stopped when the tests of a file are over.
 *
 * The program is FIRN_TEST_TEMPORAL, or else what set-up finds for the product itself (PATH, the cache, a download).
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { SILENT } from '../../setup/reporter.js';
import { waitForAnswer } from '../../setup/ports.js';
import { stateFolder } from '../../setup/state-folder.js';
import { temporalBinary } from '../../setup/temporal-binary.js';

export interface TestServer {
  readonly address: string;
  stop(): Promise<void>;
}

export async function startServer(words: readonly string[] = []): Promise<TestServer> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const rates = ['transfer', 'timer', 'visibility'].flatMap((queue) => [
    '--dynamic-config-value',
    `history.${queue}ProcessorMaxPollRPS=5000`,
  ]);
  const child = spawn(
    await binary(),
    [
      'server',
      'start-dev',
      '--headless',
      '--ip',
      '127.0.0.1',
      '--port',
      String(port),
      '--log-level',
      'never',
      ...rates,
      ...words,
    ],
    { stdio: 'ignore' },
  );
  const gone = once(child, 'exit');
  if (!(await waitForAnswer(address, 30_000, () => child.exitCode !== null))) {
    child.kill('SIGKILL');
    throw new Error(`the test server did not start at ${address}`);
  }
  return {
    address,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

async function binary(): Promise<string> {
  const given = process.env['FIRN_TEST_TEMPORAL'];
  if (given !== undefined && given !== '') return given;
  const root = new URL('../../', import.meta.url).pathname;
  return (await temporalBinary(stateFolder(root), process.env, SILENT.begin('', ''))).path;
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
