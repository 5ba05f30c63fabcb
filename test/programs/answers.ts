/**
 * What the scripted world answers to one activity, and what a host shows of its runs, for the test host and for Temporal.
 */
import type { UndoReport } from '../../interpreter/ending.js';
import type { TestWorld } from '../../interpreter/test-world.js';
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import { ANSWERED, NONE_OF_THESE } from '../../language/plan/messages.js';
import type { Program } from './build.js';
import type { Verb } from './definition.js';
import type { Seen } from './prediction.js';
import { stepsOf } from './steps-of.js';
import { answerAt, isFound, orderAt, ordersAt, refundAt, type World } from './world.js';

const UNDO = '.undo';
const WRITES = ['create', 'update', 'delete'];

export interface Call {
  readonly id: string;
  readonly type: string;
  readonly input: JsonMap;
}

/** How a run ended, whoever says it. */
export interface Ended {
  readonly outcome: string;
  readonly output: Json | undefined;
  readonly reason: string | undefined;
  readonly code: string | undefined;
  readonly step: string | undefined;
  readonly undo: readonly UndoReport[];
}

/** The verb of each step, by its id. */
export function verbsOf({ definition }: Program): ReadonlyMap<string, Verb> {
  return new Map([...stepsOf(definition.body)].map(({ id, does }) => [id, does]));
}

export function verbAt(verbs: ReadonlyMap<string, Verb>, place: string): Verb | undefined {
  return verbs.get(place.replace(/\[.*/, ''));
}

/** What a person may decide at this step. */
export function choicesOf(does: Verb | undefined): readonly string[] {
  if (does?.verb === 'decide') return [...does.answers, NONE_OF_THESE];
  return does?.verb === 'ask' ? [ANSWERED] : ['approve', 'reject'];
}

/** What the step at this place is answered with; undefined where the world makes the answer by itself. */
export function valueAt(world: World, verbs: ReadonlyMap<string, Verb>, place: string): Json | undefined {
  if (place.endsWith(UNDO)) return undefined;
  const does = verbAt(verbs, place);
  switch (does?.verb) {
    case 'read':
      return does.optional && !isFound(world, place) ? {} : orderAt(world, place);
    case 'list':
      return ordersAt(world, place, does.first);
    case 'create':
    case 'update':
    case 'delete':
      return refundAt(world, place);
    case 'decide':
      return answerAt(world, place, does.answers) ?? null;
    default:
      return undefined;
  }
}

export function seenOf(
  { outcome, output, reason, code, step, undo }: Ended,
  world: TestWorld,
  calls: readonly Call[],
): Seen {
  const writes = calls.filter(({ type }) => WRITES.includes(type));
  const happened = world.effects.filter(({ type }) => type !== 'tell').map(({ id }) => id);
  return {
    outcome,
    ...(output === undefined ? {} : { output }),
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
    ...(step === undefined ? {} : { step }),
    effects: happened.filter((id) => !id.endsWith(UNDO)),
    undone: happened.filter((id) => id.endsWith(UNDO)).map((id) => id.slice(0, -UNDO.length)),
    undo: undo.filter(({ status }) => status !== 'kept').map((one) => `${one.step}: ${one.status}`),
    kept: undo.filter(({ status }) => status === 'kept').map((one) => one.step),
    told: world.messages.map(({ step: place, text }) => `${place}: ${text}`),
    sent: world.sent.map(
      ({ step: place, to, message, values }) => `${place}: ${to} ${message} ${JSON.stringify(values)}`,
    ),
    asked: new Map(writes.map(({ id, input }) => [id, askedOf(input)])),
  };
}

/** What a write wants the row to be. */
function askedOf({ rows, set }: JsonMap): JsonMap {
  const row = Array.isArray(rows) ? rows[0] : set;
  if (!isJsonMap(row)) return {};
  const { amount, reason } = row;
  return { ...(amount === undefined ? {} : { amount }), ...(reason === undefined ? {} : { reason }) };
}
