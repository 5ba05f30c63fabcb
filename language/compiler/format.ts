/**
 * The layout of a YAML file: two spaces, double quotes, two spaces before a comment, at most one empty line, maps and
 * lists in braces as long as they fit.
 *
 * PURE. Order of keys, wording, numbers as written, the columns of comments, and where a long text is folded are the
 * author's. Nothing is taken on trust: the result is read again, and where it says anything else than the text did, or has
 * lost a comment, it is not given.
 */
import { YAMLSeq, isCollection, isScalar, parseDocument, visit } from 'yaml';
import type { Document, Tags, YAMLError, YAMLMap } from 'yaml';
import type { Json } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { Problems, type Problem } from '../plan/problem.js';
import { commentsOf, putCommentsBack } from './comments.js';
import { parse } from './parse.js';
import { writeScalar, type StringifyContext } from './scalars-as-written.js';

/** Columns up to which `{ … }` and `[ … ]` stand on one line. */
const WIDTH = 120;
const ROUNDS = 5;
/** Stands before each `#` that the library writes, until it is known whether the comment has a line of its own. */
const MARK = '\u0001';
const OWN_LINE = new RegExp(`^( *)${MARK}(.*?)[ \\t]*$`, 'gm');
const BEHIND = new RegExp(` *${MARK}(.*?)[ \\t]*$`, 'gm');

export type Formatting =
  | { readonly is: 'laid out'; readonly text: string }
  /** The file cannot be read. */
  | { readonly is: 'unreadable'; readonly problems: readonly Problem[] }
  /** The layout would change what the file says, which is a bug of ours: `why` is the end of a sentence. */
  | { readonly is: 'refused'; readonly why: string };

/** The text in its layout. `file` is named in problems. */
export function format(file: string, text: string): Formatting {
  const problems = new Problems(file);
  const before = parse(text, problems);
  if (before === undefined || problems.failed) return { is: 'unreadable', problems: problems.all };
  const bare = text.replace(/^\ufeff/, '').replaceAll(/\r(?=\n|$)/g, '');
  const laidOut = settle(bare);
  const found = new Problems(file);
  const after = parse(laidOut, found);
  if (after === undefined || found.failed || meaning(before) !== meaning(after))
    return { is: 'refused', why: 'it would say something else' };
  const [had, has] = [commentsOf(bare), commentsOf(laidOut)].map((all) =>
    all.map((comment) => comment.text).join('\n'),
  );
  return had === has ? { is: 'laid out', text: laidOut } : { is: 'refused', why: 'it would lose a comment' };
}

/** Laid out until nothing moves any more: a comment in an odd place may need two rounds. */
function settle(text: string): string {
  let laidOut = text;
  for (let round = 0; round < ROUNDS; round += 1) {
    const next = putCommentsBack(laidOut, layOut(laidOut));
    if (next === laidOut) break;
    laidOut = next;
  }
  return laidOut;
}

function layOut(text: string): string {
  let document = read(text);
  // A line that is too long is broken at its outermost braces; what was inside may then fit.
  for (;;) {
    const written = write(document);
    document = read(written);
    if (!breakLongLines(document, written)) return written;
  }
}

function read(text: string): Document.Parsed {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    keepSourceTokens: true,
    customTags: asWritten,
  });
  const [error]: readonly (YAMLError | undefined)[] = document.errors;
  if (error !== undefined) throw new Error(`our own layout cannot be read: ${error.message}`);
  visit(document, {
    Pair: (_key, { value }) => {
      if (isCollection(value)) value.spaceBefore = false;
    },
    Collection: (_key, node) => {
      if (node.flow === true && !fitsOneLine(node)) node.flow = false;
      tighten(node);
    },
  });
  return document;
}

/** `{ a: 1 }`, but `[1, 2]`: the library has one padding for both. */
function tighten(node: YAMLMap | YAMLSeq): void {
  const flowCollectionPadding = node instanceof YAMLSeq ? '' : ' ';
  const writeNode = node.toString.bind(node);
  node.toString = (context?: StringifyContext, onComment?: () => void, onChompKeep?: () => void): string =>
    writeNode(context === undefined ? undefined : { ...context, flowCollectionPadding }, onComment, onChompKeep);
}

function write(document: Document.Parsed): string {
  const text = document.toString({ indent: 2, lineWidth: 0, commentString: mark });
  return text.replaceAll(OWN_LINE, '$1$2').replaceAll(BEHIND, '  $1');
}

function mark(comment: string): string {
  const lines = comment.replace(/\n{3,}/g, '\n\n').replace(/\n+$/, '\n');
  return lines.replace(/^(?!$)(?: $)?/gm, `${MARK}#`);
}

/** Inside braces neither comments nor texts of several lines are laid out well. */
function fitsOneLine(node: YAMLMap | YAMLSeq): boolean {
  let fits = true;
  visit(node, (_key, inner) => {
    if (inner === node) return undefined;
    const token = isScalar(inner) ? inner.srcToken : undefined;
    if (token !== undefined && 'source' in token && token.source.includes('\n')) fits = false;
    const noted = isScalar(inner) || isCollection(inner);
    if (noted && (inner.comment ?? inner.commentBefore ?? '') !== '') fits = false;
    if (noted) inner.spaceBefore = false;
    return fits ? undefined : visit.BREAK;
  });
  return fits;
}

/** True when something was broken. */
function breakLongLines(document: Document.Parsed, text: string): boolean {
  let broken = false;
  visit(document, {
    Collection: (_key, node) => {
      if (node.flow !== true) return undefined;
      const [start, end] = node.range ?? [0, 0];
      if (node.items.length > 0 && end - text.lastIndexOf('\n', start) - 1 > WIDTH) {
        node.flow = false;
        broken = true;
      }
      return visit.SKIP;
    },
  });
  return broken;
}

/** Scalars of all types in the author's spelling. */
function asWritten(tags: Tags): Tags {
  return tags.map((tag): Tags[number] =>
    typeof tag === 'string' || tag.collection !== undefined ? tag : { ...tag, stringify: writeScalar },
  );
}

/** What a file says, with the order of its keys. */
function meaning(parsed: Parsed): string {
  return JSON.stringify(plain(parsed));
}

function plain(parsed: Parsed): Json {
  if (parsed.is === 'scalar') return parsed.value;
  if (parsed.is === 'list') return parsed.items.map(plain);
  return { map: parsed.entries.map(({ key, value }) => [key, plain(value)]) };
}
