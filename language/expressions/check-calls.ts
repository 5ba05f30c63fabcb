/**
 * Functions: the library of expressions, each with the types it takes and gives.
 *
 * PURE. There is one spelling of each thing. What CEL has and we do not (other number types, clocks, time zones, back
 * doors around absence) is refused by name (refusals.ts), with what to write instead.
 */
import { parseDuration } from '../plan/duration.js';
import { ANY, DURATION, NUMBER, TEXT, TIMESTAMP, describeType, listOf, type Type } from '../plan/types.js';
import type { CelNode, Range } from './cel.js';
import { checkHas } from './check-access.js';
import { known, writersOf, type Around, type Checking, type Known } from './checking.js';
import { article, misfit, unify } from './fit.js';
import { AUTHOR, written } from './labels.js';
import { parseInstant } from './instant.js';
import { unknownCall } from './refusals.js';

export const WHOLE: Type = { kind: 'number', whole: true };

/** Functions whose arguments have one type each. `cel` is what the lowered text calls. */
interface Plain {
  readonly usage: string;
  readonly takes: readonly Type[];
  readonly gives: Type;
  readonly cel: string;
}

const PLAIN: ReadonlyMap<string, Plain> = new Map([
  ['sum', { usage: 'sum(list)', takes: [listOf(NUMBER)], gives: NUMBER, cel: 'sum' }],
  ['round', { usage: 'round(number, digits)', takes: [NUMBER, WHOLE], gives: NUMBER, cel: 'round' }],
  ['fixed', { usage: 'fixed(number, digits)', takes: [NUMBER, WHOLE], gives: TEXT, cel: 'fixed' }],
  ['day', { usage: 'day(timestamp)', takes: [TIMESTAMP], gives: { kind: 'text', maxLength: 10 }, cel: 'day' }],
  ['span', { usage: "span('30d')", takes: [TEXT], gives: DURATION, cel: 'span' }],
  ['upper', { usage: 'upper(text)', takes: [TEXT], gives: TEXT, cel: 'upper' }],
  ['lower', { usage: 'lower(text)', takes: [TEXT], gives: TEXT, cel: 'lower' }],
  ['trim', { usage: 'trim(text)', takes: [TEXT], gives: TEXT, cel: 'trim' }],
  ['split', { usage: "split(text, ',')", takes: [TEXT, TEXT], gives: listOf(TEXT), cel: 'split' }],
  ['join', { usage: "join(list, ', ')", takes: [listOf(TEXT), TEXT], gives: TEXT, cel: 'join' }],
  ['toJson', { usage: 'toJson(value)', takes: [ANY], gives: TEXT, cel: 'toJson' }],
]);

const OTHERS = ['min', 'max', 'size', 'string', 'double', 'timestamp', 'has'] as const;
export const FUNCTION_NAMES: readonly string[] = [...PLAIN.keys(), ...OTHERS];

