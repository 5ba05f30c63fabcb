/** Processes of a machine: ports, ownership, what is left over, and who supervises whom. Real processes and sockets. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askOwner, claimOwnership } from '../../setup/owner.js';
import { answers, choosePort, isFree } from '../../setup/ports.js';
import { bornAt, knownProcesses, remember, stopProcess } from '../../setup/processes.js';
import { stateFolder, type StateFolder } from '../../setup/state-folder.js';
import { createSupervisor, stopLeftOvers } from '../../setup/supervisor.js';

let folder: string;
let state: StateFolder;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firn-processes-'));
  state = stateFolder(folder);
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function sleeper(script = 'setInterval(() => {}, 1000)'): number {
  const child = spawn(process.execPath, ['-e', script], { stdio: 'ignore' });
  children.push(child);
  return child.pid ?? 0;
}

const noPostgres = (): Promise<boolean> => Promise.resolve(false);

describe('processes', () => {
  test('are known by pid and birth, and stopped', async () => {
    const known = remember(state, 'worker', sleeper());
    expect(known).toBeDefined();
    expect(knownProcesses(state)).toEqual([known]);
    expect(known && (await stopProcess(known, 5000))).toBe('stopped');
    expect(known && (await stopProcess(known, 5000))).toBe('was gone');
  });

  test('one that does not listen is killed', async () => {
    const pid = sleeper(
      "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); require('fs').writeFileSync(" +
        JSON.stringify(join(folder, 'up')) +
        ", '')",
    );
    await expect.poll(() => isThere('up'), { timeout: 20_000 }).toBe(true);
    const known = remember(state, 'worker', pid);
    expect(known && (await stopProcess(known, 200))).toBe('killed');
    expect(bornAt(pid)).toBeUndefined();
  });

  test('a stranger that was given the pid of an orphan is left alone', async () => {
    const pid = sleeper();
    state.write('pids.json', { processes: [{ role: 'worker', pid, born: 'at another time' }] });
    expect(await stopLeftOvers(state, noPostgres)).toEqual([]);
    expect(bornAt(pid)).toBeDefined();
    expect(knownProcesses(state)).toEqual([]);
  });

  test('orphans of a killed supervisor are stopped', async () => {
    const known = remember(state, 'temporal', sleeper());
    expect(await stopLeftOvers(state, noPostgres)).toEqual(['temporal']);
    expect(known && bornAt(known.pid)).toBeUndefined();
  });

  test('a damaged pids.json is as good as none', () => {
    writeFileSync(state.path('pids.json'), '{"processes": [{"role": "wor');
    expect(knownProcesses(state)).toEqual([]);
  });
});

function isThere(name: string): boolean {
  try {
    utimesSync(join(folder, name), new Date(), new Date());
    return true;
  } catch {
    return false;
  }
}

describe('the supervisor', () => {
  test('starts again what ended, and stops in order', async () => {
    const said: string[] = [];
    const order: string[] = [];
    const supervisor = createSupervisor(state, (sentence) => said.push(sentence));
    const watched = (role: 'worker' | 'postgres' | 'temporal'): number => {
      const first = remember(state, role, sleeper());
      let current = first;
      supervisor.watch({
        role,
        process: first,
        again: () => Promise.resolve((current = remember(state, role, sleeper()))),
        stop: async () => {
          order.push(role);
          if (current !== undefined) await stopProcess(current, 5000);
        },
      });
      return first?.pid ?? 0;
    };
    watched('temporal');
    watched('postgres');
    const pid = watched('worker');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => said, { timeout: 20_000 }).toContain('worker runs again');
    await supervisor.stop();
    await supervisor.stop();
    expect(order).toEqual(['worker', 'postgres', 'temporal']);
    expect(knownProcesses(state)).toEqual([]);
  });
});

describe('ownership', () => {
  test('the second is told who the first is', async () => {
    const first = await claimOwnership(state, () => ({ pid: 1, phase: 'up' }));
    const second = await claimOwnership(state, () => ({ pid: 2 }));
    expect(first.mine).toBe(true);
    expect(second).toEqual({ mine: false, owner: { pid: 1, phase: 'up' } });
    if (first.mine) await first.release();
    expect(await askOwner(state)).toBeUndefined();
    const third = await claimOwnership(state, () => ({ pid: 3 }));
    expect(third.mine).toBe(true);
    if (third.mine) await third.release();
  });

  test('of many at once exactly one becomes the owner', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, (_, pid) => claimOwnership(state, () => ({ pid }))));
    expect(claims.filter((claim) => claim.mine)).toHaveLength(1);
    for (const claim of claims) if (claim.mine) await claim.release();
  });

  test('a socket that a killed owner left behind is taken over', async () => {
    const path = JSON.stringify(state.path('owner.sock'));
    const pid = sleeper(`require('net').createServer().listen(${path})`);
    await expect.poll(() => isThere('.firn/owner.sock'), { timeout: 20_000 }).toBe(true);
    process.kill(pid, 'SIGKILL');
    await once(children.at(-1) ?? process, 'exit');
    const claim = await claimOwnership(state, () => ({ pid: 9 }));
    expect(claim.mine).toBe(true);
    if (claim.mine) await claim.release();
  });

  test('a claim that was interrupted long ago does not block', async () => {
    mkdirSync(state.path('owner.claim'));
    const before = new Date(Date.now() - 60_000);
    utimesSync(state.path('owner.claim'), before, before);
    const claim = await claimOwnership(state, () => ({}));
    expect(claim.mine).toBe(true);
    if (claim.mine) await claim.release();
  });
});

describe('ports', () => {
  test('a taken one is named, the next one is used and remembered', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const chosen = await choosePort(state, 'temporal', port);
    expect(chosen.taken).toBe(port);
    expect(chosen.port).toBeGreaterThan(port);
    server.close();
    await once(server, 'close');
    expect(await isFree(port)).toBe(true);
    expect((await choosePort(state, 'temporal', port)).port).toBe(chosen.port);
  });

  test.each(['127.0.0.1', 'x:y', ':1', '127.0.0.1:0', '127.0.0.1:99999'])(
    '%s is no address that answers',
    async (address) => {
      expect(await answers(address, 500)).toBe(false);
    },
  );
});
