/** What must hold of every program, whatever fails in it. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { closeRequest, type Ending } from '../../interpreter/ending.js';
import { interpret } from '../../interpreter/interpret.js';
import { start, type State } from '../../interpreter/state.js';
import { TestHost } from '../../interpreter/test-host.js';
import type { Json } from '../../language/plan/json.js';
import type { Canned } from '../../language/plan/test-case.js';
import { kindOf } from '../../language/steps/index.js';
import { faultsOf, programs, type Program } from './programs.js';
import { NOW, throughJson } from './running.js';

const RUNS = 400;

interface Finished {
  readonly ending: Ending;
  readonly state: State;
  readonly host: TestHost;
  readonly continuations: number;
}

/** Runs a program; `continues` = as new after every step, with nothing kept but the state's JSON. */
async function finish(program: Program, continues: boolean): Promise<Finished> {
  const { plan, cancel_after_ms } = program;
  const reads = plan.nodes.filter((node) => node.verb === 'read');
  const steps = new Map<string, Canned>(
    reads.map((node) => [node.path, { use: 'every', answers: [{ is: 'result', value: { id: node.path } }] }]),
  );
  const cancel = cancel_after_ms === undefined ? {} : { cancel_at_ms: NOW + cancel_after_ms };
  const host = new TestHost({
    now_ms: NOW,
    steps,
    mustContinue: () => continues,
    faults: faultsOf(program),
    ...cancel,
  });
  const input = { taken: 'yes', never: false };
  let state = start(plan, input, { ticket: 'T', first_run_id: 'r', started_at_ms: NOW });
  for (let continuations = 0; ; continuations += 1) {
    const result = await interpret(plan, state, host, kindOf);
    if (!('continue' in result)) return { ending: result, state, host, continuations };
    state = throughJson(result.continue);
  }
}

function record({ ending, state, host }: Finished, program: Program): unknown {
  const closed: Json = closeRequest(program.plan, state, ending);
  return { closed, calls: host.calls, effects: host.world.effects, shown: host.shown, now: host.now() };
}

it('continuing as new after every step changes nothing', async () => {
  let continuations = 0;
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const plain = await finish(program, false);
      const continued = await finish(program, true);
      continuations += continued.continuations;
      expect(plain.continuations).toBe(0);
      expect(record(continued, program)).toEqual(record(plain, program));
    }),
    { numRuns: RUNS },
  );
  expect(continuations).toBeGreaterThan(RUNS);
});

it('nothing that can be undone stays behind a run that did not end well, unless a message or a failed undo says so', async () => {
  const seen = { done: 0, undone: 0, kept: 0, never_happened: 0, failed: 0 };
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const { ending, host } = await finish(program, false);
      const canUndo = new Set(program.plan.nodes.flatMap((node) => (node.undo === undefined ? [] : [node.path])));
      const happened = host.effects.filter((path) => canUndo.has(path));
      if (ending.outcome === 'done') {
        seen.done += 1;
        expect(ending.undo).toEqual([]);
        expect(host.undone).toEqual([]);
        return;
      }
      const status = new Map(ending.undo.map((report) => [report.step, report.status]));
      for (const report of ending.undo) seen[report.status] += 1;
      for (const path of happened) expect([path, status.get(path)]).not.toEqual([path, expect.stringMatching(/never/)]);
      for (const path of happened) expect(status.has(path)).toBe(true);
      for (const [path, came] of status) {
        if (came === 'undone') expect(host.undone).toContain(path);
        if (came === 'kept') expect(host.undone).not.toContain(path);
        if (came === 'never_happened') expect(happened).not.toContain(path);
      }
      const sealing = host.calls.findLastIndex((call) => call.type === 'tell');
      for (const call of host.calls.slice(0, Math.max(0, sealing)))
        if (canUndo.has(call.id)) expect(status.get(call.id)).toBe('kept');
    }),
    { numRuns: RUNS },
  );
  for (const [what, count] of Object.entries(seen)) expect([what, count > 0]).toEqual([what, true]);
});

it('every effect has one key, every key one effect', async () => {
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const { host } = await finish(program, true);
      const keys = host.world.effects.map((effect) => effect.key);
      expect(new Set(keys).size).toBe(keys.length);
      const ids = host.calls.map((call) => call.id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: RUNS },
  );
});
