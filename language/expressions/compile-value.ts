/**
 * Compiles a written value: a literal, one expression, text with expressions in it, a map or a list of such.
 *
 * PURE. A bare text is literal; only `${{ … }}` computes. What a value must be is known (`expected`), so a literal of the
 * wrong type, a text that is not one of those listed and a key nobody asked for are problems here and never at run time.
 */
import { parseDuration } from '../plan/duration.js';
import type { Parsed, ParsedList, ParsedMap, ParsedScalar } from '../plan/parsed.js';
import type { Expression, MapEntry, Value } from '../plan/plan.js';
import type { Problems } from '../plan/problem.js';
import { ANY, describeType, type Field, type Type, type Written } from '../plan/types.js';
import { closest, didYouMean } from './closest.js';
import { compileSource, describeParsed, placeOf, reportUnclosed, shorten } from './compile-expression.js';
import type { CompiledValue, ValueOptions } from './compiled.js';
import { EMPTY_LIST, longest, misfit, unify, type Labelled } from './fit.js';
import { parseInstant } from './instant.js';
import { AUTHOR, joinWritten, wholeWritten, written, writtenOf } from './labels.js';
import { meantAsExpression } from './look-alike.js';
import type { Scope } from './scope.js';
import { soleExpression, splitTemplate, type Template } from './template.js';

/** A compiled value; `maybe`: it is `${{ a.?b }}`, and its key is left out when there is nothing. */
interface Made extends CompiledValue {
  readonly maybe?: true;
}

/** What a written value stands in: the same for all of its parts. */
interface Setting {
  readonly scope: Scope;
  readonly problems: Problems;
  readonly absentKeys: boolean;
}

export function compileValue(
  parsed: Parsed,
  scope: Scope,
  expected: Type,
  problems: Problems,
  options: ValueOptions = {},
): CompiledValue | undefined {
  return compile(
    parsed,
    expected,
    { scope: options.scope ?? scope, problems, absentKeys: options.absentKeys === true },
    false,
  );
}

function compile(parsed: Parsed, expected: Type, setting: Setting, mayBeAbsent: boolean): Made | undefined {
  if (parsed.is === 'map') return compileMap(parsed, expected, setting);
  if (parsed.is === 'list') return compileList(parsed, expected, setting);
  if (typeof parsed.value !== 'string') return compileLiteral(parsed, parsed.value, expected, setting.problems);
  const template = splitTemplate(parsed.value);
  if (template.problem !== undefined) {
    reportUnclosed(parsed, template.problem, setting.problems);
    return undefined;
  }
  const sole = soleExpression(template);
  if (sole !== undefined) {
    const found = compileSource(parsed, sole, setting.scope, expected, setting.problems, mayBeAbsent);
    if (found === undefined) return undefined;
    const value: Value = { is: 'expression', expression: found.expression };
    const unknown = found.unknown === undefined ? {} : { unknown: found.unknown };
    return { value, type: found.type, ...writtenOf(found), ...unknown, ...(found.maybe ? { maybe: true } : {}) };
  }
  if (template.parts.every((part) => typeof part === 'string')) {
    if (reportLookAlike(parsed, parsed.value, setting)) return undefined;
    return compileLiteral(parsed, template.parts.join(''), expected, setting.problems);
  }
  return compileText(parsed, template, expected, setting);
}

/** True where text reads like an expression of another language. */
function reportLookAlike(parsed: ParsedScalar, text: string, { scope, problems }: Setting): boolean {
  const like = meantAsExpression(text, scope);
  if (like === undefined) return false;
  const message = `"${shorten(like.found)}" is plain text: an expression is written \${{ … }}`;
  problems.error('FIRN202', placeOf(parsed), message, `write "\${{ ${shorten(like.meant)} }}"`);
  return true;
}

