/**
 * The interpreter: walks a compiled plan, one step at a time, until nothing is left to do.
 *
 * PURE: runs in Temporal's sandbox and is replayed from history. Given one plan, one state and one sequence of host
 * answers it makes the same calls in the same order. It knows no clock, no randomness, no I/O and not Temporal itself;
 * `host` is the only door. Trusts the plan: what can be wrong with a definition was refused in compiler/.
 *
 * `interpret` -> `walkRun` (the deadline of the run) -> `walkBlock` (the loop) -> `runStep` -> the kind's `run`, and from
 * there into blocks/ where a step has blocks of its own, which come back to `walkBlock`.
 * A `Failure` is the author's, the data's or the world's fault and ends the run unless a `try` names it; any other error is
 * our own bug and goes through, so that the workflow task fails and a repaired worker heals the run.
 */
import { testExpression } from '../language/expressions/index.js';
import { formatDuration } from '../language/plan/duration.js';
import { Failure, failure, isFailure } from '../language/plan/failure.js';
import type { Host } from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import type { Blocks, StepOutcome } from '../language/steps/kind.js';
import { checkApproval } from './approvals.js';
import { walkEach } from './blocks/each.js';
import { walkBranches } from './blocks/branches.js';
import { walkPasses } from './blocks/repeat.js';
import { walkTry } from './blocks/try.js';
import { drains } from './draining.js';
import type { Ending } from './ending.js';
import {
  blockAt,
  CONTINUE,
  nodeAt,
  placeId,
  type Execution,
  type Kinds,
  type StepPlace,
  type Stop,
  type Walked,
} from './execution.js';
import { PATH_LIMIT, STEP_LIMIT } from './limits.js';
import { ensureResult, keepResult, outputOf, showResult, skippedResult } from './results.js';
import type { Frame, Running, State } from './state.js';
import { stepHost } from './step-host.js';
import { undoAll } from './undo.js';
import { keptBy, rootView } from './views.js';

/**
 * Runs the plan from where `state` stands until it ends, or until the host wants the run to continue as new: then the
 * returned state is all that `interpret` needs to go on. `state` is changed in place.
 */
export async function interpret<Node extends NodeBase>(
  plan: Plan<Node>,
  state: State,
  host: Host,
  kinds: Kinds<Node>,
): Promise<Ending | { readonly continue: State }> {
  host.suspend(false);
  const whole = { draining: false, stepped: false, children: 0, kept: keptBy(state) };
  const execution = { plan, state, kinds, whole, host, view: rootView(state), ends_at_ms: state.ends_at_ms, loops: [] };
  const stop = await walkRun(execution);
  if ('continue' in stop) return { continue: state };
  return { ...stop, undo: stop.outcome === 'done' ? [] : await undoAll(execution) };
}

/** The whole run within its deadline; every way out of it becomes an ending. */
async function walkRun<Node extends NodeBase>(execution: Execution<Node>): Promise<Stop> {
  const { plan, state, host } = execution;
  try {
    const stop = await host.within(state.ends_at_ms, '', (inner) => walkToEnd({ ...execution, host: inner }));
    // It was cancelled while its last write was in flight, which was waited for.
    return host.cancelled() && !('continue' in stop) ? cancelled(state) : stop;
  } catch (error) {
    if (host.isCancellation(error)) return cancelled(state);
    // walkToEnd catches every failure of a step: this one is the host's, which let the run go no further.
    if (!isFailure(error)) throw error;
    const { code } = error;
    const reason = code === 'timeout' ? `not finished within ${formatDuration(plan.ends_within_ms)}` : error.message;
    return { outcome: 'handed_over', reason, code, ...lastStep(state) };
  }
}

function cancelled(state: State): Stop {
  return { outcome: 'cancelled', reason: 'the run was cancelled', ...lastStep(state) };
}

