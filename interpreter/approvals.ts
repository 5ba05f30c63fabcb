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
import { noteApproval } from './books.js';
import { nodeAt, type Execution, type StepPlace, type View } from './execution.js';
import type { Approval } from './state.js';

/** The request that a step would make now. */
export function requestOf<Node extends NodeBase>(execution: Execution<Node>, index: number): JsonMap {
  const node = nodeAt(execution.plan, index);
  const kind = execution.kinds(node);
  if (kind.request === undefined) {
    throw new Error(`"${node.path}" (${node.verb}) makes no request that could be approved: a bug of the compiler`);
  }
  return kind.request(node, (value) => evaluateValue(value, execution.view.slots));
}

/** Notes what a person said to the requests of later steps. */
export function bindApproval<Node extends NodeBase>(
  { view }: Execution<Node>,
  { id, index }: StepPlace<Node>,
  nodes: readonly number[],
  digests: readonly string[],
  yes: boolean,
): void {
  for (const [place, node] of nodes.entries()) {
    const digest = digests[place];
    if (digest === undefined) throw new Error(`"${id}" binds a step without its digest: a bug of the step kind`);
    noteApproval(view.book, { by: id, by_node: index, node, digest, yes });
  }
}

/** Failure `not_as_approved` unless everybody who was asked about this step said yes to exactly this request. */
export function checkApproval<Node extends NodeBase>(execution: Execution<Node>, index: number): void {
  const asked = approvalsOf(execution.view, index);
  if (asked.length === 0) return;
  const now = digest(requestOf(execution, index));
  for (const approval of asked) {
    if (!approval.yes) {
      throw failure('not_as_approved', `"${approval.by}" asked for approval of this step and did not get it`);
    }
    if (approval.digest !== now) {
      throw failure(
        'not_as_approved',
        `this step is about to do something else than what was approved at "${approval.by}": ` +
          `its request has the digest ${now.slice(0, 12)}, approved was ${approval.digest.slice(0, 12)}`,
      );
    }
  }
}

function approvalsOf(view: View, index: number): Approval[] {
  const found: Approval[] = [];
  for (let at: View | undefined = view; at !== undefined; at = at.around) {
    for (const approval of at.book.approvals) if (approval.node === index) found.push(approval);
  }
  return found;
}
