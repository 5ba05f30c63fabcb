/**
 * Methods: what is asked of a value with a dot, `text.contains(part)`, `name.?field.orValue(other)`.
 *
 * PURE. Macros over lists are methods too; they stand in check-macros.ts.
 */
import type { CelNode, Range } from './cel.js';
import { absent } from './check-access.js';
import { checkSize, FUNCTION_NAMES, WHOLE } from './check-calls.js';
import { checkMacro, isMacro } from './check-macros.js';
import { celText, known, truth, type Around, type Checking, type Known } from './checking.js';
import { article, unify } from './fit.js';
import { compilePattern } from './pattern.js';
import { REFUSED, unknownCall } from './refusals.js';

const DATE_PARTS: ReadonlySet<string> = new Set([
  'getFullYear',
  'getMonth',
  'getDate',
  'getDayOfWeek',
  'getHours',
  'getMinutes',
  'getSeconds',
]);
const TEXT_TESTS: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith', 'matches']);
const METHODS: readonly string[] = [
  'orValue',
  'or',
  'size',
  ...TEXT_TESTS,
  ...DATE_PARTS,
  'exists',
  'exists_one',
  'all',
  'map',
  'filter',
];

/** Methods: `text.contains(part)`, `list.filter(x, …)`, `name.?field.orValue(…)`, `time.getHours()`. */
export function checkMethod(
  node: Extract<CelNode, { op: 'rcall' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [name, receiver, args] = node.args;
  if (isMacro(name)) return checkMacro(node, around, checking);
  if (name === 'orValue' || name === 'or') return checkOr(node, around, checking);
  if (
    receiver.op === 'id' &&
    (receiver.args === 'optional' || receiver.args === 'cel') &&
    !checking.scope.names.has(receiver.args)
  ) {
    return checking.problem(
      'FIRN203',
      node.range,
      `${receiver.args}.${name}() is not available in expressions`,
      REFUSED.get(name) ?? 'write has(name.field), or name.?field.orValue(…)',
    );
  }
  if (!METHODS.includes(name)) return unknownMethod(name, node, checking);
  const of = checking.value(receiver, around);
  const values = args.map((arg) => checking.value(arg, around));
  const given = values.filter((value) => value !== undefined);
  if (of === undefined || given.length < values.length) return undefined;
  if (name === 'size')
    return given.length === 0
      ? checkSize(of, node.range, checking)
      : checking.problem('FIRN208', node.range, 'size() takes nothing more');
  if (DATE_PARTS.has(name)) return checkDatePart(name, of, given, node, checking);
  const [argument] = given;
  const texts =
    (of.type.kind === 'text' || of.type.kind === 'any') &&
    (argument?.type.kind === 'text' || argument?.type.kind === 'any');
  if (argument === undefined || given.length !== 1 || !texts) {
    return checking.problem(
      'FIRN208',
      node.range,
      `${name}() is asked of text and takes one text`,
      `write text.${name}('…')${of.type.kind === 'list' ? '; for lists: value in list' : ''}`,
    );
  }
  if (name === 'matches') return checkMatches(of, argument, args[0]?.range ?? node.range, checking);
  return truth(`asText(spend(${of.cel}, 1.0)).${name}(asText(${argument.cel}))`, of, argument);
}

function checkDatePart(
  name: string,
  of: Known,
  given: readonly Known[],
  node: CelNode,
  checking: Checking,
): Known | undefined {
  if (given.length > 0)
    return checking.problem(
      'FIRN203',
      node.range,
      `${name}() with a time zone is not available in expressions`,
      'times are UTC; add a span(…) to shift them',
    );
  if (of.type.kind !== 'timestamp')
    return checking.problem(
      'FIRN208',
      node.range,
      `${name}() is asked of a timestamp, and this is ${article(of.type)}`,
    );
  return known(`datePart(${of.cel}, ${celText(name)})`, WHOLE, of);
}

function checkMatches(of: Known, pattern: Known, range: Range, checking: Checking): Known | undefined {
  if (typeof pattern.literal !== 'string') {
    return checking.problem(
      'FIRN212',
      range,
      'the pattern of matches() must be a constant',
      "write text.matches('^[A-Z]{2}[0-9]+$')",
    );
  }
  try {
    compilePattern(pattern.literal);
  } catch (error) {
    return checking.problem(
      'FIRN212',
      range,
      `the pattern "${pattern.literal}" cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return truth(`matchesPattern(${of.cel}, ${pattern.cel})`, of);
}

/** `a.?b.orValue(c)` and `a.?b.or(a.?c)`. */
function checkOr(node: Extract<CelNode, { op: 'rcall' }>, around: Around, checking: Checking): Known | undefined {
  const [name, receiver, [argumentNode, ...more]] = node.args;
  const of = checking.check(receiver, around);
  const rest = argumentNode === undefined ? undefined : checking.check(argumentNode, around);
  if (argumentNode === undefined || more.length > 0)
    return checking.problem('FIRN208', node.range, `${name}() takes one value`);
  if (of === undefined || rest === undefined) return undefined;
  if (of.maybe !== true) {
    return checking.problem(
      'FIRN208',
      node.range,
      `${checking.quote(receiver)} is always there, so ${name}() has nothing to do`,
      `a field that may be absent is read with ".?"; else leave .${name}(…) out`,
    );
  }
  if (name === 'orValue' && rest.maybe === true)
    return absent(checking, argumentNode.range, rest.path ?? checking.quote(argumentNode), undefined);
  if (name === 'or' && rest.maybe !== true)
    return checking.problem(
      'FIRN208',
      argumentNode.range,
      `or() takes another ".?" value, and ${checking.quote(argumentNode)} is always there`,
      'write orValue(…)',
    );
  const both = unify(of, rest);
  if (both === undefined) {
    return checking.problem(
      'FIRN208',
      argumentNode.range,
      `${checking.quote(receiver)} is ${article(of.type)}, and ${name}() would give ${article(rest.type)}: both must be of one type`,
    );
  }
  // dyn() keeps the library from comparing what has been compared.
  const value = known(`${of.cel}.${name}(${name === 'or' ? rest.cel : `dyn(${rest.cel})`})`, both.type, both);
  const unknown = of.unknown ?? rest.unknown;
  const doubted = both.type.kind === 'any' && unknown !== undefined ? { ...value, unknown } : value;
  return name === 'or' ? { ...doubted, maybe: true } : doubted;
}

function unknownMethod(name: string, node: Extract<CelNode, { op: 'rcall' }>, checking: Checking): undefined {
  const [, receiver, args] = node.args;
  const plain = FUNCTION_NAMES.includes(name);
  if (!plain || REFUSED.has(name)) return unknownCall(name, METHODS, node.range, checking);
  const inner = [receiver, ...args].map((part) => checking.quote(part)).join(', ');
  return checking.problem(
    'FIRN203',
    node.range,
    `"${name}" is a function here, not a method`,
    `write ${name}(${inner})`,
  );
}
