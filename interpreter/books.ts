/**
 * Books: what was done and approved in a stretch of a run, handed on when the stretch is over.
 *
 * PURE. A lane, and the body of a `try`, has a book of its own, so that what it did can be taken back alone; what has
 * ended well belongs to whatever is around it.
 */
import type { Block } from '../language/plan/plan.js';
import type { View } from './execution.js';
import type { Approval, Book, UndoEntry } from './state.js';

export function emptyBook(): Book {
  return { undo: [], sealed: [], approvals: [] };
}

/** `from` is over: what it did belongs to `to`. */
export function handOn(from: Book, to: Book): void {
  merge(to.undo, from.undo);
  merge(to.sealed, from.sealed);
  for (const approval of from.approvals.splice(0)) noteApproval(to, approval);
}

/** What several books hold, as one that is taken back together. */
export function joined(books: readonly Book[]): Book {
  const all = emptyBook();
  for (const book of books) handOn(book, all);
  return all;
}

/** A message was attempted here: what this place and those around it did before is final. */
export function seal(view: View): void {
  for (let at: View | undefined = view; at !== undefined; at = at.around) {
    at.book.sealed.push(...at.book.undo.splice(0));
  }
}

/** A step that asks again replaces its own earlier answer. */
export function noteApproval({ approvals }: Book, made: Approval): void {
  const earlier = approvals.findIndex(({ by, node }) => by === made.by && node === made.node);
  approvals.splice(earlier < 0 ? approvals.length : earlier, earlier < 0 ? 0 : 1, made);
}

/** A block begins anew: what its steps asked in the pass before is asked again. */
export function forgetApprovals({ approvals }: Book, block: Block): void {
  const lasting = approvals.filter(({ by_node, node }) => !holds(block, by_node) && !holds(block, node));
  approvals.splice(0, approvals.length, ...lasting);
}

function holds({ nodes: [from, to] }: Block, node: number): boolean {
  return node >= from && node < to;
}

/** Both are in order; items that come one after the other need no sorting, and a loop may have thousands. */
function merge(to: UndoEntry[], from: UndoEntry[]): void {
  const inOrder = (to.at(-1)?.number ?? 0) < (from[0]?.number ?? Infinity);
  to.push(...from.splice(0));
  if (!inOrder) to.sort((one, other) => one.number - other.number);
}
