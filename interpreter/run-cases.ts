/**
 * Runs a test case beside a flow and says in sentences how what happened differs from what was expected.
 *
 * PURE. The same interpreter as in production, with the test host. Takes no time of its own: whoever wants to know how
 * long a case took measures around it.
 */
import type { Host } from '../language/plan/host.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import type { Case } from '../language/plan/test-case.js';
import { compareRun } from './compare.js';
import type { Ending } from './ending.js';
import type { Kinds } from './execution.js';
import { interpret } from './interpret.js';
import { start, type State } from './state.js';
import { CaseProblem } from './test-answers.js';
import { TestHost } from './test-host.js';

export interface CaseResult {
  readonly name: string;
  readonly line: number;
  readonly passed: boolean;
  /** What was expected and what came instead, one sentence each; empty when the case passed. */
  readonly differences: readonly string[];
}

const TICKET = 'TEST-CASE';

/** `kinds` is `kindOf` of language/steps. Rejects only on a bug of Firn's own. */
export async function runCase<Node extends NodeBase>(
  plan: Plan<Node>,
  test: Case,
  kinds: Kinds<Node>,
): Promise<CaseResult> {
  const { name, line } = test;
  const differences = await differencesOf(plan, test, kinds);
  return { name, line, passed: differences.length === 0, differences };
}

/** Runs a plan to its end, through as many continuations as the host wants. `state` is changed in place. */
export async function runToEnd<Node extends NodeBase>(
  plan: Plan<Node>,
  state: State,
  host: Host,
  kinds: Kinds<Node>,
): Promise<Ending> {
  for (;;) {
    const result = await interpret(plan, state, host, kinds);
    if (!('continue' in result)) return result;
  }
}

async function differencesOf<Node extends NodeBase>(
  plan: Plan<Node>,
  test: Case,
  kinds: Kinds<Node>,
): Promise<string[]> {
  const { now_ms, steps, people, input, expect } = test;
  const host = new TestHost({ now_ms, steps, people });
  const state = start(plan, input, { ticket: TICKET, first_run_id: 'first', started_at_ms: now_ms });
  try {
    const ending = await runToEnd(plan, state, host, kinds);
    return compareRun(expect, { plan, state, ending, host });
  } catch (error) {
    if (error instanceof CaseProblem) return [error.message];
    throw error;
  }
}
