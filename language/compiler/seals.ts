/**
 * What an ending would leave behind: writes with an undo that a `tell` has sealed since.
 *
 * PURE. Followed through the blocks while they are compiled, so that a `refuse` or `fail` behind such a tell is warned
 * about: the customer may have been told, so nothing is undone, and yet the run says that nothing came of it.
 */
import type { Effect } from '../steps/kind.js';
import type { StepPlace } from './places.js';
import type { CheckedStep } from './validate.js';

export interface Seals {
  /** Writes with an undo, not sealed yet. */
  readonly open: readonly StepPlace[];
  readonly sealed: readonly { readonly write: StepPlace; readonly tell: StepPlace }[];
}

export const NOTHING_DONE: Seals = { open: [], sealed: [] };

/** What holds behind a step; `ways` are the ends of its blocks that go on. */
export function sealsAfter(
  step: CheckedStep,
  place: StepPlace,
  effect: Effect,
  before: Seals,
  ways: readonly Seals[],
  conditional: boolean,
): Seals {
  if (effect === 'tell') return afterTell(before, place);
  if (effect === 'write') return step.undo === undefined ? before : afterWrite(before, place);
  return either(conditional || ways.length === 0 ? [before, ...ways] : ways);
}

function afterWrite(seals: Seals, write: StepPlace): Seals {
  return { ...seals, open: [...seals.open, write] };
}

function afterTell(seals: Seals, tell: StepPlace): Seals {
  if (seals.open.length === 0) return seals;
  return { open: [], sealed: [...seals.sealed, ...seals.open.map((write) => ({ write, tell }))] };
}

/** What may have been done, whichever way was taken. */
function either(ways: readonly Seals[]): Seals {
  const [first, ...others] = ways;
  if (first === undefined) return NOTHING_DONE;
  if (others.every((other) => other === first)) return first;
  const sealed = ways.flatMap((way) => way.sealed);
  return {
    open: [...new Set(ways.flatMap((way) => way.open))],
    sealed: sealed.filter(({ write }, index) => sealed.findIndex((other) => other.write === write) === index),
  };
}
