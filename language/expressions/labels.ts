/**
 * Labels: who wrote a value, joined through everything that is computed from it.
 *
 * PURE. The least trusted wins, and its way is the one that is told. A text that can only be one of values listed in the
 * definition is the author's, whatever chose among them: the choice carries no words of its own. It can be private all the
 * same.
 */
import type { Field, Label, Origin, Type, Written } from '../plan/types.js';

/** From the most trusted to the least. */
const ORDER: readonly Label[] = ['definition', 'trusted', 'person', 'record', 'outside', 'input', 'model'];

/** What the author wrote. */
export const AUTHOR: Written = { label: 'definition' };

export function joinLabels(...labels: readonly Label[]): Label {
  let worst = 0;
  for (const label of labels) worst = Math.max(worst, ORDER.indexOf(label));
  return ORDER[worst] ?? 'model';
}

export function joinWritten(...all: readonly Written[]): Written {
  const label = joinLabels(...all.map((one) => one.label));
  const from = all.find((one) => one.label === label)?.from;
  return written(
    label,
    from,
    all.some((one) => one.private === true),
  );
}

/** What the author wrote came no way. */
export function written(label: Label, from: Origin | undefined, isPrivate: boolean): Written {
  return {
    label,
    ...(from === undefined || label === 'definition' ? {} : { from }),
    ...(isPrivate ? { private: true } : {}),
  };
}

/** Only who wrote it, of something that is more. */
export function writtenOf({ label, from, private: isPrivate }: Written): Written {
  return written(label, from, isPrivate === true);
}

/** Who wrote a field of a map that `around` wrote. */
export function fieldWritten(field: Field, around: Written): Written {
  const own = field.label === undefined ? around : { label: field.label, from: field.from };
  return written(own.label, own.from, field.private === true || around.private === true);
}

/** Who wrote a value taken whole: its own, joined with all fields inside it. */
export function wholeWritten(type: Type, own: Written): Written {
  switch (type.kind) {
    case 'text':
      return type.values === undefined ? writtenOf(own) : written('definition', undefined, own.private === true);
    case 'list':
      return joinWritten(own, wholeWritten(type.item, own));
    case 'map': {
      const fields = [...type.fields.values()].map((field) => wholeWritten(field.type, fieldWritten(field, own)));
      return joinWritten(own, ...fields);
    }
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'duration':
    case 'any':
      return writtenOf(own);
  }
}
