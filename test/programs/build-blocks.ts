/**
 * The blocks of a generated program: what may be read inside them, and what of them afterwards.
 */
import type { Branch, Fields, Step, Verb } from './definition.js';
import type { Expr } from './expressions.js';
import { B, condition, mapOf, N, number, readables, T, text, type Dice } from './scope.js';
import type { Scope, Shaped } from './scope.js';
import { isOwnList, joined, optional, withField } from './shaped.js';
import type { Shape } from './shapes.js';

export interface Place {
  readonly scope: Scope;
  /** Names that items and failures have around here. */
  readonly taken: readonly string[];
  /** In a `finally`: nothing that waits, ends or goes on at once. */
  readonly calm: boolean;
  /** A step may end the run here without a `when`: another branch reaches the end. */
  readonly mayEnd: boolean;
  /** Not inside a block. */
  readonly top: boolean;
}

export interface Built {
  readonly step: Step;
  readonly result: Shaped;
  readonly ends: boolean;
}

interface How {
  /** Names the block. */
  readonly of: string;
  readonly dice: Dice;
  /** Something that takes time comes first. */
  readonly first: boolean;
  /** Something that often fails comes last. */
  readonly breaks?: boolean;
  /** There must be a step. */
  readonly some?: true;
  /** The definition itself: whole lists may be handed out. */
  readonly whole?: true;
  /** Fields that the output has in any case. */
  readonly needs?: readonly string[];
}

interface BlockBuilt {
  readonly branch: Branch;
  readonly out: Shaped;
  readonly scope: Scope;
  readonly ends: boolean;
}

/** What may stand in a `finally`. */
const CALM: readonly Shape['is'][] = ['read', 'list', 'create', 'update', 'delete', 'set', 'switch', 'choose', 'tell'];
const MOST_STEPS = 60;
const TIMED: Verb = { verb: 'read', where: { e: 'literal', value: 'A-1' }, optional: true };
const CODES = [
  'timeout',
  'conflict',
  'unreachable',
  'not_found',
  'not_ensured',
  'not_reached',
  'unexpected',
  'undecided',
  'handed_over',
] as const;
/** The verb, where the shape has another name. */
const VERBS: ReadonlyMap<Shape['is'], string> = new Map([
  ['choose', 'switch'],
  ['judge', 'decide'],
]);

export abstract class Blocks {
  readonly mail: string[] = [];
  protected readonly most_ms: number;
  private readonly ids = new Set<string>();

  constructor(most_ms: number) {
    this.most_ms = most_ms;
  }

  protected abstract step(shape: Shape, place: Place): readonly Built[];

  /** An id that stays the same when other steps are taken away. */
  protected nextId(name: number | string): string {
    let id = `s${name}`;
    for (let more = 2; this.ids.has(id); more += 1) id = `s${name}_${more}`;
    this.ids.add(id);
    return id;
  }

  /** What the engine calls a step of the definition itself that has no id. */
  protected bareId(is: Shape['is']): string {
    const verb = VERBS.get(is) ?? is;
    let id = verb;
    for (let more = 2; this.ids.has(id); more += 1) id = `${verb}-${more}`;
    this.ids.add(id);
    return id;
  }

  /** Fails at about every other place, or at all of them. */
  protected breaking(id: string, dice: Dice): Built {
    if (dice.roll(3) > 0) {
      const least: Expr = { e: 'literal', value: 6 + dice.roll(8) };
      const ensure: Expr = { e: 'two', op: '<=', left: get([id, 'total']), right: least };
      const does: Verb = { verb: 'read', where: { e: 'literal', value: 'A-1' }, optional: false };
      return { step: { id, does, ensure }, result: mapOf({ total: N }), ends: false };
    }
    const does: Verb = { verb: 'wait', for_ms: this.most_ms * 2 };
    return { step: { id, does, timeout_ms: 1 + dice.roll(this.most_ms) }, result: mapOf({}), ends: false };
  }

  /** First in a lane: takes a time of its own at each place, as a `wait` would not. */
  private opening(id: string, scope: Scope, dice: Dice): Step {
    if (dice.roll(3) > 0) return { id, does: TIMED };
    const does: Verb = { verb: 'create', amount: number(scope, dice), reason: text(scope, dice) };
    return { id, does, undo: { verb: 'delete', where: get([id, 'id']) } };
  }

