/**
 * What happens outside a generated program: a pure function of the seed and the place in the program, so that the
 * reference, the test host and real Temporal are given the same world, in whatever order they ask.
 *
 * Times are spread over millions of milliseconds, so that two things that go on at once do not end at the same instant;
 * where they do all the same, the reference says so and the program is not counted.
 */
import { hashText } from '../../language/plan/json.js';
import type { JsonMap } from '../../language/plan/json.js';

export interface World {
  readonly seed: number;
  /** Of a hundred attempts, so many fail. */
  readonly faults: number;
  /** The longest that one attempt takes. */
  readonly most_ms: number;
  /** The run is cancelled so long after its start. */
  readonly cancel_after_ms: number | undefined;
  /** Each attempt takes so much longer: the outside is real. */
  readonly lag_ms?: number;
  /** And each deadline comes so much later: timers of a server are not exact. */
  readonly late_ms?: number;
  /** Names under which messages may be sent to the run. */
  readonly mail: readonly string[];
}

/** One attempt of one activity. `landed`: the write happened although the attempt failed. */
export interface Attempt {
  readonly takes_ms: number;
  readonly fails?: { readonly code: string; readonly final: boolean; readonly landed: boolean };
}

export interface Decision {
  readonly decision: string;
  readonly comment: string;
  readonly by: string;
  readonly after_ms: number;
}

export interface Message {
  readonly name: string;
  readonly at_ms: number;
  readonly values: JsonMap;
}

/** A number from 0 to 2^32 that belongs to this seed and place alone. */
export function dice({ seed }: World, ...place: readonly (string | number)[]): number {
  return Number.parseInt(hashText(`${seed}/${place.join('/')}`).slice(0, 8), 16);
}

const CODES = ['conflict', 'unreachable', 'not_found', 'unexpected'] as const;

/** The attempt, counted from 1, of the activity at `place` (`s3[2]`, `s3[2].undo`). */
export function attemptAt(world: World, place: string, attempt: number): Attempt {
  const takes_ms = 1 + (dice(world, 'takes', place, attempt) % world.most_ms) + (world.lag_ms ?? 0);
  const chance = dice(world, 'fails', place, attempt) % 100;
  if (chance >= world.faults) return { takes_ms };
  const kind = dice(world, 'how', place, attempt);
  const code = CODES[kind % CODES.length] ?? 'conflict';
  return { takes_ms, fails: { code, final: kind % 3 === 0, landed: kind % 5 < 2 } };
}

/** The row of `shop.orders` that a `read` at this place finds, or undefined where it finds none. */
export function orderAt(world: World, place: string): JsonMap {
  const n = dice(world, 'order', place);
  const note = n % 2 === 0 ? {} : { note: `note ${n % 7}` };
  const status = (['processing', 'shipped', 'delivered'] as const)[n % 3] ?? 'shipped';
  const times = { ordered_at: '2026-02-01T00:00:00Z' };
  return { id: `A-${n % 97}`, email: 'customer@shop.example', status, total: n % 20, ...times, ...note };
}

export function isFound(world: World, place: string): boolean {
  return dice(world, 'found', place) % 4 > 0;
}

export function ordersAt(world: World, place: string, first: number): readonly JsonMap[] {
  const count = Math.min(first, dice(world, 'rows', place) % 5);
  return Array.from({ length: count }, (_, index) => orderAt(world, `${place}#${index}`));
}

/** The row of `shop.refunds` that a write at this place answers with; what was asked for is looked at elsewhere. */
export function refundAt(world: World, place: string): JsonMap {
  const n = dice(world, 'refund', place);
  return { id: n % 1000, order_id: `A-${n % 7}`, amount: n % 20, reason: `reason ${n % 5}` };
}

/** What a person does with the item at `place`; nobody may look at it for ever. */
export function decisionAt(world: World, place: string, choices: readonly string[]): Decision {
  const n = dice(world, 'person', place);
  const decision = choices[n % choices.length] ?? '';
  const after_ms = n % 6 === 0 ? Infinity : 1 + (n % (4 * world.most_ms));
  return { decision, comment: `because ${n % 9}`, by: 'jo', after_ms };
}

/** What a model makes of the text of the question at `place`; undefined where it leaves it to a person. */
export function answerAt(world: World, place: string, answers: readonly string[]): string | undefined {
  return answers[dice(world, 'model', place) % (answers.length + 1)];
}

export type CalledEnd =
  | { readonly ended: 'done' | 'refused'; readonly value: JsonMap; readonly takes_ms: number }
  | { readonly ended: 'failed'; readonly code: string; readonly takes_ms: number };

/** How the workflow that is called at `place` ends, and how long it takes. */
export function calledAt(world: World, place: string): CalledEnd {
  const n = dice(world, 'called', place);
  const takes_ms = 1 + (n % (2 * world.most_ms));
  if (n % 100 < world.faults) return { ended: 'failed', code: 'handed_over', takes_ms };
  if (n % 4 === 0) return { ended: 'refused', value: { ended: 'refused', reason: `reason ${n % 5}` }, takes_ms };
  return { ended: 'done', value: { ended: 'done', output: { said: `said ${n % 9}` } }, takes_ms };
}

/** The run that a message is sent to at `place` goes on. */
export function isThere(world: World, place: string): boolean {
  return dice(world, 'there', place) % 4 > 0;
}

/** The form that a person fills in at `place`. */
export function formAt(world: World, place: string): JsonMap {
  const n = dice(world, 'form', place);
  const b = n % 2 === 0 ? {} : { b: n % 4 === 1 };
  return { n: n % 20, t: `t${n % 5}`, ...b };
}

/** What is sent to the run, oldest first. Some do not fit what the program wants. */
export function messagesOf(world: World): readonly Message[] {
  const sent = world.mail.flatMap((name) =>
    Array.from({ length: dice(world, 'sent', name) % 4 }, (_, index): Message => {
      const n = dice(world, 'message', name, index);
      const values = n % 5 === 0 ? { n: 'none' } : { n: n % 20, t: `t${n % 7}` };
      return { name, at_ms: 1 + (n % (12 * world.most_ms)), values };
    }),
  );
  return sent.sort((one, other) => one.at_ms - other.at_ms);
}

export function fits({ values }: Message): boolean {
  return typeof values['n'] === 'number' && typeof values['t'] === 'string';
}
