/**
 * The measurement: runs of both sides in turn, on one server, one worker, one machine at one time.
 *
 * HOST. A sample is one run: wall time as its caller sees it, CPU time of the worker process, and what its history holds.
 * The sides take turns in who comes first, so that whatever else the machine does meets both alike.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { prepareTables } from '../setup/tables.js';
import { definitionOf, openProject, writeProject } from './project.js';
import { startBenchWorker } from './worker-process.js';

export const SIDES = ['hand-written', 'interpreter'] as const;
export type Side = (typeof SIDES)[number];

export interface Sample {
  readonly side: Side;
  readonly size: number;
  readonly round: number;
  readonly wall_ms: number;
  readonly cpu_ms: number;
  readonly events: number;
  readonly tasks: number;
  /** What was asked of each activity, as its history has it; without what differs from run to run. */
  readonly scheduled: readonly string[];
}

export interface MeasureOptions {
  readonly address: string;
  readonly databaseUrl: string;
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly warmUps: number;
  readonly profiles?: string | undefined;
  readonly say: (line: string) => void;
}

/** What the worker still does when the caller has its result: completing the task, evicting. */
const SETTLE_MS = 60;

export async function measure(options: MeasureOptions): Promise<readonly Sample[]> {
  const { address, databaseUrl, sizes, rounds, warmUps, say } = options;
  const project = writeProject(sizes);
  const queue = `bench-${randomBytes(4).toString('hex')}`;
  await prepareTables(openProject(project.directory, databaseUrl));
  const worker = await startBenchWorker({ ...options, directory: project.directory, queue });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const taken: Omit<Sample, 'events' | 'tasks' | 'scheduled'>[] = [];
  const handles: WorkflowHandle[] = [];
  try {
    for (let round = -warmUps; round < rounds; round += 1) {
      for (const size of sizes) {
        for (const side of round % 2 === 0 ? SIDES : [...SIDES].reverse()) {
          const ticket = `${side}-${size}-${round}-${queue}`;
          await delay(SETTLE_MS);
          const cpu_us = await worker.cpu();
          const started = performance.now();
          const handle = await start(client, side, size, queue, ticket);
          await handle.result();
          const wall_ms = performance.now() - started;
          await delay(SETTLE_MS);
          const cpu_ms = ((await worker.cpu()) - cpu_us) / 1000;
          if (round < 0) continue;
          taken.push({ side, size, round, wall_ms, cpu_ms });
          handles.push(handle);
        }
      }
      if (round >= 0 && (round + 1) % 5 === 0) say(`${round + 1} of ${rounds} rounds`);
    }
    const samples: Sample[] = [];
    for (const [index, handle] of handles.entries()) {
      const sample = taken[index];
      if (sample !== undefined) samples.push({ ...sample, ...(await readHistory(handle)) });
    }
    return samples;
  } finally {
    await worker.stop();
    await connection.close();
    project.remove();
  }
}

function start(client: Client, side: Side, size: number, queue: string, ticket: string): Promise<WorkflowHandle> {
  const [type, input] =
    side === 'interpreter' ? [definitionOf(size), { id: 'r-1' }] : ['handWritten', { id: 'r-1', steps: size }];
  return client.workflow.start(type, {
    workflowId: ticket,
    taskQueue: queue,
    args: [input],
    workflowTaskTimeout: '3s',
  });
}

async function readHistory(handle: WorkflowHandle): Promise<Pick<Sample, 'events' | 'tasks' | 'scheduled'>> {
  const events = (await handle.fetchHistory()).events ?? [];
  const scheduled = events.flatMap(({ activityTaskScheduledEventAttributes: asked, userMetadata }) => {
    if (!asked) return [];
    const { activityId, activityType, input, scheduleToCloseTimeout, startToCloseTimeout, retryPolicy } = asked;
    return [
      JSON.stringify([
        activityId,
        activityType,
        input,
        scheduleToCloseTimeout,
        startToCloseTimeout,
        retryPolicy,
        userMetadata,
      ]),
    ];
  });
  return {
    events: events.length,
    tasks: events.filter((event) => event.workflowTaskCompletedEventAttributes).length,
    scheduled,
  };
}
