/**
 * What the parts of the interpreter share while one run is walked, and what differs from place to place in it.
 *
 * PURE. Trusts the plan: an index that leads nowhere is a bug of the compiler, and said as one, so that the workflow task
 * fails and a repaired worker heals the run.
 */
import type { Host } from '../language/plan/host.js';
import type { Json } from '../language/plan/json.js';
import type { Block, NodeBase, Plan } from '../language/plan/plan.js';
import type { Effect, StepKind } from '../language/steps/kind.js';
import type { Ending } from './ending.js';
import type { Book, State } from './state.js';

/** What the interpreter uses of a step kind: how it runs, and nothing of how it was compiled. */
export type RunningKind<Node extends NodeBase> = Pick<
  StepKind<string, Node>,
  'effect' | 'run' | 'request' | 'settle' | 'summarize' | 'say'
>;

/** Finds the kind of a node: `kindOf` of language/steps. */
export type Kinds<Node extends NodeBase> = (node: Node) => RunningKind<Node>;

/** What is the same for all that runs at once in one run. */
export interface Whole {
  /** The run is about to continue as new: nothing new is started. */
  draining: boolean;
  /** A step has finished since this run, or the run that it continues, began. */
  stepped: boolean;
  /** Called workflows that somebody waits for: continuing as new would cancel them. */
  children: number;
  /** Characters of all kept results as JSON, those of loops too. */
  kept: number;
}

/** Values and records of one place: those of its lane, and behind them those around it. */
export interface View {
  /** Everything that can be read here, by slot. */
  readonly slots: Json[];
  /** Characters of each kept result, by slot. */
  readonly sizes: number[];
  readonly book: Book;
  readonly around: View | undefined;
  /** Number of the item or pass in each loop around this place, outermost first. */
  readonly indexes: readonly number[];
  /** Values from this slot on end with a lane, or with a pass of a loop, around this place. */
  readonly passing: number;
}

export interface Execution<Node extends NodeBase> {
  readonly plan: Plan<Node>;
  readonly state: State;
  readonly kinds: Kinds<Node>;
  readonly whole: Whole;
  readonly host: Host;
  readonly view: View;
  /** Epoch milliseconds: the first deadline around this place. */
  readonly ends_at_ms: number;
  /** Called workflows that are waited for in each loop around this place that runs several items at once. */
  readonly loops: readonly { children: number }[];
  /** In here the run cannot continue as new: what began must be finished. */
  readonly held?: true;
}

/** Why a walk stopped before its last step; the walk itself undoes nothing. */
export type Stop = Paused | End;
export interface Paused {
  readonly continue: true;
}
export type End = Omit<Ending, 'undo'>;

/** What came of a step that has blocks: its result, or a stop. */
export type Walked = { readonly value: Json } | { readonly stop: Stop };

export const CONTINUE: Paused = { continue: true };

/** Walks a block from where its frame stands: handed to what walks the blocks of loops and branches. */
export type WalkBlock<Node extends NodeBase> = (
  execution: Execution<Node>,
  frame: State['frame'],
) => Promise<Stop | undefined>;

/** Which step runs, and under which name the outside knows it. */
export interface StepPlace<Node extends NodeBase> {
  readonly node: Node;
  readonly index: number;
  /** Activity ID and end of the effect key: the step's path with its number in each loop, `<that>.undo` for an undo step. */
  readonly id: string;
  /** Key of its effect. */
  readonly key: string;
  /** Epoch milliseconds: the step's own timeout. */
  readonly deadline_ms: number | undefined;
  /** The step takes another one back: it is not taken back itself. */
  readonly undoing?: true;
}

export function nodeAt<Node extends NodeBase>(plan: Plan<Node>, index: number): Node {
  const node = plan.nodes[index];
  if (node === undefined) throw new Error(`the plan of "${plan.name}" has no node ${index}: a bug of the compiler`);
  return node;
}

export function blockAt<Node extends NodeBase>(plan: Plan<Node>, index: number): Block {
  const block = plan.blocks[index];
  if (block === undefined) throw new Error(`the plan of "${plan.name}" has no block ${index}: a bug of the compiler`);
  return block;
}

/** `remind[3]`: a place in the program, never an order of events. */
export function placeId(path: string, indexes: readonly number[]): string {
  return indexes.length === 0 ? path : `${path}${indexes.map((index) => `[${index}]`).join('')}`;
}

export function effectOf<Node extends NodeBase>({ effect }: RunningKind<Node>, node: Node): Effect {
  return typeof effect === 'function' ? effect(node) : effect;
}
