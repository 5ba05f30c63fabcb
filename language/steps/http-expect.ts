/**
 * `expect`: which statuses are no failure.
 *
 * PURE.
 */
import type { Parsed } from '../plan/parsed.js';
import type { CompileContext } from './kind.js';

const SUCCESS = '2xx';

/** `204` as text, and classes such as `2xx`. Problems: FIRN423. */
export function compileExpect(parsed: Parsed | undefined, context: CompileContext): readonly string[] | undefined {
  if (parsed === undefined) return [SUCCESS];
  const all = (parsed.is === 'list' ? parsed.items : [parsed]).map((item) => {
    const written = item.is === 'scalar' ? String(item.value) : '';
    if (/^([2-5]\d\d|[2-5]xx)$/.test(written)) return written;
    const hint = 'a status is 200 to 599, and a class is 2xx, 3xx, 4xx or 5xx';
    context.error('FIRN423', item, `"${written}" is no status that an answer can have`, hint);
    return undefined;
  });
  const statuses = all.flatMap((status) => status ?? []);
  return statuses.length === all.length ? statuses : undefined;
}

/** True when every expected answer is one of success. */
export function onlySuccess(expect: readonly string[]): boolean {
  return expect.every((status) => status.startsWith('2'));
}
