/**
 * The contract of a step kind: one file per verb, with `schema`, `compile`, `run` and `summarize`.
 *
 * PURE. `schema` describes what stands under the verb key: the source of shape checks, docs and the editor schema.
 * `compile` collects problems and never throws; it may assume the shape is right. `run` is replayed from history: it
 * is deterministic and knows no clock; `host` is the only door. Kinds return outcomes and never steer the loop.
 */
import type { Json, JsonMap } from '../plan/json.js';
import type { Expression, NodeBase, Value } from '../plan/plan.js';
import type { OpenItem, PersonDecision } from '../plan/host.js';
import type { Parsed, ParsedMap } from '../plan/parsed.js';
import type { Place, ProblemCode } from '../plan/problem.js';
import type { Policy, Project } from '../plan/project.js';
import type { Label, Type } from '../plan/types.js';
import type { CompiledExpression, CompiledValue, ValueOptions } from '../expressions/compiled.js';
import type { Scope } from '../expressions/scope.js';

/** A JSON Schema literal, draft-07 style. */
export type Schema = JsonMap;

export type { CompiledExpression, CompiledValue, ValueOptions };

export interface CompiledBlock {
  /** Index into the plan's blocks. */
  readonly block: number;
  /** Type and label of its `output` (an empty map without one). */
  readonly type: Type;
  readonly label: Label;
  /** Every way through it ends the run: what follows is never reached from here. */
  readonly ends: boolean;
}

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
  /** Compiles a branch (`{steps?, output?}`); `facts` are paths that certainly exist in it; `name` is its place in paths. */
  branch(parsed: Parsed, name: string, facts: readonly string[]): CompiledBlock;
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
export interface Compiled<Node extends NodeBase> {
  readonly node: Omit<Node, keyof NodeBase> & { readonly verb: Node['verb'] };
  /** Type and label of the step's result. */
  readonly type: Type;
  readonly label: Label;
  /** The run never goes on behind this step (`return`, `refuse`, `fail`, or a switch of which every branch ends). */
  readonly ends?: true;
  /** Its result is of no use, so nobody is warned that it is not read. */
  readonly silent?: true;
}

/** What a running step may ask. One per step execution, made by the interpreter. */
export interface StepHost {
  evaluate(value: Value): Json;
  test(expression: Expression): boolean;
  /** A duration in milliseconds, or a timestamp in epoch milliseconds. */
  milliseconds(expression: Expression): number;
  now(): number;
  readonly ticket: string;
  /** `workflow.step`: names a question, a decision. */
  readonly question: string;
  /** Prefix / path: the key under which this step's effect happens once. */
  readonly key: string;
  /** Named values of this run that rules can see; recorded with a decision. */
  features(expressions: readonly Expression[]): JsonMap;
  /** The activity of this verb. */
  call(input: JsonMap): Promise<Json>;
  sleep(until_ms: number, summary: string): Promise<void>;
  /** Opens an inbox item and waits for the decision. Failure `timeout` when the step's own timeout passes. */
  person(item: Omit<OpenItem, 'id' | 'digest' | 'deadline_ms'>): Promise<PersonDecision>;
  /** The evaluated request of another step, as it would be made now: what an approval shows and binds. */
  request(node: number): { readonly step: string; readonly verb: string; readonly request: JsonMap };
  /** Binds later steps to a decision: each needs a yes to the digest of its request. */
  approved(nodes: readonly number[], digests: readonly string[], yes: boolean): void;
  record(decision: RecordedDecision): void;
  /** Questions that were put to a model just now: counted at once, also when a person answers in the end. */
  asked(model_calls: number): void;
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
  /** Go into a block; its output becomes the step's result. */
  | { readonly kind: 'enter'; readonly block: number }
  | { readonly kind: 'return'; readonly output: Json }
  | { readonly kind: 'refuse'; readonly reason: string }
  | { readonly kind: 'fail'; readonly code: string; readonly message: string };

export interface StepKind<Verb extends string, Node extends NodeBase> {
  readonly verb: Verb;
  /** For the reference: one sentence, then what the result is. */
  readonly about: string;
  readonly result: string;
  readonly schema: Schema;
  /** An example of a whole step, as YAML; compiled by a test. */
  readonly example: string;
  /** `write`: has an effect that can be undone and approved. `tell` seals. */
  readonly effect: 'none' | 'read' | 'write' | 'tell';
  compile(body: Parsed, context: CompileContext, step: ParsedMap): Compiled<Node> | undefined;
  run(node: Node, host: StepHost): Promise<StepOutcome> | StepOutcome;
  /** For writes: the evaluated activity input without `key`; what an approval shows and what is hashed. */
  request?(node: Node, evaluate: (value: Value) => Json): JsonMap;
  /** What the step does, for Temporal's UI: "read shop.orders where id". Static: no values. */
  summarize(node: Node): string;
  /** What the result says, in a few words, for the trail: "A-1001", "damaged (encoder, 0.93)". */
  say?(result: Json): string;
}
