/**
 * Mutants: each guard is taken out of the interpreter's source, and what it guards must then go wrong.
 *
 * The mutated copy lives in a directory of its own and shares language/ with the real one.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { interpret } from '../../interpreter/interpret.js';
import { start } from '../../interpreter/state.js';
import { TestHost, type TestHostOptions } from '../../interpreter/test-host.js';
import type { JsonMap } from '../../language/plan/json.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Canned } from '../../language/plan/test-case.js';
import { kindOf, type Node } from '../../language/steps/index.js';
import { Draft, DAY, MINUTE } from './plans.js';
import { always, fails, NOW } from './running.js';

interface Scenario {
  readonly plan: Plan<Node>;
  readonly steps?: ReadonlyMap<string, Canned>;
  readonly around?: Partial<TestHostOptions>;
  readonly input?: JsonMap;
  /** What an observer sees. */
  readonly sees: (host: TestHost, ending: unknown) => unknown;
  readonly right: unknown;
}

interface Mutant {
  readonly guard: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly scenario: () => Scenario;
}

const undone = (host: TestHost): unknown => host.undone;
const effects = (host: TestHost): unknown => host.effects;
const ending = (_: TestHost, came: unknown): unknown => came;
const refunded = (d: Draft): number => d.undoable('one', { amount: 1 });

const MUTANTS: readonly Mutant[] = [
  {
    guard: 'an effect is on the undo stack before it is scheduled',
    file: 'step-host.ts',
    from: 'noteEffect(execution, place, input);\n      const answer = inTime(() => host.activity(call));',
    to: 'const answer = inTime(() => host.activity(call)).then((value) => (noteEffect(execution, place, input), value));',
    scenario: () => {
      const d = new Draft('one');
      const faults: TestHostOptions['faults'] = ({ id }) =>
        id === 'one' ? { code: 'unreachable', landed: true, final: true } : undefined;
      return { plan: d.plan([refunded(d)]), around: { faults }, sees: undone, right: ['one'] };
    },
  },
  {
    guard: 'a tell seals',
    file: 'step-host.ts',
    from: "if (effect === 'tell' && !host.cancelled())",
    to: 'if (false)',
    scenario: () => {
      const d = new Draft('one');
      return {
        plan: d.plan([refunded(d), d.tell('tell', 'done'), d.refuse('no', 'because')]),
        sees: undone,
        right: [],
      };
    },
  },
  {
    guard: 'a tell that cannot start seals nothing',
    file: 'step-host.ts',
    from: "if (effect === 'tell' && !host.cancelled())",
    to: "if (effect === 'tell')",
    scenario: () => {
      const d = new Draft('one');
      const faults: TestHostOptions['faults'] = ({ id }) => (id === 'one' ? { takes_ms: MINUTE } : undefined);
      return {
        plan: d.plan([refunded(d), d.tell('tell', 'done')]),
        around: { faults, cancel_at_ms: NOW + 1 },
        sees: undone,
        right: ['one'],
      };
    },
  },
  {
    guard: 'an effect is settled before it is undone',
    file: 'undo.ts',
    from: 'if (!settled.happened)',
    to: 'if (false)',
    scenario: () => {
      const d = new Draft('one');
      const right: unknown = expect.objectContaining({ undo: [{ step: 'one', status: 'never_happened' }] });
      return { plan: d.plan([refunded(d)]), steps: new Map([['one', fails('conflict')]]), sees: ending, right };
    },
  },
  {
    guard: 'no cancellation reaches the undo',
    file: 'undo.ts',
    from: 'host.shielded(() => undoOne(execution, taken))',
    to: 'undoOne(execution, taken)',
    scenario: () => {
      const d = new Draft('one', 'pause');
      return {
        plan: d.plan([refunded(d), d.wait('pause', DAY)]),
        around: { cancel_at_ms: NOW + MINUTE },
        sees: undone,
        right: ['one'],
      };
    },
  },
  {
    guard: 'an undo that fails does not stop the others',
    file: 'undo.ts',
    from: 'if (!isFailure(error)) throw error;',
    to: 'throw error;',
    scenario: () => {
      const d = new Draft('one', 'two');
      const plan = d.plan([refunded(d), d.undoable('two', { amount: 2 }), d.refuse('no', 'because')]);
      return { plan, steps: new Map([['two.undo', fails('conflict')]]), sees: undone, right: ['one'] };
    },
  },
  {
    guard: 'a step does what was approved',
    file: 'approvals.ts',
    from: 'if (approval.digest !== now)',
    to: 'if (false)',
    scenario: () => {
      const d = new Draft('order', 'approval', 'refund');
      const refund = d.create('refund', { amount: '${order.total}' });
      const plan = d.plan([
        d.read('order'),
        d.approve('approval', [refund]),
        d.read('order', { path: 'again' }),
        refund,
      ]);
      const people = new Map([['approval', { decision: 'approve', after_ms: 1 }]]);
      return {
        plan,
        steps: always({ order: { total: 1 }, again: { total: 99 } }),
        around: { people },
        sees: effects,
        right: [],
      };
    },
  },
  {
    guard: 'a step that was not approved does not run',
    file: 'approvals.ts',
    from: 'if (!approval.yes)',
    to: 'if (false)',
    scenario: () => {
      const d = new Draft('approval', 'refund');
      const refund = d.create('refund', { amount: 1 });
      const people = new Map([['approval', { decision: 'reject', comment: 'no', after_ms: 1 }]]);
      return { plan: d.plan([d.approve('approval', [refund]), refund]), around: { people }, sees: effects, right: [] };
    },
  },
  {
    guard: '`ensure` is looked at',
    file: 'results.ts',
    from: 'if (ensure === undefined || ',
    to: 'if (ensure !== undefined || ',
    scenario: () => {
      const d = new Draft('one');
      const one = d.undoable('one', { amount: 1 }, { ensure: d.x('one.amount == 2.0', 'boolean') });
      return { plan: d.plan([one]), sees: undone, right: ['one'] };
    },
  },
  {
    guard: 'a result has a size',
    file: 'results.ts',
    from: 'if (large !== undefined) throw large;',
    to: '',
    scenario: () => {
      const d = new Draft('one');
      const steps = always({ one: { text: 'x'.repeat(300_000) } });
      return {
        plan: d.plan([d.read('one')]),
        steps,
        sees: ending,
        right: expect.objectContaining({ code: 'result_too_large' }),
      };
    },
  },
  {
    guard: 'a block ends at the timeout of its step',
    file: 'interpret.ts',
    from: '...(deadline_ms === undefined ? {} : { deadline_ms })',
    to: '...{}',
    scenario: () => {
      const d = new Draft('s', 'pause');
      const plan = d.plan([d.switch('s', 'input.k', { a: d.block([d.wait('pause', DAY)]) }, { timeout_ms: MINUTE })]);
      return { plan, input: { k: 'a' }, sees: ending, right: expect.objectContaining({ code: 'timeout', step: 's' }) };
    },
  },
  {
    guard: 'a step ends at its timeout',
    file: 'step-host.ts',
    from: 'place.deadline_ms === undefined ? work()',
    to: 'true ? work()',
    scenario: () => {
      const d = new Draft('pause');
      const plan = d.plan([d.wait('pause', DAY, { timeout_ms: MINUTE })]);
      return { plan, sees: ending, right: expect.objectContaining({ code: 'timeout', step: 'pause' }) };
    },
  },
  {
    guard: 'a run that is done undoes nothing',
    file: 'interpret.ts',
    from: "stop.outcome === 'done' ? []",
    to: 'false ? []',
    scenario: () => {
      const d = new Draft('one');
      return { plan: d.plan([refunded(d)]), sees: undone, right: [] };
    },
  },
];

