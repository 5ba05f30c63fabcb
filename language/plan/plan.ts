/**
 * The plan: a compiled definition, the only thing a run executes.
 *
 * PURE and JSON-safe: a plan travels through histories and tables. Nodes are flat and refer to each other by index;
 * names are resolved to slots; every expression has been parsed, checked and bounded. An author's strings are values
 * here and never keys, but for the JSON Schema of the input, which only compiler/input.ts reads.
 */
import type { Json, JsonMap } from './json.js';
import type { Label } from './types.js';

/** A value that an expression reads: a name, the slot that holds it, and which of its parts are instants. */
export interface NameUse {
  readonly name: string;
  readonly slot: number;
  /** Paths below the name whose RFC 3339 text becomes a CEL timestamp; `*` stands for each item of a list. */
  readonly times: readonly (readonly string[])[];
}

export interface Expression {
  /** As the author wrote it, without `${{ }}`. */
  readonly source: string;
  /** What is evaluated: the source with number literals made doubles. */
  readonly cel: string;
  readonly names: readonly NameUse[];
  /** Who wrote the value it gives, joined over what it reads. */
  readonly label: Label;
  /** It gives away what was declared private. */
  readonly private?: true;
  /** It reads what is private: why it could not be computed is told without values. */
  readonly quiet?: true;
  /** Result type as the evaluator must deliver it: a duration leaves as milliseconds, a timestamp as RFC 3339 text. */
  readonly gives: 'text' | 'number' | 'boolean' | 'timestamp' | 'duration' | 'list' | 'map' | 'any';
  readonly line: number;
  readonly column: number;
}

export type Value =
  | { readonly is: 'literal'; readonly value: Json }
  | { readonly is: 'expression'; readonly expression: Expression }
  /** Text with interpolations. */
  | { readonly is: 'text'; readonly parts: readonly (string | Expression)[] }
  | { readonly is: 'map'; readonly entries: readonly MapEntry[] }
  | { readonly is: 'list'; readonly items: readonly Value[] };

export interface MapEntry {
  readonly key: string;
  readonly value: Value;
  /** The whole value is one `${{ a.?b }}`: an absent field leaves the key out. */
  readonly optional?: true;
}

export interface Retry {
  /** Most attempts, the first included. */
  readonly attempts: number;
  readonly first_ms: number;
  readonly factor: number;
  readonly most_ms: number;
}

/** What every step has, whatever its verb. */
export interface NodeBase {
  readonly verb: string;
  readonly id?: string;
  /** Its place in the program and its Activity ID: the id, or the block's path and the verb. Unique in the plan. */
  readonly path: string;
  /** Where its result is kept; steps without an id have none. */
  readonly slot?: number;
  /** The author's `summary`; else what the kind's `summarize` says is shown. */
  readonly summary?: Value;
  readonly when?: Expression;
  readonly timeout_ms?: number;
  readonly retry?: Retry;
  /** Must hold of the recorded result, else failure `not_ensured`. */
  readonly ensure?: Expression;
  /** Index of the node that takes its effect back. */
  readonly undo?: number;
  /** Slots that the undo node reads besides this step's own result. */
  readonly undo_reads?: readonly number[];
  /** One attempt and no more: nobody could tell whether a second one would do it twice. */
  readonly once?: true;
  /** Its result is a list: skipped by `when`, it is `[]` and not `{}`. */
  readonly list?: true;
  /** Parts of its result that are private: what people see in passing has them as `(private)`. */
  readonly private?: readonly (readonly string[])[];
  readonly line: number;
  readonly column: number;
}

/** Who wrote a part of what a slot holds. What stands below it is the same, unless an entry of its own says otherwise. */
export interface PartLabel {
  /** Fields from the slot's value on; `*` stands for each item of a list. */
  readonly path: readonly string[];
  readonly label: Label;
  readonly private?: true;
}

/** A list of steps and what they hand to the outside. Block 0 is the definition's own `steps` and `output`. */
export interface Block {
  readonly steps: readonly number[];
  readonly output?: Value;
  /** The slots of the names inside it, those of inner blocks too: from the first on, up to and without the second. */
  readonly slots: readonly [number, number];
  /** The nodes of its steps, those of inner blocks and of undos too, in the same way. */
  readonly nodes: readonly [number, number];
}

export interface Plan<Node extends NodeBase = NodeBase> {
  readonly irVersion: 1;
  readonly name: string;
  readonly summary: string;
  /** The role that answers for it. */
  readonly owner: string;
  readonly ends_within_ms: number;
  /** Path of the definition within its project. */
  readonly file: string;
  /** SHA-256 of everything below and above but the hashes themselves; names the version. */
  readonly hash: string;
  /** SHA-256 of the definition's text. */
  readonly sourceHash: string;
  readonly uses: readonly string[];
  /** JSON Schema of the run's argument, defaults included. */
  readonly input: JsonMap;
  /** Names by slot; slot 0 is `input`, slot 1 is `run`. */
  readonly slots: readonly string[];
  /** By slot: who writes what it holds. What a value may do is settled by these, and again where it would do it. */
  readonly labels: readonly (readonly PartLabel[])[];
  readonly nodes: readonly Node[];
  readonly blocks: readonly Block[];
  /** Hashes of the workflows that it calls, by name: children are started with exactly these. */
  readonly calls: { readonly [workflow: string]: string };
  /** The most questions one run can put to a model, and how many paths through the definition put none. */
  readonly model_calls_at_most: number;
  readonly paths_without_model: number;
}

export const SLOT_INPUT = 0;
export const SLOT_RUN = 1;
/** Bytes of a plan as JSON. */
export const PLAN_LIMIT = 256 * 1024;
