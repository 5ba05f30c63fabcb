/**
 * From compiled steps to the plan: paths, nodes, limits, the hash. Last stage of the compiler.
 *
 * PURE. The plan is JSON and frozen; what it is called and where it stood is part of its hash, so that a version names
 * exactly one text.
 */
import { digest, hashText, jsonSize } from '../plan/json.js';
import type { Json, JsonMap } from '../plan/json.js';
import { PLAN_LIMIT } from '../plan/plan.js';
import type { Block, Expression, NodeBase, PartLabel, Plan, Value } from '../plan/plan.js';
import type { Problems } from '../plan/problem.js';
import type { Callee } from '../plan/project.js';
import type { Type, Written } from '../plan/types.js';
import { effectOf } from '../steps/index.js';
import type { Kind, Node } from '../steps/index.js';
import type { Effect } from '../steps/kind.js';
import { walkedOf } from './bounds.js';
import { privateParts } from './part-labels.js';
import type { Places, StepPlace } from './places.js';
import type { CheckedDefinition } from './validate.js';
import { questionsOf, worstOf } from './worst.js';

/** What resolve.ts has made of the steps. */
export interface Resolved {
  /** By index; undefined where a step could not be compiled. */
  readonly nodes: readonly (Node | undefined)[];
  readonly blocks: readonly Block[];
  readonly slots: readonly string[];
  /** By slot. */
  readonly labels: readonly (readonly PartLabel[])[];
  /** The workflows that it calls. */
  readonly calls: readonly Callee[];
  /** Type of its output. */
  readonly gives: Type;
  /** Types of results, by node; none for an undo. */
  readonly types: readonly (Type | undefined)[];
  readonly places: Places;
}

export type CompiledStep = NonNullable<ReturnType<Kind['compile']>>;

export function toNode(compiled: CompiledStep, base: Omit<NodeBase, 'verb'>): Node {
  return { ...compiled.node, ...base };
}

/** What a compiled step may do to the outside. */
export function effectOfStep(compiled: CompiledStep): Effect {
  return effectOf(toNode(compiled, { path: '', line: 0, column: 0 }));
}

/** Gives every step its place in the program: its id, or its block and verb. No two are alike. */
export class Paths {
  private taken: Set<string>;

  constructor(ids: Iterable<string>) {
    this.taken = new Set(ids);
  }

  of(id: string | undefined, block: string, verb: string): string {
    return id ?? this.free(block === '' ? verb : `${clean(block)}.${verb}`);
  }

  /** Gives back what is taken from here on, when it is called. */
  mark(): () => void {
    const before = new Set(this.taken);
    return () => {
      this.taken = before;
    };
  }

  undo(path: string): string {
    return this.free(`${path}.undo`);
  }

  private free(wanted: string): string {
    let path = wanted;
    for (let number = 2; this.taken.has(path); number += 1) path = `${wanted}-${number}`;
    this.taken.add(path);
    return path;
  }
}

/** Case values are an author's text; in a path only what an id of Temporal and a key of an effect bear well. */
function clean(path: string): string {
  return path.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 200);
}

/** What a node has whatever its verb: its name and place, and what the common keys say. */
export function nodeBase(
  { step, id, undoIndex, source }: StepPlace,
  path: string,
  slot: number | undefined,
  values: {
    readonly summary: Value | undefined;
    readonly when: Expression | undefined;
    readonly ensure: Expression | undefined;
    /** Slots that its undo reads. */
    readonly reads: readonly number[] | undefined;
  },
  result: Written & { readonly type: Type },
): Omit<NodeBase, 'verb'> {
  const hidden = privateParts(result.type, result);
  return {
    ...(id === undefined ? {} : { id }),
    path,
    ...(slot === undefined ? {} : { slot }),
    ...(values.summary === undefined ? {} : { summary: values.summary }),
    ...(values.when === undefined ? {} : { when: values.when }),
    ...(step?.timeout_ms === undefined ? {} : { timeout_ms: step.timeout_ms }),
    ...(step?.retry === undefined ? {} : { retry: step.retry }),
    ...(values.ensure === undefined ? {} : { ensure: values.ensure }),
    ...(undoIndex === undefined ? {} : { undo: undoIndex }),
    ...(values.reads === undefined || values.reads.length === 0 ? {} : { undo_reads: values.reads }),
    ...(result.type.kind === 'list' ? { list: true } : {}),
    ...(hidden.length === 0 ? {} : { private: hidden }),
    line: source.at.line,
    column: source.at.column,
  };
}

/** Slots of all names that the expressions of a node read, wherever they stand in it. */
export function slotsRead(node: unknown): number[] {
  const found = new Set<number>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('cel' in value && 'names' in value && Array.isArray(value.names)) {
      for (const { slot } of value.names) if (typeof slot === 'number') found.add(slot);
      return;
    }
    for (const part of Object.values(value)) visit(part);
  };
  visit(node);
  return [...found].sort((one, other) => one - other);
}

export interface PlanParts {
  readonly definition: CheckedDefinition;
  readonly file: string;
  readonly text: string;
  readonly owner: string;
  readonly uses: readonly string[];
  readonly input: JsonMap;
  readonly resolved: Resolved;
}

/** Undefined when a step is missing or the plan is too large. Problems: FIRN415. */
export function lower(parts: PlanParts, problems: Problems): Plan<Node> | undefined {
  const { definition, resolved } = parts;
  const nodes = resolved.nodes.flatMap((node) => node ?? []);
  if (problems.failed) return undefined;
  if (nodes.length !== resolved.nodes.length) {
    throw new Error(`a step of ${definition.name} was left out and nothing was said: this is a bug in Firn's compiler`);
  }
  const worst = worstOf(walkedOf({ nodes, blocks: resolved.blocks }, resolved.calls));
  const unhashed: Omit<Plan<Node>, 'hash' | 'sourceHash'> = {
    irVersion: 1,
    name: definition.name,
    summary: definition.summary,
    owner: parts.owner,
    ends_within_ms: definition.ends_within_ms,
    file: parts.file,
    uses: parts.uses,
    input: parts.input,
    slots: resolved.slots,
    labels: resolved.labels,
    nodes,
    blocks: resolved.blocks,
    calls: Object.fromEntries(resolved.calls.map(({ name, hash }) => [name, hash])),
    model_calls_at_most: questionsOf(worst),
    paths_without_model: worst.free,
  };
  const json = toJson(unhashed);
  const size = jsonSize(json);
  if (size > PLAN_LIMIT) {
    const kib = Math.ceil(size / 1024);
    const message = `the definition makes a plan of ${kib} KiB; at most ${PLAN_LIMIT / 1024} KiB can be run`;
    problems.error('FIRN415', { at: { line: 1, column: 1 }, path: '' }, message, 'split it into several definitions');
    return undefined;
  }
  return freeze({ ...unhashed, hash: digest(json), sourceHash: hashText(parts.text) });
}

/** The same value, known to be JSON: maps without prototype tricks, and no key without a value. */
function toJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object') throw new Error(`a plan holds a ${typeof value}: this is a bug in Firn's compiler`);
  const map: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) if (item !== undefined) map[key] = toJson(item);
  return map;
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
}
