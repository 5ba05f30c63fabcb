/**
 * Processes of this project: remembered by pid and time of birth, so that the next start can tell its own orphans from
 * strangers that were given the same number.
 *
 * HOST. Signals go only to processes whose birth is the remembered one.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isJsonMap, type Json } from '../language/plan/json.js';
import type { StateFolder } from './state-folder.js';

const FILE = 'pids.json';

/** In the order in which they are stopped. */
export const ROLES = ['worker', 'model', 'postgres', 'temporal'] as const;
export type ProcessRole = (typeof ROLES)[number];

export interface KnownProcess {
  readonly role: ProcessRole;
  readonly pid: number;
  /** When the process was born, as the operating system tells it. */
  readonly born: string;
}

/** What the operating system says of a process's birth; undefined when there is no such living process. */
export function bornAt(pid: number): string | undefined {
  return process.platform === 'linux' ? bornOnLinux(pid) : bornByPs(pid);
}

export function isAlive(known: KnownProcess): boolean {
  return bornAt(known.pid) === known.born;
}

export function knownProcesses(state: StateFolder): readonly KnownProcess[] {
  const list = state.read(FILE)['processes'];
  return Array.isArray(list) ? list.flatMap(toKnown) : [];
}

/** Notes a process that was just started. Undefined when it is gone already. */
export function remember(state: StateFolder, role: ProcessRole, pid: number): KnownProcess | undefined {
  const born = bornAt(pid);
  if (born === undefined) return undefined;
  const known = { role, pid, born };
  store(state, [...knownProcesses(state).filter((other) => other.pid !== pid), known]);
  return known;
}

export function forget(state: StateFolder, pid: number): void {
  store(
    state,
    knownProcesses(state).filter((other) => other.pid !== pid),
  );
}

/** Asks to stop, waits, then kills. Answers how it went. */
export async function stopProcess(
  known: KnownProcess,
  grace_ms: number,
  signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM',
): Promise<'was gone' | 'stopped' | 'killed'> {
  if (!isAlive(known)) return 'was gone';
  send(known, signal);
  if (await waitUntilGone(known, grace_ms)) return 'stopped';
  send(known, 'SIGKILL');
  await waitUntilGone(known, 5000);
  return 'killed';
}

export async function waitUntilGone(known: KnownProcess, limit_ms: number): Promise<boolean> {
  const end = performance.now() + limit_ms;
  while (isAlive(known)) {
    if (performance.now() > end) return false;
    await delay(25);
  }
  return true;
}

function send(known: KnownProcess, signal: NodeJS.Signals): void {
  try {
    if (isAlive(known)) process.kill(known.pid, signal);
  } catch {
    // Gone between the look and the signal: what was wanted.
  }
}

function store(state: StateFolder, processes: readonly KnownProcess[]): void {
  state.write(FILE, { processes: processes.map(({ role, pid, born }) => ({ role, pid, born })) });
}

function toKnown(value: Json): readonly KnownProcess[] {
  if (!isJsonMap(value)) return [];
  const { pid, born } = value;
  const role = ROLES.find((candidate) => candidate === value['role']);
  return role !== undefined && typeof pid === 'number' && typeof born === 'string' ? [{ role, pid, born }] : [];
}

/** Boot and clock ticks since: field 22 of /proc/PID/stat, counted behind the name, which may hold spaces. */
function bornOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${boot}/${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function bornByPs(pid: number): string | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? undefined : line.slice(line.indexOf(' ')).trim();
  } catch {
    return undefined;
  }
}
