/** A worker's activities on a real database, run in Temporal's own mock of an activity's context. Not a test itself. */
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { createActivities } from '../../activities/index.js';
import type { Activities, Dependencies } from '../../activities/index.js';
import type { Channel } from '../../connections/channels.js';
import type { Door } from '../../connections/door.js';
import type { JsonMap } from '../../language/plan/json.js';
import { modelsOff } from '../../models/off.js';
import type { Pool } from '../../store/pool.js';

export interface TestWorker {
  readonly activities: Activities;
  /** What the console channel printed. */
  readonly printed: string[];
  /** Runs an activity as Temporal does; `runId` is that of the workflow's execution. */
  run<Call, Answer>(activity: (call: Call) => Promise<Answer>, call: Call, runId?: string): Promise<Answer>;
}

export function testWorker(
  pool: Pool,
  doors: readonly Door[],
  plans: readonly JsonMap[],
  more: Partial<Dependencies> = {},
): TestWorker {
  const printed: string[] = [];
  const consoleChannel: Channel = { name: 'console', kind: 'console' };
  const activities = createActivities({
    store: { pool, place: 'here' },
    connections: new Map(doors.map((door) => [door.name, door])),
    services: new Map(),
    toolServers: new Map(),
    registered: new Map(),
    channels: new Map([['console', consoleChannel]]),
    defaultChannel: 'console',
    roles: new Map([
      ['returns-desk', { people: ['maria', 'paul'], channel: 'console' }],
      ['owner', { people: ['olga'], channel: 'console' }],
      ['quiet', { people: [], channel: undefined }],
    ]),
    plans: {
      newest: (name) => plans.findLast((plan) => plan['name'] === name),
      byHash: (hash) => plans.find((plan) => plan['hash'] === hash),
      names: () => plans.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
    },
    models: modelsOff(['this is a test']),
    searchAttributes: ['FirnOutcome'],
    logger: pino({ level: 'silent' }),
    print: (text) => printed.push(text),
    ...more,
  });
  return {
    activities,
    printed,
    run: (activity, call, runId = 'run-1') => {
      const info = { workflowType: 'refund', workflowExecution: { workflowId: 'w', runId } };
      return new MockActivityEnvironment(info).run(activity, call);
    },
  };
}

/** What Temporal would be told: type, whether it is tried again, and the sentence. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{ type: string; final: boolean; message: string; category: string; delay: unknown; stack: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApplicationFailure)) throw new Error(`this is no application failure: ${String(error)}`);
  const { type, nonRetryable, message, category, stack } = error;
  const delay: unknown = Reflect.get(error, 'nextRetryDelay');
  return {
    type: type ?? '',
    final: nonRetryable === true,
    message,
    category: String(category),
    delay,
    stack: stack ?? '',
  };
}

export function testPlan(name: string, hash: string, more: JsonMap = {}): JsonMap {
  const input = {
    type: 'object',
    properties: {
      order_id: { type: 'string' },
      reason: { enum: ['damaged', 'late'] },
      count: { type: 'integer', default: 1 },
    },
    required: ['order_id'],
    additionalProperties: false,
  };
  return { irVersion: 1, name, hash, owner: 'owner', ends_within_ms: 5 * 86_400_000, input, nodes: [], ...more };
}
