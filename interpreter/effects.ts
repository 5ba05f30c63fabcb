/**
 * What must be on record of an effect, before it is asked for and after.
 *
 * PURE. A write enters the book before it is scheduled: from then on it may happen although nobody hears of it.
 */
import { isFailure } from '../language/plan/failure.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { NodeBase } from '../language/plan/plan.js';
import { seal } from './books.js';
import { effectOf, type Execution, type StepPlace } from './execution.js';
import type { UndoEntry } from './state.js';

/** Before the call. Gives the entry of a write that may have to be taken back. */
export function noteEffect<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  input: JsonMap,
): UndoEntry | undefined {
  const { kinds, view } = execution;
  const { node } = place;
  const kind = kinds(node);
  const effect = effectOf(kind, node);
  if (effect === 'tell') seal(view);
  if (effect !== 'write' || place.undoing === true) return undefined;
  const asked = kind.settle?.(node, input) ?? { connection: connectionOf(node, input) };
  const entry = entryOf(execution, place, asked);
  view.book.undo.push(entry);
  return entry;
}

/** A called workflow that has ended well: what it did can be taken back by its caller. */
export function noteDone<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  result: Json,
): void {
  if (place.node.undo === undefined) return;
  execution.view.book.undo.push({ ...entryOf(execution, place, { connection: '' }), result });
}

function entryOf<Node extends NodeBase>(
  { state, view }: Execution<Node>,
  { node, index, id, key }: StepPlace<Node>,
  asked: { readonly connection: string; readonly request?: JsonMap },
): UndoEntry {
  state.effects += 1;
  const values = (node.undo_reads ?? [])
    .filter((slot) => slot >= view.passing)
    .map((slot): readonly [number, Json] => [slot, view.slots[slot] ?? null]);
  return { number: state.effects, node: index, id, key, ...asked, ...(values.length === 0 ? {} : { values }) };
}

/** After the call: a write without an undo is on record only while nobody knows whether it happened. */
export function noteAnswer<Node extends NodeBase>(
  { view }: Execution<Node>,
  { node }: StepPlace<Node>,
  entry: UndoEntry,
  answer: Json,
): void {
  if (node.undo !== undefined) {
    if (entry.request !== undefined) entry.result = answer;
    return;
  }
  // A `tell` beside it may have made it final meanwhile: then it is no longer there.
  const place = view.book.undo.indexOf(entry);
  if (place >= 0) view.book.undo.splice(place, 1);
}

export function noteFailure(entry: UndoEntry, error: unknown): void {
  if (isFailure(error)) entry.failed_with = error.code;
}

/** The connection whose database holds a write's effect row: the first part of `connection.table`. */
function connectionOf(node: NodeBase, input: JsonMap): string {
  const table = input['in'] ?? input['from'] ?? input['connection'];
  if (typeof table !== 'string') throw new Error(`"${node.path}" writes to no table: a bug of the step kind`);
  return table.split('.')[0] ?? table;
}
