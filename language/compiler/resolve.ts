/**
 * What the steps mean together: names, scopes, absence, endings. Third stage of the compiler.
 *
 * PURE. Walks the blocks in the order in which they run and compiles every step in the scope that holds there: a name is
 * visible once its step has certainly run. Problems are collected; a step that cannot be compiled is left out, and its
 * name is known from then on as a value of unknown type, so that one mistake is reported once.
 */
import { AUTHOR, writtenOf } from '../expressions/labels.js';
import { withFacts } from '../expressions/scope.js';
import type { Scope } from '../expressions/scope.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Block } from '../plan/plan.js';
import type { Problems } from '../plan/problem.js';
import type { Callee } from '../plan/project.js';
import { ANY, BOOLEAN, mapOf, maybe, TEXT } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import type { Node } from '../steps/index.js';
import type { BlockName, CompiledBlock, Effect } from '../steps/kind.js';
import { boundStep } from './bindings.js';
import type { Bindings } from './bindings.js';
import { noBranch, StepContext } from './context.js';
import type { StepView, Surroundings } from './context.js';
import { effectOfStep, nodeBase, Paths, slotsRead, toNode } from './lower.js';
import type { Resolved } from './lower.js';
import { givesOf } from './gives.js';
import { findPlaces, HiddenNames } from './places.js';
import type { Places, StepPlace } from './places.js';
import { NOTHING_DONE, sealsAfter } from './seals.js';
import type { Seals } from './seals.js';
import { Slots } from './slots.js';
import type { Names, Result } from './slots.js';
import { compileUndo } from './undoing.js';
import type { CheckedDefinition, CheckedStep } from './validate.js';
import { onePerOrigin, reportNoOutput, reportUnreachable, warnSealed, warnTimeout, warnUnread } from './warnings.js';

type BlockOutcome = CompiledBlock & { readonly seals: Seals };

const OPEN_MAP: Type = { kind: 'map', fields: new Map(), open: true };
const NOTHING: Type = mapOf({});
/** Of a step that could not be compiled, so that one mistake is reported once. */
const UNKNOWN: Result = { ...AUTHOR, type: ANY };

/** Problems: 2xx, and what the kinds say; FIRN308, 309, 405, 406, 408-412, 416. */
export function resolve(
  definition: CheckedDefinition,
  input: Type,
  surroundings: Surroundings,
  problems: Problems,
): Resolved {
  return new Resolver(definition, surroundings, problems).resolve(input);
}

class Resolver {
  private readonly definition: CheckedDefinition;
  private readonly surroundings: Surroundings;
  private readonly problems: Problems;
  private readonly places: Places;
  private readonly paths: Paths;
  private readonly nodes: (Node | undefined)[];
  private readonly blocks: Block[] = [];
  private readonly slots = new Slots();
  /** Types of what `return` steps give. */
  private readonly returned: Type[] = [];
  /** What is compiled now is only tried. */
  private trying = false;
  private readonly calls = new Map<string, Callee>();
  /** Types of results, by node. */
  private readonly types: Type[] = [];
  private readonly read = new Set<string>();
  /** Names of steps that could not be compiled: what reads them is not looked at. */
  private readonly broken = new Set<string>();
  /** Steps whose result somebody should read: those with an id that have no effect of their own. */
  private readonly wanted: StepPlace[] = [];

  constructor(definition: CheckedDefinition, surroundings: Surroundings, problems: Problems) {
    this.definition = definition;
    this.surroundings = surroundings;
    this.problems = problems;
    this.places = findPlaces(definition, problems);
    this.paths = new Paths(this.places.byId.keys());
    this.nodes = Array.from({ length: this.places.nodeCount }, () => undefined);
  }

  resolve(input: Type): Resolved {
    const names = this.slots.begin(input);
    const { steps, output } = this.definition;
    const { type, ends } = this.block(steps, output, '', this.scope(names, new Set(), undefined), NOTHING_DONE, []);
    if (!this.problems.failed) warnUnread(this.wanted, this.read, this.problems);
    onePerOrigin(this.problems);
    const gives = givesOf(ends ? this.returned : [type, ...this.returned]);
    const { nodes, blocks, calls, types, places } = this;
    const { names: slots, labels } = this.slots;
    return { nodes, blocks, slots, labels, calls: [...calls.values()], gives, types, places };
  }

