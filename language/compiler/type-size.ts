/**
 * How large a value of a type can be as JSON, by what is declared: `maxLength`, items of a list, enumerations.
 *
 * PURE. In characters; those beyond ASCII take more bytes. A text or list of unknown size counts as nothing, so that the
 * number says "at most" only of what is declared.
 */
import { longest } from '../expressions/fit.js';
import type { Type } from '../plan/types.js';

/** Characters of any number, boolean or timestamp, with quotes. */
const SCALAR = 27;
/** Quotes, colon and comma around a field. */
const AROUND = 4;

/** Characters as JSON at the most; what nothing limits is left out. */
export function declaredSize(type: Type): number {
  switch (type.kind) {
    case 'text':
      return (longest(type) ?? 0) + 2;
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'duration':
      return SCALAR;
    case 'list':
      return 2 + (type.atMost ?? 0) * (declaredSize(type.item) + 1);
    case 'map': {
      let size = 2;
      for (const [name, field] of type.fields) size += name.length + AROUND + declaredSize(field.type);
      return size;
    }
    case 'any':
      return 2;
  }
}
