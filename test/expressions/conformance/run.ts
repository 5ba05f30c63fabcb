/**
 * One official case through the public path: compiled in a scope made of its declarations, then evaluated.
 */
import { compileExpression, evaluateExpression } from '../../../language/expressions/index.js';
import type { ScopeName } from '../../../language/expressions/scope.js';
import { canonicalJson, type Json } from '../../../language/plan/json.js';
import { messageOf } from '../../../language/plan/failure.js';
import { Problems, type Problem } from '../../../language/plan/problem.js';
import { ANY, type Type } from '../../../language/plan/types.js';
import { scalar } from '../given.js';
import type { Case } from './cases.js';
import { jsonOf, typeOf } from './values.js';

export type Answer =
  | { readonly is: 'value'; readonly value: Json }
  | { readonly is: 'failure'; readonly message: string }
  | { readonly is: 'refused'; readonly problems: readonly Problem[] }
  /** What the case binds or declares has no place here: `name` of it. */
  | { readonly is: 'unbindable'; readonly name: string };

export function answerTo(test: Case): Answer {
  const names = new Map<string, ScopeName>();
  const slots: Json[] = [];
  for (const name of new Set([...test.types.keys(), ...test.bindings.keys()])) {
    const declared = test.types.get(name);
    const bound = test.bindings.get(name);
    const type: Type | undefined = declared === undefined ? ANY : typeOf(declared);
    const value = bound === undefined ? undefined : jsonOf(bound);
    if (type === undefined || (bound !== undefined && value === undefined)) return { is: 'unbindable', name };
    names.set(name, { slot: slots.length, type, label: 'definition' });
    slots.push(value ?? null);
  }
  const problems = new Problems('case');
  const scope = { names, hidden: new Map<string, string>(), facts: new Set<string>() };
  const compiled = compileExpression(scalar(`\${{ ${test.expr} }}`), scope, ANY, problems);
  if (compiled === undefined || problems.failed) return { is: 'refused', problems: problems.all };
  try {
    return { is: 'value', value: evaluateExpression(compiled.expression, slots) };
  } catch (error) {
    return { is: 'failure', message: messageOf(error) };
  }
}

/** Whether the answer is the one that the suite expects. */
export function agrees(test: Case, answer: Answer): boolean {
  const { expected } = test;
  if (expected.is === 'checked') return answer.is === 'value' || answer.is === 'failure';
  if (expected.is === 'error') return answer.is === 'failure';
  const wanted = jsonOf(expected.value);
  return answer.is === 'value' && wanted !== undefined && canonicalJson(answer.value) === canonicalJson(wanted);
}
