/** Runs a plan on the test host and hands back everything there is to look at. */
import type { Ending } from '../../interpreter/ending.js';
import { runToEnd } from '../../interpreter/run-cases.js';
import { start, type State } from '../../interpreter/state.js';
import { TestHost, type TestHostOptions } from '../../interpreter/test-host.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Canned } from '../../language/plan/test-case.js';
import { kindOf, type Node } from '../../language/steps/index.js';

export const NOW = Date.parse('2026-03-01T09:00:00Z');

export interface Ran {
  readonly ending: Ending;
  readonly state: State;
  readonly host: TestHost;
}

export interface Around extends Omit<TestHostOptions, 'now_ms' | 'steps'> {
  readonly input?: JsonMap;
}

export async function run(plan: Plan<Node>, steps: ReadonlyMap<string, Canned>, around: Around = {}): Promise<Ran> {
  const { input = {}, ...options } = around;
  const host = new TestHost({ now_ms: NOW, steps, ...options });
  const state = start(plan, input, { ticket: 'T-1', first_run_id: 'r1', started_at_ms: NOW });
  const ending = await runToEnd(plan, state, host, kindOf);
  return { ending, state, host };
}

/** One result for every call of a step. */
export function always(results: { readonly [step: string]: Json }): Map<string, Canned> {
  return new Map(
    Object.entries(results).map(([step, value]) => [
      step,
      { use: 'every', answers: [{ is: 'result', value }] } as const,
    ]),
  );
}

export function fails(code: string, message?: string): Canned {
  return {
    use: 'every',
    answers: [message === undefined ? { is: 'failure', code } : { is: 'failure', code, message }],
  };
}

/** What is left of a state that has been written down and read again: all of it. */
export function throughJson(state: State): State {
  const read: unknown = JSON.parse(JSON.stringify(state));
  if (!isState(read)) throw new Error('the state is no JSON');
  return read;
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && 'frames' in value;
}
