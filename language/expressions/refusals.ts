/**
 * What is not in the language of expressions, by name, and what to write instead.
 *
 * PURE. People write what they know from elsewhere; a refusal that names the right word saves them the search.
 */
import type { Range } from './cel.js';
import type { Checking } from './checking.js';
import { didYouMean } from './closest.js';

/** What CEL, or another language, has under this name, and what to write here. */
export const REFUSED: ReadonlyMap<string, string> = new Map([
  ['int', 'there is one number type; round(number, 0) gives a whole number'],
  ['uint', 'there is one number type; round(number, 0) gives a whole number'],
  ['float', 'there is one number type; double(text) makes a number of text'],
  ['number', 'double(text) makes a number of text'],
  ['bytes', 'there are no bytes; work with text'],
  ['bool', "compare with the text: value == 'true'"],
  ['type', 'types are known before the run; compare values'],
  ['dyn', 'types are known before the run; declare the type where the value comes from'],
  ['duration', "write span('30d')"],
  [
    'now',
    'an expression has no clock; the `at` of a step is the time at which it ended, run.started_at that of the start',
  ],
  ['hasValue', 'write has(name.field)'],
  ['value', 'write orValue(…) with what to take instead, or test has(…) before'],
  ['bind', 'give the value a name with a `set` step'],
  ['optMap', 'write has(name.field) ? … : …'],
  ['lowerAscii', 'write lower(text)'],
  ['upperAscii', 'write upper(text)'],
  ['substring', 'write split(text, separator)[0], or match it with matches()'],
  ['indexOf', 'write text.contains(part)'],
  ['lastIndexOf', 'write text.contains(part)'],
  ['getDayOfYear', 'write getMonth() and getDate()'],
  ['getDayOfMonth', 'write getDate(), which counts from 1'],
  ['len', 'write size(value)'],
  ['length', 'write size(value)'],
  ['count', 'write size(list)'],
  ['concat', 'write a + b'],
  ['format', 'write the text with ${{ }} inside it'],
  ['json', 'write toJson(value)'],
]);

/** Reports a function or method that is not there. */
export function unknownCall(name: string, names: readonly string[], range: Range, checking: Checking): undefined {
  const instead = REFUSED.get(name);
  if (instead !== undefined)
    return checking.problem('FIRN203', range, `${name}() is not available in expressions`, instead);
  return checking.problem(
    'FIRN203',
    range,
    `there is no function "${name}" in expressions`,
    `${didYouMean(name, names)}Available: ${names.join(', ')}.`,
  );
}
