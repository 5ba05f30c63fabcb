/**
 * Watches what was started, starts again what ended by itself, and stops everything in order.
 *
 * HOST. Order of stopping: worker, model, PostgreSQL, Temporal: whoever uses something goes before it. What cannot be
 * started again is tried less and less often, and said each time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../language/plan/failure.js';
import {
  forget,
  isAlive,
  knownProcesses,
  ROLES,
  stopProcess,
  type KnownProcess,
  type ProcessRole,
} from './processes.js';
import type { StateFolder } from './state-folder.js';

const LOOK_EVERY_MS = 500;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever ran so long is not failing again and again: the pause starts anew. */
const SETTLED_MS = 60_000;
const LEFT_OVER_GRACE_MS = 10_000;

export interface Supervised {
  readonly role: ProcessRole;
  /** The process now; undefined when it is not ours to watch. */
  readonly process: KnownProcess | undefined;
  /** Starts it anew, at the same address. */
  again(): Promise<KnownProcess | undefined>;
  stop(): Promise<void>;
}

export interface Supervisor {
  watch(supervised: Supervised): void;
  /** Stops all, in order; repeatable. */
  stop(): Promise<void>;
}

interface Watched {
  readonly supervised: Supervised;
  process: KnownProcess | undefined;
  since_ms: number;
  pause_ms: number;
}

/** `say` is told in a sentence what ended and what became of it. */
export function createSupervisor(state: StateFolder, say: (sentence: string) => void): Supervisor {
  const all: Watched[] = [];
  let stopping: Promise<void> | undefined;
  const isStopping = (): boolean => stopping !== undefined;
  let looking = Promise.resolve();

  const look = async (): Promise<void> => {
    for (const watched of all) {
      if (isStopping()) return;
      if (watched.process === undefined || isAlive(watched.process)) continue;
      await restart(watched, state, say, isStopping);
    }
  };
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS);

  const stopAll = async (): Promise<void> => {
    clearInterval(timer);
    // A restart under way ends first, so that nothing is started behind our back.
    await looking;
    for (const role of ROLES) {
      for (const watched of all.filter((candidate) => candidate.supervised.role === role)) {
        if (watched.process === undefined) continue;
        await watched.supervised
          .stop()
          .catch((error: unknown) => say(`${role} could not be stopped: ${messageOf(error)}`));
        forget(state, watched.process.pid);
      }
    }
  };
  return {
    watch: (supervised) => {
      all.push({ supervised, process: supervised.process, since_ms: Date.now(), pause_ms: FIRST_PAUSE_MS });
    },
    stop: () => (stopping ??= stopAll()),
  };
}

async function restart(
  watched: Watched,
  state: StateFolder,
  say: (sentence: string) => void,
  isStopping: () => boolean,
): Promise<void> {
  const { role } = watched.supervised;
  if (watched.process !== undefined) forget(state, watched.process.pid);
  if (Date.now() - watched.since_ms > SETTLED_MS) watched.pause_ms = FIRST_PAUSE_MS;
  say(`${role} ended unexpectedly; starting it again`);
  while (!isStopping()) {
    try {
      watched.process = await watched.supervised.again();
      watched.since_ms = Date.now();
      say(`${role} runs again`);
      break;
    } catch (error) {
      say(`${role} could not be started: ${messageOf(error)}; next attempt in ${watched.pause_ms / 1000} s`);
      await waitUnless(isStopping, watched.pause_ms);
    } finally {
      watched.pause_ms = Math.min(LONGEST_PAUSE_MS, watched.pause_ms * 2);
    }
  }
}

async function waitUnless(isStopping: () => boolean, pause_ms: number): Promise<void> {
  const end = Date.now() + pause_ms;
  while (Date.now() < end && !isStopping()) await delay(100);
}

/**
 * Stops what an earlier supervisor left behind when it was killed. Only processes that `.firn/pids.json` names and whose
 * birth is the noted one. `stopPostgres` knows how a database is asked.
 */
export async function stopLeftOvers(
  state: StateFolder,
  stopPostgres: () => Promise<boolean>,
): Promise<readonly string[]> {
  const stopped: string[] = [];
  for (const role of ROLES) {
    if (role === 'postgres') {
      if (await stopPostgres()) stopped.push('postgres');
      continue;
    }
    for (const known of knownProcesses(state).filter((candidate) => candidate.role === role)) {
      if ((await stopProcess(known, LEFT_OVER_GRACE_MS)) !== 'was gone') stopped.push(role);
    }
  }
  for (const known of knownProcesses(state)) forget(state, known.pid);
  return stopped;
}
