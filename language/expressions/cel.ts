/**
 * CEL: the only file that knows the library which parses and evaluates it.
 *
 * PURE, and part of every plan's contract: what an expression gives must not change under a run, so the library's version
 * is exact. Two languages meet here. `parseSource` reads what an author wrote; `evaluateCel` runs what our compiler made
 * of it: the same expression with every number a double, every call one of ours, every list paid for. Types were settled
 * by our own checker, which knows absence, enumerations and labels; to the library everything is `dyn`.
 */
import { Environment, EvaluationError, Optional, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { Instant, Span } from './instant.js';
import { FUNCTIONS } from './library.js';

export type CelNode = ASTNode;

/** Where something stands in an expression's source: code units, end excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface SyntaxProblem extends Range {
  readonly message: string;
}

/** Nesting of the lowered text: it has up to three levels for each of the source's (MAX_DEPTH of check.ts). */
const LIMITS = { maxDepth: 1000, maxAstNodes: 20_000, maxListElements: 1000, maxMapEntries: 1000 } as const;

const environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
  limits: LIMITS,
});
environment.registerType('Instant', Instant);
environment.registerType('Span', Span);
environment.registerOperator('Instant == Instant', (a: Instant, b: Instant) => a.epoch_ms === b.epoch_ms);
environment.registerOperator('Span == Span', (a: Span, b: Span) => a.length_ms === b.length_ms);
for (const kind of ['Instant', 'Span'] as const) {
  environment.registerOperator(`${kind} < ${kind}`, (a: Instant | Span, b: Instant | Span) => a < b);
  environment.registerOperator(`${kind} <= ${kind}`, (a: Instant | Span, b: Instant | Span) => a <= b);
  environment.registerOperator(`${kind} > ${kind}`, (a: Instant | Span, b: Instant | Span) => a > b);
  environment.registerOperator(`${kind} >= ${kind}`, (a: Instant | Span, b: Instant | Span) => a >= b);
}
environment.registerFunction('later(Instant, Span): Instant', {
  handler: (at: Instant, by: Span) => new Instant(at.epoch_ms + by.length_ms),
  async: false,
});
environment.registerFunction('earlier(Instant, Span): Instant', {
  handler: (at: Instant, by: Span) => new Instant(at.epoch_ms - by.length_ms),
  async: false,
});
environment.registerFunction('between(Instant, Instant): Span', {
  handler: (to: Instant, from: Instant) => new Span(to.epoch_ms - from.epoch_ms),
  async: false,
});
environment.registerFunction('longer(Span, Span): Span', {
  handler: (a: Span, b: Span) => new Span(a.length_ms + b.length_ms),
  async: false,
});
environment.registerFunction('shorter(Span, Span): Span', {
  handler: (a: Span, b: Span) => new Span(a.length_ms - b.length_ms),
  async: false,
});
for (const [name, [count, compute]] of FUNCTIONS) {
  const parameters = Array.from({ length: count }, () => 'dyn').join(', ');
  const handler = (...values: readonly unknown[]): unknown => compute(...values);
  environment.registerFunction(`${name}(${parameters}): dyn`, { handler, async: false });
}

/** The syntax tree of an author's expression, with ranges in that very text. */
export function parseSource(source: string): CelNode | SyntaxProblem {
  try {
    return environment.parse(source).ast;
  } catch (error) {
    const range = error instanceof ParseError ? error.range : undefined;
    const message = error instanceof ParseError ? error.summary : 'it is nested too deeply';
    return { start: range?.start ?? 0, end: range?.end ?? source.length, message };
  }
}

/** A name as lowered expressions write it: the library has variables of its own (`list`, `type`, `cel`), which win. */
export function celName(name: string): string {
  return name.startsWith('_') || environment.hasVariable(name) ? `_${name}` : name;
}

/** Whether an author may give something this name and read it in expressions. */
export function isUsableName(name: string): boolean {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) return false;
  const node = parseSource(name);
  return 'op' in node && node.op === 'id';
}

type Program = (context: ReadonlyMap<string, unknown>) => unknown;
const PROGRAMS_AT_MOST = 2000;
/** A pure cache: the text decides the program. */
const programs = new Map<string, Program>();

/** Runs a lowered expression on values made by exchange.ts. An Optional leaves as its value, or as undefined. Throws. */
export function evaluateCel(cel: string, context: ReadonlyMap<string, unknown>): unknown {
  let program = programs.get(cel);
  if (program === undefined) {
    program = environment.parse(cel);
    if (programs.size >= PROGRAMS_AT_MOST) programs.clear();
    programs.set(cel, program);
  }
  const value = program(context);
  return value instanceof Optional ? value.orValue(undefined) : value;
}

/** What went wrong in an evaluation, as the end of a sentence. */
export function causeOf(error: unknown): string {
  if (!(error instanceof EvaluationError)) return error instanceof Error ? error.message : String(error);
  if (error.code === 'no_such_key') return error.summary.replace(/^No such key: (.*)$/s, 'there is no field "$1"');
  if (error.code === 'index_out_of_bounds') return error.summary.replace(/^No such key: /, '');
  return error.summary;
}
