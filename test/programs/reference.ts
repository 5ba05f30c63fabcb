/**
 * The reference: what a definition means, said a second time and as plainly as can be, to hold the interpreter against.
 * Written from the page on the language and not from the interpreter; it walks the definition itself, never a plan. Time
 * is virtual-time.ts, expressions are expressions.ts, what the outside answers is world.ts; what a step does is here.
 */
import type { Json, JsonMap } from '../../language/plan/json.js';
import type { Branch, Definition, Of, Step } from './definition.js';
import type { Expr } from './expressions.js';
import { People } from './people.js';
import type { Prediction } from './prediction.js';
import { inside, mapOf, Names, Outside, type Around, type Effect, type Region } from './outside.js';
import { Clock, failed, Scope, Stopped, stopOf, type Ended, type Stop, type Work } from './virtual-time.js';
import { isFound, messagesOf, orderAt, ordersAt, type World } from './world.js';

type Body = (around: Around) => Work<Json>;

/** `gap_ms`: what happens closer together than this may happen in either order. */
export function predict(definition: Definition, world: World, input: JsonMap, gap_ms = 1): Prediction {
  return new Reference(world, gap_ms).predict(definition, input);
}

class Reference {
  private readonly people: People;
  private readonly clock: Clock;
  private readonly outside: Outside;
  private readonly world: World;

  constructor(world: World, gap_ms: number) {
    this.world = world;
    const alarms = messagesOf(world).map(({ at_ms }) => at_ms);
    this.clock = new Clock(gap_ms, alarms);
    this.outside = new Outside(world, this.clock);
    this.people = new People(world, this.clock, this.outside);
  }

  predict({ body, ends_within_ms }: Definition, input: JsonMap): Prediction {
    const cancel_ms = this.world.cancel_after_ms ?? Infinity;
    const ends_ms = ends_within_ms + (this.world.late_ms ?? 0);
    const scope = new Scope(undefined, Math.min(cancel_ms, ends_ms));
    const region: Region = { effects: [], around: undefined };
    const ended = this.run(
      this.branch(body, { names: new Names(undefined, [['input', input]]), scope, region, at: '' }),
    );
    this.clock.isNear(scope.deadline_ms, Math.max(cancel_ms, ends_ms));
    const late: Stop =
      cancel_ms <= this.clock.now_ms ? { is: 'cancelled' } : { is: 'failure', code: 'timeout', step: '' };
    const stop = this.clock.isCut(scope) ? late : 'stop' in ended ? ended.stop : undefined;
    if (stop !== undefined && stop.is !== 'return') this.run(this.outside.undo(region));
    const { effects, undone, reports: undo, told, asked, unsaid } = this.outside;
    const sealed = stop === undefined || stop.is === 'return' ? [] : region.effects.map(({ place }) => place);
    const kept = [...this.outside.kept, ...sealed];
    const { ambiguous, now_ms: took_ms } = this.clock;
    const seen = { effects, undone, undo, kept, told, sent: this.people.sent, asked, ambiguous, took_ms, unsaid };
    if (stop === undefined) return { outcome: 'done', output: 'value' in ended ? ended.value : {}, ...seen };
    if (stop.is === 'return') return { outcome: 'done', output: stop.output, ...seen };
    if (stop.is === 'refuse') return { outcome: 'refused', reason: stop.reason, ...seen };
    if (stop.is === 'cancelled') return { outcome: 'cancelled', ...seen };
    if (stop.is === 'failure') return { outcome: 'handed_over', code: stop.code, step: stop.step, ...seen };
    return { outcome: 'failed', code: stop.code, reason: stop.message, ...seen };
  }

  private run(work: Work<Json>): Ended {
    let ended: Ended | undefined;
    this.clock.start(work, (how) => (ended = how));
    this.clock.until(() => ended !== undefined);
    return ended ?? { value: {} };
  }

  private *branch({ steps, output }: Branch, around: Around): Work<Json> {
    yield* this.steps(steps, around);
    return around.names.fields(output ?? []);
  }

  private *steps(steps: readonly Step[], around: Around): Work<Json> {
    for (const step of steps) {
      this.clock.check(around.scope);
      const { id, does, when, ensure } = step;
      const skipped = when !== undefined && around.names.value(when) !== true;
      const empty = does.verb === 'list' || does.verb === 'for_each' ? [] : {};
      around.names.own.set(id, skipped ? empty : yield* this.step(step, around));
      if (!skipped && ensure !== undefined && around.names.value(ensure) !== true)
        throw failed('not_ensured', id + around.at);
    }
    return {};
  }