  private block(
    list: Parsed | undefined,
    output: Parsed | undefined,
    path: string,
    outer: Scope,
    before: Seals,
    names: readonly BlockName[],
  ): BlockOutcome {
    const first = this.slots.names.length;
    const index = this.blocks.push({ steps: [], slots: [first, first], nodes: [0, 0] }) - 1;
    const indexes: number[] = [];
    let scope = this.withNames(outer, index, names);
    let seals = before;
    let ended: StepPlace | undefined;
    let told = false;
    for (const item of list?.is === 'list' ? list.items : []) {
      const place = item.is === 'map' ? this.places.bySource.get(item) : undefined;
      if (place === undefined) continue;
      if (ended !== undefined && !told) {
        reportUnreachable(place, ended, this.problems);
        told = true;
      }
      const after = this.step(place, path, scope, seals);
      indexes.push(place.index);
      scope = after.scope;
      seals = after.seals;
      if (after.ends) ended ??= place;
    }
    const compiled = this.output(output, scope, ended);
    this.blocks[index] = {
      steps: indexes,
      ...(compiled === undefined ? {} : { output: compiled.value }),
      slots: [first, this.slots.names.length],
      nodes: (list === undefined ? undefined : this.places.nodes.get(list)) ?? [0, 0],
    };
    const by = compiled === undefined ? AUTHOR : writtenOf(compiled);
    return { block: index, type: compiled?.type ?? NOTHING, ...by, ends: ended !== undefined, seals, scope };
  }

  /** The scope in a block that brings names along, each in a slot of its own. */
  private withNames(outer: Scope, block: number, brought: readonly BlockName[]): Scope {
    if (brought.length === 0) return outer;
    const names = this.slots.bring(block, brought, outer.names, this.places.byId.keys(), this.problems);
    // What is known of an outer `last` says nothing of an inner one.
    const again = new Set(brought.map(({ name }) => name));
    const facts = [...outer.facts].filter((path) => !again.has(path.split('.', 1).join('')));
    return this.scope(names, new Set(facts), undefined);
  }

  private output(parsed: Parsed | undefined, scope: Scope, ended: StepPlace | undefined) {
    if (parsed === undefined) return undefined;
    if (ended !== undefined) {
      reportNoOutput(parsed, ended, this.problems);
      return undefined;
    }
    const step = { id: undefined, path: '', common: { hasTimeout: false, timeout_ms: undefined } };
    return this.context({ ...step, scope, branch: noBranch, laterStep: () => undefined }).value(parsed, OPEN_MAP, {
      absentKeys: true,
    });
  }

  /** Compiles one step into its node; answers what holds behind it. */
  private step(place: StepPlace, blockPath: string, scope: Scope, seals: Seals) {
    const { step } = place;
    if (step === undefined) {
      if (place.id !== undefined) this.broken.add(place.id);
      const slot = place.id === undefined ? undefined : this.slots.take(place.id);
      return { scope: this.withResult(scope, place, slot, UNKNOWN, []), seals, ends: false };
    }
    const path = this.paths.of(place.id, blockPath, step.kind.verb);
    const slot = place.id === undefined ? undefined : this.slots.take(place.id);
    const own = this.scope(scope.names, scope.facts, place);
    const common = { hasTimeout: get(step.source, 'timeout') !== undefined, timeout_ms: step.timeout_ms };
    const ways: Seals[] = [];
    const base = {
      id: place.id,
      path,
      common,
      laterStep: (parsed: Parsed) => boundStep(parsed, place, own, this.bindings()),
    };
    const outside = this.context({ ...base, scope: own, branch: noBranch });
    const when = step.when === undefined ? undefined : outside.expression(step.when, BOOLEAN);
    const inner = withFacts(own, when?.whenTrue ?? []);
    const branch: StepView['branch'] = (parsed, name, facts, names) => {
      const at = name === '' ? path : `${path}.${name}`;
      const { seals: after, ...block } = this.branch(parsed, at, withFacts(inner, facts), seals, names ?? []);
      if (!block.ends) ways.push(after);
      return block;
    };
    const trial: StepView['trial'] = (parsed, names) => this.trial(parsed, path, inner, seals, names);
    const context = this.context({ ...base, scope: inner, branch, trial });
    const compiled = step.kind.compile(step.body, context, step.source);
    if (compiled === undefined && place.id !== undefined) this.broken.add(place.id);
    const result = compiled === undefined ? UNKNOWN : { ...writtenOf(compiled), type: compiled.type };
    this.types[place.index] = result.type;
    if (slot !== undefined) this.slots.settle(slot, result);
    if (compiled?.returns !== undefined) this.returned.push(compiled.returns);
    const summary = step.summary === undefined ? undefined : context.value(step.summary, TEXT)?.value;
    // A scope costs as much as it has names, so the one that sees the step's own result is made only for who looks.
    const after =
      step.ensure === undefined && get(step.source, 'undo') === undefined
        ? inner
        : this.withResult(inner, place, slot, result, []);
    const around = this.context({ ...base, scope: after, branch: noBranch });
    const ensure = step.ensure === undefined ? undefined : around.expression(step.ensure, BOOLEAN)?.expression;
    const effect = compiled === undefined ? 'none' : effectOfStep(compiled);
    const undone = compiled === undefined ? undefined : this.undo(step, place, path, effect, after);
    warnTimeout(step, this.definition.ends_within_ms, this.problems);
    if (compiled !== undefined) {
      const reads = undone === undefined ? undefined : slotsRead(undone).filter((read) => read !== slot);
      const base = nodeBase(place, path, slot, { summary, when: when?.expression, ensure, reads }, result);
      this.nodes[place.index] = toNode(compiled, base);
      if (place.id !== undefined && compiled.silent !== true && effect !== 'write') this.wanted.push(place);
    }
    const ends = compiled?.ends === true;
    if (ends && (step.kind.verb === 'refuse' || step.kind.verb === 'fail')) warnSealed(place, seals, this.problems);
    const conditional = step.when !== undefined;
    return {
      scope: this.withResult(
        scope,
        place,
        slot,
        conditional ? { ...result, type: maybe(result.type) } : result,
        ends && conditional ? (when?.whenFalse ?? []) : [],
      ),
      seals: sealsAfter(step, place, effect, seals, ways, conditional),
      ends: ends && !conditional,
    };
  }