async function walkToEnd<Node extends NodeBase>(execution: Execution<Node>): Promise<Stop> {
  const { plan, state, view } = execution;
  try {
    const stop = await walkBlock(execution, state.frame);
    if (stop !== undefined) return stop;
    return { outcome: 'done', output: outputOf(blockAt(plan, 0).output, view) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { code, message, step } = error;
    if (step === undefined) return { outcome: 'handed_over', reason: message, code };
    return { outcome: 'handed_over', reason: `${step}: ${message}`, code, step };
  }
}

/** Walks a block from where its frame stands; first what is left of a step that has begun. */
async function walkBlock<Node extends NodeBase>(execution: Execution<Node>, frame: Frame): Promise<Stop | undefined> {
  const { plan, view } = execution;
  const { steps } = blockAt(plan, frame.block);
  for (let index = steps[frame.at]; index !== undefined; index = steps[frame.at]) {
    if (drains(execution)) return CONTINUE;
    // What was waited for at the end of its time, or of its branch, is not gone on from.
    execution.host.check();
    const node = nodeAt(plan, index);
    let stop: Stop | undefined;
    try {
      // Awaited here and not behind another function: in Temporal's sandbox each promise more costs a stack trace.
      stop = await runStep(execution, node, index, frame);
    } catch (error) {
      throw located(error, placeId(node.path, view.indexes));
    }
    if (stop !== undefined) return stop;
    delete frame.running;
    frame.at += 1;
    execution.whole.stepped = true;
  }
  return undefined;
}

/** Runs one step and keeps its result; a stop when the run ends, or continues as new, inside it. */
async function runStep<Node extends NodeBase>(
  execution: Execution<Node>,
  node: Node,
  index: number,
  frame: Frame,
): Promise<Stop | undefined> {
  const { host, kinds, view, state } = execution;
  const id = placeId(node.path, view.indexes);
  const running = frame.running ?? beginStep(execution, node, index, id);
  if (running === undefined) return undefined;
  frame.running = running;
  const { deadline_ms } = running;
  const place = { node, index, id, key: `${state.run.prefix}/${id}`, deadline_ms };
  let outcome: StepOutcome;
  try {
    outcome = await kinds(node).run(node, stepHost(execution, place, running));
  } catch (error) {
    if (host.isSuspension(error)) return CONTINUE;
    throw error;
  }
  switch (outcome.kind) {
    case 'value':
      finishStep(execution, node, id, outcome.value);
      return undefined;
    case 'return':
      return { outcome: 'done', output: outcome.output };
    case 'refuse':
      return { outcome: 'refused', reason: outcome.reason, step: id };
    case 'fail':
      return { outcome: 'failed', reason: outcome.message, code: outcome.code, step: id };
    default:
      return walkInside(execution, place, outcome, running);
  }
}

/** What a step keeps while it runs; undefined where its `when` does not hold, and its result says so. */
function beginStep<Node extends NodeBase>(
  execution: Execution<Node>,
  node: Node,
  index: number,
  id: string,
): Running | undefined {
  const { host, state, view } = execution;
  if (node.when !== undefined && !testExpression(node.when, view.slots)) {
    keepResult(execution, node, skippedResult(node));
    return undefined;
  }
  countStep(state, id);
  checkApproval(execution, index);
  return node.timeout_ms === undefined ? {} : { deadline_ms: host.now() + node.timeout_ms };
}

/** Walks the blocks of a step, within the step's own timeout; what they come to is the step's result. */
async function walkInside<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  blocks: Blocks,
  running: Running,
): Promise<Stop | undefined> {
  const { node, id, deadline_ms } = place;
  const walked = await (deadline_ms === undefined
    ? walkBlocks(execution, place, blocks, running)
    : execution.host.within(deadline_ms, id, (host) =>
        walkBlocks(
          { ...execution, host, ends_at_ms: Math.min(execution.ends_at_ms, deadline_ms) },
          place,
          blocks,
          running,
        ),
      ));
  if ('stop' in walked) return walked.stop;
  finishStep(execution, node, id, walked.value);
  return undefined;
}

function walkBlocks<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  blocks: Blocks,
  running: Running,
): Promise<Walked> {
  switch (blocks.kind) {
    case 'enter':
      return walkInner(execution, blocks.block, running);
    case 'each':
      return walkEach(execution, place, blocks, running, walkBlock);
    case 'repeat':
      return walkPasses(execution, place, blocks, running, walkBlock);
    case 'parallel':
    case 'race':
      return walkBranches(execution, place, blocks, running, walkBlock);
    case 'try':
      return walkTry(execution, place, blocks, running, walkBlock);
  }
}

async function walkInner<Node extends NodeBase>(
  execution: Execution<Node>,
  block: number,
  running: Running,
): Promise<Walked> {
  if (running.inside?.is !== 'block') running.inside = { is: 'block', frame: { block, at: 0 } };
  const { frame } = running.inside;
  const stop = await walkBlock(execution, frame);
  return stop === undefined ? { value: outputOf(blockAt(execution.plan, block).output, execution.view) } : { stop };
}

function finishStep<Node extends NodeBase>(execution: Execution<Node>, node: Node, id: string, result: Json): void {
  keepResult(execution, node, result);
  ensureResult(execution, node);
  showResult(execution, node, id, result);
}

function countStep(state: State, id: string): void {
  state.steps += 1;
  if (state.path.length < PATH_LIMIT) state.path.push(id);
  if (state.steps <= STEP_LIMIT) return;
  throw failure('too_many_steps', `the run has started ${STEP_LIMIT} steps, and a run may start no more`);
}

/** A failure that does not say where it happened gets the step's place. */
function located(error: unknown, id: string): unknown {
  return isFailure(error) && error.step === undefined ? new Failure(error.code, error.message, id) : error;
}

function lastStep(state: State): { readonly step?: string } {
  const step = state.path.at(-1);
  return step === undefined ? {} : { step };
}
