/**
 * Activity `open run`: the first thing a run does. From a name and an input to a plan and a checked input.
 *
 * HOST. Repeatable. Plans are looked for in this process first, then in the table, because during a rolling deployment
 * a run may land on a worker that does not have its definition. A run that is refused here is written down as failed, so
 * that it is found by its ticket like any other.
 */
import { closest } from 'fastest-levenshtein';
import { validateInput } from '../language/compiler/input.js';
import type { OpenRunAnswer, OpenRunCall } from '../language/plan/calls.js';
import { failure, messageOf } from '../language/plan/failure.js';
import type { Failure } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import type { JsonMap } from '../language/plan/json.js';
import { newestPlan, planByHash, planNames } from '../store/plan.js';
import { insertRun, recordFailedRun } from '../store/run.js';
import type { OpenedRun } from '../store/run.js';
import { timestampText } from '../store/values.js';
import type { Dependencies } from './dependencies.js';

type Needed = Pick<Dependencies, 'store' | 'plans' | 'searchAttributes' | 'logger' | 'continueAfterEvents'>;

/** Failures `unknown_workflow`, `invalid_input`, `ticket_used`: final. */
export function createOpenRun(dependencies: Needed): (call: OpenRunCall) => Promise<OpenRunAnswer> {
  const { store, searchAttributes, continueAfterEvents } = dependencies;
  return async (call) => {
    const plan = readHeader(await findPlan(dependencies, call));
    const checked = validateInput(plan, call.input);
    if (!checked.ok) {
      const message = `the input does not fit ${plan.name}: ${checked.problems.join(' ')}`;
      throw await recorded(dependencies, openedRun(call, plan, call.input), failure('invalid_input', message));
    }
    const taken = await insertRun(store.pool, openedRun(call, plan, checked.input));
    if (taken !== null) {
      const whose = `a run of ${taken.workflow} that started at ${taken.started_at}`;
      throw failure('ticket_used', `the ticket ${call.ticket} belongs to ${whose}; start again under another ticket`);
    }
    return {
      plan: plan.json,
      input: checked.input,
      search_attributes: searchAttributes,
      at: new Date().toISOString(),
      ...(continueAfterEvents === undefined ? {} : { continue_after_events: continueAfterEvents }),
    };
  };
}

async function findPlan(dependencies: Needed, call: OpenRunCall): Promise<JsonMap> {
  const { store, plans } = dependencies;
  const { workflow, hash } = call;
  const inMemory = hash === null ? plans.newest(workflow) : plans.byHash(hash);
  if (inMemory !== undefined) return inMemory;
  const row = hash === null ? await newestPlan(store.pool, workflow) : await planByHash(store.pool, hash);
  if (row !== undefined && isJsonMap(row.plan)) return row.plan;
  const known = [...new Set([...plans.names(), ...(await planNames(store.pool))])].sort();
  const unknown = failure('unknown_workflow', unknownWorkflow(workflow, hash, known));
  throw await recorded(dependencies, openedRun(call, undefined, call.input), unknown);
}

function unknownWorkflow(workflow: string, hash: string | null, known: readonly string[]): string {
  if (hash !== null && known.includes(workflow)) {
    return `the version ${hash} of ${workflow}, which this run is bound to, was never published here`;
  }
  if (known.length === 0) return `no workflow is named "${workflow}"; no definition was published here yet`;
  return `no workflow is named "${workflow}"; did you mean "${closest(workflow, known)}"? Known: ${known.join(', ')}`;
}

/** What is read of a plan here; the plan itself goes on to the run as it is. */
interface Header {
  readonly json: JsonMap;
  readonly name: string;
  readonly hash: string;
  readonly owner: string;
  readonly ends_within_ms: number;
  readonly input: JsonMap;
}

function readHeader(json: JsonMap): Header {
  const { name, hash, owner, ends_within_ms, input } = json;
  const texts = typeof name === 'string' && typeof hash === 'string' && typeof owner === 'string';
  if (!texts || typeof ends_within_ms !== 'number' || !isJsonMap(input)) {
    throw new Error('a plan without name, hash, owner, deadline or input was published: a bug of the compiler');
  }
  return { json, name, hash, owner, ends_within_ms, input };
}

function openedRun(call: OpenRunCall, plan: Header | undefined, input: OpenRunCall['input']): OpenedRun {
  const { ticket, first_run_id, run_id, workflow, started_at } = call;
  const ends_by =
    plan === undefined ? null : timestampText(new Date(Date.parse(started_at) + plan.ends_within_ms).toISOString());
  return {
    ticket,
    first_run_id,
    run_id,
    workflow,
    hash: plan?.hash ?? null,
    owner: plan?.owner ?? null,
    input,
    started_at,
    ends_by,
  };
}

/** Gives back the refusal: it counts whether or not it could be written down. */
async function recorded({ store, logger }: Needed, run: OpenedRun, refusal: Failure): Promise<Failure> {
  try {
    await recordFailedRun(store.pool, run, { code: refusal.code, reason: refusal.message });
  } catch (error) {
    logger.warn({ ticket: run.ticket, problem: messageOf(error) }, 'a refused run could not be written down');
  }
  return refusal;
}
