/** Runs steps on the test host, behind one that reads an order. Not a test itself. */
import type { Json } from '../../language/plan/json.js';
import type { PersonScript } from '../../language/plan/test-case.js';
import type { Fault } from '../../interpreter/test-host.js';
import { always, run, type Ran } from '../interpreter/running.js';
import { compileSteps } from '../steps/definitions.js';

export const ORDER = { id: 'A-1', email: 'a@b', status: 'processing', total: 10, ordered_at: '2026-01-01T00:00:00Z' };

export interface Around {
  readonly finds?: { readonly [step: string]: Json };
  readonly faults?: { readonly [place: string]: Fault };
  readonly people?: { readonly [place: string]: PersonScript };
  readonly cancel_at_ms?: number;
}

/** Throws with the problems of steps that do not compile. */
export async function runSteps(steps: string, around: Around = {}): Promise<Ran> {
  const { plan, problems } = compileSteps(steps);
  if (plan === undefined) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  const { finds = {}, faults = {}, people = {}, cancel_at_ms } = around;
  return run(plan, always({ order: ORDER, ...finds }), {
    input: { order_id: 'A-1' },
    people: new Map(Object.entries(people)),
    faults: ({ id }) => faults[id],
    ...(cancel_at_ms === undefined ? {} : { cancel_at_ms }),
  });
}

/** A write into shop.refunds with an undo. */
export function pay(id: string, amount: string, more = ''): string {
  return `{ id: ${id}, create: { in: shop.refunds, values: { order_id: A-1, amount: ${amount} } }, undo: { delete: { from: shop.refunds, where: { id: "\${{ ${id}.id }}" } } }${more} }`;
}

/** A yes of this person, so long after the item opened. */
export function yes(by: string, after_ms = 60_000): PersonScript {
  return { decision: 'approve', by, after_ms };
}
