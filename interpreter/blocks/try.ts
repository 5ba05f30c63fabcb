/**
 * `try`: a block whose failures are answered, and what is done whatever came of it.
 *
 * PURE. The body has a book of its own: before a `catch` runs, what the body did is taken back. `finally` is reached by no
 * deadline and no cancellation, and holds nothing that waits, so that it comes to an end.
 */
import { isFailure, type Failure } from '../../language/plan/failure.js';
import type { NodeBase } from '../../language/plan/plan.js';
import type { TryBlocks } from '../../language/steps/kind.js';
import { emptyBook, handOn } from '../books.js';
import { caughtFailure, isCatchable, isNamed } from '../catching.js';
import { blockAt, type Execution, type StepPlace, type View, type WalkBlock, type Walked } from '../execution.js';
import { outputOf, say } from '../results.js';
import type { Attempt, Running } from '../state.js';
import { takeBackPart } from '../undo.js';

export async function walkTry<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  blocks: TryBlocks,
  running: Running,
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const inside = attemptOf(running, blocks.block);
  let walked: Walked;
  try {
    walked =
      inside.caught === undefined
        ? await walkBody(execution, blocks, inside, walk)
        : await walkCatch(execution, inside, walk);
  } catch (error) {
    await walkFinally(execution, blocks, walk).catch((later: unknown) => {
      notAnswered(execution, place, later);
    });
    throw error;
  }
  const stop = 'stop' in walked ? walked.stop : undefined;
  if (stop !== undefined && 'continue' in stop) return walked;
  try {
    await walkFinally(execution, blocks, walk);
  } catch (later) {
    if (stop === undefined || stop.outcome === 'done') throw later;
    notAnswered(execution, place, later);
  }
  return walked;
}

/** The failure, or the ending, that is already there stays; what failed after it is named. A bug of our own goes through. */
function notAnswered<Node extends NodeBase>(execution: Execution<Node>, { id }: StepPlace<Node>, later: unknown): void {
  if (!isFailure(later)) throw later;
  say(execution, id, 'try', `its finally failed at ${later.step ?? id}: ${later.message}`);
}

function attemptOf(running: Running, block: number): Attempt {
  if (running.inside?.is === 'attempt') return running.inside;
  const inside: Attempt = { is: 'attempt', frame: { block, at: 0 }, book: emptyBook() };
  running.inside = inside;
  return inside;
}

async function walkBody<Node extends NodeBase>(
  execution: Execution<Node>,
  blocks: TryBlocks,
  inside: Attempt,
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const { plan, view } = execution;
  const block = blockAt(plan, blocks.block);
  const body: View = { ...view, book: inside.book, around: view };
  try {
    const stop = await walk({ ...execution, view: body }, inside.frame);
    if (stop !== undefined && 'continue' in stop) return { stop };
    const walked = stop === undefined ? { value: outputOf(block.output, body) } : { stop };
    handOn(inside.book, view.book);
    return walked;
  } catch (error) {
    const answer = catchOf(execution, blocks, error);
    if (answer === undefined || !isFailure(error)) {
      handOn(inside.book, view.book);
      throw error;
    }
    await takeBackPart({ ...execution, view: body }, inside.book);
    handOn(inside.book, view.book);
    const caught = blocks.catches[answer];
    if (caught === undefined) throw error;
    view.slots[caught.slot] = caughtFailure(error);
    inside.caught = answer;
    inside.frame = { block: caught.block, at: 0 };
    return walkCatch(execution, inside, walk);
  }
}

/** Index of the first `catch` that names the failure. What fails because it was cut short is not answered. */
function catchOf<Node extends NodeBase>(
  { host }: Execution<Node>,
  { catches }: TryBlocks,
  error: unknown,
): number | undefined {
  if (!isFailure(error) || !isCatchable(error) || host.cancelled()) return undefined;
  const failure: Failure = error;
  const found = catches.findIndex(({ on }) => isNamed(on, failure));
  return found < 0 ? undefined : found;
}

async function walkCatch<Node extends NodeBase>(
  execution: Execution<Node>,
  inside: Attempt,
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const stop = await walk(execution, inside.frame);
  if (stop !== undefined) return { stop };
  return { value: outputOf(blockAt(execution.plan, inside.frame.block).output, execution.view) };
}

async function walkFinally<Node extends NodeBase>(
  execution: Execution<Node>,
  blocks: TryBlocks,
  walk: WalkBlock<Node>,
): Promise<void> {
  const { finally: block } = blocks;
  if (block === undefined) return;
  await execution.host.shielded((host) =>
    walk({ ...execution, host, held: true, ends_at_ms: Infinity }, { block, at: 0 }),
  );
}
