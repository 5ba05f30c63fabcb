/**
 * Comments of a YAML text, and their way back to where they stood: part of the layout (format.ts).
 *
 * PURE. The library keeps every comment and puts what stood behind `key:` below it; authors align comments in columns. Both
 * are restored here, comment by comment, because layout does not change their order.
 */
import { Lexer } from 'yaml';

export interface Comment {
  /** With its `#`. */
  readonly text: string;
  /** 0-based. */
  readonly line: number;
  readonly column: number;
  /** Something stands before it on its line. */
  readonly behind: boolean;
}

/** Signs of the lexer that stand for nothing in the text: document start, end of a broken flow, a scalar. */
const SIGNS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** All comments, in order. */
export function commentsOf(text: string): readonly Comment[] {
  const found: Comment[] = [];
  let line = 0;
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    if (SIGNS.has(lexeme)) continue;
    if (lexeme.startsWith('#')) {
      found.push({ text: lexeme.trimEnd(), line, column: before.length, behind: before.trim() !== '' });
    }
    const lines = lexeme.split('\n');
    line += lines.length - 1;
    before = lines.length === 1 ? before + lexeme : (lines.at(-1) ?? '');
  }
  return found;
}

/**
 * `laidOut` with the comments of `text` where they stood: behind what they stood behind, in their column if they share it
 * with a neighbour, and else above the line that they stood above.
 */
export function putCommentsBack(text: string, laidOut: string): string {
  const source = text.split('\n');
  const lines: (string | undefined)[] = laidOut.split('\n');
  const before = commentsOf(text);
  for (const [index, comment] of commentsOf(laidOut).entries()) {
    const stood = before[index];
    if (stood === undefined) continue;
    const line = lines[comment.line] ?? '';
    if (stood.behind) {
      const aligned = [before[index - 1], before[index + 1]].some(
        (near) => near?.behind === true && near.column === stood.column,
      );
      putBehind(lines, comment, aligned ? stood.column : 0);
    } else if (!comment.behind && indentBelow(source, stood.line) === stood.column) {
      lines[comment.line] = `${' '.repeat(indentBelow(lines, comment.line) ?? comment.column)}${line.trimStart()}`;
    }
  }
  return lines.filter((line) => line !== undefined).join('\n');
}

/** A comment that the library moved below its key goes up again. */
function putBehind(lines: (string | undefined)[], comment: Comment, column: number): void {
  const target = comment.behind ? comment.line : comment.line - 1;
  const line = lines[target];
  if (line === undefined || (!comment.behind && !/^[^#]*:$/.test(line))) return;
  const code = comment.behind ? line.slice(0, comment.column).trimEnd() : line;
  lines[target] = code.padEnd(Math.max(code.length + 2, column)) + comment.text;
  if (!comment.behind) lines[comment.line] = undefined;
}

/** Where the next line begins that is neither empty nor a comment; undefined at the end. */
function indentBelow(lines: readonly (string | undefined)[], line: number): number | undefined {
  const next = lines.slice(line + 1).find((below) => below !== undefined && !/^\s*(#|$)/.test(below));
  return next === undefined ? undefined : next.length - next.trimStart().length;
}
