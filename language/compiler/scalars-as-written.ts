/**
 * Scalars in the spelling of their author, at the indentation of their new place: part of the layout (format.ts).
 *
 * PURE. A text of several lines keeps its lines; `'…'` becomes `"…"` where nothing in it would need an escape.
 */
import type { CST, Scalar, YAMLSeq } from 'yaml';

export type StringifyContext = NonNullable<Parameters<YAMLSeq['toString']>[0]>;

/** The library's hook for writing a scalar; trusts that it was read with its source tokens. */
export function writeScalar(
  item: Scalar,
  context: StringifyContext,
  onComment?: () => void,
  onChompKeep?: () => void,
): string {
  const token = item.srcToken;
  if (token?.type === 'block-scalar') return writeBlock(item, token, context, onComment, onChompKeep);
  if (token === undefined || !('source' in token)) throw new Error('a scalar without its source');
  const [first = '', ...rest] = token.source.split('\n');
  if (rest.length > 0) {
    const below = rest.map((line) => (line.trim() === '' ? '' : context.indent + line.trim()));
    return [first.trimEnd(), ...below].join('\n');
  }
  const { value } = item;
  const bare = token.type === 'single-quoted-scalar' && typeof value === 'string' && !/["\\\p{Cc}]/u.test(value);
  return bare ? `"${value}"` : token.source;
}

/** `>` and `|`, line by line. */
function writeBlock(
  item: Scalar,
  token: CST.BlockScalar,
  { indent, options }: StringifyContext,
  onComment?: () => void,
  onChompKeep?: () => void,
): string {
  const header = token.props.find((prop) => prop.type === 'block-scalar-header');
  const written = header !== undefined && 'source' in header ? header.source : '|';
  const chomp = /[-+]/.exec(written)?.[0] ?? '';
  const lines = token.source.replace(chomp === '+' ? /\n$/ : /\s*$/, '').split('\n');
  const own = ownIndent(token, lines, /\d/.exec(written)?.[0]);
  const body = lines.map((line) => line.slice(own));
  const indicator = /^[ \t]/.test(body.find((line) => line !== '') ?? '') ? '2' : '';
  if (chomp === '+') onChompKeep?.();
  const noted = item.comment ?? '';
  if (noted !== '') onComment?.();
  const comment = noted === '' ? '' : ` ${options.commentString(noted)}`;
  const text = body.map((line) => (line === '' ? '' : indent + line)).join('\n');
  return `${written.charAt(0)}${indicator}${chomp}${comment}\n${text}`;
}

/** Columns that do not belong to the text of a block. */
function ownIndent(token: CST.BlockScalar, lines: readonly string[], digit: string | undefined): number {
  if (digit !== undefined) return Math.max(0, token.indent) + Number(digit);
  const first = lines.find((line) => line.trim() !== '') ?? '';
  return first.length - first.trimStart().length;
}
