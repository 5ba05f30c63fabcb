/**
 * Runs a compiled program on the test host in its scripted world, and tells what came of it in the reference's words.
 */
import type { Ending } from '../../interpreter/ending.js';
import { interpret } from '../../interpreter/interpret.js';
import { start, type State } from '../../interpreter/state.js';
import { TestHost, type Fault } from '../../interpreter/test-host.js';
import type { ActivityCall } from '../../language/plan/host.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Canned, CannedAnswer, PersonScript } from '../../language/plan/test-case.js';
import { kindOf, type Node } from '../../language/steps/index.js';
import { NOW, throughJson } from '../interpreter/running.js';
import { choicesOf, seenOf, valueAt, verbAt, verbsOf } from './answers.js';
import type { Program } from './build.js';
import type { Verb } from './definition.js';
import type { Seen } from './prediction.js';
import {
  attemptAt,
  calledAt,
  decisionAt,
  dice,
  formAt,
  isThere,
  messagesOf,
  type CalledEnd,
  type World,
} from './world.js';

export interface Ran {
  readonly seen: Seen;
  readonly took_ms: number;
  readonly continuations: number;
}

/** What a mutant changes: the plan, the kinds, or the state that a run begins with. */
export interface Twist {
  readonly plan?: (plan: Plan<Node>) => Plan<Node>;
  readonly kinds?: typeof kindOf;
  readonly state?: (state: State) => State;
}

/** `continues`: of a hundred safe points, so many are taken to continue as new. */
export async function run(plan: Plan<Node>, program: Program, continues: number, twist: Twist = {}): Promise<Ran> {
  const { world, input } = program;
  const verbs = verbsOf(program);
  const begin = start(plan, input, { ticket: 'T', first_run_id: 'r', started_at_ms: NOW });
  let state = twist.state?.(begin) ?? begin;
  let points = 0;
  const host = new TestHost({
    now_ms: NOW,
    idle: () => new Promise((resolve) => setImmediate(resolve)),
    steps: new Scripted((place) => cannedAt(world, verbs, place)),
    people: new Scripted((place) => personAt(world, verbs, place)),
    messages: messagesOf(world).map(({ name, at_ms, values }) => ({ name, values, at_ms: NOW + at_ms })),
    inbox: () => state.messages,
    ...(world.cancel_after_ms === undefined ? {} : { cancel_at_ms: NOW + world.cancel_after_ms }),
    mustContinue: () => dice(world, 'continues', (points += 1)) % 100 < continues,
    faults: (call, attempt) => faultAt(world, call, attempt),
  });
  let continuations = 0;
  const ending = await host.run(async (): Promise<Ending> => {
    for (; ; continuations += 1) {
      const result = await interpret(plan, state, host, twist.kinds ?? kindOf);
      if (!('continue' in result)) return result;
      state = throughJson(result.continue);
    }
  });
  const { outcome, output, reason, code, step } = ending;
  const places = host.calls.map(({ id }) => id);
  if (new Set(places).size < places.length) throw new Error(`a place was asked twice: ${places.join(' ')}`);
  const undo = [...state.taken_back, ...ending.undo];
  const seen = seenOf({ outcome, output, reason, code, step, undo }, host.world, host.calls);
  return { seen, took_ms: host.now() - NOW, continuations };
}

function faultAt(world: World, { id, type }: Pick<ActivityCall, 'id' | 'type'>, attempt: number): Fault | undefined {
  if (type === 'settle' || type === 'call') return undefined;
  const { takes_ms, fails } = attemptAt(world, id, attempt);
  return { takes_ms, ...fails };
}

function cannedAt(world: World, verbs: ReadonlyMap<string, Verb>, place: string): Canned | undefined {
  const does = verbAt(verbs, place);
  if (does?.verb === 'call') return does.detached ? undefined : endOf(calledAt(world, place));
  if (does?.verb === 'send')
    return always(isThere(world, place) ? { is: 'result', value: {} } : { is: 'failure', code: 'not_found' });
  const value = valueAt(world, verbs, place);
  return value === undefined ? undefined : always({ is: 'result', value });
}

function endOf(end: CalledEnd): Canned {
  const { takes_ms } = end;
  if (end.ended === 'failed') return always({ is: 'failure', code: end.code, takes_ms });
  return always({ is: 'result', value: end.value, takes_ms });
}

function always(answer: CannedAnswer): Canned {
  return { use: 'every', answers: [answer] };
}

function personAt(world: World, verbs: ReadonlyMap<string, Verb>, place: string): PersonScript {
  const does = verbAt(verbs, place);
  const decided = decisionAt(world, place, choicesOf(does));
  return does?.verb === 'ask' ? { ...decided, values: formAt(world, place) } : decided;
}

/** A map that computes what it holds. */
class Scripted<T> extends Map<string, T> {
  private readonly answer: (place: string) => T | undefined;
  constructor(answer: (place: string) => T | undefined) {
    super();
    this.answer = answer;
  }
  override get(place: string): T | undefined {
    return this.answer(place);
  }
  override has(place: string): boolean {
    return this.answer(place) !== undefined;
  }
}
