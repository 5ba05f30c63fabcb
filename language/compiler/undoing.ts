/**
 * The step that takes an effect back: one write, in the scope of the step whose effect it is, its result included.
 *
 * PURE. Problems: FIRN408, and what the kind says.
 */
import { get } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import { TEXT } from '../plan/types.js';
import type { Node } from '../steps/index.js';
import type { Effect } from '../steps/kind.js';
import type { StepContext } from './context.js';
import { effectOfStep, nodeBase, toNode } from './lower.js';
import type { StepPlace } from './places.js';
import type { CheckedStep } from './validate.js';

type Common = StepContext['common'];

export function compileUndo(
  step: CheckedStep,
  place: StepPlace,
  effect: Effect,
  begin: (common: Common) => { readonly path: string; readonly context: StepContext },
  problems: Problems,
): Node | undefined {
  const written = get(step.source, 'undo');
  if (written === undefined) return undefined;
  if (effect !== 'write' && step.kind.verb !== 'call') {
    const message = `this \`${step.kind.verb}\` writes nothing, so there is nothing to undo`;
    problems.error('FIRN408', written, message, 'put the undo beside the step that writes');
    return undefined;
  }
  const { undo } = step;
  if (undo === undefined || place.undoIndex === undefined) return undefined;
  const { path, context } = begin({ hasTimeout: undo.timeout_ms !== undefined, timeout_ms: undo.timeout_ms });
  const compiled = undo.kind.compile(undo.body, context, undo.source);
  if (compiled === undefined) return undefined;
  if (effectOfStep(compiled) !== 'write') {
    const message = `this \`${undo.kind.verb}\` takes nothing back; an undo is one write`;
    problems.error('FIRN408', undo.source, message);
    return undefined;
  }
  const summary = undo.summary === undefined ? undefined : context.value(undo.summary, TEXT)?.value;
  const undoPlace = { ...place, step: undo, source: undo.source, id: undefined, undoIndex: undefined };
  const values = { summary, when: undefined, ensure: undefined, reads: undefined };
  return toNode(compiled, nodeBase(undoPlace, path, undefined, values, compiled));
}
