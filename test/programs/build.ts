/**
 * From a sketch to a definition that compiles: ids in reading order, names only where they are in scope, and in each of
 * several lanes something that takes time before anything else, so that no two of them end at the instant they begin.
 */
import type { JsonMap } from '../../language/plan/json.js';
import { Blocks, type Built, type Place } from './build-blocks.js';
import type { Definition, Fields, Step, Verb } from './definition.js';
import type { Expr } from './expressions.js';
import { B, condition, Dice, mapOf, N, number, OPEN, readables, T, text } from './scope.js';
import type { Scope, Shaped } from './scope.js';
import type { Shape, Sketch } from './shapes.js';
import type { World } from './world.js';

export interface Program {
  readonly definition: Definition;
  readonly world: World;
  readonly input: JsonMap;
  readonly continues: number;
}

export const INPUT = { never: false, n: 4, t: 'given' } as const;
const ORDER = { id: OPEN, status: { is: 'enum', values: ['processing', 'shipped', 'delivered'] }, total: N } as const;
const ORDER_ROW: Shaped = mapOf({ ...ORDER, 'note?': OPEN });
const OPTIONAL_ROW: Shaped = mapOf({ 'id?': OPEN, 'status?': ORDER.status, 'total?': N, 'note?': OPEN });
const REFUND_ROW: Shaped = mapOf({ id: N, order_id: OPEN, amount: N, reason: OPEN });
const NOTHING: Shaped = mapOf({});
const CALLED: Shaped = mapOf({
  ended: { is: 'enum', values: ['done', 'refused'] },
  'output?': mapOf({ said: T }),
  'reason?': T,
});
const DAY_MS = 86_400_000;

export function programOf({ shapes, dice, short, world, continues }: Sketch): Program {
  const builder = new Builder(world.most_ms);
  const scope = readables(['input'], mapOf({ never: B, n: N, t: OPEN }), true);
  const place: Place = { scope, taken: [], calm: false, mayEnd: true, top: true };
  const { branch } = builder.block(shapes, place, { of: 'main', dice: new Dice(dice), first: false, whole: true });
  const ends_within_ms = short ? 1 + new Dice(dice).roll(world.most_ms * 12) : 300 * DAY_MS;
  const definition = { ends_within_ms, body: branch };
  return { definition, world: { ...world, mail: builder.mail }, input: INPUT, continues };
}

class Builder extends Blocks {
  protected step(shape: Shape, place: Place): readonly Built[] {
    const dice = new Dice(shape.dice);
    const when = shape.when ? { when: condition(place.scope, dice) } : {};
    if (shape.is === 'approved') return this.approved(shape, place, dice);
    if (shape.is === 'breaks') return [this.breaking(this.nextId(shape.dice), dice)];
    const bare = shape.bare && place.top && shape.is !== 'end';
    const id = bare ? this.bareId(shape.is) : this.nextId(shape.dice);
    const { does, result, ends = false } = this.leaf(shape, id, place, dice) ?? this.blockOf(shape, place, dice);
    const inner = [...place.scope, ...readables([id], result, true)];
    const timed = shape.timeout && !['set', 'end', 'decide', 'send'].includes(shape.is);
    const isWrite = ['create', 'update', 'delete'].includes(shape.is);
    const acts = isWrite || ['read', 'list', 'tell'].includes(shape.is);
    const retry = {
      attempts: 1 + dice.roll(4),
      first_ms: 1 + dice.roll(this.most_ms),
      factor: 2,
      most_ms: 2 * this.most_ms,
    };
    const step: Step = {
      id,
      ...(bare ? { bare } : {}),
      does,
      ...(ends && !place.mayEnd ? { when: condition(place.scope, dice) } : when),
      ...(timed ? { timeout_ms: 1 + dice.roll(this.most_ms * 6) } : {}),
      ...(acts && shape.retry ? { retry } : {}),
      ...(!bare && shape.ensure && (isWrite || shape.is === 'read') ? { ensure: condition(inner, dice) } : {}),
      ...(!bare && shape.undo && isWrite ? { undo: undoOf(shape.is, id, inner, dice) } : {}),
    };
    return [{ step, result, ends: ends && step.when === undefined }];
  }

  /** An approval of the step that follows, whose arguments may name only what is known at the approval. */
  private approved(shape: Shape, place: Place, dice: Dice): readonly Built[] {
    if (place.calm) return [];
    const [asks, writes] = [this.nextId(shape.dice), this.nextId(`${shape.dice}_bound`)];
    const rejects = shape.timeout;
    const amount = number(place.scope, dice);
    const approval: Step = {
      id: asks,
      does: { verb: 'approve', what: '', for: [writes], rejects },
      ...(rejects || dice.roll(2) === 0 ? { timeout_ms: 1 + dice.roll(this.most_ms * 5) } : {}),
    };
    const after = [...place.scope, ...readables([asks], APPROVAL, true)];
    const step: Step = {
      id: writes,
      does: { verb: 'create', amount, reason: text(place.scope, dice) },
      ...(shape.when ? { when: { e: 'get', path: [asks, 'approved'] } } : {}),
      ...(shape.undo
        ? { undo: undoOf('create', writes, [...after, ...readables([writes], REFUND_ROW, true)], dice) }
        : {}),
    };
    return [
      { step: approval, result: APPROVAL, ends: false },
      { step, result: REFUND_ROW, ends: false },
    ];
  }