  block(shapes: readonly Shape[], place: Place, { of, dice, first, breaks, some, whole, needs = [] }: How): BlockBuilt {
    const steps: Step[] = [];
    let { scope } = place;
    let ends = false;
    if (first) steps.push(this.opening(this.nextId(`${of}_first`), scope, dice));
    for (const shape of shapes) {
      if (ends || this.ids.size >= MOST_STEPS || (place.calm && !CALM.includes(shape.is))) continue;
      for (const built of this.step(shape, { ...place, scope })) {
        steps.push(built.step);
        if (built.step.bare === true) continue;
        const certain = built.step.when === undefined || built.result.is === 'list';
        scope = [...scope, ...readables([built.step.id], built.result, certain)];
        ends ||= built.ends;
      }
    }
    if (breaks === true && !ends) steps.push(this.breaking(this.nextId(`${of}_breaks`), dice).step);
    if (some === true && steps.length === 0) steps.push({ id: this.nextId(`${of}_only`), does: TIMED });
    if (ends) return { branch: { steps }, out: mapOf({}), scope, ends };
    const { fields, shaped } = this.output(scope, dice, needs);
    const lists =
      whole === undefined ? [] : scope.filter(isOwnList).map(({ path }) => [`l_${path.join('_')}`, get(path)] as const);
    const output = [...fields, ...lists];
    return { branch: output.length === 0 ? { steps } : { steps, output }, out: shaped, scope, ends };
  }

  /** Some of `n`, `t` and `b`: a name says its type, so that branches agree. */
  protected output(scope: Scope, dice: Dice, needs: readonly string[]): { fields: Fields; shaped: Shaped } {
    const fields: [string, Expr][] = [];
    const types: [string, Shaped][] = [];
    const maybe = dice.pick(
      scope.filter(({ of, certain, path }) => of.is === 'n' && !certain && path.length > 1 && path[0] !== 'last'),
    );
    if (needs.includes('n') || dice.roll(3) > 0) {
      const absent = !needs.includes('n') && maybe !== undefined && dice.roll(4) === 0;
      fields.push(['n', absent ? { e: 'absent', path: maybe.path } : number(scope, dice)]);
      types.push([absent ? 'n?' : 'n', N]);
    }
    if (dice.roll(3) === 0) {
      fields.push(['t', text(scope, dice)]);
      types.push(['t', T]);
    }
    if (dice.roll(3) === 0) {
      fields.push(['b', condition(scope, dice)]);
      types.push(['b', B]);
    }
    return { fields, shaped: mapOf(Object.fromEntries(types)) };
  }

  protected blockOf(shape: Shape, place: Place, dice: Dice): { does: Verb; result: Shaped; ends?: boolean } {
    const inside = { ...place, mayEnd: false, top: false };
    const of = String(shape.dice);
    switch (shape.is) {
      case 'switch':
      case 'choose':
        return this.switchOf(shape, place, dice);
      case 'for_each': {
        const list = dice.pick(place.scope.filter(({ of }) => of.is === 'list'));
        const values = Array.from({ length: dice.roll(4) + 1 }, (_, index) => index + dice.roll(5));
        const item = list?.of.is === 'list' ? list.of.item : N;
        const as = free('item', place.taken);
        const at_once = 1 + dice.roll(3);
        const scope = [...place.scope, ...readables([as], item, true)];
        const inner = { ...inside, scope, taken: [...place.taken, as] };
        const { branch, out } = this.block(shape.inside[0] ?? [], inner, {
          of,
          dice,
          first: at_once > 1,
          breaks: dice.roll(2) === 0,
        });
        const collect = dice.roll(3) > 0;
        const given = collect ? optional(out) : out;
        const found: Expr = list === undefined ? { e: 'numbers', values } : get(list.path);
        return {
          does: { verb: 'for_each', in: found, as, at_once, collect, branch },
          result: { is: 'list', item: given },
        };
      }
      case 'repeat': {
        const names = readables(['pass'], N, true);
        const last = readables(['last'], mapOf({ 'n?': N }), true);
        // Those of a `repeat` around this one cannot be read in here.
        const known = place.scope.filter(({ path: [name] }) => name !== 'pass' && name !== 'last');
        const inner = { ...inside, scope: [...known, ...names, ...last] };
        const built = this.block(shape.inside[0] ?? [], inner, { of, dice, first: false, needs: ['n'] });
        const at_most = 1 + dice.roll(4);
        const enough: Expr = {
          e: 'two',
          op: '<=',
          left: { e: 'literal', value: 1 + dice.roll(dice.roll(3) === 0 ? at_most + 1 : at_most) },
          right: get(['pass']),
        };
        const until: Expr = dice.roll(3) === 0 ? condition(built.scope, dice) : enough;
        const every_ms = dice.roll(2) === 0 ? undefined : 1 + dice.roll(this.most_ms);
        return { does: { verb: 'repeat', branch: built.branch, until, at_most, every_ms }, result: built.out };
      }
      case 'parallel':
      case 'race': {
        const lanes = shape.inside
          .slice(0, 3)
          .map((shapes, index) => this.block(shapes, inside, { of: `${of}_${index}`, dice, first: true }));
        const branches = lanes.map(({ branch }, index) => ({ name: `lane${index + 1}`, ...branch }));
        const names = branches.map(({ name }) => name);
        const all = mapOf(Object.fromEntries(lanes.map(({ out }, index) => [`lane${index + 1}`, out])));
        const one = joined(lanes.map(({ out }) => out));
        const winner: Shaped = { is: 'enum', values: names };
        return {
          does: { verb: shape.is, branches },
          result: shape.is === 'parallel' ? all : withField(one, 'winner', winner),
        };
      }
      default:
        return this.tryOf(shape, inside, dice);
    }
  }

