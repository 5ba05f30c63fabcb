/**
 * Undo: takes back what a run did, newest first, when the run does not end well.
 *
 * PURE. Settle before undo: an effect on the stack may have happened without anybody hearing of it, so its key is settled
 * first; from then on it either has a result or can never happen. Nothing here is reached by a deadline or a
 * cancellation, and one undo that fails does not stop the others: it is reported, and the owner is told.
 */
import { isFailure } from '../language/plan/failure.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { NodeBase } from '../language/plan/plan.js';
import type { UndoReport } from './ending.js';
import { nodeAt, type Execution } from './execution.js';
import type { UndoEntry } from './state.js';
import { stepHost } from './step-host.js';

/** Empties the undo stack. Reports what was undone, newest first, then what a message had made final. */
export async function undoAll<Node extends NodeBase>(execution: Execution<Node>): Promise<UndoReport[]> {
  const { state, host } = execution;
  const reports: UndoReport[] = [];
  for (let entry = state.undo.pop(); entry !== undefined; entry = state.undo.pop()) {
    const taken = entry;
    reports.push(await host.shielded(() => undoOne(execution, taken)));
  }
  for (const entry of state.sealed.toReversed()) reports.push({ step: entry.id, status: 'kept' });
  return reports;
}

async function undoOne<Node extends NodeBase>(execution: Execution<Node>, entry: UndoEntry): Promise<UndoReport> {
  const step = entry.id;
  try {
    const settled = await settle(execution, entry);
    if (!settled.happened) return { step, status: 'never_happened' };
    if (nodeAt(execution.plan, entry.node).undo === undefined) {
      return { step, status: 'kept', message: 'it happened, although its step failed, and it has no undo' };
    }
    await takeBack(execution, entry, settled.result);
    return { step, status: 'undone' };
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { step, status: 'failed', message: error.message };
  }
}

async function settle<Node extends NodeBase>(
  { host }: Execution<Node>,
  { id, key, connection }: UndoEntry,
): Promise<{ readonly happened: boolean; readonly result: Json }> {
  const answer = await host.activity({
    type: 'settle',
    id: `${id}.settle`,
    summary: `${id}: find out whether it happened`,
    input: { connection, key },
    write: true,
    patient: true,
  });
  if (!isSettleAnswer(answer))
    throw new Error(`settling "${id}" gave no answer that can be read: ${JSON.stringify(answer)}`);
  return answer;
}

/** Runs the undo step with the effect's recorded result where the step's own would be. */
async function takeBack<Node extends NodeBase>(
  execution: Execution<Node>,
  entry: UndoEntry,
  result: Json,
): Promise<void> {
  const { plan, state } = execution;
  const done = nodeAt(plan, entry.node);
  if (done.undo === undefined) throw new Error(`"${entry.id}" has no undo: a bug of the interpreter`);
  const index = done.undo;
  const node = nodeAt(plan, index);
  const slots = [...state.slots];
  if (done.slot !== undefined) slots[done.slot] = result;
  const seen = { ...execution, state: { ...state, slots } };
  const place = {
    node,
    index,
    id: `${entry.id}.undo`,
    key: `${entry.key}.undo`,
    deadline_ms: undefined,
    undoing: true,
  } as const;
  await execution.kinds(node).run(node, stepHost(seen, place));
}

function isSettleAnswer(answer: Json): answer is JsonMap & { readonly happened: boolean; readonly result: Json } {
  return isJsonMap(answer) && typeof answer['happened'] === 'boolean' && answer['result'] !== undefined;
}
