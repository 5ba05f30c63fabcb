/**
 * What the steps mean together: names, scopes, absence, endings. Third stage of the compiler.
 *
 * PURE. Walks the blocks in the order in which they run and compiles every step in the scope that holds there: a name is
 * visible once its step has certainly run. Problems are collected; a step that cannot be compiled is left out, and its
 * name is known from then on as a value of unknown type, so that one mistake is reported once.
 */
import { withFacts } from '../expressions/scope.js';
import type { Scope, ScopeName } from '../expressions/scope.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Block } from '../plan/plan.js';
import { SLOT_INPUT, SLOT_RUN } from '../plan/plan.js';
import type { Problems } from '../plan/problem.js';
import { ANY, BOOLEAN, mapOf, maybe, TEXT, TIMESTAMP } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import type { Node } from '../steps/index.js';
import type { CompiledBlock } from '../steps/kind.js';
import { boundStep } from './bindings.js';
import type { Bindings } from './bindings.js';
import { noBranch, StepContext } from './context.js';
import type { StepView, Surroundings } from './context.js';
import { nodeBase, Paths, toNode } from './lower.js';
import type { Resolved } from './lower.js';
import { findPlaces, HiddenNames } from './places.js';
import type { Places, StepPlace } from './places.js';
import { afterTell, afterWrite, either, NOTHING_DONE } from './seals.js';
import type { Seals } from './seals.js';
import type { CheckedDefinition, CheckedStep } from './validate.js';
import { warnSealed, warnTimeout, warnUnread } from './warnings.js';

type BlockOutcome = CompiledBlock & { readonly seals: Seals };
type Names = ReadonlyMap<string, ScopeName>;

