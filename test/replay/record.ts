/**
 * Records the histories anew: each story on a real Temporal server, PostgreSQL, model and worker, one after the other.
 *
 * `npm run golden:update -- --histories` runs it. Servers and the project are in temporary folders; the encoder is that of
 * the project's own state folder, or what its worker finds.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import pg from 'pg';
import { Firn, type RunReport } from '../../client/index.js';
import { isJson, isJsonMap } from '../../language/plan/json.js';
import { loadProject } from '../../setup/project.js';
import { prepareTables } from '../../setup/tables.js';
import { startDirectory, startRegistry } from '../definitions/services.js';
import { ownServer } from '../real/postgres.js';
import { ownTemporal } from '../real/temporal.js';
import { historyFile } from './replaying.js';
import { refuseTraces, scrub } from './scrub.js';
import { STORIES, TABLES, taken, type Story } from './stories.js';

const ROOT = resolve(import.meta.dirname, '../..');
const END_MS = 60_000;

const cleanups: (() => unknown)[] = [];
try {
  await record();
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}

async function record(): Promise<void> {
  const [temporal, database] = await Promise.all([ownTemporal(), ownServer()]);
  cleanups.push(
    () => temporal.stop(),
    () => database.stop(),
  );
  const directory = projectFolder();
  const { address } = temporal;
  const variables = {
    ...plainVariables(),
    ...(await services()),
    ...{ DATABASE_URL: database.url, TEMPORAL_ADDRESS: address, FIRN_LOG: 'error' },
  };
  const { configuration } = loadProject(directory, variables);
  if (configuration === undefined) throw new Error('firn.yaml cannot be read');
  await prepareTables(configuration);
  await sampleTables(database.url);
  await startWorker(directory, variables);
  // Without a database it checks no input, so that a run with a bad one can be started too.
  const firn = await Firn.connect({ address });
  const client = new Client({ connection: await Connection.connect({ address }) });
  cleanups.push(
    () => firn.close(),
    () => client.connection.close(),
  );
  for (const story of STORIES) {
    const { outcome } = await tell(firn, story);
    if (outcome !== story.ends) throw new Error(`${story.name} ended as ${outcome}, and should have as ${story.ends}`);
    const history: unknown = JSON.parse(historyToJSON(await client.workflow.getHandle(story.name).fetchHistory()));
    if (!isJsonMap(history) || !isJson(history)) throw new Error('a history is JSON');
    const text = `${JSON.stringify(scrub(history), null, 1)}\n`;
    refuseTraces(story.name, text);
    writeFileSync(historyFile(story.name), text);
    process.stderr.write(`     ${story.name}: ${outcome}\n`);
  }
}

async function tell(firn: Firn, story: Story): Promise<RunReport> {
  const run = await firn.start(story.workflow, story.input, { ticket: story.name });
  const { after, meanwhile } = story;
  if (meanwhile !== undefined) {
    if (after === undefined) await run.report({ until: 'wait', timeout_ms: END_MS });
    else await taken(run, after);
    await meanwhile(run);
  }
  return await run.report({ timeout_ms: END_MS });
}

/** The account registry and the directory, with what the stories need in them, as variables of the worker. */
async function services(): Promise<NodeJS.ProcessEnv> {
  const [registry, directory] = await Promise.all([startRegistry(), startDirectory()]);
  cleanups.push(
    () => registry.service.stop(),
    () => directory.service.stop(),
  );
  const account = { version: 1, state: 'active' };
  registry.accounts.set('R-100', { ...account, email: 'anna@example.com', address: 'Elm Street 1' });
  registry.accounts.set('R-200', { ...account, email: 'ben@example.com', address: 'Elm Street 2' });
  const carla = { ...account, email: 'carla@example.com', address: 'Elm Street 3' };
  registry.accounts.set('R-300', carla);
  registry.shown.set('R-300', carla);
  for (const name of ['all-staff', 'machines', 'safety']) directory.groups.add(name);
  const badges = mkdtempSync(join(tmpdir(), 'firn-badges-'));
  cleanups.push(() => rmSync(badges, { recursive: true, force: true }));
  return {
    ...{ REGISTRY_URL: `http://127.0.0.1:${registry.service.port}`, REGISTRY_AUTHORIZATION: 'Bearer registry' },
    ...{ DIRECTORY_URL: `http://127.0.0.1:${directory.service.port}`, DIRECTORY_AUTHORIZATION: 'Bearer directory' },
    BADGE_FOLDER: badges,
  };
}

function projectFolder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'firn-record-'));
  cleanups.push(() => rmSync(directory, { recursive: true, force: true }));
  for (const part of ['firn.yaml', 'definitions']) cpSync(join(ROOT, part), join(directory, part), { recursive: true });
  mkdirSync(join(ROOT, '.firn', 'models'), { recursive: true });
  mkdirSync(join(directory, '.firn'));
  symlinkSync(join(ROOT, '.firn', 'models'), join(directory, '.firn', 'models'));
  return directory;
}

/** What says where things are, here or in another project, is not handed on. */
function plainVariables(): NodeJS.ProcessEnv {
  const given = Object.entries(process.env).filter(([name]) => !/^(?:FIRN_|TEMPORAL_|DATABASE_URL$)/.test(name));
  return Object.fromEntries(given);
}

async function sampleTables(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const files = readdirSync(join(ROOT, 'definitions'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.sql')).sort()) {
    await client.query(readFileSync(join(ROOT, 'definitions', file), 'utf8'));
  }
  await client.query(TABLES);
  await client.end();
}

/** Resolves when it polls. */
async function startWorker(directory: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const entry = join(ROOT, 'dist', 'worker', 'main.js');
  const worker = spawn(process.execPath, [entry, directory], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const gone = once(worker, 'exit');
  cleanups.push(async () => {
    worker.kill('SIGTERM');
    await gone;
  });
  await Promise.race([once(worker, 'message'), gone]);
  if (worker.exitCode !== null) throw new Error('the worker ended before it was ready');
  return worker;
}
