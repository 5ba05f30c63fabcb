/**
 * What an expression reads, as named values: `order.status`, `order.total`. For records and messages, never for deciding.
 *
 * PURE. Works on the expression's source; names come from the plan, so that a text literal which looks like a name at
 * worst adds a value that the expression could have read.
 */
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import { PRIVATE } from '../language/expressions/private.js';
import { isPrivatePart } from '../language/expressions/settle-label.js';
import type { Expression, PartLabel } from '../language/plan/plan.js';

interface Read {
  readonly name: string;
  readonly value: Json;
  readonly hidden: boolean;
}

/** Longer texts are left out: they are what somebody wrote, and not facts. */
const LONGEST_TEXT = 200;

/** By slot: which parts are private. */
type Labels = readonly (readonly PartLabel[])[];

/**
 * Dotted path -> text, number or boolean, for each path below a name that the expressions read and that exists. What is
 * private is left out.
 */
export function readValues(expressions: readonly Expression[], slots: readonly Json[], labels: Labels): JsonMap {
  return Object.fromEntries(
    readAll(expressions, slots, labels).flatMap(({ name, value, hidden }) => (hidden ? [] : [[name, value]])),
  );
}

function readAll(expressions: readonly Expression[], slots: readonly Json[], labels: Labels): readonly Read[] {
  const found = new Map<string, Omit<Read, 'name'>>();
  for (const { source, names } of expressions) {
    for (const { name, slot } of names) {
      const pattern = new RegExp(`(?<![\\w.?])${name}((?:\\.\\??[A-Za-z_]\\w*)*)`, 'g');
      for (const match of source.matchAll(pattern)) {
        const fields = (match[1] ?? '').split(/\.\??/).filter((field) => field !== '');
        const read = follow(slots[slot], fields);
        if (read === undefined) continue;
        const hidden = isPrivatePart(labels[slot] ?? [], read.path);
        found.set([name, ...read.path].join('.'), { value: read.value, hidden });
      }
    }
  }
  return [...found].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, read]) => ({ name, ...read }));
}

/** "refund.amount is 12, order.total is 13": the values behind a condition that did not hold. */
export function quoteValues(expression: Expression, slots: readonly Json[], labels: Labels): string {
  return readAll([expression], slots, labels)
    .map(({ name, value, hidden }) => `${name} is ${hidden ? PRIVATE : JSON.stringify(value)}`)
    .join(', ');
}

/** Follows fields until something plain; what stands behind it is a function, as in `order.id.size()`. */
function follow(
  from: Json | undefined,
  fields: readonly string[],
): { readonly path: string[]; readonly value: Json } | undefined {
  let value = from;
  const path: string[] = [];
  for (const field of fields) {
    if (!isJsonMap(value) || !Object.hasOwn(value, field)) break;
    value = value[field];
    path.push(field);
  }
  if (typeof value === 'string') return value.length <= LONGEST_TEXT ? { path, value } : undefined;
  return typeof value === 'number' || typeof value === 'boolean' ? { path, value } : undefined;
}
