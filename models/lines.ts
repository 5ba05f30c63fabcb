/**
 * Lines out of a stream of text, whatever pieces it comes in.
 *
 * HOST, no I/O of its own.
 */

/** Give it each piece; it calls `onLine` for each finished line. Throws when a line grows over the limit. */
export function lineReader(limit: number, onLine: (line: string) => void): (piece: string) => void {
  let rest: string[] = [];
  let length = 0;
  return (piece) => {
    const [first = '', ...others] = piece.split('\n');
    rest.push(first);
    length += first.length;
    if (length > limit) throw new Error(`a line is longer than ${limit} characters`);
    const last = others.pop();
    if (last === undefined) return;
    const finished = rest.join('');
    rest = [last];
    length = last.length;
    for (const complete of [finished, ...others]) if (complete !== '') onLine(complete);
  };
}
