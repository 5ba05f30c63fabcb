/** Runs a plan on the test host and hands back everything there is to look at. */
import { setImmediate } from 'node:timers/promises';
import type { Ending } from '../../interpreter/ending.js';
import { interpret } from '../../interpreter/interpret.js';
import { runToEnd } from '../../interpreter/run-cases.js';
import { start, type State } from '../../interpreter/state.js';
import { TestHost, type TestHostOptions } from '../../interpreter/test-host.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Canned } from '../../language/plan/test-case.js';
import { kindOf, type Node } from '../../language/steps/index.js';

/** A turn of the event loop: everything that could go on has gone on. */
export const idle = (): Promise<void> => setImmediate();

export const NOW = Date.parse('2026-03-01T09:00:00Z');

export interface Ran {
  readonly ending: Ending;
  readonly state: State;
  readonly host: TestHost;
}

export interface Around extends Omit<TestHostOptions, 'now_ms' | 'steps' | 'idle'> {
  readonly input?: JsonMap;
}

export async function run(plan: Plan<Node>, steps: ReadonlyMap<string, Canned>, around: Around = {}): Promise<Ran> {
  const { input = {}, ...options } = around;
  const host = new TestHost({ now_ms: NOW, idle, steps, inbox: () => state.messages, ...options });
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
  return typeof value === 'object' && value !== null && 'frame' in value;
}

/** Runs a plan to its end through as many continuations as the host wants, its state written down and read each time. */
export function continuing(
  plan: Plan<Node>,
  begun: State,
  host: TestHost,
  inbox: { kept: State },
  engine: typeof interpret = interpret,
): Promise<{ readonly ending: Ending; readonly state: State; readonly continuations: number }> {
  return host.run(async () => {
    let state = begun;
    for (let continuations = 0; ; continuations += 1) {
      inbox.kept = state;
      const result = await engine(plan, state, host, kindOf);
      if (!('continue' in result)) return { ending: result, state, continuations };
      state = throughJson(result.continue);
    }
  });
}