export function checkCall(
  node: Extract<CelNode, { op: 'call' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [name, args] = node.args;
  if (name === 'has') return checkHas(args, node.range, around, checking);
  const plain = PLAIN.get(name);
  if (plain === undefined && !OTHERS.some((other) => other === name))
    return unknownCall(name, FUNCTION_NAMES, node.range, checking);
  const values = args.map((arg) => checking.value(arg, around));
  const given = values.filter((value) => value !== undefined);
  if (given.length < values.length) return undefined;
  if (plain !== undefined) return checkPlain(name, plain, given, node, checking);
  if (name === 'min' || name === 'max') return checkExtreme(name, given, node, checking);
  const [value] = given;
  if (value === undefined || given.length !== 1) {
    return checking.problem('FIRN208', node.range, `${name}() takes one value, not ${given.length}`);
  }
  switch (name) {
    case 'size':
      return checkSize(value, node.range, checking);
    case 'string':
      return isWord(value.type)
        ? known(`asText(${value.cel})`, TEXT, writersOf(value))
        : refuseArgument(name, value, node, checking, 'toJson(value) makes text of lists and maps');
    case 'double':
      return ['text', 'number', 'any'].includes(value.type.kind)
        ? known(`asNumber(${value.cel})`, NUMBER, writersOf(value))
        : refuseArgument(name, value, node, checking, 'it makes a number of text');
    default:
      if (typeof value.literal === 'string' && parseInstant(value.literal) !== undefined)
        return known(`instant(${value.cel})`, TIMESTAMP, AUTHOR);
      return refuseArgument(
        name,
        value,
        node,
        checking,
        "it takes a constant such as '2026-03-01T00:00:00Z'; declare a field as date-time where the time comes from outside",
      );
  }
}

function checkPlain(
  name: string,
  plain: Plain,
  given: readonly Known[],
  node: Extract<CelNode, { op: 'call' }>,
  checking: Checking,
): Known | undefined {
  const args = name === 'round' && given.length === 1 ? [...given, known('0.0', WHOLE, AUTHOR)] : given;
  if (args.length !== plain.takes.length) {
    return checking.problem(
      'FIRN208',
      node.range,
      `${name}() takes ${plain.takes.length} values, not ${args.length}`,
      `write ${plain.usage}`,
    );
  }
  for (const [index, expected] of plain.takes.entries()) {
    const value = args[index];
    const reason =
      value === undefined
        ? undefined
        : (misfit(value.type, expected) ??
          (value.type.kind === 'timestamp' && expected.kind === 'text'
            ? 'text is needed, and this is a timestamp; write string(…)'
            : undefined));
    if (reason === undefined || value === undefined || looseList(value.type, expected)) continue;
    return checking.problem(
      'FIRN208',
      node.args[1][index]?.range ?? node.range,
      `${name}(): ${reason}`,
      `write ${plain.usage}`,
    );
  }
  const [first] = args;
  if (name === 'span' && typeof first?.literal === 'string' && parseDuration(first.literal) === undefined) {
    return checking.problem(
      'FIRN307',
      node.args[1][0]?.range ?? node.range,
      `"${first.literal}" is not a duration`,
      "durations read span('30s'), span('15m'), span('2d') or span('PT30S')",
    );
  }
  const gives = result(name, plain, args);
  return known(`${plain.cel}(${args.map((arg) => arg.cel).join(', ')})`, gives, ...args.map(writersOf));
}

/** A list of unknown items is looked at when it is there. */
function looseList(actual: Type, expected: Type): boolean {
  return expected.kind === 'list' && (actual.kind === 'any' || (actual.kind === 'list' && actual.item.kind === 'any'));
}

function result(name: string, plain: Plain, args: readonly Known[]): Type {
  const [first, second] = args;
  if (name === 'sum' && first?.type.kind === 'list' && first.type.item.kind === 'number') return first.type.item;
  if (name === 'round' && second?.cel === '0.0') return WHOLE;
  return plain.gives;
}

function checkExtreme(
  name: string,
  given: readonly Known[],
  node: Extract<CelNode, { op: 'call' }>,
  checking: Checking,
): Known | undefined {
  const [first, ...others] = given;
  if (first === undefined)
    return checking.problem('FIRN208', node.range, `${name}() needs values`, `write ${name}(a, b) or ${name}(list)`);
  const cel = name === 'min' ? 'least' : 'most';
  const list = first.type.kind === 'list' && others.length === 0 ? first.type.item : undefined;
  let both: { readonly type: Type; readonly label: Known['label'] } | undefined =
    list === undefined ? first : { ...first, type: list };
  for (const other of others) both = both === undefined ? undefined : unify(both, other);
  if (both === undefined || !['number', 'timestamp', 'duration', 'any'].includes(both.type.kind)) {
    return checking.problem(
      'FIRN208',
      node.range,
      `${name}() compares numbers, timestamps or durations of one type`,
      `write ${name}(a, b) or ${name}(list)`,
    );
  }
  const argument =
    list === undefined && first.type.kind !== 'any' ? `[${given.map((value) => value.cel).join(', ')}]` : first.cel;
  return known(`${cel}(${argument})`, both.type, ...given.map(writersOf));
}

/** `size(value)` and `value.size()`. */
export function checkSize(value: Known, range: Range, checking: Checking): Known | undefined {
  if (!['text', 'list', 'map', 'any'].includes(value.type.kind)) {
    return checking.problem(
      'FIRN208',
      range,
      `${article(value.type)} has no size`,
      'size() counts the characters of a text, the items of a list, the fields of a map',
    );
  }
  return known(`double(size(spend(${value.cel}, 1.0)))`, WHOLE, written(value.label, value.from, false));
}

function refuseArgument(
  name: string,
  value: Known,
  node: Extract<CelNode, { op: 'call' }>,
  checking: Checking,
  hint: string,
): undefined {
  const [argument] = node.args[1];
  const what = value.literal === undefined ? describeType(value.type) : JSON.stringify(value.literal);
  return checking.problem('FIRN208', argument?.range ?? node.range, `${name}() cannot take ${what}`, hint);
}

function isWord(type: Type): boolean {
  return ['text', 'number', 'boolean', 'timestamp', 'any'].includes(type.kind);
}
