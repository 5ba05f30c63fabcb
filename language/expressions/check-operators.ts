/**
 * Operators: arithmetic, comparison, logic and choice, each with the types it takes.
 *
 * PURE. Where an operator of CEL would be wrong for us, the lowered text calls a function of ours instead: `/` is real
 * division and refuses zero, `%` needs whole numbers, whole results stay exact, instants and spans have their own
 * arithmetic. A comparison that can never hold is a problem, for it is nearly always a misspelt answer.
 */
import { DURATION, NUMBER, TIMESTAMP, describeType, type Type } from '../plan/types.js';
import type { CelNode } from './cel.js';
import { addFacts, known, writersOf, truth, type Around, type Checking, type Known } from './checking.js';
import { closest } from './closest.js';
import { article, longest, unify } from './fit.js';

export type BinaryNode = Extract<
  CelNode,
  { op: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%' }
>;

export function checkBinary(node: BinaryNode, around: Around, checking: Checking): Known | undefined {
  const [leftNode, rightNode] = node.args;
  const left = checking.value(leftNode, around);
  const right = checking.value(rightNode, around);
  if (left === undefined || right === undefined) return undefined;
  checking.computes(left, leftNode.range);
  checking.computes(right, rightNode.range);
  switch (node.op) {
    case '==':
    case '!=':
      return checkEqual(node, left, right, checking);
    case 'in':
      return checkIn(node, left, right, checking);
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const kind = left.type.kind === 'any' ? right.type.kind : left.type.kind;
      const ordered = ['number', 'text', 'timestamp', 'duration', 'any'].includes(kind) && alike(left.type, right.type);
      return ordered ? truth(`(${left.cel} ${node.op} ${right.cel})`, left, right) : unfit(node, left, right, checking);
    }
    default:
      return checkArithmetic(node, left, right, checking);
  }
}

function checkArithmetic(node: BinaryNode, left: Known, right: Known, checking: Checking): Known | undefined {
  const by = [writersOf(left), writersOf(right)] as const;
  const kinds = `${left.type.kind} ${node.op} ${right.type.kind}`;
  const special = INSTANTS.get(kinds);
  if (special !== undefined)
    return known(
      `${special[0]}(${special[2] === true ? `${right.cel}, ${left.cel}` : `${left.cel}, ${right.cel}`})`,
      special[1],
      ...by,
    );
  if (node.op === '+') {
    const text = longestSum(left.type, right.type);
    if (kinds === 'text + text') return known(grown(left, right), text, ...by);
    const both = kinds === 'list + list' ? unify(left, right) : undefined;
    if (both?.type.kind === 'list') return known(grown(left, right), { kind: 'list', item: both.type.item }, both);
    const other = left.type.kind === 'any' ? right.type.kind : left.type.kind;
    const open = left.type.kind === 'any' || right.type.kind === 'any';
    if (open && ['text', 'list', 'any'].includes(other)) {
      return known(grown(left, right), other === 'text' ? { kind: 'text' } : { kind: 'any' }, ...by);
    }
  }
  if (!isNumber(left.type) || !isNumber(right.type)) return unfit(node, left, right, checking);
  if (node.op === '%') {
    const [side, at] = isFraction(right) ? [right, node.args[1]] : [left, node.args[0]];
    if (isFraction(side))
      return checking.problem('FIRN208', at.range, `"%" needs whole numbers, and ${checking.quote(at)} is none`);
  }
  const whole = isWhole(left.type) && isWhole(right.type) && node.op !== '/';
  const type: Type = whole || node.op === '%' ? { kind: 'number', whole: true } : NUMBER;
  if (node.op === '/') return known(`divide(${left.cel}, ${right.cel})`, type, ...by);
  if (node.op === '%') return known(`modulo(${left.cel}, ${right.cel})`, type, ...by);
  // Beyond 2^53 a double would be rounded to another whole number, and nobody told.
  if (whole) return known(`exact(${left.cel} ${node.op} ${right.cel})`, type, ...by);
  return known(`(${left.cel} ${node.op} ${right.cel})`, type, ...by);
}

/** Kinds of the operands -> function, result, and whether the operands change places. */
const INSTANTS: ReadonlyMap<string, readonly [string, Type, true?]> = new Map<string, readonly [string, Type, true?]>([
  ['timestamp + duration', ['later', TIMESTAMP]],
  ['duration + timestamp', ['later', TIMESTAMP, true]],
  ['timestamp - duration', ['earlier', TIMESTAMP]],
  ['timestamp - timestamp', ['between', DURATION]],
  ['duration + duration', ['longer', DURATION]],
  ['duration - duration', ['shorter', DURATION]],
]);

