/**
 * The text of a statement, read lightly: where its quotes and comments are, and that it is one statement.
 *
 * PURE. Not what keeps a value from becoming SQL: every expression is a bound parameter, whatever this finds. It finds out
 * where an expression would be no parameter (inside quotes, in a name), so that the author hears it before anybody runs it.
 */
import type { Template } from '../expressions/template.js';

/** A statement with `$1`, `$2`, … for its expressions, and what of it matters for where it may run. */
export interface SqlText {
  readonly text: string;
  /** Its words outside quotes, in lower case and in order. */
  readonly words: readonly string[];
  /** Those of them that stand in no parenthesis. */
  readonly outer: readonly string[];
  /** Those that stand first in a parenthesis, as the `delete` of `with gone as (delete …)`. */
  readonly inner: readonly string[];
  readonly faults: readonly SqlFault[];
}

/** What is wrong with it: with one of its expressions, or the whole. */
export interface SqlFault {
  readonly code: 'FIRN425' | 'FIRN426';
  readonly message: string;
  readonly hint: string;
  /** The number of the expression it is about. */
  readonly expression?: number;
}

/** Stands for an expression while the text is read. */
const HOLE = '\uFFFC';
const NAME = '[A-Za-z_\\u0080-\\uFFFB][A-Za-z0-9_$\\u0080-\\uFFFB]*';
/** Between the dollars of `$body$ … $body$`. */
const TAG = '(?:[A-Za-z_\\u0080-\\uFFFB][A-Za-z0-9_\\u0080-\\uFFFB]*)?';
/** Whatever is one piece of SQL; block comments nest and are read apart. */
const TOKEN = new RegExp(
  [
    '(?<space>\\s+|--[^\\n]*)',
    `(?<quoted>[eE]'(?:[^'\\\\]|\\\\[^]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\\$(?<tag>${TAG})\\$[^]*?\\$\\k<tag>\\$)`,
    `(?<word>${NAME})`,
    '(?<number>\\d[\\w.]*)',
    '(?<parameter>\\$\\d+)',
    `(?<hole>${HOLE})`,
    `(?<open>['"]|\\$${TAG}\\$)`,
    '(?<other>[^])',
  ].join('|'),
  'uy',
);
/** Words behind which a value means nothing: a table stands there, or what to sort by. */
const NO_VALUE = new Set(['into', 'join', 'update', 'table', 'by']);

type Piece = { readonly is: string; readonly text: string };

/** Goes on behind a fault that is about one expression, and stops at one that is about the statement. */
export function readSql(template: Template): SqlText {
  const source = template.parts.map((part) => (typeof part === 'string' ? part.replaceAll(HOLE, ' ') : HOLE)).join('');
  const [words, outer, inner]: [string[], string[], string[]] = [[], [], []];
  const faults: SqlFault[] = [];
  let text = '';
  let holes = 0;
  let depth = 0;
  let before: Piece = { is: 'space', text: '' };
  let solid: Piece = before;
  let ended = false;
  for (const piece of pieces(source)) {
    const word = piece.text.toLowerCase();
    const fault = statementFault(piece, ended) ?? expressionFault(piece, before, solid, holes);
    if (fault !== undefined) faults.push(fault);
    if (fault?.code === 'FIRN425') break;
    holes += piece.text.split(HOLE).length - 1;
    text += piece.is === 'hole' ? `$${holes}` : piece.text;
    if (piece.text === ';') ended = true;
    if (piece.is === 'word') {
      words.push(word);
      if (depth === 0) outer.push(word);
      if (solid.text === '(') inner.push(word);
    }
    depth += piece.text === '(' ? 1 : piece.text === ')' ? -1 : 0;
    before = piece;
    if (piece.is !== 'space') solid = { is: piece.is, text: word };
  }
  return { text, words, outer, inner, faults };
}

function statementFault({ is, text }: Piece, ended: boolean): SqlFault | undefined {
  if (is === 'open') return unclosed(text);
  if (is === 'parameter') return ownParameter(text);
  return ended && is !== 'space' && text !== ';' ? secondStatement() : undefined;
}

function expressionFault(piece: Piece, before: Piece, solid: Piece, holes: number): SqlFault | undefined {
  if (piece.is !== 'hole' && piece.text.includes(HOLE)) return insideQuotes(piece, holes);
  if (piece.is === 'hole' && NO_VALUE.has(solid.text)) return noPlaceForValue(solid.text, holes);
  return touches(before, piece) ? partOfName(piece.is === 'hole' ? holes : holes - 1) : undefined;
}

function* pieces(source: string): Generator<Piece> {
  let at = 0;
  while (at < source.length) {
    if (source.startsWith('/*', at)) {
      const end = endOfComment(source, at);
      yield { is: end === undefined ? 'open' : 'space', text: end === undefined ? '/*' : source.slice(at, end) };
      at = end ?? source.length;
      continue;
    }
    TOKEN.lastIndex = at;
    const groups: Readonly<Record<string, string | undefined>> = TOKEN.exec(source)?.groups ?? {};
    const [is = 'other', text = source.charAt(at)] =
      Object.entries(groups).find(([name, found]) => name !== 'tag' && found !== undefined) ?? [];
    yield { is, text };
    at += text.length;
  }
}

/** Where a comment is over: in PostgreSQL they nest. */
function endOfComment(source: string, start: number): number | undefined {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let mark = marks.exec(source); mark !== null; mark = marks.exec(source)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return undefined;
}

/** An expression that follows a name or a number without a gap, or is followed so: `$1` would become part of it. */
function touches(before: Piece, piece: Piece): boolean {
  if (before.is === 'hole') return ['hole', 'word', 'number', 'quoted'].includes(piece.is) || piece.text === '$';
  return piece.is === 'hole' && (['word', 'number', 'quoted'].includes(before.is) || before.text === '$');
}

function insideQuotes(piece: Piece, expression: number): SqlFault {
  const where = piece.is === 'space' ? 'a comment' : 'quotes';
  const hint =
    piece.is === 'space'
      ? 'take the comment away'
      : "leave the quotes away: a parameter needs none; texts are joined in SQL, as in '%' || ${{ … }} || '%'";
  const message = `this expression stands inside ${where} of the statement, where it would be no parameter`;
  return { code: 'FIRN426', message, hint, expression };
}

function partOfName(expression: number): SqlFault {
  const message = 'this expression touches a name, a number or a quote, and would be a part of it and no parameter';
  const hint = 'a table or column is written out (a `switch` chooses between statements); a value stands apart';
  return { code: 'FIRN426', message, hint, expression };
}

function noPlaceForValue(word: string, expression: number): SqlFault {
  const by = 'sorting or grouping by one value does nothing; columns are written out, and a `switch` chooses';
  const hint = word === 'by' ? by : 'tables are written out; a `switch` chooses between statements';
  return {
    code: 'FIRN426',
    message: `behind "${word}" this expression would be a value, and no name`,
    hint,
    expression,
  };
}

function ownParameter(text: string): SqlFault {
  const message = `the statement has a parameter "${text}" of its own`;
  return { code: 'FIRN425', message, hint: 'write the value where it is needed, as ${{ … }}' };
}

function secondStatement(): SqlFault {
  const hint = 'one step runs one statement: make a second step of it, or use `with`';
  return { code: 'FIRN425', message: 'behind the ";" there is a second statement', hint };
}

function unclosed(text: string): SqlFault {
  const message = `${text === '/*' ? 'a comment' : 'a quote'} (${text}) is opened and not closed`;
  return { code: 'FIRN425', message, hint: 'close it' };
}
