/**
 * Results: what a finished step leaves behind, in its slot and in what people are shown.
 *
 * PURE. A result is kept before `ensure` looks at it, so that what the step did is on record whatever follows.
 */
import { evaluateValue, testExpression } from '../language/expressions/index.js';
import { hideParts } from '../language/expressions/private.js';
import { failure } from '../language/plan/failure.js';
import { jsonSize, type Json } from '../language/plan/json.js';
import { SLOT_INPUT, type NodeBase, type Value } from '../language/plan/plan.js';
import type { Execution, View } from './execution.js';
import { SHOWN_TRAIL, TRAIL_LIMIT, tooLarge, type Sized } from './limits.js';
import { quoteValues } from './references.js';

/** What a step that `when` skipped leaves: nothing in it exists. */
export function skippedResult(node: NodeBase): Json {
  return node.list === true ? [] : {};
}

/** What a block hands to the outside. */
export function outputOf(output: Value | undefined, view: View): Json {
  return output === undefined ? {} : evaluateValue(output, view.slots);
}

/** Puts a result into the step's slot. Failure `result_too_large`; nothing is kept then. */
export function keepResult<Node extends NodeBase>(execution: Execution<Node>, node: Node, result: Json): void {
  const { view, whole } = execution;
  const { slot } = node;
  const before = slot === undefined ? 0 : (view.sizes[slot] ?? 0);
  const size = fitting(execution, node.path, result, before);
  if (slot === undefined) return;
  view.slots[slot] = result;
  view.sizes[slot] = size;
  whole.kept += size - before;
}

/** Characters of a result that fits beside all others, once `before` characters of them are gone; else the failure. */
export function fitting<Node extends NodeBase>(
  execution: Execution<Node>,
  path: string,
  result: Json,
  before: number,
): number {
  const size = jsonSize(result);
  const large = tooLarge(path, result, size, execution.whole.kept - before, () => largest(execution));
  if (large !== undefined) throw large;
  return size;
}

/** Failure `not_ensured`, with the values behind it, unless the recorded result is what the author demands. */
export function ensureResult<Node extends NodeBase>({ view, plan }: Execution<Node>, { ensure }: Node): void {
  if (ensure === undefined || testExpression(ensure, view.slots)) return;
  const values = quoteValues(ensure, view.slots, plan.labels);
  const because = values === '' ? '' : `: ${values}`;
  throw failure('not_ensured', `"${ensure.source}" does not hold of what was recorded${because}`);
}

/** Tells people what the step did. */
export function showResult<Node extends NodeBase>(
  execution: Execution<Node>,
  node: Node,
  id: string,
  result: Json,
): void {
  const kind = execution.kinds(node);
  const shown = node.private === undefined ? result : hideParts(result, node.private);
  say(execution, id, node.verb, kind.say?.(shown) ?? kind.summarize(node));
}

/** A line for people. */
export function say<Node extends NodeBase>(
  { state, host }: Execution<Node>,
  step: string,
  verb: string,
  said: string,
): void {
  state.trail.push({ step, verb, said });
  if (state.trail.length > TRAIL_LIMIT) state.trail.shift();
  host.progress({ at: step, trail: state.trail.slice(-SHOWN_TRAIL) });
}

function largest<Node extends NodeBase>({ plan, view }: Execution<Node>): Sized[] {
  return view.sizes.flatMap((size, slot) => {
    const name = slot === SLOT_INPUT ? 'input' : (plan.slots[slot] ?? '');
    return size === 0 ? [] : [{ name, size }];
  });
}
