/**
 * Who wrote what a slot will hold, as data for the plan: the label of the whole, and of each part that has another.
 *
 * PURE. Made from the settled type of the slot; read again by expressions/settle-label.ts where a value would act.
 */
import { fieldWritten, written } from '../expressions/labels.js';
import type { PartLabel } from '../plan/plan.js';
import type { Type, Written } from '../plan/types.js';

export function partLabels(type: Type, by: Written): readonly PartLabel[] {
  return [...parts(type, by, [], undefined)];
}

/** Paths of the parts that are private; the empty path is the whole. */
export function privateParts(type: Type, by: Written): readonly (readonly string[])[] {
  return partLabels(type, by).flatMap((part) => (part.private === true ? [part.path] : []));
}

function* parts(
  type: Type,
  by: Written,
  path: readonly string[],
  around: Written | undefined,
): Generator<PartLabel, void, undefined> {
  const isPrivate = by.private === true;
  const listed = type.kind === 'text' && type.values !== undefined;
  const own = written(listed ? 'definition' : by.label, undefined, isPrivate);
  if (around === undefined || own.label !== around.label || (isPrivate && around.private !== true)) {
    yield { path, label: own.label, ...(isPrivate ? { private: true } : {}) };
  }
  if (type.kind === 'list') yield* parts(type.item, by, [...path, '*'], own);
  if (type.kind !== 'map') return;
  for (const [name, field] of type.fields) yield* parts(field.type, fieldWritten(field, by), [...path, name], own);
}
