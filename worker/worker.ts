/**
 * One Temporal worker: runs of this project and their activities, on one task queue.
 *
 * HOST. The settings are for a fast recovery: a run whose worker was killed goes on a second after another one is there
 * (by default it is ten), and a worker that is told to stop lets its activities finish for ten seconds.
 */
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection, Worker, type NativeConnectionOptions, type WorkerOptions } from '@temporalio/worker';
import { failure, messageOf } from '../language/plan/failure.js';
import { waitForAnswer } from '../setup/ports.js';

const WORKFLOW_TASKS = 20;
/** About 1 MB each. */
const CACHED_RUNS = 300;
const LOCAL_ACTIVITIES = 20;
const ACTIVITIES = 20;
const GRACE_MS = 10_000;
const FORCE_MS = 20_000;
const WAIT_FOR_SERVER_MS = 30_000;
const NOT_READY_PAUSE_MS = 100;

export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly bundle: NonNullable<WorkerOptions['workflowBundle']>;
  /** By activity type: verbs and the engine's own. */
  readonly activities: object;
  readonly activities_at_once?: number;
}

export interface ServerAddress {
  readonly address: string;
  readonly apiKey?: string | undefined;
  readonly tls?: NativeConnectionOptions['tls'] | undefined;
}

/**
 * Waits for the port first: a gRPC client that finds it closed stays away for a second. Then for the server behind it to be
 * ready. Failure `unreachable`.
 */
export async function connectWorker(server: ServerAddress, wait_ms = WAIT_FOR_SERVER_MS): Promise<NativeConnection> {
  const { address, apiKey, tls } = server;
  if (!(await waitForAnswer(address, wait_ms, () => false))) {
    throw failure(
      'unreachable',
      `no Temporal server answers at ${address}; start one (npm start), or name another by TEMPORAL_ADDRESS`,
    );
  }
  const settings = { address, ...(apiKey === undefined ? {} : { apiKey }), ...(tls === undefined ? {} : { tls }) };
  const end = performance.now() + wait_ms;
  for (;;) {
    try {
      return await NativeConnection.connect(settings);
    } catch (error) {
      // A server takes connections a little before it is ready to answer on them.
      if (performance.now() >= end || !/currently unavailable|not healthy/i.test(messageOf(error))) throw error;
      await delay(NOT_READY_PAUSE_MS);
    }
  }
}

/** Polls from the moment that `run()` is called; `shutdown()` stops it as the header says. */
export async function createWorker(parts: WorkerParts): Promise<Worker> {
  return await Worker.create({
    connection: parts.connection,
    namespace: parts.namespace,
    taskQueue: parts.taskQueue,
    identity: `firn worker on ${hostname()}`,
    workflowBundle: parts.bundle,
    activities: parts.activities,
    maxCachedWorkflows: CACHED_RUNS,
    maxConcurrentWorkflowTaskExecutions: WORKFLOW_TASKS,
    maxConcurrentActivityTaskExecutions: parts.activities_at_once ?? ACTIVITIES,
    maxConcurrentLocalActivityExecutions: LOCAL_ACTIVITIES,
    stickyQueueScheduleToStartTimeout: '1s',
    shutdownGraceTime: GRACE_MS,
    shutdownForceTime: FORCE_MS,
  });
}
