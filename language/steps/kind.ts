/**
 * The contract of a step kind: one file per verb, with `schema`, `compile`, `run` and `summarize`.
 *
 * PURE. `schema` describes what stands under the verb key: the source of shape checks, docs and the editor schema.
 * `compile` collects problems and never throws; it may assume the shape is right. `run` is replayed from history: it
 * is deterministic and knows no clock; `host` is the only door. Kinds return outcomes and never steer the loop.
 */
import type { Json, JsonMap } from '../plan/json.js';
import type { Expression, NodeBase, Value } from '../plan/plan.js';
import type { ChildEnd, OpenItem, PersonDecision, ReceivedMessage } from '../plan/host.js';
import type { Parsed, ParsedMap } from '../plan/parsed.js';
import type { Place, ProblemCode } from '../plan/problem.js';
import type { Callee, Policy, Project } from '../plan/project.js';
import type { Type, Written } from '../plan/types.js';
import type { CompiledExpression, CompiledValue, ValueOptions } from '../expressions/compiled.js';
import type { Scope } from '../expressions/scope.js';
import type { Sink } from '../plan/sinks.js';

/** A JSON Schema literal, draft-07 style. */
export type Schema = JsonMap;

export type { CompiledExpression, CompiledValue, ValueOptions };

/** Who wrote its `output` is said of all that it holds. */
export interface CompiledBlock extends Written {
  /** Index into the plan's blocks. */
  readonly block: number;
  /** Type of its `output` (an empty map without one). */
  readonly type: Type;
  /** Every way through it ends the run: what follows is never reached from here. */
  readonly ends: boolean;
  /** What can be read at its end: the names of its steps too. */
  readonly scope: Scope;
}

/** A name that a block brings along: the item of a loop, the failure of a `catch`. */
export interface BlockName extends Written {
  readonly name: string;
  readonly type: Type;
  /** Where it is written, for a problem with it. */
  readonly parsed: Parsed | Place;
  /** Always of the innermost block that brings it, as `pass` is: nobody chooses its name. */
  readonly innermost?: true;
}

/** `none` changes nothing and asks nobody; `read` asks; `write` can be undone and approved; `tell` seals. */
export type Effect = 'none' | 'read' | 'write' | 'tell';

/** What a kind may ask while it compiles one step. All methods report problems at the right place by themselves. */
export interface CompileContext {
  readonly scope: Scope;
  readonly project: Project;
  /** Connections named in `uses`. */
  readonly uses: ReadonlySet<string>;
  /** Policies of the header by name; absent when their file is missing or wrong. */
  readonly policies: ReadonlyMap<string, Policy>;
  readonly workflow: string;
  /** The step's id, and its path in the program. */
  readonly id: string | undefined;
  readonly path: string;
  /** The common keys of this step. */
  readonly common: { readonly hasTimeout: boolean; readonly timeout_ms: number | undefined };
  /** Compiles any value: literal, expression, text with expressions, map or list of such. */
  value(parsed: Parsed, expected: Type, options?: ValueOptions): CompiledValue | undefined;
  /** Compiles a value that must be one `${{ … }}`. */
  expression(parsed: Parsed, expected: Type, scope?: Scope): CompiledExpression | undefined;
  /**
   * Compiles a branch (`{steps?, output?}`); `facts` are paths that certainly exist in it; `name` is its place in paths;
   * `names` are known inside only, each in a slot of its own.
   */
  branch(parsed: Parsed, name: string, facts: readonly string[], names?: readonly BlockName[]): CompiledBlock;
  /**
   * What a branch would give, without anything coming of it: for names in it whose type depends on its own output.
   * Undefined where it has problems, or is itself only tried.
   */
  trial(parsed: Parsed, names: readonly BlockName[]): Pick<CompiledBlock, 'type' | 'label' | 'from'> | undefined;
  /** The slot of a name that `branch` was given for this block. */
  slotOf(block: CompiledBlock, name: string): number;
  /** Declared fields (rule 10), as their type and JSON Schema. */
  fields(parsed: Parsed): { readonly type: Type; readonly schema: JsonMap } | undefined;
  /** Another workflow of the project; undefined (and reported) where there is none, or it has problems of its own. */
  callee(parsed: Parsed): Callee | undefined;
  /** The workflows that have been called so far: their `fail` types can be caught. */
  called(): readonly Callee[];
  /** Milliseconds of a literal duration. */
  duration(parsed: Parsed): number | undefined;
  /** The node index of a later step of this or an enclosing block, for `approve.for`; its arguments are compiled in `scope` too, and must not name anything else. */
  laterStep(parsed: Parsed): number | undefined;
  error(code: ProblemCode, parsed: Parsed | Place, message: string, hint?: string): void;
  warning(code: ProblemCode, parsed: Parsed | Place, message: string, hint?: string): void;
  /** Reports an unknown name with a "did you mean" from `known`. */
  unknown(code: ProblemCode, parsed: Parsed | Place, what: string, name: string, known: Iterable<string>): void;
}

