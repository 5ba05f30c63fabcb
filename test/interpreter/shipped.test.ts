/** The shipped definitions: their own cases, continued after every step, and with a fault at every place. */
import { describe, expect, it } from 'vitest';
import { compareRun } from '../../interpreter/compare.js';
import type { Ending } from '../../interpreter/ending.js';
import { interpret } from '../../interpreter/interpret.js';
import { runCase } from '../../interpreter/run-cases.js';
import { start, type State } from '../../interpreter/state.js';
import { TestHost, type Fault, type TestHostOptions } from '../../interpreter/test-host.js';
import type { Case } from '../../language/plan/test-case.js';
import { kindOf } from '../../language/steps/index.js';
import { MINUTE } from './plans.js';
import { throughJson } from './running.js';
import { shippedDefinitions, type Shipped } from './shipped.js';

interface Finished {
  readonly state: State;
  readonly ending: Ending;
  readonly host: TestHost;
}

async function finish({ plan }: Shipped, test: Case, around: Partial<TestHostOptions>): Promise<Finished> {
  const { now_ms, steps, people, input } = test;
  const host = new TestHost({ now_ms, steps, people, ...around });
  let state = start(plan, input, { ticket: 'TEST-CASE', first_run_id: 'first', started_at_ms: now_ms });
  for (;;) {
    const result = await interpret(plan, state, host, kindOf);
    if (!('continue' in result)) return { state, ending: result, host };
    state = throughJson(result.continue);
  }
}

const definitions = shippedDefinitions();
expect(definitions.length).toBeGreaterThan(0);

describe.each(definitions)('$file', (shipped) => {
  const { plan, cases } = shipped;

  it.each(cases)('$name', async (test) => {
    expect((await runCase(plan, test, kindOf)).differences).toEqual([]);
  });

  it.each(cases)('$name, continued as new after every step', async (test) => {
    const plain = await finish(shipped, test, {});
    const continued = await finish(shipped, test, { mustContinue: () => true });
    expect(compareRun(test.expect, { plan, ...continued })).toEqual([]);
    expect(continued.host.calls).toEqual(plain.host.calls);
    expect(continued.state).toEqual(plain.state);
  });

  const faults: readonly [string, (id: string) => Partial<TestHostOptions>][] = [
    ['fails for good', (id) => at(id, { code: 'conflict', final: true })],
    ['happens, and its answer is lost', (id) => at(id, { code: 'unreachable', landed: true, final: true })],
    ['happens, and is tried again', (id) => at(id, { code: 'unreachable', landed: true }, 1)],
    ['takes longer than the run may', (id) => at(id, { takes_ms: plan.ends_within_ms + 1 })],
    ['is cancelled meanwhile', (id) => ({ ...at(id, { takes_ms: MINUTE }), cancel_at_ms: 0 })],
  ];

  it.each(faults)('nobody is told what did not happen, whatever activity %s', async (_, fault) => {
    for (const test of cases) {
      const plain = await finish(shipped, test, {});
      for (const { id } of plain.host.calls) {
        const { cancel_at_ms, ...around } = fault(id);
        const cancelled = cancel_at_ms === undefined ? {} : { cancel_at_ms: test.now_ms + 1 };
        checkClaims(shipped, await finish(shipped, test, { ...around, ...cancelled }));
      }
    }
  });
});

function at(id: string, fault: Fault, attempts = Infinity): Partial<TestHostOptions> {
  return { faults: (call, attempt) => (call.id === id && attempt <= attempts ? fault : undefined) };
}

/** Every message that was sent after an effect stands beside that effect, and nothing else is left behind. */
function checkClaims({ plan }: Shipped, { ending, host }: Finished): void {
  const undoable = new Set(plan.nodes.flatMap((node) => (node.undo === undefined ? [] : [node.path])));
  const standing = host.effects.filter((path) => undoable.has(path) && !host.undone.includes(path));
  const claimed = host.world.effects
    .slice(0, host.world.effects.findLastIndex((effect) => effect.type === 'tell') + 1)
    .flatMap(({ id }) => (undoable.has(id) ? [id] : []));
  for (const path of claimed) expect(standing).toContain(path);
  if (ending.outcome === 'done') return;
  const kept = ending.undo.flatMap(({ step, status }) => (status === 'kept' || status === 'failed' ? [step] : []));
  expect(standing.filter((path) => !kept.includes(path))).toEqual([]);
}
