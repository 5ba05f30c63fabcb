/**
 * The interpreter: walks a compiled plan, one step at a time, until nothing is left to do.
 *
 * PURE: runs in Temporal's sandbox and is replayed from history. Given one plan, one state and one sequence of host
 * answers it makes the same calls in the same order. It knows no clock, no randomness, no I/O and not Temporal itself;
 * `host` is the only door. Trusts the plan: what can be wrong with a definition was refused in compiler/.
 *
 * `interpret` -> `walkRun` (the deadline of the run) -> `walkBlock` (the loop) -> `runStep` -> the kind's `run`.
 * A `Failure` is the author's, the data's or the world's fault and ends the run; any other error is our own bug and goes
 * through, so that the workflow task fails and a repaired worker heals the run.
 */
import { evaluateValue, testExpression } from '../language/expressions/index.js';
import { formatDuration } from '../language/plan/duration.js';
import { Failure, failure, isFailure } from '../language/plan/failure.js';
import type { Host } from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { NodeBase, Plan, Value } from '../language/plan/plan.js';
import { checkApproval } from './approvals.js';
import type { Ending } from './ending.js';
import { blockAt, nodeAt, type Execution, type Kinds } from './execution.js';
import { PATH_LIMIT, STEP_LIMIT } from './limits.js';
import { ensureResult, keepResult, showResult, sizesOf, skippedResult } from './results.js';
import type { Frame, State } from './state.js';
import { stepHost } from './step-host.js';
import { undoAll } from './undo.js';

/** Why the walk stopped before its last step; the walk itself undoes nothing. */
type Stop = { readonly continue: true } | Omit<Ending, 'undo'>;

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
  const execution: Execution<Node> = { plan, state, host, kinds, sizes: sizesOf(state.slots) };
  const stop = await walkRun(execution);
  if ('continue' in stop) return { continue: state };
  return { ...stop, undo: stop.outcome === 'done' ? [] : await undoAll(execution) };
}

/** The whole run within its deadline; every way out of it becomes an ending. */
async function walkRun<Node extends NodeBase>(execution: Execution<Node>): Promise<Stop> {
  const { plan, state, host } = execution;
  try {
    return await host.within(state.ends_at_ms, '', () => walkToEnd(execution));
  } catch (error) {
    if (host.isCancellation(error))
      return { outcome: 'cancelled', reason: 'the run was cancelled', ...lastStep(state) };
    // walkToEnd catches every failure of a step: this one is the host's, which let the run go no further.
    if (!isFailure(error)) throw error;
    const { code } = error;
    const reason = code === 'timeout' ? `not finished within ${formatDuration(plan.ends_within_ms)}` : error.message;
    return { outcome: 'handed_over', reason, code, ...lastStep(state) };
  }
}

