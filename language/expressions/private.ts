/**
 * What was declared `private: true`, kept out of what people see in passing: summaries, trails, titles, recorded facts.
 *
 * PURE. Who decides on something sees it, and a message that an author writes may hold it.
 */
import { isJsonMap, type Json } from '../plan/json.js';
import type { Expression, Value } from '../plan/plan.js';

/** What stands for it. */
export const PRIVATE = '(private)';

/** The same value, with private expressions hidden. */
export function withoutPrivate(value: Value): Value {
  switch (value.is) {
    case 'literal':
      return value;
    case 'expression':
      return value.expression.private === true ? { is: 'literal', value: PRIVATE } : value;
    case 'text':
      return { is: 'text', parts: value.parts.map(hidden) };
    case 'list':
      return { is: 'list', items: value.items.map(withoutPrivate) };
    case 'map':
      return { is: 'map', entries: value.entries.map((entry) => ({ ...entry, value: withoutPrivate(entry.value) })) };
  }
}

function hidden(part: string | Expression): string | Expression {
  return typeof part !== 'string' && part.private === true ? PRIVATE : part;
}

/** The same result, with its private parts hidden; `*` in a path is each item of a list. */
export function hideParts(value: Json, paths: readonly (readonly string[])[]): Json {
  return paths.reduce(hidePart, value);
}

function hidePart(value: Json, path: readonly string[]): Json {
  const [first, ...rest] = path;
  if (first === undefined) return PRIVATE;
  if (first === '*') return Array.isArray(value) ? value.map((item: Json) => hidePart(item, rest)) : value;
  const part = isJsonMap(value) && Object.hasOwn(value, first) ? value[first] : undefined;
  return isJsonMap(value) && part !== undefined ? { ...value, [first]: hidePart(part, rest) } : value;
}

/** Whether a step reads what is private, wherever in it. */
export function holdsPrivate(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if ('cel' in node && 'private' in node) return node.private === true;
  return Object.values(node).some(holdsPrivate);
}
