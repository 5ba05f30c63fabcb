/**
 * `for_each`: one block for each item of a list, one after the other or several at once.
 *
 * PURE. Each item is a lane. Results stand in the order of the items, whichever finished first. Where failures are collected,
 * an item that fails takes back what it did and leaves the others alone.
 */
import { Failure, failure, isFailure } from '../../language/plan/failure.js';
import type { Host } from '../../language/plan/host.js';
import { jsonSize, type Json } from '../../language/plan/json.js';
import type { NodeBase } from '../../language/plan/plan.js';
import type { EachBlocks } from '../../language/steps/kind.js';
import { emptyBook, handOn } from '../books.js';
import { caughtFailure, isCatchable } from '../catching.js';
import { drains } from '../draining.js';
import { CONTINUE, type Execution, type StepPlace, type WalkBlock, type Walked } from '../execution.js';
import { ITEM_LIMIT } from '../limits.js';
import { fitting } from '../results.js';
import type { Items, Lane, Running } from '../state.js';
import { endsAll, handOnLanes, isEnd, newLane, takeBackLanes, throwBugs, throwUndecided, walkLane } from './lanes.js';
import { together } from './together.js';

const FINISHED: Walked = { value: {} };

export async function walkEach<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  blocks: EachBlocks,
  running: Running,
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const { items, at_once } = blocks;
  if (items.length > ITEM_LIMIT) {
    throw failure('too_many', `there are ${items.length} items, and a loop may have ${ITEM_LIMIT}`);
  }
  const inside = itemsOf(running, items);
  const open = [...inside.lanes];
  const own = { children: 0 };
  const inner = { ...execution, loops: [...execution.loops, own] };
  const loop = { execution: inner, place, blocks, inside, open, walk, own };
  const workers = Math.min(at_once, open.length + items.length - inside.next);
  try {
    const walked = workers <= 1 ? await walkAlone(loop) : await walkTogether(loop, workers);
    if ('stop' in walked && !isEnd(walked.stop)) return walked;
    handOn(inside.book, execution.view.book);
    return 'stop' in walked ? walked : { value: inside.results };
  } catch (error) {
    handOn(inside.book, execution.view.book);
    throw error;
  } finally {
    for (const result of inside.results) if (result !== null) execution.whole.kept -= jsonSize(result);
  }
}

interface Loop<Node extends NodeBase> {
  readonly execution: Execution<Node>;
  readonly place: StepPlace<Node>;
  readonly blocks: EachBlocks;
  readonly inside: Items;
  /** Items that were under way when the run continued as new: they come first. */
  readonly open: Lane[];
  readonly walk: WalkBlock<Node>;
  /** Called workflows that items of this loop wait for. */
  readonly own: { readonly children: number };
}

function itemsOf(running: Running, items: readonly Json[]): Items {
  if (running.inside?.is === 'items') return running.inside;
  const inside: Items = { is: 'items', next: 0, results: items.map(() => null), lanes: [], book: emptyBook() };
  running.inside = inside;
  return inside;
}

/** One item at a time needs no scope of its own. */
async function walkAlone<Node extends NodeBase>(loop: Loop<Node>): Promise<Walked> {
  const { execution, inside } = loop;
  try {
    const walked = await work(loop, execution.host);
    if (!('stop' in walked) || isEnd(walked.stop)) handOnLanes(execution, inside.lanes);
    return walked;
  } catch (error) {
    handOnLanes(execution, inside.lanes);
    throw error;
  }
}

async function walkTogether<Node extends NodeBase>(loop: Loop<Node>, workers: number): Promise<Walked> {
  const { execution, inside } = loop;
  const { settled, decided } = await together(
    execution.host,
    Array.from({ length: workers }, () => (host: Host) => work(loop, host)),
    endsAll,
  );
  const first = decided === undefined ? undefined : settled[decided];
  if (first === undefined) {
    if (settled.some((end) => 'error' in end) || execution.host.cancelled()) handOnLanes(execution, inside.lanes);
    throwUndecided(settled, execution.host);
    // What an item came to after all of them were let go, be it the end of the run, does not count.
    execution.host.check();
    return settled.some((end) => 'value' in end && 'stop' in end.value) ? { stop: CONTINUE } : FINISHED;
  }
  throwBugs(settled, execution.host);
  // The lane that decided has handed on what it did; those that are left were let go.
  if ('value' in first && 'stop' in first.value && isEnd(first.value.stop) && first.value.stop.outcome === 'done') {
    await takeBackLanes(execution, inside.lanes);
  }
  handOnLanes(execution, inside.lanes);
  if ('error' in first) throw first.error;
  return first.value;
}