async function walkToEnd<Node extends NodeBase>(execution: Execution<Node>): Promise<Stop> {
  const { plan, state } = execution;
  try {
    const stop = await walkBlock(execution, 0);
    if (stop !== undefined) return stop;
    return { outcome: 'done', output: outputOf(blockAt(plan, 0).output, state) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { code, message, step } = error;
    if (step === undefined) return { outcome: 'handed_over', reason: message, code };
    return { outcome: 'handed_over', reason: `${step}: ${message}`, code, step };
  }
}

/** Walks the block of frame `depth` from its next step on; first what is left of a block inside it. */
async function walkBlock<Node extends NodeBase>(execution: Execution<Node>, depth: number): Promise<Stop | undefined> {
  const { plan, state, host } = execution;
  const frame = frameAt(state, depth);
  const { steps } = blockAt(plan, frame.block);
  for (let index = steps[frame.at]; index !== undefined; index = steps[frame.at]) {
    const inside = state.frames[depth + 1];
    const node = nodeAt(plan, index);
    let stop: Stop | undefined;
    try {
      // Awaited here and not behind another function: in Temporal's sandbox each promise more costs a stack trace.
      stop = await (inside === undefined ? runStep(execution, node, index) : walkInside(execution, node, depth + 1));
    } catch (error) {
      throw located(error, node);
    }
    if (stop !== undefined) return stop;
    frame.at += 1;
    // After a step and never before one, so that every continuation gets further than the run before it; and a cancelled
    // run ends here, not in the next one.
    if (host.mustContinue() && !host.cancelled() && !atEnd(execution)) return { continue: true };
  }
  return undefined;
}

/** Runs one step and keeps its result; a stop when the run ends, or continues as new, inside it. */
async function runStep<Node extends NodeBase>(
  execution: Execution<Node>,
  node: Node,
  index: number,
): Promise<Stop | undefined> {
  const { state, host, kinds } = execution;
  if (node.when !== undefined && !testExpression(node.when, state.slots)) {
    keepResult(execution, node, skippedResult(node));
    return undefined;
  }
  countStep(state, node);
  checkApproval(execution, index);
  const deadline_ms = node.timeout_ms === undefined ? undefined : host.now() + node.timeout_ms;
  const place = { node, index, id: node.path, key: `${state.run.prefix}/${node.path}`, deadline_ms };
  const outcome = await kinds(node).run(node, stepHost(execution, place));
  switch (outcome.kind) {
    case 'value':
      finishStep(execution, node, outcome.value);
      return undefined;
    case 'enter':
      state.frames.push({
        block: outcome.block,
        at: 0,
        node: index,
        ...(deadline_ms === undefined ? {} : { deadline_ms }),
      });
      return walkInside(execution, node, state.frames.length - 1);
    case 'return':
      return { outcome: 'done', output: outcome.output };
    case 'refuse':
      return { outcome: 'refused', reason: outcome.reason, step: node.path };
    case 'fail':
      return { outcome: 'failed', reason: outcome.message, code: outcome.code, step: node.path };
  }
}

/** Walks the block that a step entered, within the step's own timeout; the block's output is the step's result. */
async function walkInside<Node extends NodeBase>(
  execution: Execution<Node>,
  node: Node,
  depth: number,
): Promise<Stop | undefined> {
  const { plan, state, host } = execution;
  const { block, deadline_ms } = frameAt(state, depth);
  const work = (): Promise<Stop | undefined> => walkBlock(execution, depth);
  const stop = await (deadline_ms === undefined ? work() : host.within(deadline_ms, node.path, work));
  if (stop !== undefined) return stop;
  state.frames.length = depth;
  finishStep(execution, node, outputOf(blockAt(plan, block).output, state));
  return undefined;
}

function finishStep<Node extends NodeBase>(execution: Execution<Node>, node: Node, result: Json): void {
  keepResult(execution, node, result);
  ensureResult(execution, node);
  showResult(execution, node, result);
}

function countStep(state: State, node: NodeBase): void {
  state.steps += 1;
  if (state.path.length < PATH_LIMIT) state.path.push(node.path);
  if (state.steps <= STEP_LIMIT) return;
  throw failure('too_many_steps', `the run has started ${STEP_LIMIT} steps, and a run may start no more`, node.path);
}

/** A failure that does not say where it happened gets the step's path. */
function located(error: unknown, node: NodeBase): unknown {
  return isFailure(error) && error.step === undefined ? new Failure(error.code, error.message, node.path) : error;
}

function outputOf(output: Value | undefined, state: State): Json {
  return output === undefined ? {} : evaluateValue(output, state.slots);
}

/** Nothing but outputs is left: continuing as new would cost a run for nothing. */
function atEnd<Node extends NodeBase>({ plan, state }: Execution<Node>): boolean {
  return state.frames.every((frame, depth) => {
    const entering = depth < state.frames.length - 1 ? 1 : 0;
    return frame.at + entering >= blockAt(plan, frame.block).steps.length;
  });
}

function frameAt(state: State, depth: number): Frame {
  const frame = state.frames[depth];
  if (frame === undefined) throw new Error(`the run has no block at depth ${depth}: a bug of the interpreter`);
  return frame;
}

function lastStep(state: State): { readonly step?: string } {
  const step = state.path.at(-1);
  return step === undefined ? {} : { step };
}
