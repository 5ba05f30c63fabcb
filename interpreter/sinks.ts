/**
 * Sinks, checked again where a value would act: who is told, who may decide, how long the run waits.
 *
 * PURE. Trusts neither the label that the compiler gave an expression nor its own memory of having checked it: the label is
 * settled from what the expression reads, by the plan's labels of those slots.
 */
import { evaluateValue } from '../language/expressions/index.js';
import { settleLabel } from '../language/expressions/settle-label.js';
import { failure } from '../language/plan/failure.js';
import type { Json } from '../language/plan/json.js';
import type { NodeBase, Value } from '../language/plan/plan.js';
import { mayReach, SINKS, type Sink } from '../language/plan/sinks.js';
import type { Execution } from './execution.js';

/** Failure `tainted` where somebody wrote the value who may not choose this. */
export function evaluateSink<Node extends NodeBase>({ plan, view }: Execution<Node>, value: Value, sink: Sink): Json {
  const label = settleLabel(value, plan.labels);
  if (mayReach(sink, label, value)) return evaluateValue(value, view.slots);
  const { what, nobody } = SINKS[sink];
  throw failure('tainted', `the ${what} of "${sink}" would come from ${label}: nobody outside may choose ${nobody}`);
}
