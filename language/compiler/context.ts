/**
 * What a step kind may ask while its step is compiled: the compiler's side of the contract in steps/kind.ts.
 *
 * PURE. One per step and scope. It compiles values in that scope, remembers which names were read, and hands blocks and
 * later steps back to resolve.ts.
 */
import { closest } from '../expressions/closest.js';
import { compileExpression, compileValue } from '../expressions/index.js';
import type { Scope } from '../expressions/scope.js';
import type { Parsed } from '../plan/parsed.js';
import type { Expression, Value } from '../plan/plan.js';
import { Problems } from '../plan/problem.js';
import type { Place, ProblemCode } from '../plan/problem.js';
import type { Callee, Policy, Project } from '../plan/project.js';
import { mapOf } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import type {
  BlockName,
  CompileContext,
  CompiledBlock,
  CompiledExpression,
  CompiledValue,
  ValueOptions,
} from '../steps/kind.js';
import type { Fields } from './field-types.js';
import { compileFields } from './fields.js';
import { readDuration } from './header.js';

/** Most names that a "known" list shows. */
const SHOWN_NAMES = 12;

/** Problems of an expression that hold whatever the values are. */
const NAME_PROBLEMS: ReadonlySet<ProblemCode> = new Set([
  'FIRN200',
  'FIRN201',
  'FIRN202',
  'FIRN203',
  'FIRN204',
  'FIRN206',
] as const);

/** What is the same for every step of a definition. */
export interface Surroundings {
  readonly project: Project;
  readonly uses: ReadonlySet<string>;
  readonly policies: ReadonlyMap<string, Policy>;
  /** Policies of the header whose file is missing or wrong, which has been said. */
  readonly failedPolicies: ReadonlySet<string>;
  readonly workflow: string;
  /** Another workflow of the project, compiled; undefined where it has problems, or calls this one in its turn. */
  readonly callees: (name: string) => Callee | undefined;
}

/** What is of this step. */
export interface StepView {
  readonly id: string | undefined;
  readonly path: string;
  readonly scope: Scope;
  readonly common: CompileContext['common'];
  readonly problems: Problems;
  /** Names of steps that have a problem of their own. */
  readonly broken: ReadonlySet<string>;
  /** Told of every name that is read. */
  read(name: string): void;
  branch(parsed: Parsed, name: string, facts: readonly string[], names?: readonly BlockName[]): CompiledBlock;
  /** Absent where there are no branches. */
  readonly trial?: CompileContext['trial'];
  laterStep(parsed: Parsed): number | undefined;
  /** Slots of the names that blocks bring along, by block. */
  readonly blockNames: ReadonlyMap<number, ReadonlyMap<string, number>>;
  /** The workflows that are called so far. */
  readonly calls: Map<string, Callee>;
}

export class StepContext implements CompileContext {
  readonly project: Project;
  readonly uses: ReadonlySet<string>;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly workflow: string;
  readonly id: string | undefined;
  readonly path: string;
  readonly scope: Scope;
  readonly common: CompileContext['common'];
  private readonly failedPolicies: ReadonlySet<string>;
  private readonly callees: Surroundings['callees'];
  private readonly view: StepView;

  constructor(surroundings: Surroundings, view: StepView) {
    this.project = surroundings.project;
    this.uses = surroundings.uses;
    this.policies = surroundings.policies;
    this.failedPolicies = surroundings.failedPolicies;
    this.callees = surroundings.callees;
    this.workflow = surroundings.workflow;
    this.id = view.id;
    this.path = view.path;
    this.scope = view.scope;
    this.common = view.common;
    this.view = view;
  }

  value(parsed: Parsed, expected: Type, options?: ValueOptions): CompiledValue | undefined {
    const scope = options?.scope ?? this.scope;
    const compiled = this.unlessBroken(parsed, (problems) => compileValue(parsed, scope, expected, problems, options));
    if (compiled !== undefined) visitNames(compiled.value, (name) => this.view.read(name));
    return compiled;
  }

  expression(parsed: Parsed, expected: Type, scope: Scope = this.scope): CompiledExpression | undefined {
    const compiled = this.unlessBroken(parsed, (problems) => compileExpression(parsed, scope, expected, problems));
    if (compiled !== undefined) visitExpression(compiled.expression, (name) => this.view.read(name));
    return compiled;
  }

  /**
   * What reads the result of a step that has a problem of its own is not said to be wrong: nobody knows what the result
   * is. Misspelt names in it still are.
   */
  private unlessBroken<T>(parsed: Parsed, compile: (problems: Problems) => T | undefined): T | undefined {
    const { broken, problems } = this.view;
    if (broken.size === 0 || !mentions(parsed, broken)) return compile(problems);
    const found = new Problems(problems.file);
    compile(found);
    problems.all.push(...found.all.filter(({ code }) => NAME_PROBLEMS.has(code)));
    return undefined;
  }