function compileText(parsed: ParsedScalar, template: Template, expected: Type, setting: Setting): Made | undefined {
  const parts: (string | Expression)[] = [];
  let by: Written = AUTHOR;
  let length: number | undefined = 0;
  let failed = false;
  for (const part of template.parts) {
    if (typeof part === 'string') {
      parts.push(part);
      length = length === undefined ? undefined : length + part.length;
      continue;
    }
    const found = compileSource(parsed, part, setting.scope, ANY, setting.problems, false);
    if (found === undefined) {
      failed = true;
    } else if (!['text', 'number', 'boolean', 'timestamp'].includes(found.type.kind)) {
      failed = true;
      const { line, column, source } = found.expression;
      const place = { at: { line, column }, path: parsed.path, length: source.length };
      const message = `"${shorten(source)}" is ${describeType(found.type)}; only texts, numbers, booleans and timestamps can stand inside text`;
      setting.problems.error(
        'FIRN210',
        place,
        message,
        `write \${{ ${found.type.kind === 'any' ? `string(${shorten(source)})` : `toJson(${shorten(source)})`} }}`,
      );
    } else {
      const long = found.type.kind === 'text' ? longest(found.type) : 30;
      length = length === undefined || long === undefined ? undefined : length + long;
      by = joinWritten(by, found);
      parts.push(found.expression);
    }
  }
  const type: Type = length === undefined ? { kind: 'text' } : { kind: 'text', maxLength: length };
  const reason = misfit(type, expected);
  if (reason !== undefined) {
    setting.problems.error(
      'FIRN209',
      placeOf(parsed),
      `"${shorten(String(parsed.value))}" does not fit: ${reason}`,
      'leave out the text around the expression',
    );
    return undefined;
  }
  return failed ? undefined : { value: { is: 'text', parts }, type, ...by };
}

function compileLiteral(
  parsed: ParsedScalar,
  value: ParsedScalar['value'],
  expected: Type,
  problems: Problems,
): Made | undefined {
  const refuse = (code: 'FIRN209' | 'FIRN306' | 'FIRN307', message: string, hint?: string): undefined => {
    problems.error(code, placeOf(parsed), message, hint);
    return undefined;
  };
  if (typeof value === 'string') {
    if (expected.kind === 'text' && expected.values !== undefined && !expected.values.includes(value)) {
      const near = closest(value, expected.values);
      return refuse(
        'FIRN306',
        `"${shorten(value)}" is not one of those allowed here`,
        `${near === undefined ? '' : `did you mean "${near}"? `}Allowed: ${expected.values.join(', ')}.`,
      );
    }
    if (expected.kind === 'text' && expected.maxLength !== undefined && value.length > expected.maxLength) {
      return refuse(
        'FIRN209',
        `"${shorten(value)}" has ${value.length} characters, and at most ${expected.maxLength} are allowed here`,
      );
    }
    if (expected.kind === 'duration') {
      const length_ms = parseDuration(value);
      if (length_ms === undefined)
        return refuse('FIRN307', `"${shorten(value)}" is not a duration`, 'durations read 30s, 15m, 2d or PT30S');
      return { value: { is: 'literal', value: length_ms }, type: expected, ...AUTHOR };
    }
    if (expected.kind === 'timestamp') {
      if (parseInstant(value) === undefined)
        return refuse('FIRN209', `"${shorten(value)}" is not a time`, 'times read 2026-03-01T00:00:00Z');
      return { value: { is: 'literal', value }, type: expected, ...AUTHOR };
    }
    if (expected.kind !== 'text' && expected.kind !== 'any') {
      const bare = expected.kind === 'number' || expected.kind === 'boolean' ? 'leave the quotes out, or ' : '';
      return refuse(
        'FIRN209',
        `"${shorten(value)}" is text, and ${describeType(expected)} is needed here`,
        `${bare}write an expression: "\${{ … }}"`,
      );
    }
    const type: Type =
      expected.kind === 'text' && expected.values !== undefined
        ? { kind: 'text', values: [value] }
        : { kind: 'text', maxLength: value.length };
    return { value: { is: 'literal', value }, type, ...AUTHOR };
  }
  if (value === null)
    return refuse('FIRN209', 'there is no null: what is missing is a key that is not there', 'leave the key out');
  const type: Type =
    typeof value === 'boolean'
      ? { kind: 'boolean' }
      : Number.isInteger(value)
        ? { kind: 'number', whole: true }
        : { kind: 'number' };
  const reason = misfit(type, expected);
  if (reason === undefined) return { value: { is: 'literal', value }, type, ...AUTHOR };
  return refuse(
    'FIRN209',
    `${String(value)} does not fit: ${reason}`,
    expected.kind === 'text' ? `write "${String(value)}" in quotes` : undefined,
  );
}