  private switchOf(shape: Shape, place: Place, dice: Dice): { does: Verb; result: Shaped } {
    const of = String(shape.dice);
    const enums = place.scope.filter(({ of, certain }) => of.is === 'enum' && certain);
    const known = shape.is === 'switch' ? dice.pick(enums) : undefined;
    const values = known?.of.is === 'enum' ? known.of.values : ['1', '2', '3', '4'];
    // The last stands for all other values, and there must be one.
    const cases = shape.inside.slice(0, values.length);
    const branches = cases.map((shapes, index) => {
      const mayEnd = index < cases.length - 1;
      return this.block(shapes, { ...place, mayEnd: mayEnd && !place.calm, top: false }, { of, dice, first: false });
    });
    const result = joined(branches.filter(({ ends }) => !ends).map(({ out }) => out));
    if (shape.is === 'choose') {
      const last = branches.length - 1;
      const when = (index: number) => (index < last ? { when: condition(place.scope, dice) } : {});
      return {
        does: { verb: 'choose', cases: branches.map(({ branch }, index) => ({ ...branch, ...when(index) })) },
        result,
      };
    }
    const written = branches.map(({ branch }, index) => ({
      ...branch,
      is: index === branches.length - 1 ? 'else' : (values[index] ?? 'else'),
    }));
    return {
      does: { verb: 'switch', of: known === undefined ? number(place.scope, dice) : get(known.path), cases: written },
      result,
    };
  }

  private tryOf(shape: Shape, place: Place, dice: Dice): { does: Verb; result: Shaped } {
    const of = String(shape.dice);
    const [body = [], ...rest] = shape.inside;
    const built = this.block(body, place, { of, dice, first: false, some: true, breaks: dice.roll(2) === 0 });
    const last = rest.length > 1 && dice.roll(rest.length) === 0 ? rest.at(-1) : undefined;
    const as = free('e', place.taken);
    const e = readables([as], mapOf({ type: T, 'step?': T }), true);
    const inner = { ...place, scope: [...place.scope, ...e], taken: [...place.taken, as] };
    const handlers = rest.filter((shapes) => shapes !== last).slice(0, 2);
    const catches = handlers.map((shapes, index) => {
      const { branch, out } = this.block(shapes, inner, { of, dice, first: false });
      const on = CODES.filter(() => dice.roll(3) > 0);
      const all = index === handlers.length - 1 && dice.roll(3) > 0;
      const named = all ? {} : { on: on.length === 0 ? ['unexpected'] : on };
      return { one: { ...branch, ...named, ...(as === 'e' ? {} : { as }) }, out };
    });
    const calm = { ...place, calm: true };
    const finish = last === undefined ? [] : this.block(last, calm, { of, dice, first: false }).branch.steps;
    const does: Verb = { verb: 'try', branch: built.branch, catches: catches.map(({ one }) => one), finally: finish };
    return { does, result: joined([built.out, ...catches.map(({ out }) => out)]) };
  }
}

function get(path: readonly string[]): Expr {
  return { e: 'get', path };
}

function free(name: string, taken: readonly string[]): string {
  const depth = taken.filter((one) => one.startsWith(name)).length;
  return depth === 0 ? name : `${name}_${depth + 1}`;
}
