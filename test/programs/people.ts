/**
 * Who answers from outside while a run waits, for the reference: people, models, called workflows and senders of messages.
 */
import { NONE_OF_THESE } from '../../language/plan/messages.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import { ADDRESSEE, type Of, type Step } from './definition.js';
import type { Around, Outside } from './outside.js';
import { failed, type Clock, type Scope, type Work } from './virtual-time.js';
import {
  answerAt,
  calledAt,
  decisionAt,
  fits,
  formAt,
  isThere,
  messagesOf,
  type Message,
  type World,
} from './world.js';

export class People {
  readonly sent: string[] = [];
  /** What was said to the request of a later step, by its place. */
  private readonly approvals = new Map<string, boolean>();
  private readonly receivers: { readonly name: string }[] = [];
  private mail: readonly Message[];
  private readonly world: World;
  private readonly clock: Clock;
  private readonly outside: Outside;

  constructor(world: World, clock: Clock, outside: Outside) {
    this.world = world;
    this.clock = clock;
    this.outside = outside;
    this.mail = messagesOf(world);
  }

  *approve(does: Of<'approve'>, { timeout_ms }: Step, place: string, { at, scope }: Around): Work<Json> {
    const decided = decisionAt(this.world, place, ['approve', 'reject']);
    const limit_ms = does.rejects ? (timeout_ms ?? Infinity) : Infinity;
    yield* this.clock.pause(Math.min(decided.after_ms, limit_ms), scope, true);
    const late = decided.after_ms >= limit_ms;
    const approved = !late && decided.decision === 'approve';
    for (const id of does.for) this.approvals.set(id + at, approved);
    return { approved, comment: late ? 'nobody decided in time' : decided.comment };
  }

  isRejected(place: string): boolean {
    return this.approvals.get(place) === false;
  }

  *ask(place: string, scope: Scope): Work<Json> {
    yield* this.clock.pause(decisionAt(this.world, place, ['']).after_ms, scope, true);
    return formAt(this.world, place);
  }

  /** Rules, then a model where there is a text, then a person. */
  *decide({ about, answers, rules }: Of<'decide'>, step: Step, place: string, { names, scope }: Around): Work<Json> {
    const rule = rules.find(({ when }) => when === undefined || names.value(when) === true);
    if (rule !== undefined || about === undefined) return { answer: rule?.answer ?? '' };
    yield* this.outside.attempts(place, step, scope);
    const answer = answerAt(this.world, place, answers);
    if (answer !== undefined) return { answer };
    const { decision, after_ms } = decisionAt(this.world, place, [...answers, NONE_OF_THESE]);
    yield* this.clock.pause(after_ms, scope, true);
    if (decision === NONE_OF_THESE) throw failed('undecided', place);
    return { answer: decision };
  }

  *call({ detached }: Of<'call'>, place: string, scope: Scope): Work<Json> {
    if (detached) return {};
    const end = calledAt(this.world, place);
    yield* this.clock.pause(end.takes_ms, scope, true);
    if (end.ended === 'failed') throw failed(end.code, place);
    return end.value;
  }

  send(message: string, values: JsonMap, place: string): Json {
    if (!isThere(this.world, place)) throw failed('not_found', place);
    this.sent.push(`${place}: ${ADDRESSEE} ${message} ${JSON.stringify(values)}`);
    return {};
  }

  *receive(name: string, scope: Scope): Work<Json> {
    const me = { name };
    const find = () => this.mail.find((one) => one.name === name && one.at_ms <= this.clock.now_ms && fits(one));
    this.receivers.push(me);
    const first = () => this.receivers.find((one) => one.name === name) === me;
    yield { at_ms: Infinity, ready: () => first() && find() !== undefined, scope, letGo: true };
    this.receivers.splice(this.receivers.indexOf(me), 1);
    this.clock.check(scope);
    const message = find();
    this.mail = this.mail.filter((one) => one !== message);
    return message?.values ?? {};
  }
}