/** What a kind makes of its step; the compiler adds the common keys. */
export interface Compiled<Node extends NodeBase> extends Written {
  readonly node: Omit<Node, keyof NodeBase> & { readonly verb: Node['verb'] };
  /** Type of the step's result. */
  readonly type: Type;
  /** It ends the run as done, with an output of this type. */
  readonly returns?: Type;
  /** The run never goes on behind this step (`return`, `refuse`, `fail`, or a switch of which every branch ends). */
  readonly ends?: true;
  /** Its result is of no use, so nobody is warned that it is not read. */
  readonly silent?: true;
}

/** What a running step may ask. One per step execution, made by the interpreter. */
export interface StepHost {
  evaluate(value: Value): Json;
  /** A value that would choose where or when something happens. Failure `tainted` where an outsider wrote it. */
  evaluateSink(value: Value, sink: Sink): Json;
  test(expression: Expression): boolean;
  /** A duration in milliseconds, or a timestamp in epoch milliseconds. */
  milliseconds(expression: Expression): number;
  now(): number;
  readonly ticket: string;
  /** `workflow.step`: names a question, a decision. */
  readonly question: string;
  /** The step's place in this run: its path, and its number in each loop around it. */
  readonly place: string;
  /** Prefix / path: the key under which this step's effect happens once. */
  readonly key: string;
  /** Named values of this run that rules can see; recorded with a decision. */
  features(expressions: readonly Expression[]): JsonMap;
  /** The activity of this verb. What was remembered of it is given again. */
  call(input: JsonMap): Promise<Json>;
  /** The step goes on to wait for somebody: if its run continues as new meanwhile, `call` gives this answer again. */
  remember(answer: Json): void;
  sleep(until_ms: number, summary: string): Promise<void>;
  /** Opens an inbox item and waits for the decision. Failure `timeout` when the step's own timeout passes. */
  person(item: Omit<OpenItem, 'id' | 'digest' | 'deadline_ms'>): Promise<PersonDecision>;
  /** The oldest message of this name that fits, or the next one; `wrong` says what does not fit, and sets it aside. */
  receive(message: string, wrong: (values: JsonMap) => string | undefined): Promise<ReceivedMessage>;
  /** Sends a message to another run. Failure `not_found` where there is no such run. */
  send(to: string, message: string, values: JsonMap): Promise<void>;
  /** Starts another workflow, and waits for its end unless `detached`. Rejects with what it failed with. */
  child(call: { readonly workflow: string; readonly input: JsonMap; readonly detached: boolean }): Promise<ChildEnd>;
  /** The evaluated request of another step, as it would be made now: what an approval shows and binds. */
  request(node: number): StepRequest;
  /** Binds later steps to a decision: each needs a yes to the digest of its request. */
  approved(nodes: readonly number[], digests: readonly string[], yes: boolean): void;
  record(decision: RecordedDecision): void;
  /** Questions that were put to a model just now: counted at once, also when a person answers in the end. */
  asked(model_calls: number): void;
}

