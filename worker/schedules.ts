/**
 * A worker that starts brings Temporal's schedules into step with firn.yaml.
 *
 * HOST. Tolerant: what cannot be done is said in the log and costs no worker. A schedule whose definition has problems, or
 * does not take its input, is left as it was, so that nothing new goes wrong by the clock.
 */
import { ScheduleClient } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { keepSchedules, type WantedSchedule } from '../client/schedules.js';
import { messageOf } from '../language/plan/failure.js';
import type { Configuration } from '../setup/configuration.js';
import type { CompiledDefinition } from '../setup/definitions.js';
import { scheduleProblems } from '../setup/schedule-settings.js';

export async function keepInStep(
  connection: NativeConnection,
  namespace: string,
  { name, taskQueue, schedules }: Configuration,
  definitions: readonly CompiledDefinition[],
  log: Logger,
): Promise<void> {
  const wanted = schedules.flatMap((schedule): WantedSchedule[] => {
    const plan = definitions.find((definition) => definition.plan?.name === schedule.workflow)?.plan;
    const [problem] = scheduleProblems([schedule], definitions);
    if (plan !== undefined && problem === undefined) return [{ ...schedule, summary: plan.summary }];
    const why = problem?.message ?? `${schedule.workflow} has problems`;
    log.error({ schedule: schedule.name }, `the schedule "${schedule.name}" is left as it is: ${why}`);
    return [];
  });
  try {
    const client = new ScheduleClient({ connection, namespace });
    const project = { name, taskQueue, named: new Set(schedules.map((schedule) => schedule.name)) };
    const { problems, ...did } = await keepSchedules(client, project, wanted);
    for (const problem of problems) log.warn({}, problem);
    if (Object.values(did).some((names) => names.length > 0)) log.info(did, 'schedules are as firn.yaml says');
  } catch (error) {
    log.warn({ problem: messageOf(error) }, 'schedules could not be brought into step with firn.yaml');
  }
}
