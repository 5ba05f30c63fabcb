/**
 * Mutants: each guard is taken out of the interpreter's source, and what it guards must then go wrong.
 *
 * The mutated copy lives in a directory of its own and shares language/ with the real one.
 */
import { describe, expect, it } from 'vitest';
import { interpret } from '../../interpreter/interpret.js';
import { start } from '../../interpreter/state.js';
import { TestHost, type TestHostOptions } from '../../interpreter/test-host.js';
import type { JsonMap } from '../../language/plan/json.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Canned } from '../../language/plan/test-case.js';
import { kindOf, type Node } from '../../language/steps/index.js';
import { Draft, DAY, MINUTE } from './plans.js';
import { mutated } from './mutating.js';
import { idle, always, fails, NOW } from './running.js';
import { STORIES, tell } from './stories.js';

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
    from: 'const entry = noteEffect(execution, place, input);',
    to: 'const entry = undefined as never;',
    scenario: () => {
      const d = new Draft('one');
      const faults: TestHostOptions['faults'] = ({ id }) =>
        id === 'one' ? { code: 'unreachable', landed: true, final: true } : undefined;
      return { plan: d.plan([refunded(d)]), around: { faults }, sees: undone, right: ['one'] };
    },
  },
  {
    guard: 'a tell seals',
    file: 'effects.ts',
    from: "if (effect === 'tell')",
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
    guard: 'a step that cannot start is not begun: its message seals nothing',
    file: 'interpret.ts',
    from: 'execution.host.check();',
    to: '',
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
    from: 'execution.host.shielded((host) => undoOne({ ...execution, host }, taken))',
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
    from: 'const walked = await (deadline_ms === undefined',
    to: 'const walked = await (true',
    scenario: () => {
      const d = new Draft('s', 'pause');
      const plan = d.plan([d.switch('s', 'input.k', { a: d.block([d.wait('pause', DAY)]) }, { timeout_ms: MINUTE })]);
      return { plan, input: { k: 'a' }, sees: ending, right: expect.objectContaining({ code: 'timeout', step: 's' }) };
    },
  },
  {
    guard: 'a step ends at its timeout',
    file: 'step-host.ts',
    from: 'place.deadline_ms === undefined ? work(host)',
    to: 'true ? work(host)',
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

async function play(
  { plan, steps = new Map(), around = {}, input = {}, sees }: Scenario,
  engine: typeof interpret,
): Promise<unknown> {
  const host = new TestHost({ now_ms: NOW, idle, steps, ...around });
  const state = start(plan, input, { ticket: 'T-1', first_run_id: 'r1', started_at_ms: NOW });
  try {
    return sees(host, await host.run(() => engine(plan, state, host, kindOf)));
  } catch (error) {
    return error;
  }
}

describe.each(MUTANTS)('$guard', (mutant) => {
  it('holds', async () => {
    const scenario = mutant.scenario();
    expect(await play(scenario, interpret)).toEqual(scenario.right);
  });

  it('and is missed when it is gone', async () => {
    const scenario = mutant.scenario();
    const engine = await mutated(mutant);
    expect(await play(scenario, engine)).not.toEqual(scenario.right);
  });
});

/** Guards of the blocks: without them a story comes out differently. */
const BLOCK_MUTANTS: readonly {
  readonly guard: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly story: string;
  readonly continues?: true;
}[] = [
  {
    guard: 'undo goes from the newest effect to the oldest, whichever branch it is from',
    file: 'books.ts',
    from: 'to.sort((one, other) => one.number - other.number);',
    to: 'to.sort((one, other) => other.number - one.number);',
    story: 'parallel: the first failure lets the others go, and everything of all branches is undone',
  },
  {
    guard: 'losers of a race undo what they did',
    file: 'blocks/branches.ts',
    from: 'await takeBackLanes(execution, letGo);',
    to: '',
    story: 'race: the first branch that gets to its end wins, and the others undo what they did',
  },
  {
    guard: 'a winner lets the others go',
    file: 'blocks/together.ts',
    from: 'if (other !== index) branch.cancel();',
    to: 'void branch;',
    story: 'a message against a deadline',
  },
  {
    guard: 'the body of a try is undone before its catch',
    file: 'blocks/try.ts',
    from: 'await takeBackPart({ ...execution, view: body }, inside.book);',
    to: '',
    story: 'try undoes its body before its catch, and finally comes last',
  },
  {
    guard: 'a catch answers what it names',
    file: 'catching.ts',
    from: 'on === undefined || on.some(',
    to: 'true || on.some(',
    story: 'a failure that no catch names goes on, after finally',
  },
  {
    guard: 'finally is done whatever came',
    file: 'blocks/try.ts',
    from: 'await walkFinally(execution, blocks, walk).catch(',
    to: 'await Promise.resolve().catch(',
    story: 'a failure that no catch names goes on, after finally',
  },
  {
    guard: 'no deadline reaches a finally',
    file: 'blocks/try.ts',
    from: 'await execution.host.shielded((host) =>',
    to: 'await ((work: (host: typeof execution.host) => Promise<unknown>) => work(execution.host))((host) =>',
    story: 'a block ends at its timeout, and finally is done even so',
  },
  {
    guard: 'an item that fails takes back what it did where failures are collected',
    file: 'blocks/each.ts',
    from: 'await takeBackLanes({ ...execution, host }, [lane]);',
    to: '',
    story: 'for_each collects failures: such an item takes back what it did, the others go on',
  },
  {
    guard: 'results stand in the order of the items',
    file: 'blocks/each.ts',
    from: 'inside.results[index] = result;',
    to: 'inside.results.unshift(result); inside.results.pop();',
    story: 'for_each keeps the order of its items, whichever finishes first',
  },
  {
    guard: 'items have values of their own',
    file: 'views.ts',
    from: 'const slots = [...view.slots];',
    to: 'const slots = view.slots;',
    story: 'for_each keeps the order of its items, whichever finishes first',
  },
  {
    guard: 'an effect in a loop is undone with the values of its own item',
    file: 'execution.ts',
    from: 'indexes.map((index) => `[${index}]`)',
    to: 'indexes.map(() => "")',
    story: 'repeat that never gets there is a failure',
  },
  {
    guard: 'repeat ends after as many passes as it may have',
    file: 'blocks/repeat.ts',
    from: 'if (inside.pass >= blocks.at_most)',
    to: 'if (inside.pass >= 50)',
    story: 'repeat that never gets there is a failure',
  },
  {
    guard: 'a tell seals only what was done before it in its own branch and around it',
    file: 'books.ts',
    from: 'at.book.sealed.push(...at.book.undo.splice(0));',
    to: 'void at;',
    story: 'a tell seals what was done before it in its own branch and around it, not beside it',
  },
  {
    guard: 'what was said about an item that is collected was said for it alone',
    file: 'blocks/lanes.ts',
    from: 'all.approvals.splice(0);',
    to: '',
    story: 'what somebody rejected for one item, which is collected, says nothing of the others',
  },
  {
    guard: 'a lane keeps its values when the run continues as new',
    file: 'blocks/lanes.ts',
    from: "if ('continue' in stop) keepLane(lane, view, block);",
    to: '',
    story: 'for_each keeps the order of its items, whichever finishes first',
    continues: true,
  },
  {
    guard: 'a wait goes on until the same moment when the run continues as new',
    file: 'step-host.ts',
    from: 'running.until_ms ??= until_ms;',
    to: 'running.until_ms = until_ms;',
    story: 'a wait is no longer for being continued',
    continues: true,
  },
];

describe.each(BLOCK_MUTANTS)('$guard', (mutant) => {
  const story = STORIES.find(({ name }) => name === mutant.story);

  it('and is missed when it is gone', async () => {
    if (story === undefined) throw new Error(`there is no story "${mutant.story}"`);
    const engine = await mutated(mutant);
    const told = await tell(story, mutant.continues === true, engine).then(
      ({ seen }) => seen,
      (error: unknown) => error,
    );
    expect(told).not.toMatchObject(story.expect);
  });
});
