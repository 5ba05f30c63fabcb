/**
 * Templates: finds the `${{ … }}` in a text.
 *
 * PURE. An expression ends at the first `}}` that stands outside quotes and with its brackets closed, so that
 * `${{ {'a': {'b': 1}} }}` is one expression. `$${{` is a literal `${{`.
 */

/** The source between `${{` and `}}`, as written; `offset` is where it begins in the text. */
export interface TemplateExpression {
  readonly source: string;
  readonly offset: number;
}

export interface Template {
  /** Literal texts and expressions in order; no two literals are neighbours, and none is empty. */
  readonly parts: readonly (string | TemplateExpression)[];
  /** Set when an expression is not closed: `offset` is where it opens, `message` says what is missing. */
  readonly problem?: { readonly offset: number; readonly message: string };
}

const OPEN = '${{';
const ESCAPED = '$${{';
const CLOSERS: ReadonlyMap<string, string> = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

export function splitTemplate(text: string): Template {
  const parts: (string | TemplateExpression)[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    if (text.startsWith(ESCAPED, at)) {
      literal += OPEN;
      at += ESCAPED.length;
    } else if (text.startsWith(OPEN, at)) {
      const start = at + OPEN.length;
      const end = endOf(text, start);
      if (typeof end !== 'number') return { parts, problem: { offset: at, message: end.missing } };
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push({ source: text.slice(start, end), offset: start });
      at = end + 2;
    } else {
      literal += text.charAt(at);
      at += 1;
    }
  }
  if (literal !== '') parts.push(literal);
  return { parts };
}

/** The one expression of a text that is exactly `${{ … }}`, white space around it aside. */
export function soleExpression(template: Template): TemplateExpression | undefined {
  const solid = template.parts.filter((part) => typeof part !== 'string' || part.trim() !== '');
  const [only] = solid;
  return solid.length === 1 && typeof only === 'object' ? only : undefined;
}

function endOf(text: string, start: number): number | { readonly missing: string } {
  const open: string[] = [];
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    const closer = CLOSERS.get(character);
    if (open.length === 0 && text.startsWith('}}', at)) return at;
    if (character === "'" || character === '"') {
      const end = endOfQuote(text, at);
      if (end === undefined) return { missing: `a quote (${character}) is opened and not closed` };
      at = end;
    } else {
      if (closer !== undefined) open.push(closer);
      else if (character === open.at(-1)) open.pop();
      at += 1;
    }
  }
  const bracket = open.at(-1);
  return { missing: bracket === undefined ? '"}}" is missing' : `"${bracket}" is missing before "}}"` };
}

/** Where the quoted text that begins at `start` is over, or undefined. */
function endOfQuote(text: string, start: number): number | undefined {
  const single = text.charAt(start);
  const quote = text.startsWith(single.repeat(3), start) ? single.repeat(3) : single;
  for (let at = start + quote.length; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1;
    else if (text.startsWith(quote, at)) return at + quote.length;
  }
  return undefined;
}