  private *step(step: Step, around: Around): Work<Json> {
    const { timeout_ms, does } = step;
    if (timeout_ms === undefined || (does.verb === 'approve' && does.rejects)) return yield* this.verb(step, around);
    const scope = new Scope(around.scope, this.clock.now_ms + timeout_ms + (this.world.late_ms ?? 0));
    try {
      const result = yield* this.verb(step, { ...around, scope });
      if (this.clock.now_ms < scope.deadline_ms) return result;
    } catch (error) {
      if (this.clock.now_ms < scope.deadline_ms) throw error;
    }
    throw failed('timeout', step.id + around.at);
  }

  private *verb(step: Step, around: Around): Work<Json> {
    const { does } = step;
    const place = step.id + around.at;
    const value = (expr: Expr): Json => around.names.value(expr);
    switch (does.verb) {
      case 'read':
      case 'list':
        yield* this.outside.attempts(place, step, around.scope);
        if (does.verb === 'list') return ordersAt(this.world, place, does.first);
        return does.optional && !isFound(this.world, place) ? {} : orderAt(this.world, place);
      case 'create':
      case 'update':
      case 'delete':
        if (this.people.isRejected(place)) throw failed('not_as_approved', place);
        return yield* this.outside.write(step, place, around);
      case 'set':
        return around.names.fields(does.values);
      case 'switch': {
        const of = String(value(does.of));
        const taken = does.cases.find(({ is }) => is === of) ?? does.cases.find(({ is }) => is === 'else');
        return yield* this.branch(taken ?? { steps: [] }, inside(around));
      }
      case 'choose': {
        const taken = does.cases.find(({ when }) => when === undefined || value(when) === true);
        return yield* this.branch(taken ?? { steps: [] }, inside(around));
      }
      case 'parallel':
      case 'race':
        return yield* this.lanes(does, around);
      case 'for_each':
        return yield* this.forEach(does, around);
      case 'repeat':
        return yield* this.repeat(does, place, around);
      case 'try':
        return yield* this.try(does, around);
      case 'return':
        throw new Stopped({ is: 'return', output: around.names.fields(does.output) });
      case 'refuse':
        throw new Stopped({ is: 'refuse', reason: String(value(does.reason)) });
      case 'fail':
        throw new Stopped({ is: 'fail', code: does.type, message: String(value(does.message)), step: place });
      case 'wait':
        yield* this.clock.pause(does.for_ms, around.scope, true);
        return {};
      case 'tell':
        return yield* this.outside.tell(step, String(value(does.text)), place, around);
      case 'approve':
        return yield* this.people.approve(does, step, place, around);
      case 'ask':
        return yield* this.people.ask(place, around.scope);
      case 'decide':
        return yield* this.people.decide(does, step, place, around);
      case 'call':
        return yield* this.people.call(does, place, around.scope);
      case 'send':
        return this.people.send(does.message, { n: value(does.n) }, place);
      case 'receive':
        return yield* this.people.receive(does.message, around.scope);
    }
  }

  /** Runs all at once until `enough` have ended or one stops; the rest is let go of. Answers which was the first. */
  private *together(bodies: readonly Body[], around: Around, enough: number): Work<number> {
    const scope = new Scope(around.scope);
    const regions = bodies.map((): Region => ({ effects: [], around: around.region }));
    const ended: { readonly lane: number; readonly how: Ended }[] = [];
    for (const [lane, body] of bodies.entries()) {
      const region = regions[lane] ?? around.region;
      this.clock.start(body({ ...around, scope, region }), (how) => ended.push({ lane, how }));
    }
    const stopped = () => ended.find(({ how }) => 'stop' in how);
    const wait = { at_ms: Infinity, scope, letGo: false };
    yield { ...wait, ready: () => ended.length >= enough || stopped() !== undefined };
    const first = (enough === 1 ? undefined : stopped()) ?? ended[0];
    const stop = first !== undefined && 'stop' in first.how ? first.how.stop : undefined;
    const cut = regions.filter((_, lane) => ended.every((one) => one.lane !== lane));
    scope.cut = true;
    yield { ...wait, ready: () => ended.length === bodies.length };
    // Whoever handles a failure undoes all of it; after a winner or a `return` nobody would.
    const losers: Region = { effects: cut.flatMap(({ effects }) => effects), around: undefined };
    if (stop === undefined || stop.is === 'return') yield* this.outside.undo(losers);
    const stays = regions.filter((region) => !cut.includes(region));
    around.region.effects.push(...losers.effects, ...stays.flatMap(({ effects }) => effects));
    if (stop !== undefined) throw new Stopped(stop);
    return first?.lane ?? 0;
  }