const ROOT = join(import.meta.dirname, '..', '..');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'firn-mutants-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The interpreter with one guard taken out. */
async function load({ file, from, to }: Mutant, number: number): Promise<typeof interpret> {
  const copy = await mkdtemp(join(folder, `${number}-`));
  for (const name of await readdir(join(ROOT, 'interpreter'))) {
    if (!name.endsWith('.ts')) continue;
    const source = await readFile(join(ROOT, 'interpreter', name), 'utf8');
    if (name === file) expect(source.split(from), `"${from}" stands once in ${file}`).toHaveLength(2);
    const mutated = name === file ? source.replace(from, () => to) : source;
    await writeFile(join(copy, name), mutated.replaceAll("'../language/", `'${ROOT}/language/`));
  }
  const loaded: unknown = await import(join(copy, 'interpret.ts'));
  if (!isInterpreter(loaded)) throw new Error('the mutant exports no interpreter');
  return loaded.interpret;
}

function isInterpreter(module: unknown): module is { readonly interpret: typeof interpret } {
  return typeof module === 'object' && module !== null && 'interpret' in module;
}

async function play(
  { plan, steps = new Map(), around = {}, input = {}, sees }: Scenario,
  engine: typeof interpret,
): Promise<unknown> {
  const host = new TestHost({ now_ms: NOW, steps, ...around });
  const state = start(plan, input, { ticket: 'T-1', first_run_id: 'r1', started_at_ms: NOW });
  try {
    return sees(host, await engine(plan, state, host, kindOf));
  } catch (error) {
    return error;
  }
}

describe.each(MUTANTS.map((mutant, number) => ({ ...mutant, number })))('$guard', (mutant) => {
  it('holds', async () => {
    const scenario = mutant.scenario();
    expect(await play(scenario, interpret)).toEqual(scenario.right);
  });

  it('and is missed when it is gone', async () => {
    const scenario = mutant.scenario();
    const engine = await load(mutant, mutant.number);
    expect(await play(scenario, engine)).not.toEqual(scenario.right);
  });
});
