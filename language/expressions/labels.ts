/**
 * Labels: who wrote a value, joined through everything that is computed from it.
 *
 * PURE. The least trusted wins. A text that can only be one of values listed in the definition is the author's, whatever
 * chose among them: the choice carries no words of its own.
 */
import type { Label, Type } from '../plan/types.js';

/** From the most trusted to the least. */
const ORDER: readonly Label[] = ['definition', 'trusted', 'person', 'record', 'input', 'model'];

export function joinLabels(...labels: readonly Label[]): Label {
  let worst = 0;
  for (const label of labels) worst = Math.max(worst, ORDER.indexOf(label));
  return ORDER[worst] ?? 'model';
}

/** The label of a value taken whole: its own, joined with those of all fields inside it. */
export function wholeLabel(type: Type, label: Label): Label {
  switch (type.kind) {
    case 'text':
      return type.values === undefined ? label : 'definition';
    case 'list':
      return joinLabels(label, wholeLabel(type.item, label));
    case 'map': {
      let joined = label;
      for (const field of type.fields.values()) {
        joined = joinLabels(joined, wholeLabel(field.type, field.label ?? label));
      }
      return joined;
    }
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'duration':
    case 'any':
      return label;
  }
}
