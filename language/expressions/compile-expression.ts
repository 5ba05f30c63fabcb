/**
 * Compiles one `${{ … }}`: parses it, checks it against its scope and what is needed, and makes the plan's expression.
 *
 * PURE. Problems are put at the very characters they are about.
 */
import type { Parsed, ParsedScalar } from '../plan/parsed.js';
import type { Expression, NameUse } from '../plan/plan.js';
import type { Problems } from '../plan/problem.js';
import type { Type } from '../plan/types.js';
import { parseSource, type Range } from './cel.js';
import { absent } from './check-access.js';
import { Checker, type Report, type Warn } from './check.js';
import { writersOf, type Known } from './checking.js';
import type { CompiledExpression } from './compiled.js';
import { cannotLeave, misfit } from './fit.js';
import { written } from './labels.js';
import type { Scope } from './scope.js';
import { soleExpression, splitTemplate, type TemplateExpression } from './template.js';

/** Characters of one expression. */
const SOURCE_LIMIT = 4000;

/** What an expression turned out to be; `maybe`: it can hold nothing, and the caller allowed that. */
export interface Found extends CompiledExpression {
  readonly maybe: boolean;
}

/** A value that must be one `${{ … }}`. Reports what is wrong and answers undefined. */
export function compileExpression(
  parsed: Parsed,
  scope: Scope,
  expected: Type,
  problems: Problems,
): CompiledExpression | undefined {
  const text = parsed.is === 'scalar' && typeof parsed.value === 'string' ? parsed.value : undefined;
  if (parsed.is !== 'scalar' || text === undefined) {
    const hint = parsed.is === 'scalar' ? `write "\${{ ${String(parsed.value)} }}"` : 'write "${{ … }}"';
    problems.error('FIRN202', placeOf(parsed), `${describeParsed(parsed)} stands where an expression is needed`, hint);
    return undefined;
  }
  const template = splitTemplate(text);
  if (template.problem !== undefined) {
    reportUnclosed(parsed, template.problem, problems);
    return undefined;
  }
  const sole = soleExpression(template);
  if (sole === undefined) {
    const inner = template.parts
      .map((part) => (typeof part === 'string' ? part : part.source))
      .join('')
      .trim();
    const why = template.parts.some((part) => typeof part !== 'string')
      ? 'one expression is needed here, and there is text around it'
      : 'an expression is needed here, and this is plain text';
    problems.error('FIRN202', placeOf(parsed), `"${shorten(text)}": ${why}`, `write "\${{ ${shorten(inner)} }}"`);
    return undefined;
  }
  return compileSource(parsed, sole, scope, expected, problems, false);
}

export function reportUnclosed(
  scalar: ParsedScalar,
  problem: { readonly offset: number; readonly message: string },
  problems: Problems,
): void {
  const place = { at: scalar.locate(problem.offset), path: scalar.path, length: 3 };
  problems.error(
    'FIRN201',
    place,
    `an expression begins here and does not end: ${problem.message}`,
    'an expression is written "${{ … }}"; a literal "${{" is written "$${{"',
  );
}

/** Checks the source at its place in `scalar`. `mayBeAbsent`: a result that may hold nothing is no problem. */
export function compileSource(
  scalar: ParsedScalar,
  template: TemplateExpression,
  scope: Scope,
  expected: Type,
  problems: Problems,
  mayBeAbsent: boolean,
): Found | undefined {
  const { source, offset } = template;
  const report: Report = (code, range, message, hint) => {
    problems.error(code, placeIn(scalar, offset, range), message, hint);
    return undefined;
  };
  const all = trimmed(source);
  const warn: Warn = (range, message, hint) => {
    problems.warning('FIRN456', placeIn(scalar, offset, range), message, hint);
  };
  const value = check(source, all, scope, report, warn);
  if (value === undefined) return undefined;
  const { checker, result } = value;
  if (result.maybe === true && !mayBeAbsent) {
    return absent(checker, all, result.path ?? checker.quote(all), checker.quote(all));
  }
  const inside = expected.kind === 'duration' ? undefined : cannotLeave(result.type);
  if (inside !== undefined) {
    return report(
      'FIRN214',
      all,
      `it gives ${inside}, which exists only inside expressions`,
      'add it to a timestamp, or compare it',
    );
  }
  const reason = misfit(result.type, expected);
  if (reason !== undefined)
    return report('FIRN209', all, `"${checker.quote(all)}" does not fit: ${reason}`, adviceFor(result.type, expected));
  const { line, column } = scalar.locate(offset + all.start);
  const by = writersOf(result);
  const expression: Expression = {
    source: source.slice(all.start, all.end),
    cel: result.cel,
    names: [...checker.names].flatMap(([name, fields]) => nameUse(name, fields, scope)),
    label: by.label,
    ...(by.private === true ? { private: true } : {}),
    ...(checker.quiet || by.private === true ? { quiet: true } : {}),
    gives: result.type.kind === 'any' ? expected.kind : result.type.kind,
    line,
    column,
  };
  const facts = { whenTrue: [...(result.whenTrue ?? [])], whenFalse: [...(result.whenFalse ?? [])] };
  const own = written(by.label, by.from, result.private === true);
  const unknown = result.unknown === undefined ? {} : { unknown: result.unknown };
  return { expression, type: result.type, ...own, ...unknown, ...facts, maybe: result.maybe === true };
}