  /** Compiles the step that takes an effect back. */
  private undo(step: CheckedStep, place: StepPlace, path: string, effect: Effect, scope: Scope): Node | undefined {
    const begin = (common: StepView['common']) => {
      const undoPath = this.paths.undo(path);
      const view = { id: undefined, path: undoPath, common, scope, branch: noBranch, laterStep: () => undefined };
      return { path: undoPath, context: this.context(view) };
    };
    const node = compileUndo(step, place, effect, begin, this.problems);
    if (place.undoIndex !== undefined && node !== undefined) this.nodes[place.undoIndex] = node;
    return node;
  }

  /** Compiles a branch and takes all of it back but what it would give. One inside another would multiply the work. */
  private trial(
    parsed: Parsed,
    path: string,
    scope: Scope,
    seals: Seals,
    names: readonly BlockName[],
  ): Result | undefined {
    if (this.trying) return undefined;
    const { blocks, wanted, returned, problems, broken } = this;
    const lengths = [blocks, wanted, returned, problems.all].map((list) => [list, list.length] as const);
    const before = new Set(broken);
    const marks = [this.slots.mark(), this.paths.mark()];
    this.trying = true;
    const tried = this.branch(parsed, path, scope, seals, names);
    this.trying = false;
    const failed = problems.all.slice(lengths.at(-1)?.[1]).some(({ severity }) => severity === 'error');
    for (const [list, length] of lengths) list.length = length;
    for (const name of broken) if (!before.has(name)) broken.delete(name);
    for (const giveBack of marks) giveBack();
    return failed ? undefined : { ...writtenOf(tried), type: tried.type };
  }

  private branch(parsed: Parsed, path: string, scope: Scope, seals: Seals, names: readonly BlockName[]): BlockOutcome {
    const [steps, output] = parsed.is === 'list' ? [parsed, undefined] : [get(parsed, 'steps'), get(parsed, 'output')];
    return this.block(steps, output, path, scope, seals, names);
  }

  private context(view: Omit<StepView, 'problems' | 'broken' | 'read' | 'blockNames' | 'calls'>): StepContext {
    return new StepContext(this.surroundings, {
      ...view,
      problems: this.problems,
      broken: this.broken,
      read: (name) => this.read.add(name),
      blockNames: this.slots.byBlock,
      calls: this.calls,
    });
  }

  private bindings(): Bindings {
    const { places, surroundings, problems, broken } = this;
    return { places, surroundings, problems, broken, read: (name) => this.read.add(name) };
  }

  private scope(names: Names, facts: ReadonlySet<string>, reader: StepPlace | undefined): Scope {
    return { names, hidden: new HiddenNames(this.places.byId, names, reader), facts };
  }

  private withResult(
    scope: Scope,
    place: StepPlace,
    slot: number | undefined,
    result: Result,
    facts: readonly string[],
  ): Scope {
    const known = facts.length === 0 ? scope.facts : new Set([...scope.facts, ...facts]);
    if (place.id === undefined || slot === undefined) return { ...scope, facts: known };
    const names = new Map(scope.names);
    names.set(place.id, { slot, ...result });
    return this.scope(names, known, place);
  }
}
