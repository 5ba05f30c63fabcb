/**
 * `parallel` and `race`: branches that run side by side.
 *
 * PURE. The first failure lets the others go, and whoever handles it takes back what all of them did. The end of the run in
 * one branch, and the winner of a race, let the others go too; what those did is taken back here.
 */
import type { Json, JsonMap } from '../../language/plan/json.js';
import { isJsonMap, jsonSize } from '../../language/plan/json.js';
import type { NodeBase } from '../../language/plan/plan.js';
import type { NamedBlock } from '../../language/steps/kind.js';
import { CONTINUE, type Execution, type StepPlace, type WalkBlock, type Walked } from '../execution.js';
import { fitting } from '../results.js';
import type { Branches, Lane, Running } from '../state.js';
import { endsAll, handOnLanes, isEnd, newLane, takeBackLanes, throwBugs, throwUndecided, walkLane } from './lanes.js';
import { together } from './together.js';

export async function walkBranches<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  blocks: BranchBlocks,
  running: Running,
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const { lanes } = branchesOf(running, blocks.branches);
  try {
    return await walkLanes(execution, place, blocks, lanes, walk);
  } finally {
    for (const { output } of lanes) if (output !== undefined) execution.whole.kept -= jsonSize(output);
  }
}

interface BranchBlocks {
  readonly kind: 'parallel' | 'race';
  readonly branches: readonly NamedBlock[];
}

async function walkLanes<Node extends NodeBase>(
  execution: Execution<Node>,
  { node }: StepPlace<Node>,
  { kind, branches }: BranchBlocks,
  lanes: readonly Lane[],
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const left = lanes.filter(({ output }) => output === undefined);
  const { settled, decided } = await together(
    execution.host,
    left.map((lane) => async (host) => {
      const walked = await walkLane(execution, host, lane, { number: undefined }, walk);
      // One that only came to its end while it was let go has not finished; outputs of those that have count meanwhile.
      if ('value' in walked && !host.cancelled()) {
        execution.whole.kept += fitting(execution, node.path, walked.value, 0);
        lane.output = walked.value;
      }
      return walked;
    }),
    (end) =>
      !execution.host.cancelled() && (endsAll(end) || (kind === 'race' && 'value' in end && 'value' in end.value)),
  );
  const first = decided === undefined ? undefined : settled[decided];
  const lane = decided === undefined ? undefined : left[decided];
  if (first === undefined || lane === undefined) {
    if (settled.some((end) => 'error' in end) || execution.host.cancelled()) handOnLanes(execution, lanes);
    throwUndecided(settled, execution.host);
    // What a branch came to after all of them were let go, be it the end of the run, does not count.
    execution.host.check();
    if (settled.some((end) => 'value' in end && 'stop' in end.value)) return { stop: CONTINUE };
    handOnLanes(execution, lanes);
    return { value: outputs(branches, lanes) };
  }
  throwBugs(settled, execution.host);
  if ('error' in first) {
    handOnLanes(execution, lanes);
    throw first.error;
  }
  const { value: walked } = first;
  const goesOn = 'value' in walked || (isEnd(walked.stop) && walked.stop.outcome === 'done');
  if (goesOn) {
    const letGo = lanes.filter((other) => other !== lane && (kind === 'race' || other.output === undefined));
    await takeBackLanes(execution, letGo);
  }
  handOnLanes(execution, lanes);
  return 'stop' in walked ? walked : { value: winning(branches, lane, walked.value) };
}

function branchesOf(running: Running, branches: readonly NamedBlock[]): Branches {
  if (running.inside?.is === 'branches') return running.inside;
  const inside: Branches = { is: 'branches', lanes: branches.map(({ block }, index) => newLane(index, block)) };
  running.inside = inside;
  return inside;
}

function outputs(branches: readonly NamedBlock[], lanes: readonly Lane[]): JsonMap {
  const result: Record<string, Json> = {};
  for (const { index, output = {} } of lanes) {
    const name = branches[index]?.name;
    if (name !== undefined) result[name] = output;
  }
  return result;
}

function winning(branches: readonly NamedBlock[], { index }: Lane, output: Json): JsonMap {
  return { ...(isJsonMap(output) ? output : {}), winner: branches[index]?.name ?? '' };
}
