/**
 * The first thing a run does: it gets its plan and its checked input, from `open run` or from the run it continues.
 *
 * SANDBOX. The answer of `open run` is recorded in this run's history: what it brought stays in force for the whole run,
 * whatever is edited meanwhile.
 */
import { workflowInfo } from '@temporalio/workflow';
import { start, type State } from '../interpreter/state.js';
import { isFailure } from '../language/plan/failure.js';
import { isJson, isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import { MEMO_PLAN, MEMO_PREFIX } from '../language/plan/messages.js';
import type { Plan } from '../language/plan/plan.js';
import type { Node } from '../language/steps/index.js';
import { callOwn } from './activities-proxy.js';
import type { Clock } from './clock.js';
import { forPeople } from './failures.js';
import type { KeptItem } from './items.js';
import { toJsonMap } from './json.js';
import { PLANS } from './patches.js';

/** All that a run needs to go on; plain JSON but for its types, it is what a continuation is given. */
export interface Opened {
  readonly plan: Plan<Node>;
  readonly state: State;
  readonly search_attributes: readonly string[];
  readonly continue_after_events: number | undefined;
}

/** Asks the database for plan and input. Rejects with what ends the run: a bad input, an unknown workflow, a used ticket. */
export async function openRun(clock: Clock, input: Json): Promise<Opened> {
  const { workflowType, workflowId, firstExecutionRunId, runId, startTime, memo, parent } = workflowInfo();
  const hash = memo?.[MEMO_PLAN];
  const answer = await ending(() =>
    callOwn({
      type: 'open run',
      id: 'open run',
      summary: 'open the run: find the definition, check the input',
      waits: "open the run: waits for Firn's database",
      input: {
        workflow: workflowType,
        ticket: workflowId,
        first_run_id: firstExecutionRunId,
        run_id: runId,
        input,
        hash: typeof hash === 'string' ? hash : null,
        started_at: startTime.toISOString(),
      },
    }),
  );
  if (!isJsonMap(answer) || !isPlan(answer.plan) || !isJsonMap(answer.input)) {
    throw new Error('"open run" gave something else than a plan that this worker can run: an older worker, or a bug');
  }
  if (typeof answer.at === 'string') clock.stop(Date.parse(answer.at));
  // A called workflow's effects are a place in its caller's program. Only Temporal can say that there is a caller.
  const lent = parent === undefined ? undefined : memo?.[MEMO_PREFIX];
  const run = {
    ticket: workflowId,
    first_run_id: firstExecutionRunId,
    started_at_ms: startTime.getTime(),
    ...(typeof lent === 'string' ? { prefix: lent } : {}),
    ...(parent === undefined ? {} : { parent: parent.workflowId }),
  };
  return {
    plan: answer.plan,
    state: start(answer.plan, answer.input, run),
    search_attributes: texts(answer.search_attributes),
    continue_after_events: number(answer.continue_after_events),
  };
}

/** What `forContinuing` made, read back. Our own bug when it cannot be read. */
export function reopen(continuation: JsonMap): Opened {
  const { plan, state, search_attributes, continue_after_events } = continuation;
  if (!isPlan(plan) || !isState(state)) {
    throw new Error('the state of the run that this one continues cannot be read: an older worker, or a bug');
  }
  return {
    plan,
    state,
    search_attributes: texts(search_attributes),
    continue_after_events: number(continue_after_events),
  };
}

/** The second argument of a run that continues this one. */
export function forContinuing(opened: Opened, items: readonly KeptItem[]): JsonMap {
  return { ...toJsonMap(opened), items: items.map(toJsonMap) };
}

/** What waited for people in the run that this one continues. */
export function keptItems(continuation: JsonMap | undefined): readonly KeptItem[] {
  const { items } = continuation ?? {};
  return Array.isArray(items) ? items.filter(isKeptItem) : [];
}

function isKeptItem(value: unknown): value is KeptItem {
  return isJsonMap(value) && isJsonMap(value.item) && typeof value.since_ms === 'number';
}

/** A failure of the engine's own activity ends the run with its code and sentence. */
export async function ending<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isFailure(error) ? forPeople(error.message, error.code) : error;
  }
}

/** The plan came from our own compiler by way of our own tables; only its shape's version is looked at. */
function isPlan(value: unknown): value is Plan<Node> {
  return isJsonMap(value) && typeof value.irVersion === 'number' && PLANS.includes(value.irVersion);
}

function isState(value: unknown): value is State {
  return isJsonMap(value) && isJson(value) && Array.isArray(value.slots) && isJsonMap(value.frame);
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
