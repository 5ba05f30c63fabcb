/** The shipped definitions: their own cases, continued after every step, and with a fault at every place. */
import { describe, expect, it } from 'vitest';
import { compareRun } from '../../interpreter/compare.js';
import type { Ending } from '../../interpreter/ending.js';
import { runCase } from '../../interpreter/run-cases.js';
import { start, type State } from '../../interpreter/state.js';
import { TestHost, type Fault, type TestHostOptions } from '../../interpreter/test-host.js';
import type { Case } from '../../language/plan/test-case.js';
import { kindOf } from '../../language/steps/index.js';
import { MINUTE } from './plans.js';
import { continuing, idle } from './running.js';
import { shippedDefinitions, type Shipped } from './shipped.js';

interface Finished {
  readonly state: State;
  readonly ending: Ending;
  readonly host: TestHost;
}

async function finish({ plan }: Shipped, test: Case, around: Partial<TestHostOptions>): Promise<Finished> {
  const { now_ms, steps, people, messages, input, cancel_at_ms } = test;
  const cancelled = cancel_at_ms === undefined ? {} : { cancel_at_ms };
  const state = start(plan, input, { ticket: 'TEST-CASE', first_run_id: 'first', started_at_ms: now_ms });
  const inbox = { kept: state };
  const host = new TestHost({
    now_ms,
    idle,
    steps,
    people,
    messages,
    inbox: () => inbox.kept.messages,
    ...cancelled,
    ...around,
  });
  return { ...(await continuing(plan, state, host, inbox)), host };
}

const definitions = await shippedDefinitions();
expect(definitions.length).toBeGreaterThan(0);

describe.each(definitions)('$file', (shipped) => {
  const { plan, cases } = shipped;

  it.each(cases)('$name', async (test) => {
    expect((await runCase(plan, test, kindOf, idle)).differences).toEqual([]);
  });

  it.each(cases)('$name, continued as new after every step', async (test) => {
    const plain = await finish(shipped, test, {});
    const continued = await finish(shipped, test, { mustContinue: () => true });
    checkClaims(shipped, continued);
    if (runsAtOnce(shipped)) {
      // What has begun beside a failure depends on the moment; what comes of it does not.
      const { path: _path, effects: _effects, undone: _undone, ...expected } = test.expect;
      expect(compareRun(expected, { plan, ...continued })).toEqual([]);
      return;
    }
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
        // Answers by the attempt are for these attempts, and no others.
        if (test.steps.get(pathOf(id))?.use === 'in_order') continue;
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

/** Every effect that stood when somebody was told still stands at the end, and nothing else is left behind. */
function checkClaims({ plan }: Shipped, { ending, host, state }: Finished): void {
  const undoable = new Set(plan.nodes.flatMap((node) => (node.undo === undefined ? [] : [node.path])));
  const standing = host.effects.filter((id) => undoable.has(pathOf(id)) && !host.undone.includes(id));
  const beside = branchesOf(plan);
  for (const [at, { id: tell, type }] of host.world.effects.entries()) {
    if (type !== 'tell') continue;
    const before = host.world.effects.slice(0, at).map(({ id }) => id);
    const claimed = before.filter((id) => undoable.has(pathOf(id)) && !before.includes(`${id}.undo`));
    for (const id of claimed) if (!beside(pathOf(id), pathOf(tell))) expect(standing).toContain(id);
  }
  if (ending.outcome === 'done') return;
  const reports = [...state.taken_back, ...ending.undo];
  const kept = reports.flatMap(({ step, status }) => (status === 'kept' || status === 'failed' ? [step] : []));
  expect(standing.filter((id) => !kept.includes(id))).toEqual([]);
}

function runsAtOnce({ plan }: Shipped): boolean {
  const verbs = new Set(['parallel', 'race']);
  return plan.nodes.some((node) => verbs.has(node.verb) || (node.verb === 'for_each' && node.at_once > 1));
}

function pathOf(id: string): string {
  return id.replaceAll(/\[\d+\]/g, '');
}

/** Whether two steps stand in branches that run at the same time: what is told in one says nothing of the other. */
function branchesOf(plan: Shipped['plan']): (one: string, other: string) => boolean {
  const branches = plan.nodes.flatMap((node) =>
    node.verb === 'parallel' || node.verb === 'race' ? [node.branches.map(({ block }) => pathsIn(plan, block))] : [],
  );
  return (one, other) =>
    branches.some((paths) => {
      const [first, second] = [paths.findIndex((set) => set.has(one)), paths.findIndex((set) => set.has(other))];
      return first >= 0 && second >= 0 && first !== second;
    });
}

function pathsIn({ nodes, blocks }: Shipped['plan'], block: number): ReadonlySet<string> {
  const [from, to] = blocks[block]?.nodes ?? [0, 0];
  return new Set(nodes.slice(from, to).map(({ path }) => path));
}
