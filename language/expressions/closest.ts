/**
 * "Did you mean": the known name that is nearest to a mistyped one.
 *
 * PURE.
 */
import { distance } from 'fastest-levenshtein';

/** The nearest of `known`, at most two edits away or a third of the name's length; undefined when none is near. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let best_edits = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(name.toLowerCase(), candidate.toLowerCase());
    // A name that shares less than half with what was written is no help.
    if (edits < best_edits && edits * 2 <= Math.max(name.length, candidate.length)) {
      best = candidate;
      best_edits = edits;
    }
  }
  return best;
}

/** `did you mean "order"? ` or nothing, to stand before the rest of a hint. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const near = closest(name, known);
  return near === undefined ? '' : `did you mean "${near}"? `;
}