const OPEN_MAP: Type = { kind: 'map', fields: new Map(), open: true };
const NOTHING: Type = mapOf({});

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
    const run = mapOf({
      ticket: { type: TEXT, presence: 'certain', label: 'input' },
      started_at: TIMESTAMP,
      workflow: TEXT,
      version: TEXT,
    });
    const names = new Map<string, ScopeName>([
      ['input', { slot: SLOT_INPUT, type: input, label: 'input' }],
      ['run', { slot: SLOT_RUN, type: run, label: 'definition' }],
    ]);
    const { steps, output } = this.definition;
    this.block(steps, output, '', this.scope(names, new Set(), undefined), NOTHING_DONE);
    if (!this.problems.failed)
      for (const place of this.wanted)
        if (place.id !== undefined && !this.read.has(place.id)) warnUnread(place, this.problems);
    return { nodes: this.nodes, blocks: this.blocks, slots: this.places.slots };
  }

  private block(
    list: Parsed | undefined,
    output: Parsed | undefined,
    path: string,
    outer: Scope,
    before: Seals,
  ): BlockOutcome {
    const index = this.blocks.push({ steps: [] }) - 1;
    const indexes: number[] = [];
    let scope = outer;
    let seals = before;
    let ended: StepPlace | undefined;
    let told = false;
    for (const item of list?.is === 'list' ? list.items : []) {
      const place = item.is === 'map' ? this.places.bySource.get(item) : undefined;
      if (place === undefined) continue;
      if (ended !== undefined && !told) {
        const message = `this step can never run: the run has ended before it (line ${ended.source.at.line})`;
        this.problems.error(
          'FIRN411',
          { at: place.source.at, path: place.source.path },
          message,
          'remove it, or put it before the end',
        );
        told = true;
      }
      const after = this.step(place, path, scope, seals);
      indexes.push(place.index);
      scope = after.scope;
      seals = after.seals;
      if (after.ends) ended ??= place;
    }
    const compiled = this.output(output, scope, ended);
    this.blocks[index] = compiled === undefined ? { steps: indexes } : { steps: indexes, output: compiled.value };
    const { type, label } = compiled ?? { type: NOTHING, label: 'definition' };
    return { block: index, type, label, ends: ended !== undefined, seals };
  }

  private output(parsed: Parsed | undefined, scope: Scope, ended: StepPlace | undefined) {
    if (parsed === undefined) return undefined;
    if (ended !== undefined) {
      const message = `this output can never be given: every way to it has ended the run (line ${ended.source.at.line})`;
      this.problems.error('FIRN411', parsed, message, 'remove it');
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
      return { scope: this.withResult(scope, place, ANY, 'definition', []), seals, ends: false };
    }
    const path = this.paths.of(place.id, blockPath, step.kind.verb);
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
    const branch = (parsed: Parsed, name: string, facts: readonly string[]): CompiledBlock => {
      const { seals: after, ...block } = this.branch(parsed, `${path}.${name}`, withFacts(inner, facts), seals);
      if (!block.ends) ways.push(after);
      return block;
    };
    const context = this.context({ ...base, scope: inner, branch });
    const compiled = step.kind.compile(step.body, context, step.source);
    if (compiled === undefined && place.id !== undefined) this.broken.add(place.id);
    const type = compiled?.type ?? ANY;
    const label = compiled?.label ?? 'definition';
    const summary = step.summary === undefined ? undefined : context.value(step.summary, TEXT)?.value;
    // A scope costs as much as it has names, so the one that sees the step's own result is made only for who looks.
    const after =
      step.ensure === undefined && get(step.source, 'undo') === undefined
        ? inner
        : this.withResult(inner, place, type, label, []);
    const around = this.context({ ...base, scope: after, branch: noBranch });
    const ensure = step.ensure === undefined ? undefined : around.expression(step.ensure, BOOLEAN)?.expression;
    this.undo(step, place, path, after);
    warnTimeout(step, this.definition.ends_within_ms, this.problems);
    if (compiled !== undefined) {
      const base = nodeBase(place, path, { summary, when: when?.expression, ensure }, type);
      this.nodes[place.index] = toNode(compiled, base);
      if (place.id !== undefined && compiled.silent !== true && step.kind.effect !== 'write') this.wanted.push(place);
    }
    const ends = compiled?.ends === true;
    if (ends && (step.kind.verb === 'refuse' || step.kind.verb === 'fail')) warnSealed(place, seals, this.problems);
    const conditional = step.when !== undefined;
    return {
      scope: this.withResult(
        scope,
        place,
        conditional ? maybe(type) : type,
        label,
        ends && conditional ? (when?.whenFalse ?? []) : [],
      ),
      seals: this.sealsAfter(step, place, seals, ways, conditional),
      ends: ends && !conditional,
    };
  }

  private undo(step: CheckedStep, place: StepPlace, path: string, scope: Scope): void {
    const written = get(step.source, 'undo');
    if (written === undefined) return;
    if (step.kind.effect !== 'write') {
      const message = `\`${step.kind.verb}\` writes nothing into a database, so there is nothing to undo`;
      this.problems.error('FIRN408', written, message, 'put the undo beside the step that writes');
      return;
    }
    const { undo } = step;
    if (undo === undefined || place.undoIndex === undefined) return;
    if (undo.kind.effect !== 'write') {
      const message = `\`${undo.kind.verb}\` takes nothing back; an undo is a create, update or delete`;
      this.problems.error('FIRN408', undo.source, message);
      return;
    }
    const common = { hasTimeout: undo.timeout_ms !== undefined, timeout_ms: undo.timeout_ms };
    const undoPath = this.paths.undo(path);
    const context = this.context({
      id: undefined,
      path: undoPath,
      common,
      scope,
      branch: noBranch,
      laterStep: () => undefined,
    });
    const compiled = undo.kind.compile(undo.body, context, undo.source);
    if (compiled === undefined) return;
    const summary = undo.summary === undefined ? undefined : context.value(undo.summary, TEXT)?.value;
    const undoPlace = {
      ...place,
      step: undo,
      source: undo.source,
      id: undefined,
      slot: undefined,
      undoIndex: undefined,
    };
    const base = nodeBase(undoPlace, undoPath, { summary, when: undefined, ensure: undefined }, compiled.type);
    this.nodes[place.undoIndex] = toNode(compiled, base);
  }

  private branch(parsed: Parsed, path: string, scope: Scope, seals: Seals): BlockOutcome {
    return this.block(get(parsed, 'steps'), get(parsed, 'output'), path, scope, seals);
  }

  private sealsAfter(
    step: CheckedStep,
    place: StepPlace,
    before: Seals,
    ways: readonly Seals[],
    conditional: boolean,
  ): Seals {
    if (step.kind.effect === 'tell') return afterTell(before, place);
    if (step.kind.effect === 'write') return step.undo === undefined ? before : afterWrite(before, place);
    return either(conditional || ways.length === 0 ? [before, ...ways] : ways);
  }

  private context(view: Omit<StepView, 'problems' | 'broken' | 'read'>): StepContext {
    return new StepContext(this.surroundings, {
      ...view,
      problems: this.problems,
      broken: this.broken,
      read: (name) => this.read.add(name),
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
    type: Type,
    label: ScopeName['label'],
    facts: readonly string[],
  ): Scope {
    const known = facts.length === 0 ? scope.facts : new Set([...scope.facts, ...facts]);
    if (place.id === undefined || place.slot === undefined) return { ...scope, facts: known };
    const names = new Map(scope.names);
    names.set(place.id, { slot: place.slot, type, label });
    return this.scope(names, known, place);
  }
}
