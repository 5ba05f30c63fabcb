/**
 * What the parts of the interpreter share while one run is walked: plan, state, host and the step kinds.
 *
 * PURE. Trusts the plan: an index that leads nowhere is a bug of the compiler, and said as one, so that the workflow task
 * fails and a repaired worker heals the run.
 */
import type { Host } from '../language/plan/host.js';
import type { Block, NodeBase, Plan } from '../language/plan/plan.js';
import type { StepKind } from '../language/steps/kind.js';
import type { State } from './state.js';

/** What the interpreter uses of a step kind: how it runs, and nothing of how it was compiled. */
export type RunningKind<Node extends NodeBase> = Pick<
  StepKind<string, Node>,
  'effect' | 'run' | 'request' | 'summarize' | 'say'
>;

/** Finds the kind of a node: `kindOf` of language/steps. */
export type Kinds<Node extends NodeBase> = (node: Node) => RunningKind<Node>;

export interface Execution<Node extends NodeBase> {
  readonly plan: Plan<Node>;
  readonly state: State;
  readonly host: Host;
  readonly kinds: Kinds<Node>;
  /** Characters of each kept result, by slot; made from the state, so that it need not be measured at every step. */
  readonly sizes: number[];
}

export function nodeAt<Node extends NodeBase>(plan: Plan<Node>, index: number): Node {
  const node = plan.nodes[index];
  if (node === undefined) throw new Error(`the plan of "${plan.name}" has no node ${index}: a bug of the compiler`);
  return node;
}

export function blockAt<Node extends NodeBase>(plan: Plan<Node>, index: number): Block {
  const block = plan.blocks[index];
  if (block === undefined) throw new Error(`the plan of "${plan.name}" has no block ${index}: a bug of the compiler`);
  return block;
}
