/**
 * Approvals bind: a step that somebody approved runs with the very request that was shown, or not at all.
 *
 * PURE. The digest is that of the step's evaluated request without its key (which is the same place in the program
 * whatever is asked).
 */
import { evaluateValue } from '../language/expressions/index.js';
import { failure } from '../language/plan/failure.js';
import { digest, type JsonMap } from '../language/plan/json.js';
import type { NodeBase } from '../language/plan/plan.js';
import { nodeAt, type Execution } from './execution.js';

/** The request that a step would make now. */
export function requestOf<Node extends NodeBase>(execution: Execution<Node>, index: number): JsonMap {
  const node = nodeAt(execution.plan, index);
  const kind = execution.kinds(node);
  if (kind.request === undefined) {
    throw new Error(`"${node.path}" (${node.verb}) makes no request that could be approved: a bug of the compiler`);
  }
  return kind.request(node, (value) => evaluateValue(value, execution.state.slots));
}

/** Notes what a person said to the requests of later steps; a step that asks again replaces its own earlier answer. */
export function bindApproval<Node extends NodeBase>(
  execution: Execution<Node>,
  by: string,
  nodes: readonly number[],
  digests: readonly string[],
  yes: boolean,
): void {
  const { approvals } = execution.state;
  for (const [place, node] of nodes.entries()) {
    const digest = digests[place];
    if (digest === undefined) throw new Error(`"${by}" binds a step without its digest: a bug of the step kind`);
    const earlier = approvals.findIndex((approval) => approval.by === by && approval.node === node);
    approvals.splice(earlier < 0 ? approvals.length : earlier, earlier < 0 ? 0 : 1, { by, node, digest, yes });
  }
}

/** Failure `not_as_approved` unless everybody who was asked about this step said yes to exactly this request. */
export function checkApproval<Node extends NodeBase>(execution: Execution<Node>, index: number): void {
  const asked = execution.state.approvals.filter((approval) => approval.node === index);
  if (asked.length === 0) return;
  const path = nodeAt(execution.plan, index).path;
  const now = digest(requestOf(execution, index));
  for (const approval of asked) {
    if (!approval.yes) {
      throw failure('not_as_approved', `"${approval.by}" asked for approval of this step and did not get it`, path);
    }
    if (approval.digest !== now) {
      throw failure(
        'not_as_approved',
        `this step is about to do something else than what was approved at "${approval.by}": ` +
          `its request has the digest ${now.slice(0, 12)}, approved was ${approval.digest.slice(0, 12)}`,
        path,
      );
    }
  }
}
