/**
 * What an approval binds: the later steps that it names, whose arguments must be known where it stands.
 *
 * PURE. A step that runs after an approval needs a yes to exactly what was shown, so it may ask for nothing that is not
 * known yet. Problems: FIRN405, 406.
 */
import type { Scope } from '../expressions/scope.js';
import type { Parsed } from '../plan/parsed.js';
import { Problems } from '../plan/problem.js';
import { noBranch, reportUnknownName, StepContext } from './context.js';
import type { Surroundings } from './context.js';
import { effectOfStep } from './lower.js';
import type { CompiledStep } from './lower.js';
import { runsLater } from './places.js';
import type { Places, StepPlace } from './places.js';
import { textOf } from './validate.js';
import type { CheckedStep } from './validate.js';

/** What of a definition's resolution a binding needs to know. */
export interface Bindings {
  readonly places: Places;
  readonly surroundings: Surroundings;
  readonly problems: Problems;
  /** Names of steps that could not be compiled. */
  readonly broken: ReadonlySet<string>;
  /** Told which step's result somebody looks at. */
  readonly read: (name: string) => void;
}

/** The index of the step that `parsed` names: it comes after `place`, writes, and asks only for what `scope` knows. */
export function boundStep(parsed: Parsed, place: StepPlace, scope: Scope, around: Bindings): number | undefined {
  const { places, problems, read } = around;
  const id = textOf(parsed);
  if (id === undefined) return undefined;
  const later = places.byId.get(id);
  if (later === undefined) {
    const known = [...places.byId.values()]
      .filter((other) => runsLater(place, other))
      .flatMap((other) => other.id ?? []);
    reportUnknownName(problems, 'FIRN405', parsed, 'later step', id, known);
    return undefined;
  }
  if (!runsLater(place, later)) {
    const message = `"${id}" (line ${later.source.at.line}) does not run after this approval, in its block or one around it`;
    problems.error('FIRN405', parsed, message, 'an approval binds steps that come later');
    return undefined;
  }
  read(id);
  const { step } = later;
  if (step === undefined) return undefined;
  const compiled = compileHere(parsed, later, step, scope, around);
  if (compiled === undefined) return undefined;
  if (effectOfStep(compiled) !== 'write') {
    const message = `"${id}" is a \`${step.kind.verb}\`, which changes nothing, so there is nothing to approve`;
    problems.error('FIRN405', parsed, message, 'name a step that writes');
    return undefined;
  }
  return later.index;
}

/** Compiles the arguments of a later step in the scope of its approval, to see what is not known there. */
function compileHere(
  parsed: Parsed,
  later: StepPlace,
  step: CheckedStep,
  scope: Scope,
  { surroundings, problems, broken }: Bindings,
): CompiledStep | undefined {
  const found = new Problems(problems.file);
  const context = new StepContext(surroundings, {
    id: later.id,
    path: later.id ?? '',
    common: { hasTimeout: false, timeout_ms: undefined },
    scope,
    problems: found,
    broken,
    read: () => undefined,
    branch: noBranch,
    laterStep: () => undefined,
    blockNames: new Map(),
    calls: new Map(),
  });
  const compiled = step.kind.compile(step.body, context, step.source);
  const unknown = found.all.find(({ code }) => code === 'FIRN204' || code === 'FIRN206' || code === 'FIRN207');
  if (unknown === undefined) return compiled;
  const message = `what "${later.id ?? ''}" (line ${unknown.line}) would do is shown and bound here, but ${unknown.message}`;
  problems.error('FIRN406', parsed, message, 'use only what is known before the approval, or approve later');
  return undefined;
}
