/**
 * Text that reads like an expression of another language: `{{ order.total }}`, `${ order.total }`, `$order.total`.
 *
 * PURE. A bare text is literal, so such a text would be told to somebody as it stands. It is refused only where it names
 * what can be read here, or what holds results elsewhere; anything else in braces is the author's own.
 */
import type { Scope } from './scope.js';

/** Where other languages keep inputs and results. */
const ELSEWHERE: ReadonlySet<string> = new Set(['steps', 'outputs', 'inputs', 'context']);
/** Each takes time in proportion to the text: what follows a path never begins with what could belong to it. */
const FORMS = [
  /\{\{\s*\$?(?<path>[a-z_][.\w]*)(?:[^{}.\w][^{}]*)?\}\}/gi,
  /\$\{\s*\$?(?<path>[a-z_][.\w]*)(?:[^{}.\w][^{}]*)?\}/gi,
  /\$(?<path>[a-z_]\w*(?:\.\w+)+)/gi,
];
const ESCAPED = '$${{';

/** What such a text should have been; undefined for a text that is one. */
export function meantAsExpression(
  text: string,
  scope: Scope,
): { readonly found: string; readonly meant: string } | undefined {
  const written = text.replaceAll(ESCAPED, '');
  for (const form of FORMS) {
    for (const match of written.matchAll(form)) {
      const path = match.groups?.['path'] ?? '';
      const [root = '', ...fields] = path.split('.');
      if (ELSEWHERE.has(root)) return { found: match[0], meant: fields.join('.') };
      if (scope.names.has(root) || scope.hidden.has(root)) return { found: match[0], meant: path };
    }
  }
  return undefined;
}
