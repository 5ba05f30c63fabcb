/**
 * Where this language differs from CEL on purpose: each difference by name, with the reason that its users are given.
 *
 * A difference is recognised by what was refused and why, or by a value that has no place here; there is no rule that takes
 * whatever is left. The first rule that applies names the difference. docs/cel.md is generated from this table.
 */
import type { Answer } from './run.js';
import type { Case } from './cases.js';

export interface Difference {
  readonly name: string;
  readonly reason: string;
  readonly applies: (seen: Seen) => boolean;
}

export interface Seen {
  readonly test: Case;
  readonly answer: Answer;
  /** The first problem as `CODE message`, or '' where it was not refused. */
  readonly refusal: string;
}

export const DIFFERENCES: readonly Difference[] = [
  {
    name: 'no messages',
    reason:
      'There are no Protocol Buffers here: values are JSON, and a map is written `{…}` without a name. Enumerations are texts.',
    applies: ({ test, answer }) =>
      (answer.is === 'refused' && MESSAGE.test(test.expr)) ||
      (answer.is === 'unbindable' && /messageType|objectValue|enumValue/.test(declared(test, answer.name))),
  },
  {
    name: 'no bytes',
    reason: 'There are no bytes: rows, requests and messages hold text.',
    applies: ({ test, answer, refusal }) =>
      /^FIRN203 (bytes\(\)|[bB][rR]?['"])/.test(refusal) ||
      (refusal.startsWith('FIRN200') && /\b[bB][rR]['"]/.test(test.expr)) ||
      (answer.is === 'unbindable' && /BYTES|bytesValue/.test(declared(test, answer.name))),
  },
  {
    name: 'one number type',
    reason:
      'There is one number type, that of JSON: no `1u`, no `int()` and `uint()`, no infinity and no NaN (dividing by zero fails). Whole numbers are exact up to 2^53 and refused beyond it; `/` is real division.',
    applies: ({ answer, refusal }) =>
      /^FIRN203 (int\(\)|uint\(\)|(0x)?[0-9a-fA-F]+[uU]: )/.test(refusal) ||
      /^FIRN208 \d+ has more digits/.test(refusal) ||
      (answer.is === 'failure' && /is divided by 0|too large, or none/.test(answer.message)),
  },
  {
    name: 'no null',
    reason:
      'There is one kind of absence, a field that is not there. What is null outside arrives as an absent field, and `has()` asks for it.',
    applies: ({ test, answer, refusal }) =>
      refusal.startsWith('FIRN208 there is no null') ||
      (answer.is === 'unbindable' && /nullValue|"null"|NULL/.test(declared(test, answer.name))) ||
      (answer.is === 'value' && test.expected.is === 'value' && /:null\b/.test(JSON.stringify(test.expected.value))),
  },
  {
    name: 'span',
    reason: "A duration is written `span('30d')`; it exists inside expressions only and is no result of its own.",
    applies: ({ refusal }) => refusal.startsWith('FIRN203 duration()') || refusal.startsWith('FIRN214'),
  },
  {
    name: 'types are known before the run',
    reason:
      'The compiler knows the type of everything, so there are no types as values: no `type()`, no `dyn()`, no `bool` or `int` as a name.',
    applies: ({ test, answer, refusal }) =>
      /^FIRN203 (dyn|type)\(\)/.test(refusal) ||
      /^FIRN204 nothing is named "(bool|int|uint|double|string|bytes|list|map|type|null_type|dyn)"/.test(refusal) ||
      (answer.is === 'unbindable' && /abstractType|typeParam|"type"/.test(declared(test, answer.name))),
  },
  {
    name: 'maps are records',
    reason:
      'A map is a record: its keys are constant texts, its fields are known, and a field is read by its name. `in` and the macros are for lists; `has(name.field)` takes one path, and a field that cannot exist is a problem instead of an absence.',
    applies: ({ refusal }) =>
      /^FIRN208 (a key of a map is|"in" looks into lists|has\(\) takes one path|\w+\(\) walks over a list)/.test(
        refusal,
      ) ||
      /^FIRN208 .* cannot be read with \[/.test(refusal) ||
      refusal.startsWith('FIRN205 map has no field'),
  },
  {
    name: 'absence is read with orValue',
    reason:
      'What may be absent is read with `.?` and `orValue(…)`, or under a `has()`. There are no optional values to make, ask or pass on: no `optional.of`, no `hasValue()`, no `[?…]` in literals. A field of an undeclared map may be absent.',
    applies: ({ test, refusal }) =>
      /^FIRN203 (optional\.\w+|hasValue|value|optMap|optFlatMap)\(\)/.test(refusal) ||
      /^FIRN203 there is no function "(optMap|optFlatMap)"/.test(refusal) ||
      (refusal.startsWith('FIRN200') && /[[{,] ?\?/.test(test.expr)) ||
      refusal.startsWith('FIRN207'),
  },
  {
    name: 'one type in a list and a choice',
    reason:
      'All items of a list have one type, and so have both sides of `?:` and of `==`: what cannot be compared is nearly always a mistake.',
    applies: ({ refusal }) =>
      /^FIRN208 (the items of a list must be of one type|"\?:" gives|.* do not go together with "[=!]=")/.test(refusal),
  },
  {
    name: 'true and false',
    reason:
      '`!`, `&&`, `||` and `?:` take true or false, on both sides, also where the other side has settled the answer; true and false have no order, and no text becomes one of them.',
    applies: ({ refusal }) =>
      /^FIRN208 (true or false is needed here|a boolean and a boolean do not go together with "[<>])/.test(refusal) ||
      refusal.startsWith('FIRN203 bool()'),
  },
  {
    name: 'a comparison that can never hold',
    reason:
      'Comparing two constants, or an enumeration with a text that it does not have, is a problem: it is nearly always a misspelt answer.',
    applies: ({ refusal }) => refusal.startsWith('FIRN213'),
  },
  {
    name: 'names are known before the run',
    reason:
      'A name is one word, looked up in one scope: step ids, `input`, `run`. There are no namespaces and no names with dots, and `unknown || true` is refused although `true` would settle it.',
    applies: ({ test, answer, refusal }) =>
      (refusal.startsWith('FIRN204') && [...test.bindings.keys()].some((name) => name.includes('.'))) ||
      (answer.is === 'value' && test.file === 'namespace' && test.container !== undefined) ||
      (/^FIRN20(3 there is no function|4 nothing is named) /.test(refusal) && test.expr.endsWith(' || true')),
  },
  {
    name: 'functions of its own',
    reason:
      "The library is short: `round(n, digits)`, `min`, `max`, `split(text, ',')`, `join(list, ', ')`, `trim(text)`, `lower`, `upper`, `matches` and what else the reference lists. CEL's extensions for text, mathematics, encodings and bindings, and macros with an index, are not among it; a `set` step names a part.",
    applies: ({ test, refusal }) => EXTENSIONS.has(test.file) && /^FIRN(203|208 \w+\(\) takes|200)/.test(refusal),
  },
  {
    name: 'time is UTC, to the millisecond',
    reason:
      "Instants are UTC and keep milliseconds; `timestamp()` takes a constant; there is one spelling of each part (`getDate()`), and none takes a time zone: add a `span('…')`.",
    applies: ({ test, answer, refusal }) =>
      /^FIRN203 .*(with a time zone|getDayOfMonth\(\)|getDayOfYear\(\)|"getMilliseconds")/.test(refusal) ||
      /^FIRN208 timestamp\(\) cannot take \d+/.test(refusal) ||
      (answer.is === 'value' && test.file === 'timestamps' && test.expr.includes('.999999999Z')),
  },
  {
    name: 'spelling',
    reason:
      "A number begins with a digit (`0.99`), and a field whose name is no word is read with `['content-type']`, not with backticks.",
    applies: ({ test, refusal }) => refusal.startsWith('FIRN200') && /^\.\d|`/.test(test.expr),
  },
  {
    name: 'functions of other programs',
    reason: 'The official tests declare functions of their own there, which only a program could add.',
    applies: ({ test, answer }) => answer.is === 'unbindable' && test.file === 'type_deductions',
  },
  {
    name: 'errors before the run',
    reason:
      'What CEL says when an expression is evaluated, the compiler says before any run: wrong types, unknown names, fields and functions.',
    applies: ({ test, refusal }) => test.expected.is === 'error' && /^FIRN(203|204|205|208)/.test(refusal),
  },
];

const MESSAGE =
  /TestAllTypes|TestRequired|GlobalEnum|NestedEnum|google\.protobuf|proto\.(has|get)Ext|proto2|proto3|\b[A-Z]\w*(Value|Struct|Any)\{|\bValue\{/;

/** Files of the suite that test what CEL calls extensions. */
const EXTENSIONS: ReadonlySet<string> = new Set([
  'bindings_ext',
  'block_ext',
  'encoders_ext',
  'macros2',
  'math_ext',
  'string_ext',
]);

function declared(test: Case, name: string): string {
  return JSON.stringify([test.types.get(name) ?? {}, test.bindings.get(name) ?? {}]);
}

export function seen(test: Case, answer: Answer): Seen {
  const [first] = answer.is === 'refused' ? answer.problems : [];
  return { test, answer, refusal: first === undefined ? '' : `${first.code} ${first.message}` };
}
