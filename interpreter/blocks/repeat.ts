/**
 * `repeat`: the same block again until something holds.
 *
 * PURE. Passes come one after the other and share the book of what is around them; each has places of its own
 * (`step[2]`), so that its effects have keys of their own.
 */
import { testExpression } from '../../language/expressions/index.js';
import { failure } from '../../language/plan/failure.js';
import type { NodeBase } from '../../language/plan/plan.js';
import type { RepeatBlocks } from '../../language/steps/kind.js';
import { forgetApprovals } from '../books.js';
import { drains } from '../draining.js';
import { blockAt, CONTINUE, type Execution, type StepPlace, type WalkBlock, type Walked } from '../execution.js';
import { outputOf } from '../results.js';
import type { Passes, Running } from '../state.js';
import { passView } from '../views.js';

export async function walkPasses<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  blocks: RepeatBlocks,
  running: Running,
  walk: WalkBlock<Node>,
): Promise<Walked> {
  const { plan, host } = execution;
  const block = blockAt(plan, blocks.block);
  const inside = passesOf(running, blocks.block);
  for (;;) {
    if (inside.frame === undefined) {
      if (drains(execution)) return { stop: CONTINUE };
      if (!(await pause(execution, place, inside))) return { stop: CONTINUE };
      inside.pass += 1;
      inside.frame = { block: blocks.block, at: 0 };
      forgetApprovals(execution.view.book, block);
    }
    const view = passView(execution.view, block, inside.pass);
    view.slots[blocks.pass] = inside.pass;
    view.slots[blocks.last] = inside.last;
    const stop = await walk({ ...execution, view }, inside.frame);
    if (stop !== undefined) return { stop };
    const value = outputOf(block.output, view);
    if (testExpression(blocks.until, view.slots)) return { value };
    if (inside.pass >= blocks.at_most) {
      const times = inside.pass === 1 ? 'once' : `${inside.pass} times`;
      throw failure('not_reached', `it ran ${times}, and "${blocks.until.source}" never held`);
    }
    inside.last = value;
    delete inside.frame;
    if (blocks.every_ms !== undefined) inside.until_ms = host.now() + blocks.every_ms;
  }
}

function passesOf(running: Running, block: number): Passes {
  if (running.inside?.is === 'passes') return running.inside;
  const inside: Passes = { is: 'passes', pass: 1, last: {}, frame: { block, at: 0 } };
  running.inside = inside;
  return inside;
}

/** Waits between two passes; false where the run continues as new meanwhile. */
async function pause<Node extends NodeBase>(
  { host }: Execution<Node>,
  { id }: StepPlace<Node>,
  inside: Passes,
): Promise<boolean> {
  const { until_ms } = inside;
  if (until_ms === undefined) return true;
  try {
    await host.sleep({ id: `${id}.every`, until_ms, summary: `${id}: wait before pass ${inside.pass + 1}` });
  } catch (error) {
    if (host.isSuspension(error)) return false;
    throw error;
  }
  delete inside.until_ms;
  return true;
}
