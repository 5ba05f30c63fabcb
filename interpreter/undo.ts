/**
 * Undo: takes back what was done, newest first, when it does not end well.
 *
 * PURE. Settle before undo: an effect in a book may have happened without anybody hearing of it, so its key is settled
 * first; from then on it either has a result or can never happen, or nobody can know. Nothing here is reached by a deadline
 * or a cancellation, and one undo that fails does not stop the others: it is reported, and the owner is told.
 */
import { isFailure } from '../language/plan/failure.js';
import { isJsonMap, type Json } from '../language/plan/json.js';
import type { NodeBase } from '../language/plan/plan.js';
import type { UndoReport } from './ending.js';
import { nodeAt, type Execution } from './execution.js';
import type { Book, UndoEntry } from './state.js';
import { stepHost } from './step-host.js';

/** Empties the run's book at its end. Reports what was undone, newest first, then what a message had made final. */
export async function undoAll<Node extends NodeBase>(execution: Execution<Node>): Promise<UndoReport[]> {
  const { state } = execution;
  const reports = await undoBook(execution, state);
  for (const entry of state.sealed.toReversed()) reports.push({ step: entry.id, status: 'kept' });
  return reports;
}

/** Takes back what a part of the run did, while the run goes on: its reports wait for the end. */
export async function takeBackPart<Node extends NodeBase>(execution: Execution<Node>, book: Book): Promise<void> {
  execution.state.taken_back.push(...(await undoBook(execution, book)));
}

async function undoBook<Node extends NodeBase>(execution: Execution<Node>, { undo }: Book): Promise<UndoReport[]> {
  const reports: UndoReport[] = [];
  for (let entry = undo.pop(); entry !== undefined; entry = undo.pop()) {
    const taken = entry;
    reports.push(await execution.host.shielded((host) => undoOne({ ...execution, host }, taken)));
  }
  return reports;
}

async function undoOne<Node extends NodeBase>(execution: Execution<Node>, entry: UndoEntry): Promise<UndoReport> {
  const step = entry.id;
  try {
    const settled =
      entry.result === undefined ? await settle(execution, entry) : { happened: true, result: entry.result };
    if (settled.happened === null) {
      return { step, status: 'unknown', message: 'nobody can say whether it happened; look at the other side' };
    }
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

interface Settled {
  readonly happened: boolean | null;
  readonly result: Json;
}

async function settle<Node extends NodeBase>({ host, plan }: Execution<Node>, entry: UndoEntry): Promise<Settled> {
  const { id, key, connection, request = null, failed_with = null } = entry;
  const answer = await host.activity({
    type: 'settle',
    id: `${id}.settle`,
    summary: `${id}: find out whether it happened`,
    input: { verb: nodeAt(plan, entry.node).verb, connection, key, request, failed_with },
    write: true,
    patient: true,
  });
  if (isJsonMap(answer)) {
    const { happened, result } = answer;
    if ((typeof happened === 'boolean' || happened === null) && result !== undefined) return { happened, result };
  }
  throw new Error(`settling "${id}" gave no answer that can be read: ${JSON.stringify(answer)}`);
}

/** Runs the undo step with the effect's recorded result where the step's own would be. */
async function takeBack<Node extends NodeBase>(
  execution: Execution<Node>,
  entry: UndoEntry,
  result: Json,
): Promise<void> {
  const { plan, view } = execution;
  const done = nodeAt(plan, entry.node);
  if (done.undo === undefined) throw new Error(`"${entry.id}" has no undo: a bug of the interpreter`);
  const index = done.undo;
  const node = nodeAt(plan, index);
  const slots = [...view.slots];
  for (const [slot, value] of entry.values ?? []) slots[slot] = value;
  if (done.slot !== undefined) slots[done.slot] = result;
  const seen = { ...execution, view: { ...view, slots } };
  const place = {
    node,
    index,
    id: `${entry.id}.undo`,
    key: `${entry.key}.undo`,
    deadline_ms: undefined,
    undoing: true,
  } as const;
  await execution.kinds(node).run(node, stepHost(seen, place, {}));
}
