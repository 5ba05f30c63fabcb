/**
 * Views: what a place of the run can read, and how lanes get values of their own.
 *
 * PURE. A lane reads what is around it and writes only its own names, so that items and branches which run at once never
 * see each other. What a lane has kept goes into the state when the run continues as new, and comes back from there.
 */
import { jsonSize, type Json } from '../language/plan/json.js';
import { SLOT_RUN, type Block } from '../language/plan/plan.js';
import type { View, Whole } from './execution.js';
import type { Lane, State } from './state.js';

/** The view of the definition's own steps. */
export function rootView(state: State): View {
  return {
    slots: state.slots,
    sizes: sizesOf(state.slots),
    book: state,
    around: undefined,
    indexes: [],
    passing: Infinity,
  };
}

/** The view of a lane in `block`: `index` is its number in a loop, from 1 on; a branch has none. */
export function laneView(view: View, lane: Lane, { slots: [from, to] }: Block, index: number | undefined): View {
  const slots = [...view.slots];
  for (let slot = from; slot < to; slot += 1) slots[slot] = lane.own[slot - from] ?? null;
  return {
    slots,
    sizes: slots.map((value, slot) => (slot >= from && slot < to ? sizeOf(value) : (view.sizes[slot] ?? 0))),
    book: lane,
    around: view,
    indexes: index === undefined ? view.indexes : [...view.indexes, index],
    passing: Math.min(view.passing, from),
  };
}

/** The view of one pass of a `repeat`: the same values, in places of its own. */
export function passView(view: View, { slots: [from] }: Block, pass: number): View {
  return { ...view, indexes: [...view.indexes, pass], passing: Math.min(view.passing, from) };
}

/** What a lane has kept goes into the state. */
export function keepLane(lane: Lane, view: View, { slots: [from, to] }: Block): void {
  lane.own = view.slots.slice(from, to);
}

/** The values of a lane that is over count no longer. */
export function dropLane(whole: Whole, view: View, { slots: [from, to] }: Block): void {
  for (let slot = from; slot < to; slot += 1) whole.kept -= view.sizes[slot] ?? 0;
}

/** Characters of each kept result, by slot; what the run itself is called does not count. */
function sizesOf(slots: readonly Json[]): number[] {
  return slots.map((value, slot) => (slot === SLOT_RUN ? 0 : sizeOf(value)));
}

function sizeOf(value: Json): number {
  return value === null ? 0 : jsonSize(value);
}

/** Characters of all that a state keeps: its values, and what its loops and lanes hold. */
export function keptBy(state: State): number {
  const total = (slots: readonly Json[]): number => sizesOf(slots).reduce((sum, size) => sum + size, 0);
  const inside = (frame: State['frame']): number => {
    const inner = frame.running?.inside;
    if (inner === undefined) return 0;
    const lanes = 'lanes' in inner ? inner.lanes : [];
    const kept = lanes.map((lane) => total(lane.own) + sizeOf(lane.output ?? null) + inside(lane.frame));
    const results = inner.is === 'items' ? inner.results.reduce((sum: number, result) => sum + sizeOf(result), 0) : 0;
    const within = 'frame' in inner ? inner.frame : undefined;
    const frames = within === undefined ? 0 : inside(within);
    return kept.reduce((sum, size) => sum + size, results + frames);
  };
  return total(state.slots) + inside(state.frame);
}
