/**
 * What a generated program leaves behind in its world, and how that is taken back: the reference's second half.
 */
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import type { Fields, Step, Verb } from './definition.js';
import { valueOf, type Expr } from './expressions.js';
import { failed, Scope, type Clock, type Work } from './virtual-time.js';
import { attemptAt, refundAt, type World } from './world.js';

export interface Effect {
  readonly place: string;
  readonly order: number;
  readonly undo: Verb | undefined;
  readonly names: Names;
  sealed: boolean;
}
/** What is undone together; a `tell` in it seals what was done before it here and in the regions around. */
export interface Region {
  effects: Effect[];
  readonly around: Region | undefined;
}
export interface Around {
  readonly names: Names;
  readonly scope: Scope;
  readonly region: Region;
  /** `[n]` for each enclosing iteration. */
  readonly at: string;
}

export class Names {
  readonly own: Map<string, Json>;
  readonly around: Names | undefined;
  constructor(around: Names | undefined, own: Iterable<readonly [string, Json]> = []) {
    this.around = around;
    this.own = new Map(own);
  }
  get(name: string): Json | undefined {
    return this.own.get(name) ?? this.around?.get(name);
  }
  value(expr: Expr): Json {
    return valueOf(expr, (name) => this.get(name)) ?? {};
  }
  fields(fields: Fields): JsonMap {
    const values = fields.map(([key, expr]) => [key, valueOf(expr, (name) => this.get(name))] as const);
    return Object.fromEntries(values.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  }
}

const RETRY = { attempts: 10, first_ms: 1000, factor: 2, most_ms: 30_000 };
const TELL_RETRY = { ...RETRY, attempts: 5 };

export class Outside {
  readonly effects: string[] = [];
  readonly undone: string[] = [];
  readonly reports: string[] = [];
  readonly kept: string[] = [];
  readonly unsaid = new Set<string>();
  readonly told: string[] = [];
  readonly asked = new Map<string, Json>();
  private asks = 0;
  private readonly clock: Clock;
  private readonly world: World;

  constructor(world: World, clock: Clock) {
    this.world = world;
    this.clock = clock;
  }

  *write(step: Step, place: string, around: Around): Work<Json> {
    const asked = request(step.does, around.names);
    this.asked.set(place, asked);
    const result = refundAt(this.world, place);
    this.asks += 1;
    const names = new Names(around.names, [[step.id, result]]);
    const effect: Effect = { place, order: this.asks, undo: step.undo, names, sealed: false };
    const { region } = around;
    region.effects.push(effect);
    yield* this.attempts(place, step, around.scope, this.effects);
    // Without an undo it is remembered only while nobody knows what became of it. Whether somebody still asks for an answer
    // that comes when the step has been let go is not said anywhere.
    if (step.undo === undefined && this.clock.isCut(around.scope)) this.unsaid.add(place);
    if (step.undo === undefined) region.effects = region.effects.filter((one) => one !== effect);
    return result;
  }

  *tell(step: Step, text: string, place: string, around: Around): Work<Json> {
    for (let region: Region | undefined = around.region; region !== undefined; region = region.around)
      for (const effect of region.effects) effect.sealed = true;
    const told = `${place}: ${text}`;
    yield* this.attempts(place, { retry: step.retry ?? TELL_RETRY }, around.scope, this.told, told);
    return {};
  }

  /** With `landed` it is a write: waited for whatever happens, and done as soon as one attempt has landed. */
  *attempts(place: string, step: Partial<Step>, scope: Scope, landed?: string[], as = place): Work<void> {
    const { attempts, first_ms, factor, most_ms } = step.retry ?? RETRY;
    for (let attempt = 1; ; attempt += 1) {
      const { takes_ms, fails } = attemptAt(this.world, place, attempt);
      yield* this.clock.pause(takes_ms, scope, landed === undefined);
      if (landed?.includes(as) === false && fails?.landed !== false) landed.push(as);
      if (fails === undefined) return;
      if (fails.final || attempt === attempts) throw failed(fails.code, place);
      yield* this.clock.pause(Math.min(first_ms * factor ** (attempt - 1), most_ms), scope, true);
    }
  }

  /** Newest first, whatever happens meanwhile; what is sealed stays. */
  *undo(region: Region): Work<Json> {
    const open = region.effects.filter(({ sealed }) => !sealed).sort((one, other) => other.order - one.order);
    region.effects = region.effects.filter(({ sealed }) => sealed);
    const reports: string[] = [];
    for (const { place, undo, names } of open) {
      const happened = this.effects.includes(place);
      if (happened && undo === undefined) this.kept.push(place);
      else reports.push(`${place}: ${happened ? yield* this.takeBack(place, undo, names) : 'never_happened'}`);
    }
    // Of what is taken back as one, the reports stand together.
    this.reports.push(...reports);
    return {};
  }

  private *takeBack(place: string, undo: Verb | undefined, names: Names): Work<string> {
    this.asked.set(`${place}.undo`, undo === undefined ? {} : request(undo, names));
    try {
      yield* this.attempts(`${place}.undo`, {}, new Scope(undefined), this.undone, place);
      return 'undone';
    } catch {
      return 'failed';
    }
  }
}

function request(does: Verb, names: Names): JsonMap {
  if (does.verb === 'update') return { amount: names.value(does.amount) };
  return does.verb === 'create' ? { amount: names.value(does.amount), reason: names.value(does.reason) } : {};
}

/** The same place with names of its own. */
export function inside(around: Around, own: Iterable<readonly [string, Json]> = []): Around {
  return { ...around, names: new Names(around.names, own) };
}

export function mapOf(value: Json | undefined): JsonMap {
  return isJsonMap(value) ? value : {};
}
