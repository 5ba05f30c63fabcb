/**
 * Generated programs on real Temporal: real timers, real retries, a worker that keeps three runs in memory, many runs at
 * once. What comes of each is what the reference predicts. Not a test itself.
 *
 * Real time is not exact: only programs are taken of which no two things that race are closer than `gap_ms`, and one that
 * differs is tried again with the machine to itself; what differs then too is wrong.
 */
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { messageOf } from '../../language/plan/failure.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';
import { bundleWorkflows } from '../../worker/bundle.js';
import { connectWorker } from '../../worker/worker.js';
import { programOf, type Program } from '../programs/build.js';
import { differences, type Prediction } from '../programs/prediction.js';
import { predict } from '../programs/reference.js';
import { BLOCKS, LEAVES, sketches } from '../programs/shapes.js';
import { compiled, describe, orderOf } from '../programs/trying.js';
import { Scripted } from './scripted.js';

export interface ProgramsOptions {
  readonly address: string;
  readonly taskQueue: string;
  readonly programs: number;
  readonly seed: number;
  /** Runs at once. */
  readonly at_once: number;
  /** No run is to take longer. */
  readonly longest_ms: number;
  readonly say: (line: string) => void;
}

export interface ProgramsReport {
  readonly programs: number;
  /** Drawn and not taken: two things too close together, too long, or refused by the compiler. */
  readonly left_out: number;
  /** Runs that were to continue as new, those that did, and how often they did. */
  readonly may_continue: number;
  readonly continued: number;
  readonly continuations: number;
  /** Differed among others and not alone: the machine was late. */
  readonly late: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly different: readonly string[];
}

interface Chosen {
  readonly program: Program;
  readonly plan: Plan<Node>;
  readonly predicted: Prediction;
  /** Continues as new: only where waiting for what is in flight, as that does, cannot change who is first. */
  readonly continues: boolean;
}

/** The longest that one attempt takes. */
const MOST_MS = 1_600;
const GAP_MS = 250;
const LAG_MS = 200;
/** Measured: a timer of 20 ms on the development server fired more than half a second later. */
const LATE_MS = 1_000;
const CACHED_RUNS = 3;
/** A run that continues as new does so after a step or two. */
const CONTINUE_AFTER_EVENTS = 15;
/** Between runs: no worker of this kind hosts those that are called, and no other run listens. */
const VERBS = [...LEAVES, ...BLOCKS].filter((is) => is !== 'call' && is !== 'send');
const DRAWS = 12;
/** Those that differ are tried again, a few at once, and what still differs twice alone. */
const AGAIN = [4, 1, 1];

export async function programsOnTemporal(options: ProgramsOptions): Promise<ProgramsReport> {
  const { address, taskQueue, programs, seed, at_once, longest_ms, say } = options;
  quiet();
  const { chosen, left_out } = choose(programs, seed, longest_ms);
  say(`${chosen.length} programs chosen, ${left_out} left out`);
  const [connection, code] = await Promise.all([connectWorker({ address }), bundleWorkflows()]);
  const client = new Client({ connection: await Connection.connect({ address }) });
  const scripted = new Scripted(client, CONTINUE_AFTER_EVENTS);
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { code },
    activities: scripted.activities(),
    maxCachedWorkflows: CACHED_RUNS,
    maxConcurrentActivityTaskExecutions: 400,
    maxConcurrentWorkflowTaskExecutions: CACHED_RUNS,
    stickyQueueScheduleToStartTimeout: '1s',
  });
  const running = worker.run();
  try {
    const trying = { client, scripted, taskQueue };
    return { programs: chosen.length, left_out, ...(await runAll(trying, chosen, seed, at_once, say)) };
  } finally {
    worker.shutdown();
    await running;
    await connection.close();
    await client.connection.close();
  }
}