  branch(parsed: Parsed, name: string, facts: readonly string[], names?: readonly BlockName[]): CompiledBlock {
    return this.view.branch(parsed, name, facts, names);
  }

  trial(parsed: Parsed, names: readonly BlockName[]): ReturnType<CompileContext['trial']> {
    return this.view.trial?.(parsed, names);
  }

  slotOf({ block }: CompiledBlock, name: string): number {
    // Where a step is only looked at, no block is compiled and none has names.
    return this.view.blockNames.get(block)?.get(name) ?? 0;
  }

  fields(parsed: Parsed): Fields | undefined {
    const before = this.view.problems.all.length;
    const fields = compileFields(parsed, this.view.problems);
    return this.view.problems.all.length === before ? fields : undefined;
  }

  callee(parsed: Parsed): Callee | undefined {
    const name = parsed.is === 'scalar' && typeof parsed.value === 'string' ? parsed.value : undefined;
    if (name === undefined) return undefined;
    if (!this.project.workflows.has(name)) {
      this.unknown('FIRN440', parsed, 'workflow', name, this.project.workflows);
      return undefined;
    }
    const callee = this.callees(name);
    if (callee === undefined) {
      const message = `"${name}" cannot be called: it has problems of its own, or calls this workflow in its turn`;
      this.error('FIRN441', parsed, message, `\`firn validate\` shows what is wrong with "${name}"`);
      return undefined;
    }
    this.view.calls.set(name, callee);
    return callee;
  }

  called(): readonly Callee[] {
    return [...this.view.calls.values()];
  }

  duration(parsed: Parsed): number | undefined {
    return readDuration(parsed, this.view.problems);
  }

  laterStep(parsed: Parsed): number | undefined {
    return this.view.laterStep(parsed);
  }

  error(code: ProblemCode, parsed: Parsed | Place, message: string, hint?: string): void {
    this.view.problems.error(code, parsed, message, hint);
  }

  warning(code: ProblemCode, parsed: Parsed | Place, message: string, hint?: string): void {
    this.view.problems.warning(code, parsed, message, hint);
  }

  unknown(code: ProblemCode, parsed: Parsed | Place, what: string, name: string, known: Iterable<string>): void {
    if (code === 'FIRN316' && this.failedPolicies.has(name)) return;
    reportUnknownName(this.view.problems, code, parsed, what, name, known);
  }
}

/** For a context whose step has no branches to compile. */
export function noBranch(): CompiledBlock {
  const scope: Scope = { names: new Map(), hidden: new Map(), facts: new Set() };
  return { block: 0, type: mapOf({}), label: 'definition', ends: false, scope };
}

/** `there is no role "x"`, `shop.orders has no column "x"`: with the nearest name and the known ones. */
export function reportUnknownName(
  problems: Problems,
  code: ProblemCode,
  place: Place,
  what: string,
  name: string,
  known: Iterable<string>,
): void {
  const names = [...known];
  const near = closest(name, names);
  const shown = names.slice(0, SHOWN_NAMES).join(', ');
  const rest = names.length > SHOWN_NAMES ? `, and ${names.length - SHOWN_NAMES} more` : '';
  const list = names.length === 0 ? 'none is declared' : `known: ${shown}${rest}`;
  const of = /^([a-z ]+) of (.+)$/.exec(what);
  const message = of === null ? `there is no ${what} "${name}"` : `${of[2] ?? ''} has no ${of[1] ?? ''} "${name}"`;
  problems.error(code, place, message, near === undefined ? list : `did you mean "${near}"? ${list}`);
}

function mentions(parsed: Parsed, names: ReadonlySet<string>): boolean {
  if (parsed.is === 'list') return parsed.items.some((item) => mentions(item, names));
  if (parsed.is === 'map') return parsed.entries.some(({ value }) => mentions(value, names));
  if (typeof parsed.value !== 'string' || !parsed.value.includes('${{')) return false;
  return (parsed.value.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []).some((word) => names.has(word));
}

function visitNames(value: Value, visit: (name: string) => void): void {
  switch (value.is) {
    case 'literal':
      return;
    case 'expression':
      visitExpression(value.expression, visit);
      return;
    case 'text':
      for (const part of value.parts) if (typeof part !== 'string') visitExpression(part, visit);
      return;
    case 'map':
      for (const entry of value.entries) visitNames(entry.value, visit);
      return;
    case 'list':
      for (const item of value.items) visitNames(item, visit);
  }
}

function visitExpression(expression: Expression, visit: (name: string) => void): void {
  for (const { name } of expression.names) visit(name);
}