/** Adding texts or lists makes a larger one, so both are paid for. */
function grown(left: Known, right: Known): string {
  return `(spend(${left.cel}, 1.0) + spend(${right.cel}, 1.0))`;
}

function longestSum(left: Type, right: Type): Type {
  const [a, b] = [longest(left), longest(right)];
  return a === undefined || b === undefined ? { kind: 'text' } : { kind: 'text', maxLength: a + b };
}

function checkEqual(node: BinaryNode, left: Known, right: Known, checking: Checking): Known | undefined {
  if (!alike(left.type, right.type)) return unfit(node, left, right, checking);
  if (disjoint(left.type, right.type)) return neverEqual(node, left, right, checking);
  const deep = left.type.kind === 'list' || left.type.kind === 'map' || left.type.kind === 'any';
  const cel = deep ? `(spend(${left.cel}, 1.0) ${node.op} ${right.cel})` : `(${left.cel} ${node.op} ${right.cel})`;
  return truth(cel, left, right);
}

function checkIn(node: BinaryNode, left: Known, right: Known, checking: Checking): Known | undefined {
  if (right.type.kind === 'map') {
    return checking.problem(
      'FIRN208',
      node.range,
      `"in" looks into lists, and ${checking.quote(node.args[1])} is a map`,
      'write has(map.field)',
    );
  }
  const item: Type = right.type.kind === 'list' ? right.type.item : { kind: 'any' };
  if (right.type.kind !== 'list' && right.type.kind !== 'any') return unfit(node, left, right, checking);
  if (!alike(left.type, item)) return unfit(node, left, { ...right, type: item }, checking);
  if (right.type.kind === 'list' && right.type.atMost !== 0 && left.type.kind === 'text' && item.kind === 'text') {
    const allowed = left.type.values;
    const wrong = allowed === undefined ? undefined : item.values?.find((value) => !allowed.includes(value));
    if (wrong !== undefined && left.literal === undefined)
      return neverEqual(node, left, { ...right, type: { kind: 'text', values: [wrong] } }, checking);
  }
  if (left.literal !== undefined && disjoint(left.type, item))
    return neverEqual(node, left, { ...right, type: item }, checking);
  return truth(`(${left.cel} in spend(${right.cel}, 1.0))`, left, right);
}

function neverEqual(node: BinaryNode, left: Known, right: Known, checking: Checking): undefined {
  const [of, other] = left.literal === undefined ? [left, right] : [right, left];
  const written = left.literal === undefined ? node.args[0] : node.args[1];
  const [wrong] = other.type.kind === 'text' ? (other.type.values ?? []) : [];
  const values = of.type.kind === 'text' ? (of.type.values ?? []) : [];
  const near = closest(wrong ?? '', values);
  const hint = `${near === undefined ? '' : `did you mean "${near}"? `}It is one of: ${values.join(', ')}.`;
  return checking.problem(
    'FIRN213',
    node.range,
    `"${checking.quote(written)}" can never be equal to "${wrong ?? ''}"`,
    hint,
  );
}

function unfit(node: BinaryNode, left: Known, right: Known, checking: Checking): undefined {
  return checking.problem(
    'FIRN208',
    node.range,
    `${article(left.type)} and ${article(right.type)} do not go together with "${node.op}"`,
    advice(node, left, right),
  );
}

function advice(node: BinaryNode, left: Known, right: Known): string | undefined {
  const kinds = [left.type.kind, right.type.kind];
  const has = (kind: Type['kind']): boolean => kinds.includes(kind);
  if (has('timestamp') && has('text'))
    return "a constant time is written timestamp('2026-03-01T00:00:00Z'), a duration span('30d')";
  if (has('timestamp') && has('number')) return "a duration is written span('30d')";
  if (has('text') && has('number'))
    return node.op === '+'
      ? 'string(…) makes text of a number'
      : 'string(…) makes text of a number, double(…) a number of text';
  return left.type.kind === 'map' || left.type.kind === 'list'
    ? `compare or add its parts; it is ${describeType(left.type)}`
    : undefined;
}

