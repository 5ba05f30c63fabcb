/**
 * Continuing as new: when a run stops starting anything, so that another can go on from its state.
 *
 * PURE.
 */
import type { NodeBase } from '../language/plan/plan.js';
import type { Execution } from './execution.js';

/**
 * True when nothing new may be started, because the run continues as new. Asked between steps, so that every continuation
 * gets further than the run before it; never while a called workflow is waited for, which continuing would cancel; and a
 * cancelled run ends here, not in the next one.
 */
export function drains<Node extends NodeBase>({ whole, host, held }: Execution<Node>): boolean {
  if (held === true) return false;
  if (!whole.draining && whole.stepped && whole.children === 0 && host.mustContinue() && !host.cancelled()) {
    whole.draining = true;
    host.suspend(true);
  }
  return whole.draining;
}