function choose(
  programs: number,
  seed: number,
  longest_ms: number,
): { readonly chosen: readonly Chosen[]; readonly left_out: number } {
  const chosen: Chosen[] = [];
  let drawn = 0;
  for (const sketch of fc.sample(sketches(MOST_MS, VERBS), { numRuns: programs * DRAWS, seed })) {
    if (chosen.length >= programs) break;
    drawn += 1;
    const program = programOf(sketch);
    const predicted = predict(program.definition, program.world, program.input, GAP_MS);
    if (predicted.ambiguous || predicted.took_ms > longest_ms || predicted.took_ms === 0) continue;
    if (lags(program, predicted)) continue;
    const { plan } = compiled(program);
    const continues = program.continues > 0 && orderOf(program, predicted) !== 'any';
    if (plan !== undefined) chosen.push({ program, plan, predicted, continues });
  }
  return { chosen, left_out: drawn - chosen.length };
}

/** Where every attempt takes a little longer, or deadlines come late, as on a real server, something else is right. */
function lags({ definition, world, input }: Program, predicted: Prediction): boolean {
  return [{ lag_ms: LAG_MS }, { late_ms: LATE_MS }].some((slow) => {
    const { took_ms, ...later } = predict(definition, { ...world, ...slow }, input, GAP_MS);
    return later.ambiguous || took_ms < predicted.took_ms || differences(predicted, later).length > 0;
  });
}

/** Scripted failures are no news. */
function quiet(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: 'ERROR', forward: {} } },
  });
}

interface Trying {
  readonly client: Client;
  readonly scripted: Scripted;
  readonly taskQueue: string;
}

async function runAll(
  trying: Trying,
  chosen: readonly Chosen[],
  seed: number,
  at_once_first: number,
  say: (line: string) => void,
) {
  const outcomes: Record<string, number> = {};
  const counts = { may_continue: 0, continued: 0, continuations: 0 };
  let left: Differs[] = chosen.map((one, index) => ({ one, ticket: `program-${seed}-${index + 1}`, how: [] }));
  let late = 0;
  for (const [round, at_once] of [at_once_first, ...AGAIN].entries()) {
    const waiting = [...left];
    const differ: Differs[] = [];
    let over = 0;
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const { one, ticket } = next;
        const { how, continuations } = await runOne(trying, one, round === 0 ? ticket : `${ticket}-again-${round}`);
        over += 1;
        if (round === 0) {
          counts.continuations += continuations;
          if (one.continues) counts.may_continue += 1;
          if (continuations > 0) counts.continued += 1;
        }
        if (how.length > 0) differ.push({ one, ticket, how });
        else outcomes[one.predicted.outcome] = (outcomes[one.predicted.outcome] ?? 0) + 1;
        if (how.length === 0 && round > 0) {
          late += 1;
          say(`late: ${ticket}, as predicted when ${at_once} ran at once; before, ${next.how[0] ?? ''}`);
        }
        if (over % 50 === 0) say(`${over} of ${left.length} are over, ${differ.length} differ so far`);
      }
    };
    await Promise.all(Array.from({ length: at_once }, lane));
    left = differ;
  }
  return { outcomes, ...counts, late, different: left.map(({ one, how }) => describe(one.program, how)) };
}

/** A run that did not come to what was predicted. */
interface Differs {
  readonly one: Chosen;
  readonly ticket: string;
  readonly how: readonly string[];
}

async function runOne({ client, scripted, taskQueue }: Trying, one: Chosen, ticket: string) {
  const { program, plan, predicted, continues } = one;
  scripted.add(ticket, program, plan, continues);
  const handle = await client.workflow.start('generated', {
    workflowId: ticket,
    taskQueue,
    args: [program.input],
    workflowTaskTimeout: '10s',
    workflowExecutionTimeout: '5m',
  });
  const ended = await handle.result().then(
    () => '',
    (error: unknown) => messageOf(error),
  );
  const seen = scripted.seen(ticket);
  const unordered = continues && orderOf(program, predicted) === 'none';
  const how = seen === undefined ? [`it never closed: ${ended}`] : differences(predicted, seen, unordered);
  return { how, continuations: await continuationsOf(client, handle) };
}

/** How often it continued as new, by its chain of runs. */
async function continuationsOf(
  client: Client,
  { workflowId, firstExecutionRunId }: WorkflowHandleWithFirstExecutionRunId,
) {
  let continuations = 0;
  for (let runId = firstExecutionRunId; ; continuations += 1) {
    const { events = [] } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const next = events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId ?? '';
    if (next === '') return continuations;
    runId = next;
  }
}