/** `&&` and `||`: the right side is only looked at when the left did not settle it, and knows so. */
export function checkLogic(
  node: Extract<CelNode, { op: '&&' | '||' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [leftNode, rightNode] = node.args;
  const left = condition(leftNode, around, checking);
  const both = node.op === '&&';
  const certain = both ? left?.whenTrue : left?.whenFalse;
  const right = condition(rightNode, { ...around, facts: addFacts(around.facts, certain) }, checking);
  if (left === undefined || right === undefined) return undefined;
  const either = {
    whenTrue: common(left.whenTrue, right.whenTrue),
    whenFalse: common(left.whenFalse, right.whenFalse),
  };
  const all = {
    whenTrue: addFacts(left.whenTrue ?? NONE, right.whenTrue),
    whenFalse: addFacts(left.whenFalse ?? NONE, right.whenFalse),
  };
  const facts = both
    ? { whenTrue: all.whenTrue, whenFalse: either.whenFalse }
    : { whenTrue: either.whenTrue, whenFalse: all.whenFalse };
  return { ...truth(`(${left.cel} ${node.op} ${right.cel})`, left, right), ...facts };
}

const NONE: ReadonlySet<string> = new Set();

function common(left: ReadonlySet<string> | undefined, right: ReadonlySet<string> | undefined): ReadonlySet<string> {
  return new Set([...(left ?? NONE)].filter((path) => right?.has(path) === true));
}

/** `c ? a : b`: the label is that of the two values, whatever chose between them. */
export function checkChoice(
  node: Extract<CelNode, { op: '?:' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [conditionNode, thenNode, elseNode] = node.args;
  const test = condition(conditionNode, around, checking);
  const yes = checking.value(thenNode, { ...around, facts: addFacts(around.facts, test?.whenTrue) });
  const no = checking.value(elseNode, { ...around, facts: addFacts(around.facts, test?.whenFalse) });
  if (test === undefined || yes === undefined || no === undefined) return undefined;
  const both = unify(yes, no);
  if (both === undefined) {
    return checking.problem(
      'FIRN208',
      node.range,
      `"?:" gives ${article(yes.type)} or ${article(no.type)}: both must be of one type`,
    );
  }
  // dyn() is CEL's own word for "do not compare the types of the branches": ours have been.
  return known(`(${test.cel} ? dyn(${yes.cel}) : dyn(${no.cel}))`, both.type, both);
}

export function checkUnary(
  node: Extract<CelNode, { op: '!_' | '-_' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  if (node.op === '!_') {
    const of = condition(node.args, around, checking);
    if (of === undefined) return undefined;
    return { ...truth(`(!${of.cel})`, of), whenTrue: of.whenFalse ?? NONE, whenFalse: of.whenTrue ?? NONE };
  }
  const of = checking.value(node.args, around);
  if (of === undefined) return undefined;
  if (!isNumber(of.type))
    return checking.problem(
      'FIRN208',
      node.range,
      `"-" needs a number, and ${checking.quote(node.args)} is ${article(of.type)}`,
    );
  const value = known(`(-${of.cel})`, of.type, writersOf(of));
  return typeof of.literal === 'number' ? { ...value, literal: -of.literal } : value;
}

/** A node that must be true or false. */
export function condition(node: CelNode, around: Around, checking: Checking): Known | undefined {
  const of = checking.value(node, around);
  if (of !== undefined) checking.computes(of, node.range);
  if (of === undefined || of.type.kind === 'boolean' || of.type.kind === 'any') return of;
  return checking.problem(
    'FIRN208',
    node.range,
    `true or false is needed here, and ${checking.quote(node)} is ${article(of.type)}`,
  );
}

/** Whether two types can be compared at all. */
function alike(left: Type, right: Type): boolean {
  if (left.kind === 'any' || right.kind === 'any') return true;
  if (left.kind === 'list' && right.kind === 'list') {
    return left.atMost === 0 || right.atMost === 0 || alike(left.item, right.item);
  }
  return left.kind === right.kind;
}

function disjoint(left: Type, right: Type): boolean {
  if (left.kind !== 'text' || right.kind !== 'text' || left.values === undefined) return false;
  const values = left.values;
  return right.values !== undefined && !right.values.some((value) => values.includes(value));
}

function isNumber(type: Type): boolean {
  return type.kind === 'number' || type.kind === 'any';
}

function isFraction(value: Known): boolean {
  return typeof value.literal === 'number' && !Number.isInteger(value.literal);
}

function isWhole(type: Type): boolean {
  return type.kind === 'number' && type.whole === true;
}
