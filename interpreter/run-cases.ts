/**
 * Runs a test case beside a flow and says in sentences how what happened differs from what was expected.
 *
 * PURE. The same interpreter as in production, with the test host. Takes no time of its own: whoever wants to know how
 * long a case took measures around it.
 */
import type { JsonMap } from '../language/plan/json.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import type { Case } from '../language/plan/test-case.js';
import { compareRun } from './compare.js';
import type { Ending } from './ending.js';
import type { Kinds } from './execution.js';
import { interpret } from './interpret.js';
import { snapshotOf } from './snapshot.js';
import { start, type State } from './state.js';
import { TestHost } from './test-host.js';
import { CaseProblem } from './test-world.js';

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly passed: boolean;
  /** What was expected and what came instead, one sentence each; empty when the case passed. */
  readonly differences: readonly string[];
  /** Everything that it did, of a case that is compared with what was kept. */
  readonly snapshot?: JsonMap;
}

const TICKET = 'TEST-CASE';

/** `kinds` is `kindOf` of language/steps; `idle` a turn of the event loop. Rejects only on a bug of Firn's own. */
export async function runCase<Node extends NodeBase>(
  plan: Plan<Node>,
  test: Case,
  kinds: Kinds<Node>,
  idle: () => Promise<void>,
): Promise<CaseResult> {
  const { name, line, expect } = test;
  const { now_ms, steps, people, messages, input, cancel_at_ms } = test;
  const state = start(plan, input, { ticket: TICKET, first_run_id: 'first', started_at_ms: now_ms });
  const cancel = cancel_at_ms === undefined ? {} : { cancel_at_ms };
  const host = new TestHost({ now_ms, idle, steps, people, messages, inbox: () => state.messages, ...cancel });
  try {
    const ending = await runToEnd(plan, state, host, kinds);
    const run = { plan, state, ending, host };
    const differences = [...compareRun(expect, run), ...host.unused];
    const snapshot = expect.snapshot === true ? { snapshot: snapshotOf(run) } : {};
    return { name, line, passed: differences.length === 0, differences, ...snapshot };
  } catch (error) {
    if (error instanceof CaseProblem) return { name, line, passed: false, differences: [error.message] };
    throw error;
  }
}

/** Runs a plan to its end, through as many continuations as the host wants. `state` is changed in place. */
export async function runToEnd<Node extends NodeBase>(
  plan: Plan<Node>,
  state: State,
  host: TestHost,
  kinds: Kinds<Node>,
): Promise<Ending> {
  return await host.run(async () => {
    for (;;) {
      const result = await interpret(plan, state, host, kinds);
      if (!('continue' in result)) return result;
    }
  });
}
