/**
 * Numbers, times and an author's texts as people read them.
 *
 * PURE.
 */
import type { Expression, Value } from '../plan/plan.js';

/** 51200 -> "51,200", the same on every machine. */
export function count(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** "1 step", "3 steps", "no steps". */
export function counted(number: number, one: string, many = `${one}s`): string {
  return number === 0 ? `no ${many}` : `${count(number)} ${number === 1 ? one : many}`;
}

/** "2 days 3 hours": the two largest units, rounded up in the second, so that "at most" stays true. */
export function spoken(duration_ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const first = units.findIndex(([, unit_ms]) => duration_ms >= unit_ms);
  const [name, unit_ms] = units[first] ?? ['second', 1000];
  const next = units[first + 1];
  if (first < 0) return 'a second';
  if (next === undefined) return counted(Math.ceil(duration_ms / unit_ms), name);
  const whole = Math.floor(duration_ms / unit_ms);
  const rest = Math.ceil((duration_ms - whole * unit_ms) / next[1]);
  if (rest * next[1] >= unit_ms) return counted(whole + 1, name);
  return rest === 0 ? counted(whole, name) : `${counted(whole, name)} ${counted(rest, next[0])}`;
}

/** "a, b and c". */
export function listed(items: readonly string[], word = 'and'): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1) ?? ''}`;
}

/** An author's text on one line, what a run fills in shown by its expression: `Order {order.id} is here`. */
export function written(value: Value): string {
  switch (value.is) {
    case 'literal':
      return plain(typeof value.value === 'string' ? value.value : JSON.stringify(value.value));
    case 'expression':
      return filled(value.expression);
    case 'text':
      return plain(value.parts.map((part) => (typeof part === 'string' ? part : filled(part))).join(''));
    case 'map':
      return value.entries.map(({ key, value: inner }) => `${plain(key)}: ${written(inner)}`).join(', ');
    case 'list':
      return value.items.map(written).join(', ');
  }
}

function filled({ source }: Expression): string {
  return `{${plain(source)}}`;
}

/** One line, without what a terminal or a page would obey. */
export function plain(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** At most `longest` characters. */
export function shortened(text: string, longest: number): string {
  const characters = Array.from(text);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}