function compileList(parsed: ParsedList, expected: Type, setting: Setting): Made | undefined {
  if (expected.kind !== 'list' && expected.kind !== 'any') return refuseShape(parsed, expected, setting.problems);
  const item = expected.kind === 'list' ? expected.item : ANY;
  const items = parsed.items.map((part) => ({ part, made: compile(part, item, setting, false) }));
  let joined: Labelled = { type: EMPTY_LIST, ...AUTHOR };
  for (const [index, { part, made }] of items.entries()) {
    if (made === undefined) return undefined;
    const next = index === 0 ? made : unify(joined, made);
    if (next === undefined) {
      setting.problems.error(
        'FIRN209',
        placeOf(part),
        `${describeParsed(part)} is ${describeType(made.type)}, and the items before it are ${describeType(joined.type)}`,
        'the items of a list are of one type',
      );
      return undefined;
    }
    joined = next;
  }
  const value: Value = { is: 'list', items: items.flatMap(({ made }) => (made === undefined ? [] : [made.value])) };
  const type: Type = items.length === 0 ? EMPTY_LIST : { kind: 'list', item: joined.type, atMost: items.length };
  const { label, from } = wholeWritten(type, joined);
  return { value, type, ...written(label, from, joined.private === true) };
}

function compileMap(parsed: ParsedMap, expected: Type, setting: Setting): Made | undefined {
  if (expected.kind !== 'map' && expected.kind !== 'any') return refuseShape(parsed, expected, setting.problems);
  const wanted = expected.kind === 'map' ? expected : undefined;
  const anything = wanted === undefined || wanted.open === true;
  const fields = new Map<string, Field>();
  const entries: MapEntry[] = [];
  let failed = false;
  for (const { key, keyAt, value: part } of parsed.entries) {
    const field = wanted?.fields.get(key);
    if (field === undefined && !anything) {
      const known = [...wanted.fields.keys()];
      setting.problems.error(
        'FIRN301',
        { at: keyAt, path: part.path, length: key.length },
        `"${key}" is not known here`,
        `${didYouMean(key, known)}Known: ${known.join(', ')}.`,
      );
      failed = true;
      continue;
    }
    const mayBeAbsent = setting.absentKeys && field?.presence !== 'certain';
    const made = compile(part, field?.type ?? ANY, setting, mayBeAbsent);
    if (made === undefined) {
      failed = true;
      continue;
    }
    entries.push({ key, value: made.value, ...(made.maybe === true ? { optional: true as const } : {}) });
    fields.set(key, { type: made.type, presence: made.maybe === true ? 'optional' : 'certain', ...writtenOf(made) });
  }
  for (const [name, field] of wanted?.fields ?? []) {
    if (field.presence === 'optional' || parsed.entries.some(({ key }) => key === name)) continue;
    setting.problems.error(
      'FIRN302',
      placeOf(parsed),
      `"${name}" is missing`,
      `add ${name}: ${describeType(field.type)}`,
    );
    failed = true;
  }
  if (failed) return undefined;
  const type: Type = { kind: 'map', fields };
  const { label, from } = wholeWritten(type, AUTHOR);
  return { value: { is: 'map', entries }, type, ...written(label, from, false) };
}

function refuseShape(parsed: Parsed, expected: Type, problems: Problems): undefined {
  problems.error('FIRN209', placeOf(parsed), `a ${parsed.is} stands here, and ${describeType(expected)} is needed`);
  return undefined;
}
