/**
 * Schedules: kept in Temporal as firn.yaml says, and listed.
 *
 * HOST. A schedule of a project has an id that begins with `firn:<project>:` and a memo that names the project; no other is
 * ever touched. What was made of the file is remembered by its hash, so that a worker that starts changes nothing that has
 * not changed in the file: a schedule that somebody paused stays paused. Each run has a ticket: project, schedule and the
 * time at which it was due.
 */
import { ScheduleAlreadyRunning, ScheduleNotFoundError, type ScheduleClient } from '@temporalio/client';
import { messageOf } from '../language/plan/failure.js';
import { digest, isJsonMap, type JsonMap } from '../language/plan/json.js';
import { TASK_TIMEOUT } from '../language/plan/messages.js';
import type { ScheduleSettings } from '../setup/configuration.js';

const MEMO_PROJECT = 'firn_project';
/** On the schedule's runs: which one started them. */
const MEMO_SCHEDULE = 'firn_schedule';

const OVERLAP = {
  skip: 'SKIP',
  buffer_one: 'BUFFER_ONE',
  buffer_all: 'BUFFER_ALL',
  allow_all: 'ALLOW_ALL',
  cancel_other: 'CANCEL_OTHER',
} as const;

export interface WantedSchedule extends Omit<ScheduleSettings, 'file' | 'place'> {
  /** One line about the workflow, for Temporal's UI. */
  readonly summary: string;
}

export interface ProjectOfSchedules {
  readonly name: string;
  readonly taskQueue: string;
  /** Names of all schedules in the file: those that are not among the wanted ones are left as they are. */
  readonly named: ReadonlySet<string>;
}

/** What was done, by names; `problems` are sentences about those that could not be brought into step. */
export interface KeptSchedules {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
  readonly problems: readonly string[];
}

export interface ScheduleState {
  readonly name: string;
  readonly workflow: string;
  readonly cron: string;
  readonly zone: string;
  readonly paused: boolean;
  /** The next times, RFC 3339; none while it is paused. */
  readonly next: readonly string[];
  /** Ticket of the last run that it started. */
  readonly last: string | undefined;
}

/** Creates, updates and deletes. Rejects only when the schedules cannot be listed at all. */
export async function keepSchedules(
  client: ScheduleClient,
  project: ProjectOfSchedules,
  wanted: readonly WantedSchedule[],
): Promise<KeptSchedules> {
  const kept = { created: new Array<string>(), updated: new Array<string>(), deleted: new Array<string>() };
  const problems: string[] = [];
  const trying = async (name: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      problems.push(`the schedule "${name}" could not be brought into step: ${messageOf(error)}`);
    }
  };
  for (const name of await namesOf(client, project.name)) {
    if (project.named.has(name)) continue;
    await trying(name, async () => {
      await client.getHandle(idOf(project.name, name)).delete();
      kept.deleted.push(name);
    });
  }
  for (const schedule of wanted) {
    await trying(schedule.name, async () => {
      const did = await keepOne(client, project, schedule);
      if (did !== 'nothing') kept[did].push(schedule.name);
    });
  }
  return { ...kept, problems };
}

/** The schedules of a project, by name. */
export async function listSchedules(client: ScheduleClient, project: string): Promise<ScheduleState[]> {
  const states: ScheduleState[] = [];
  for (const name of await namesOf(client, project)) {
    const state = await stateOf(client, project, name);
    if (state !== undefined) states.push(state);
  }
  return states;
}

async function keepOne(
  client: ScheduleClient,
  { name: project, taskQueue }: ProjectOfSchedules,
  schedule: WantedSchedule,
): Promise<'created' | 'updated' | 'nothing'> {
  const { name, workflow, cron, zone, input, paused, overlap, summary } = schedule;
  const hash = digest({ name, workflow, cron, zone, input, paused, overlap, summary, taskQueue });
  const parts = {
    spec: { cronExpressions: [cron], timezone: zone },
    policies: { overlap: OVERLAP[overlap] },
    state: { paused },
    action: {
      type: 'startWorkflow' as const,
      workflowType: workflow,
      workflowId: `${project}-${name}`,
      taskQueue,
      args: [input],
      workflowTaskTimeout: TASK_TIMEOUT,
      memo: { [MEMO_SCHEDULE]: { name, cron, zone, hash } },
      staticSummary: summary,
    },
  };
  const scheduleId = idOf(project, name);
  try {
    await client.create({ scheduleId, memo: { [MEMO_PROJECT]: project }, ...parts });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const handle = client.getHandle(scheduleId);
  const { memo, action } = await handle.describe();
  if (memo?.[MEMO_PROJECT] !== project) throw new Error(`Temporal has a schedule "${scheduleId}" that is not Firn's`);
  if (rememberedOf(action.memo)['hash'] === hash) return 'nothing';
  await handle.update(() => parts);
  return 'updated';
}

/** Names of the project's schedules, sorted. Temporal lists a new one a moment later. */
async function namesOf(client: ScheduleClient, project: string): Promise<readonly string[]> {
  const names: string[] = [];
  const prefix = idOf(project, '');
  for await (const { scheduleId, memo } of client.list()) {
    if (scheduleId.startsWith(prefix) && memo?.[MEMO_PROJECT] === project) names.push(scheduleId.slice(prefix.length));
  }
  return names.sort();
}

async function stateOf(client: ScheduleClient, project: string, name: string): Promise<ScheduleState | undefined> {
  try {
    const { action, state, info } = await client.getHandle(idOf(project, name)).describe();
    const { cron, zone } = rememberedOf(action.memo);
    return {
      name,
      workflow: action.workflowType,
      cron: typeof cron === 'string' ? cron : '',
      zone: typeof zone === 'string' ? zone : '',
      paused: state.paused,
      next: state.paused ? [] : info.nextActionTimes.map((time) => time.toISOString()),
      last: info.recentActions.at(-1)?.action.workflow.workflowId,
    };
  } catch (error) {
    // Deleted since it was listed.
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function idOf(project: string, name: string): string {
  return `firn:${project}:${name}`;
}

function rememberedOf(memo: Record<string, unknown> | undefined): JsonMap {
  const remembered = memo?.[MEMO_SCHEDULE];
  return isJsonMap(remembered) ? remembered : {};
}
