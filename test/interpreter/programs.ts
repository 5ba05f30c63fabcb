/** Random small programs with random faults, for properties that must hold of every run. */
import fc from 'fast-check';
import type { Fault } from '../../interpreter/test-host.js';
import { hashText } from '../../language/plan/json.js';
import type { ActivityCall } from '../../language/plan/host.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';
import { Draft, DAY, MINUTE } from './plans.js';

export interface Program {
  readonly plan: Plan<Node>;
  /** Decides which attempts fail, and how. */
  readonly seed: number;
  readonly cancel_after_ms: number | undefined;
}

type Shape =
  | { readonly is: 'read' | 'create' | 'undoable' | 'tell' | 'set' | 'refuse' | 'fail' | 'ensure' | 'skip' }
  | { readonly is: 'wait'; readonly for_ms: number }
  | { readonly is: 'block'; readonly timeout_ms: number | undefined; readonly inside: readonly Shape[] };

const leaf = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom<Shape>(
      { is: 'read' },
      { is: 'create' },
      { is: 'undoable' },
      { is: 'set' },
      { is: 'skip' },
    ),
  },
  { weight: 2, arbitrary: fc.constant<Shape>({ is: 'tell' }) },
  { weight: 1, arbitrary: fc.constantFrom<Shape>({ is: 'refuse' }, { is: 'fail' }, { is: 'ensure' }) },
  { weight: 2, arbitrary: fc.constantFrom(MINUTE, DAY, 3 * DAY).map((for_ms): Shape => ({ is: 'wait', for_ms })) },
);

const { shapes } = fc.letrec<{ shapes: Shape[]; shape: Shape; block: Shape }>((tie) => ({
  shapes: fc.array(tie('shape'), { maxLength: 7, size: 'max' }),
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: tie('block') },
  ),
  block: fc
    .record({ timeout_ms: fc.constantFrom(undefined, MINUTE, 2 * DAY), inside: tie('shapes') })
    .map(({ timeout_ms, inside }): Shape => ({ is: 'block', timeout_ms, inside })),
}));

export const programs: fc.Arbitrary<Program> = fc
  .record({
    shapes,
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    cancel_after_ms: fc.option(fc.constantFrom(1, MINUTE, DAY), { nil: undefined, freq: 4 }),
  })
  .map(({ shapes: all, seed, cancel_after_ms }) => ({ plan: planOf(all), seed, cancel_after_ms }));

/** The same fault for the same attempt of the same call, whoever asks. */
export function faultsOf({ seed }: Program): (call: ActivityCall, attempt: number) => Fault | undefined {
  return ({ id, type }, attempt) => {
    const dice = Number.parseInt(hashText(`${seed}/${id}/${attempt}`).slice(0, 8), 16) % 100;
    if (type === 'settle') return dice < 10 ? { code: 'unreachable', takes_ms: 1 } : undefined;
    if (dice < 5) return { code: 'conflict', final: true };
    if (dice < 10) return { code: 'unreachable', landed: true, final: true };
    if (dice < 20) return { code: 'unreachable', landed: true, takes_ms: 1_000 };
    if (dice < 30) return { code: 'unreachable' };
    return dice < 35 ? { takes_ms: 2 * MINUTE } : undefined;
  };
}

function planOf(all: readonly Shape[]): Plan<Node> {
  const count = (some: readonly Shape[]): number =>
    some.reduce((sum, one) => sum + 1 + (one.is === 'block' ? count(one.inside) : 0), 0);
  const names = Array.from({ length: count(all) }, (_, index) => `s${index}`);
  const d = new Draft(...names);
  let next = 0;
  const add = (shape: Shape): number => {
    const id = names[next] ?? '';
    next += 1;
    switch (shape.is) {
      case 'read':
        return d.read(id);
      case 'create':
        return d.create(id, { amount: next });
      case 'undoable':
        return d.undoable(id, { amount: next, note: '${run.ticket}' });
      case 'ensure':
        return d.undoable(id, { amount: next }, { ensure: d.x(`${id}.amount < 0.0`, 'boolean') });
      case 'tell':
        return d.tell(id, `message ${next}`);
      case 'set':
        return d.set(id, { n: next });
      case 'skip':
        return d.read(id, { when: d.x('input.never', 'boolean') });
      case 'refuse':
        return d.refuse(id, 'refused here');
      case 'fail':
        return d.fail(id, 'broken', 'failed here');
      case 'wait':
        return d.wait(id, shape.for_ms);
      case 'block': {
        const timeout = shape.timeout_ms === undefined ? {} : { timeout_ms: shape.timeout_ms };
        return d.switch(id, 'input.taken', { yes: d.block(shape.inside.map(add), { id }) }, timeout);
      }
    }
  };
  return d.plan(all.map(add), { end: '${run.ticket}' });
}
