/**
 * Results: what a finished step leaves behind, in its slot and in what people are shown.
 *
 * PURE. A result is kept before `ensure` looks at it, so that what the step did is on record whatever follows.
 */
import { testExpression } from '../language/expressions/index.js';
import { failure } from '../language/plan/failure.js';
import { jsonSize, type Json } from '../language/plan/json.js';
import { SLOT_INPUT, SLOT_RUN, type NodeBase } from '../language/plan/plan.js';
import type { Execution } from './execution.js';
import { SHOWN_TRAIL, TRAIL_LIMIT, tooLarge, type Sized } from './limits.js';
import { quoteValues } from './references.js';

/** What a step that `when` skipped leaves: nothing in it exists. */
export function skippedResult(node: NodeBase): Json {
  return node.list === true ? [] : {};
}

/** Puts a result into the step's slot. Failure `result_too_large`; nothing is kept then. */
export function keepResult<Node extends NodeBase>(execution: Execution<Node>, node: Node, result: Json): void {
  const { state, sizes } = execution;
  const size = jsonSize(result);
  const large = tooLarge(node.path, result, size, node.slot === undefined ? [] : otherSizes(execution, node.slot));
  if (large !== undefined) throw large;
  if (node.slot === undefined) return;
  state.slots[node.slot] = result;
  sizes[node.slot] = size;
}

/** Failure `not_ensured`, with the values behind it, unless the recorded result is what the author demands. */
export function ensureResult<Node extends NodeBase>(execution: Execution<Node>, node: Node): void {
  const { ensure } = node;
  const { slots } = execution.state;
  if (ensure === undefined || testExpression(ensure, slots)) return;
  const values = quoteValues(ensure, slots);
  const because = values === '' ? '' : `: ${values}`;
  throw failure('not_ensured', `"${ensure.source}" does not hold of what was recorded${because}`, node.path);
}

/** Tells people what the step did. */
export function showResult<Node extends NodeBase>(execution: Execution<Node>, node: Node, result: Json): void {
  const { state, host } = execution;
  const kind = execution.kinds(node);
  const said = kind.say?.(result) ?? kind.summarize(node);
  state.trail.push({ step: node.path, verb: node.verb, said });
  if (state.trail.length > TRAIL_LIMIT) state.trail.shift();
  host.progress({ at: node.path, trail: state.trail.slice(-SHOWN_TRAIL) });
}

/** Characters of each kept result, by slot; what the run itself is called does not count. */
export function sizesOf(slots: readonly Json[]): number[] {
  return slots.map((value, slot) => (value === null || slot === SLOT_RUN ? 0 : jsonSize(value)));
}

function otherSizes<Node extends NodeBase>({ plan, sizes }: Execution<Node>, except: number): Sized[] {
  return sizes.flatMap((size, slot) => {
    const name = slot === SLOT_INPUT ? 'input' : (plan.slots[slot] ?? '');
    return slot === except || size === 0 ? [] : [{ name, size }];
  });
}