/** What a step would ask for now. */
export interface StepRequest {
  readonly step: string;
  readonly verb: string;
  readonly request: JsonMap;
  /** It holds what was declared private: shown to who decides, and nowhere in passing. */
  readonly private: boolean;
}

/** A line of the run's `decisions`: who answered what. */
export interface RecordedDecision {
  readonly step: string;
  readonly answer: string;
  readonly by: string;
  readonly probability?: number;
  readonly rule?: string;
  readonly why?: string;
  readonly model_calls: number;
}

export type StepOutcome =
  | { readonly kind: 'value'; readonly value: Json }
  | Blocks
  | { readonly kind: 'return'; readonly output: Json }
  | { readonly kind: 'refuse'; readonly reason: string }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string };

/**
 * What a step wants done with its blocks. The interpreter does it; a step that continues in another run is asked again and
 * says the same, since the values that it sees never change.
 */
export type Blocks =
  /** Go into one block; its output becomes the step's result. */
  | { readonly kind: 'enter'; readonly block: number }
  | EachBlocks
  | RepeatBlocks
  | { readonly kind: 'parallel' | 'race'; readonly branches: readonly NamedBlock[] }
  | TryBlocks;

export interface NamedBlock {
  readonly name: string;
  readonly block: number;
}

export interface EachBlocks {
  readonly kind: 'each';
  readonly items: readonly Json[];
  readonly block: number;
  /** Where an item is kept while its block runs. */
  readonly slot: number;
  readonly at_once: number;
  readonly collect: boolean;
}

export interface RepeatBlocks {
  readonly kind: 'repeat';
  readonly block: number;
  readonly until: Expression;
  readonly at_most: number;
  readonly every_ms?: number;
  readonly pass: number;
  readonly last: number;
}

export interface TryBlocks {
  readonly kind: 'try';
  readonly block: number;
  readonly catches: readonly CatchBlock[];
  readonly finally?: number;
}

export interface CatchBlock {
  /** Failure types; absent = every one that can be caught. */
  readonly on?: readonly string[];
  readonly block: number;
  /** Where the failure is kept. */
  readonly slot: number;
}

export interface StepKind<Verb extends string, Node extends NodeBase> {
  readonly verb: Verb;
  /** For the reference: one sentence, then what the result is. */
  readonly about: string;
  readonly result: string;
  readonly schema: Schema;
  /** An example of a whole step, as YAML; compiled by a test. */
  readonly example: string;
  /** Of a verb whose steps differ (`http`, `sql`, `use`): by step. The type of a method, so that a list can hold all kinds. */
  readonly effect: Effect | { of(node: Node): Effect }['of'];
  /** Its steps hold blocks: it is never retried as a whole, and holds no effect of its own. */
  readonly block?: true;
  compile(body: Parsed, context: CompileContext, step: ParsedMap): Compiled<Node> | undefined;
  run(node: Node, host: StepHost): Promise<StepOutcome> | StepOutcome;
  /** For writes: the evaluated activity input without `key`; what an approval shows and what is hashed. */
  request?(node: Node, evaluate: (value: Value) => Json): JsonMap;
  /**
   * For writes whose key no database holds: with what `settle` finds out whether it happened. Without it the
   * connection is the first part of `in` or `from`, and its effect table answers.
   */
  settle?(node: Node, input: JsonMap): { readonly connection: string; readonly request: JsonMap };
  /** What the step does, for Temporal's UI: "read shop.orders where id". Static: no values. */
  summarize(node: Node): string;
  /** What the result says, in a few words, for the trail: "A-1001", "damaged (encoder, 0.93)". */
  say?(result: Json): string;
}
