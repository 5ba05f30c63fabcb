/**
 * Lanes: one branch or one item, walked with values and a book of its own.
 *
 * PURE. What becomes of a lane's book is decided by whoever started it: handed on, or taken back.
 */
import { isFailure } from '../../language/plan/failure.js';
import type { Host } from '../../language/plan/host.js';
import type { NodeBase } from '../../language/plan/plan.js';
import { emptyBook, handOn, joined } from '../books.js';
import { blockAt, type End, type Execution, type Stop, type View, type WalkBlock, type Walked } from '../execution.js';
import { outputOf } from '../results.js';
import type { Lane } from '../state.js';
import { takeBackPart } from '../undo.js';
import { dropLane, keepLane, laneView } from '../views.js';
import type { Settled } from './together.js';

export function newLane(index: number, block: number): Lane {
  return { index, frame: { block, at: 0 }, own: [], ...emptyBook() };
}

export interface LaneWalk {
  /** Number in a loop, from 1 on; a branch has none. */
  readonly number: number | undefined;
  /** Sets what the lane begins with, such as its item. */
  readonly begin?: (view: View) => void;
}

/** Walks a lane to its output, or to where it stops. A lane that continues in another run has kept its values. */
export async function walkLane<Node extends NodeBase>(
  execution: Execution<Node>,
  host: Host,
  lane: Lane,
  { number, begin }: LaneWalk,
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const block = blockAt(execution.plan, lane.frame.block);
  const view = laneView(execution.view, lane, block, number);
  begin?.(view);
  try {
    const stop = await walk({ ...execution, host, view }, lane.frame);
    if (stop === undefined) return { value: outputOf(block.output, view) };
    if ('continue' in stop) keepLane(lane, view, block);
    return { stop };
  } finally {
    dropLane(execution.whole, view, block);
  }
}

/** What lanes did belongs to what is around them. */
export function handOnLanes<Node extends NodeBase>({ view }: Execution<Node>, lanes: readonly Lane[]): void {
  for (const lane of lanes) handOn(lane, view.book);
}

/** Lanes that came to nothing: what they did is taken back, newest first. */
export async function takeBackLanes<Node extends NodeBase>(
  execution: Execution<Node>,
  lanes: readonly Lane[],
): Promise<void> {
  const all = joined(lanes);
  // What was said about steps of these lanes was said for them alone.
  all.approvals.splice(0);
  await takeBackPart(execution, all);
  handOn(all, execution.view.book);
}

/** A failure, or the end of the run: the other lanes are let go. */
export function endsAll(settled: Settled<Walked>): boolean {
  if ('error' in settled) return isFailure(settled.error);
  return 'stop' in settled.value && isEnd(settled.value.stop);
}

export function isEnd(stop: Stop): stop is End {
  return !('continue' in stop);
}

/** What nobody may swallow: a cancellation from around, or a bug. */
export function throwUndecided(settled: readonly Settled<Walked>[], host: Host): void {
  const bug = settled.find((one) => 'error' in one && !isFailure(one.error) && !host.isCancellation(one.error));
  const thrown = bug ?? settled.find((one) => 'error' in one);
  if (thrown !== undefined && 'error' in thrown) throw thrown.error;
}

/** A bug of our own in a lane that was let go is still one. */
export function throwBugs(settled: readonly Settled<Walked>[], host: Host): void {
  for (const one of settled) {
    if ('error' in one && !isFailure(one.error) && !host.isCancellation(one.error)) throw one.error;
  }
}