/** Takes one item after the other until none is left, or something stops it. */
async function work<Node extends NodeBase>(loop: Loop<Node>, host: Host): Promise<Walked> {
  const { execution, inside, open, blocks } = loop;
  for (;;) {
    const lane = open.shift() ?? nextLane(loop);
    if (lane === undefined) return FINISHED;
    const walked = await walkItem(loop, host, lane);
    if ('stop' in walked) return walked;
    const left = open.length > 0 || inside.next < blocks.items.length;
    if (left && !(await othersEnd(loop, host))) return { stop: CONTINUE };
    if (left && drains(execution)) return { stop: CONTINUE };
  }
}

/**
 * Called workflows that overlap leave no moment at which the run could continue. When its history has grown long for that, no
 * further item is taken until those of this loop have ended; where others are waited for as well, that would not help.
 * False where the run continues as new meanwhile.
 */
async function othersEnd<Node extends NodeBase>({ execution, own }: Loop<Node>, host: Host): Promise<boolean> {
  const { whole, held } = execution;
  if (held === true || own.children === 0 || own.children !== whole.children || !host.mustWait()) return true;
  try {
    await host.until(() => own.children === 0);
    return true;
  } catch (error) {
    if (host.isSuspension(error)) return false;
    throw error;
  }
}

function nextLane<Node extends NodeBase>({ inside, blocks }: Loop<Node>): Lane | undefined {
  if (inside.next >= blocks.items.length) return undefined;
  const lane = newLane(inside.next, blocks.block);
  inside.next += 1;
  inside.lanes.push(lane);
  return lane;
}

async function walkItem<Node extends NodeBase>(loop: Loop<Node>, host: Host, lane: Lane): Promise<Walked> {
  const { execution, place, blocks, inside, walk } = loop;
  const { index } = lane;
  const item = blocks.items[index];
  if (item === undefined) throw new Error(`"${place.id}" has no item ${index}: a bug of the interpreter`);
  const number = index + 1;
  const begin = (view: Execution<Node>['view']): void => {
    view.slots[blocks.slot] = item;
  };
  let result: Json;
  try {
    const walked = await walkLane(execution, host, lane, { number, begin }, walk);
    if ('stop' in walked) {
      if (isEnd(walked.stop) && !host.cancelled()) close(loop, lane);
      return walked;
    }
    result = walked.value;
  } catch (error) {
    if (!blocks.collect || !isFailure(error) || !isCatchable(error) || host.cancelled()) {
      if (isFailure(error) && !host.cancelled()) close(loop, lane);
      throw numbered(error, place.id, number);
    }
    await takeBackLanes({ ...execution, host }, [lane]);
    result = { error: caughtFailure(error) };
  }
  // An item that only came to its end while it was let go has not finished.
  if (!host.cancelled()) close(loop, lane);
  execution.whole.kept += fitting(execution, place.node.path, result, 0);
  inside.results[index] = result;
  return FINISHED;
}

/** What the item did waits for the end of the loop: a message of another item is not about it, and does not seal it. */
function close<Node extends NodeBase>({ inside }: Loop<Node>, lane: Lane): void {
  handOn(lane, inside.book);
  inside.lanes.splice(inside.lanes.indexOf(lane), 1);
}

/** A failure that no step of the block named, such as one of its `output`, belongs to this item. */
function numbered(error: unknown, id: string, number: number): unknown {
  if (!isFailure(error) || error.step !== undefined) return error;
  return new Failure(error.code, error.message, `${id}[${number}]`);
}
