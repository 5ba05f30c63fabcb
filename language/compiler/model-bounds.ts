/**
 * How many questions one run can put to a model, and on how many paths it puts none.
 *
 * PURE. A path is a choice of one branch at every `switch` on the way. On a path counted as free of models, every `decide`
 * that could ask one is answered by a rule. Retries after a crash are not counted.
 */
import type { Block } from '../plan/plan.js';
import type { Node } from '../steps/index.js';

/** More paths than anybody counts; the number stays exact below it. */
const MOST_PATHS = 1_000_000;

export interface ModelBounds {
  readonly model_calls_at_most: number;
  readonly paths_without_model: number;
}

/** Ways that lead to one place: the most questions on any of them, and how many put none. */
interface Ways {
  readonly calls: number;
  readonly free: number;
}

interface Exits {
  /** Undefined where no way reaches the end of the block. */
  readonly through: Ways | undefined;
  /** Undefined where no way ends the run inside the block. */
  readonly ended: Ways | undefined;
}

export function modelBounds(nodes: readonly Node[], blocks: readonly Block[]): ModelBounds {
  const { through, ended } = walk(0, nodes, blocks);
  const all = or(through, ended) ?? { calls: 0, free: 0 };
  return { model_calls_at_most: all.calls, paths_without_model: all.free };
}

function walk(index: number, nodes: readonly Node[], blocks: readonly Block[]): Exits {
  let through: Ways | undefined = { calls: 0, free: 1 };
  let ended: Ways | undefined;
  for (const step of blocks[index]?.steps ?? []) {
    const node = nodes[step];
    if (node === undefined || through === undefined) continue;
    const before: Ways = through;
    const exits = exitsOf(node, nodes, blocks);
    ended = or(ended, exits.ended && then(before, exits.ended));
    const after: Ways | undefined = exits.through && then(before, exits.through);
    // A skipped step is no path of its own, but it is the only one where the step itself never goes on.
    if (node.when === undefined) through = after;
    else
      through =
        after === undefined
          ? before
          : { calls: Math.max(before.calls, after.calls), free: Math.max(after.free, asks(node) ? before.free : 0) };
  }
  return { through, ended };
}

function exitsOf(node: Node, nodes: readonly Node[], blocks: readonly Block[]): Exits {
  if (node.verb === 'return' || node.verb === 'refuse' || node.verb === 'fail') {
    return { through: undefined, ended: { calls: 0, free: node.when === undefined ? 1 : 0 } };
  }
  if (node.verb === 'switch') {
    const cases = node.cases.map(({ block }) => walk(block, nodes, blocks));
    return {
      through: cases.map((exits) => exits.through).reduce(or, undefined),
      ended: cases.map((exits) => exits.ended).reduce(or, undefined),
    };
  }
  if (!asks(node)) return { through: { calls: 0, free: 1 }, ended: undefined };
  return { through: { calls: 1, free: node.verb === 'decide' && node.rules.length > 0 ? 1 : 0 }, ended: undefined };
}

/** True for a step that can put a question to a model: it has a text, and no rule that always answers. */
function asks(node: Node): boolean {
  return node.verb === 'decide' && node.about !== undefined && !node.rules.some((rule) => rule.when === undefined);
}

function then(first: Ways, second: Ways): Ways {
  return { calls: first.calls + second.calls, free: Math.min(MOST_PATHS, first.free * second.free) };
}

function or(one: Ways | undefined, other: Ways | undefined): Ways | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { calls: Math.max(one.calls, other.calls), free: Math.min(MOST_PATHS, one.free + other.free) };
}
