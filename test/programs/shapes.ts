/**
 * Shapes: what fast-check draws and shrinks. A shape says what there is and which keys it has; all smaller choices are
 * taken from its `dice` when build.ts makes a definition of it, where the names in scope are known.
 */
import fc from 'fast-check';
import type { World } from './world.js';

export const LEAVES = [
  'read',
  'list',
  'create',
  'update',
  'delete',
  'set',
  'wait',
  'tell',
  'end',
  'approve',
  'approved',
  'ask',
  'decide',
  'receive',
  'judge',
  'call',
  'send',
  'breaks',
] as const;
export const BLOCKS = ['switch', 'choose', 'for_each', 'repeat', 'parallel', 'race', 'try'] as const;
export type ShapeName = (typeof LEAVES)[number] | (typeof BLOCKS)[number];

export interface Shape {
  readonly is: ShapeName;
  readonly dice: number;
  readonly when: boolean;
  readonly timeout: boolean;
  readonly ensure: boolean;
  readonly undo: boolean;
  readonly retry: boolean;
  /** Is written without an id, where nothing reads it. */
  readonly bare: boolean;
  /** Branches: of a `try` the body, up to two catches, and what runs at last. */
  readonly inside: readonly (readonly Shape[])[];
}

export interface Sketch {
  readonly shapes: readonly Shape[];
  /** Of the output, and of what stands in the header. */
  readonly dice: number;
  readonly short: boolean;
  readonly world: Omit<World, 'mail'>;
  /** Which safe points the run continues as new at, of a hundred. */
  readonly continues: number;
}

/** Is never shrunk: it names the step, so that a step stays itself when others are taken away. */
const DICE = fc.noShrink(fc.integer({ min: 1, max: 9999 }));
const seldom = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const often = fc.oneof({ weight: 1, arbitrary: fc.constant(false) }, { weight: 2, arbitrary: fc.constant(true) });
/** Most steps of a block, by its depth. */
const MOST_AT = [9, 4, 3, 2, 2, 2];
const WEIGHTS: { readonly [is in (typeof LEAVES)[number]]: number } = {
  read: 3,
  list: 2,
  create: 8,
  update: 4,
  delete: 2,
  set: 3,
  wait: 2,
  tell: 2,
  end: 2,
  approve: 1,
  approved: 1,
  ask: 1,
  decide: 1,
  receive: 1,
  judge: 2,
  call: 2,
  send: 1,
  breaks: 1,
};

/** Programs with these verbs only; `most_ms` is the longest that one attempt takes. */
export function sketches(most_ms: number, verbs: readonly ShapeName[] = [...LEAVES, ...BLOCKS]): fc.Arbitrary<Sketch> {
  const leaves = LEAVES.filter((is) => verbs.includes(is)).map((is) => ({
    weight: WEIGHTS[is],
    arbitrary: fc.constant<ShapeName>(is),
  }));
  const blocks = BLOCKS.filter((is) => verbs.includes(is));
  const keys = { dice: DICE, when: seldom, timeout: seldom, ensure: seldom, undo: often, retry: seldom, bare: seldom };
  const leaf = fc.record({ ...keys, is: fc.oneof(...leaves), inside: fc.constant<readonly Shape[][]>([]) });
  /** Up to 5 deep; the deeper, the fewer. */
  const shapesAt = (depth: number): fc.Arbitrary<Shape[]> => {
    const maxLength = MOST_AT[depth] ?? 1;
    if (depth === 5 || blocks.length === 0) return fc.array(leaf, { maxLength, size: 'max' });
    const inside = fc.array(shapesAt(depth + 1), { minLength: 2, maxLength: 4, size: 'max' });
    const block = fc.record({ ...keys, is: fc.constantFrom<ShapeName>(...blocks), inside });
    const shape = fc.oneof({ withCrossShrink: true }, { weight: 5, arbitrary: leaf }, { weight: 2, arbitrary: block });
    return fc.array(shape, { maxLength, size: 'max' });
  };
  const shapes = shapesAt(0);
  return fc.record({
    shapes: shapes.filter((all) => all.length > 0),
    dice: DICE,
    short: seldom,
    continues: fc.constantFrom(0, 20, 100),
    world: fc.record({
      seed: fc.noShrink(fc.integer({ min: 0, max: 0xffffff })),
      faults: fc.constantFrom(0, 4, 12, 30),
      most_ms: fc.constant(most_ms),
      cancel_after_ms: fc.oneof(
        { weight: 3, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: most_ms * 24 }) },
      ),
    }),
  });
}