function check(
  source: string,
  all: Range,
  scope: Scope,
  report: Report,
  warn: Warn,
): { readonly checker: Checker; readonly result: Known } | undefined {
  if (all.start === all.end) return report('FIRN200', { start: 0, end: source.length }, 'the expression is empty');
  if (source.length > SOURCE_LIMIT) {
    return report(
      'FIRN211',
      all,
      `an expression has at most ${SOURCE_LIMIT} characters, and this has ${source.length}`,
      'compute parts of it in a `set` step before',
    );
  }
  if (/\p{Surrogate}/u.test(source)) return report('FIRN200', all, 'it holds half of a character');
  const node = parseSource(source);
  if (!('op' in node))
    return report(
      'FIRN200',
      node,
      `"${shorten(source.trim())}" cannot be read: ${inWords(node.message)}`,
      syntaxHint(node.message),
    );
  const checker = new Checker(source, scope, report, warn);
  const result = checker.check(node, { facts: scope.facts, variables: new Map(), macros: 0, depth: 0 });
  return result === undefined ? undefined : { checker, result };
}

/** The parser's message in the author's words. */
function inWords(message: string): string {
  if (message === 'Unexpected token: EOF') return 'something is missing at its end';
  if (message.startsWith('Expected IDENTIFIER')) return 'a name is expected here';
  if (message.startsWith('Expected '))
    return message
      .slice('Expected '.length)
      .toLowerCase()
      .replace(', got eof', ' is missing at its end')
      .replace(', got ', ' is expected, not ');
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function syntaxHint(message: string): string | undefined {
  if (message === 'Unexpected character: $')
    return 'names stand without "$": `order.total` is the field of the step with the id "order", `input.name` that of the input';
  if (message === 'Unexpected character: =') return 'equality is written "=="';
  if (message === 'Unexpected character: &') return '"and" is written "&&"';
  if (message === 'Unexpected character: |') return '"or" is written "||"';
  if (message === 'Unexpected character: `') return "a field with another name is read with ['…']";
  if (message === "Unexpected character: '{'" || message.endsWith('got LBRACE'))
    return "a map is written {'name': value}, without a name before it";
  if (message === 'Unexpected token: QUESTION')
    return 'what may be absent is read with ".?" and orValue(…); a written map leaves such a key out by itself';
  if (message === 'Unexpected token: DOT') return 'a number begins with a digit: 0.5';
  if (message.startsWith('Reserved identifier')) return 'this word cannot be a name in expressions';
  if (message.startsWith('Expected IDENTIFIER')) return "a field with another name is read with ['…']";
  return undefined;
}

/** The name with its slot, and those of its instants that the expression can reach. */
function nameUse(name: string, fields: ReadonlySet<string | undefined>, scope: Scope): readonly NameUse[] {
  const found = scope.names.get(name);
  if (found === undefined) return [];
  const all = timesOf(found.type);
  const times = fields.has(undefined) ? all : all.filter(([first]) => fields.has(first));
  return [{ name, slot: found.slot, times }];
}

function timesOf(type: Type): readonly (readonly string[])[] {
  if (type.kind === 'timestamp') return [[]];
  if (type.kind === 'list') return timesOf(type.item).map((path) => ['*', ...path]);
  if (type.kind !== 'map') return [];
  return [...type.fields].flatMap(([name, field]) => timesOf(field.type).map((path) => [name, ...path]));
}

function adviceFor(actual: Type, expected: Type): string | undefined {
  if (expected.kind === 'text' && expected.values === undefined && actual.kind !== 'list' && actual.kind !== 'map')
    return 'string(…) makes text of it';
  if (expected.kind === 'text' && (actual.kind === 'list' || actual.kind === 'map'))
    return 'toJson(…) makes text of it, join(list, text) of a list of texts';
  if (expected.kind === 'number' && actual.kind === 'text') return 'double(…) makes a number of it';
  if (expected.kind === 'duration' && actual.kind === 'text') return 'span(…) makes a duration of it';
  if (actual.kind === 'any') return 'declare its type where it comes from';
  return undefined;
}

export function placeOf(parsed: Parsed): {
  readonly at: Parsed['at'];
  readonly path: string;
  readonly length?: number;
} {
  return parsed.is === 'scalar'
    ? { at: parsed.at, path: parsed.path, length: parsed.length }
    : { at: parsed.at, path: parsed.path };
}

/** What stands in the file, in words. */
export function describeParsed(parsed: Parsed): string {
  if (parsed.is !== 'scalar') return `a ${parsed.is}`;
  return typeof parsed.value === 'string' ? `the text "${shorten(parsed.value)}"` : `"${String(parsed.value)}"`;
}

function placeIn(
  scalar: ParsedScalar,
  offset: number,
  range: Range,
): { readonly at: ParsedScalar['at']; readonly path: string; readonly length: number } {
  const at = scalar.locate(offset + range.start);
  const end = scalar.locate(offset + Math.max(range.start, range.end));
  return { at, path: scalar.path, length: end.line === at.line ? Math.max(1, end.column - at.column) : 1 };
}

function trimmed(source: string): Range {
  const start = source.length - source.trimStart().length;
  return { start, end: Math.max(start, source.trimEnd().length) };
}

export function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