  private leaf(shape: Shape, id: string, { scope }: Place, dice: Dice) {
    const open = dice.pick(scope.filter(({ of, certain }) => of.is === 't' && of.open === true && certain));
    const key: Expr = open === undefined ? { e: 'literal', value: 'A-1' } : { e: 'get', path: open.path };
    const where: Expr = { e: 'literal', value: 1 + dice.roll(9) };
    switch (shape.is) {
      case 'read': {
        const optional = dice.roll(4) === 0;
        return leafOf({ verb: 'read', where: key, optional }, optional ? OPTIONAL_ROW : ORDER_ROW);
      }
      case 'list':
        return leafOf({ verb: 'list', first: 1 + dice.roll(5) }, { is: 'list', item: ORDER_ROW });
      case 'create':
        return leafOf({ verb: 'create', amount: number(scope, dice), reason: text(scope, dice) }, REFUND_ROW);
      case 'update':
        return leafOf({ verb: 'update', where, amount: number(scope, dice) }, REFUND_ROW);
      case 'delete':
        return leafOf({ verb: 'delete', where }, REFUND_ROW);
      case 'set': {
        const { fields, shaped } = this.output(scope, dice, ['n']);
        return leafOf({ verb: 'set', values: fields }, shaped);
      }
      case 'wait':
        return leafOf({ verb: 'wait', for_ms: 1 + dice.roll(this.most_ms * 2) }, NOTHING);
      case 'tell':
        return leafOf({ verb: 'tell', text: text(scope, dice) }, NOTHING);
      case 'approve':
        return leafOf({ verb: 'approve', what: 'this', for: [], rejects: shape.timeout }, APPROVAL);
      case 'ask':
        return leafOf({ verb: 'ask', what: 'how much' }, mapOf({ n: N, t: OPEN, 'b?': B }));
      case 'decide': {
        const answers = ['yes', 'no', 'later'];
        const rules = answers.map((answer, index) => ({
          id: `rule${index}`,
          answer,
          ...(index < 2 ? { when: condition(scope, dice) } : {}),
        }));
        return leafOf({ verb: 'decide', answers, rules }, mapOf({ answer: { is: 'enum', values: answers } }));
      }
      case 'judge': {
        const answers = ['yes', 'no'];
        const rules = dice.roll(2) === 0 ? [] : [{ id: 'rule', answer: 'no', when: condition(scope, dice) }];
        const result = mapOf({ answer: { is: 'enum', values: answers } });
        return leafOf({ verb: 'decide', about: text(scope, dice), answers, rules }, result);
      }
      case 'call': {
        const detached = dice.roll(4) === 0;
        return leafOf({ verb: 'call', text: text(scope, dice), detached }, detached ? NOTHING : CALLED);
      }
      case 'send':
        return leafOf({ verb: 'send', message: 'told', n: number(scope, dice) }, NOTHING);
      case 'receive': {
        const message = `mail_${id.replace('-', '_')}`;
        this.mail.push(message);
        return leafOf({ verb: 'receive', message }, mapOf({ n: N, t: OPEN }));
      }
      case 'end':
        return { does: endOf(scope, dice, this.output(scope, dice, []).fields), result: NOTHING, ends: true };
      default:
        return undefined;
    }
  }
}

const APPROVAL: Shaped = mapOf({ approved: B, comment: T });

function leafOf(does: Verb, result: Shaped): { does: Verb; result: Shaped; ends?: boolean } {
  return { does, result };
}

function endOf(scope: Scope, dice: Dice, output: Fields): Verb {
  const way = dice.roll(3);
  if (way === 0) return { verb: 'refuse', reason: text(scope, dice) };
  if (way === 1) return { verb: 'return', output };
  return { verb: 'fail', type: `broken_${dice.roll(3)}`, message: text(scope, dice) };
}

function undoOf(is: Shape['is'], id: string, scope: Scope, dice: Dice): Verb {
  const where: Expr = { e: 'get', path: [id, 'id'] };
  if (is === 'delete') return { verb: 'create', amount: number(scope, dice), reason: text(scope, dice) };
  if (is === 'update' || dice.roll(3) === 0) return { verb: 'update', where, amount: number(scope, dice) };
  return { verb: 'delete', where };
}