  private *lanes({ verb, branches }: Of<'parallel' | 'race'>, around: Around): Work<Json> {
    const results = branches.map((): Json => ({}));
    const run = (branch: Branch, own: Around): Work<Json> => this.branch(branch, inside(own));
    const bodies = branches.map((branch, index): Body => {
      return function* (own) {
        return (results[index] = yield* run(branch, own));
      };
    });
    const first = yield* this.together(bodies, around, verb === 'race' ? 1 : bodies.length);
    if (verb === 'race') return { ...mapOf(results[first]), winner: branches[first]?.name ?? '' };
    return Object.fromEntries(branches.map(({ name }, index) => [name, results[index] ?? {}]));
  }

  private *forEach({ in: list, as, at_once, collect, branch }: Of<'for_each'>, around: Around): Work<Json> {
    const found = around.names.value(list);
    const items: readonly Json[] = Array.isArray(found) ? found : [];
    const results = items.map((): Json => ({}));
    const finished: Effect[] = [];
    const waiting = [...items.keys()];
    const item = (index: number, lane: Around): Work<Json> =>
      this.branch(branch, { ...inside(lane, [[as, items[index] ?? {}]]), at: `${around.at}[${index + 1}]` });
    const failing = (lane: Around, error: unknown): Work<Json> => this.collected(lane, error);
    const lane: Body = function* (own) {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        try {
          results[index] = yield* item(index, own);
        } catch (error) {
          if (!collect) throw error;
          results[index] = yield* failing(own, error);
        }
        finished.push(...own.region.effects.splice(0));
      }
      return {};
    };
    const lanes = Array.from({ length: Math.min(at_once, items.length) }, () => lane);
    try {
      if (lanes.length > 0) yield* this.together(lanes, around, lanes.length);
    } finally {
      around.region.effects.push(...finished);
    }
    return results;
  }

  private *collected({ region, scope }: Around, error: unknown): Work<Json> {
    const stop = stopOf(error);
    if (stop.is !== 'failure' || this.clock.isCut(scope)) throw error;
    yield* this.outside.undo(region);
    return { error: { type: stop.code, step: stop.step } };
  }

  private *repeat({ branch, until, at_most, every_ms }: Of<'repeat'>, place: string, around: Around): Work<Json> {
    let last: Json = {};
    for (let pass = 1; pass <= at_most; pass += 1) {
      const names: Names = new Names(around.names, [
        ['pass', pass],
        ['last', last],
      ]);
      last = yield* this.branch(branch, { ...around, names, at: `${around.at}[${pass}]` });
      if (names.value(until) === true) return last;
      if (every_ms !== undefined && pass < at_most) yield* this.clock.pause(every_ms, around.scope, true);
    }
    throw failed('not_reached', place);
  }

  private *try({ branch, catches, finally: last }: Of<'try'>, around: Around): Work<Json> {
    const region: Region = { effects: [], around: around.region };
    let result: Json = {};
    let stop: Stop | undefined;
    try {
      result = yield* this.branch(branch, { ...inside(around), region });
    } catch (error) {
      stop = stopOf(error);
    }
    const failure = stop?.is === 'failure' && !this.clock.isCut(around.scope) ? stop : undefined;
    const caught = catches.find(({ on }) => failure !== undefined && (on?.includes(failure.code) ?? true));
    if (caught !== undefined) yield* this.outside.undo(region);
    around.region.effects.push(...region.effects);
    if (failure !== undefined && caught !== undefined) {
      const e = { type: failure.code, step: failure.step };
      try {
        result = yield* this.branch(caught, inside(around, [[caught.as ?? 'e', e]]));
        stop = undefined;
      } catch (error) {
        stop = stopOf(error);
      }
    }
    try {
      yield* this.steps(last, { ...inside(around), scope: new Scope(undefined) });
    } catch (error) {
      if (stop === undefined || stop.is === 'return') stop = stopOf(error);
    }
    if (stop !== undefined) throw new Stopped(stop);
    return result;
  }
}
