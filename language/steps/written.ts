/**
 * What a person is shown of texts from outside: apart from the question, and marked as what they are.
 *
 * PURE.
 */
import type { Value } from '../plan/plan.js';
import type { Label } from '../plan/types.js';
import type { StepHost } from './kind.js';
import { textOfJson } from './said.js';
import { expressionsOf } from './sources.js';

const OUTSIDE: readonly Label[] = ['input', 'model', 'record', 'outside'];

/** The parts of a text that came from outside. */
export function writtenIn(what: Value, host: StepHost): readonly { readonly from: string; readonly text: string }[] {
  return expressionsOf(what)
    .filter(({ label }) => OUTSIDE.includes(label))
    .map((expression) => ({
      from: expression.source,
      text: textOfJson(host.evaluate({ is: 'expression', expression })),
    }));
}
