/**
 * The worst of all ways through a definition: steps, questions to a model, time; and on how many ways no model is asked.
 *
 * PURE. A way leads through a block or ends the run inside it; both are kept apart, because what stands behind a block
 * comes only on top of the ways that lead through. Each measure is the largest on its own: the way that takes longest need
 * not be the one that asks most.
 */
import type { Block } from '../plan/plan.js';
import type { Node } from '../steps/index.js';
import { ownTime } from './attempts.js';

/** More than anybody counts; numbers stay exact below it. */
const MOST_PATHS = 1_000_000;
/** Steps that a run may start: more are failure `too_many_steps`. */
export const MOST_STEPS_STARTED = 100_000;

export interface Worst {
  readonly steps: number;
  /** Of this definition alone, and with those of the workflows that it calls. */
  readonly questions: number;
  readonly all_questions: number;
  /** Infinity where nothing but the run's own deadline limits it. */
  readonly time_ms: number;
  /** Ways on which no question is put. */
  readonly free: number;
}

/** Undefined where there is no such way. */
interface Exits {
  readonly through: Worst | undefined;
  readonly ended: Worst | undefined;
}

/** What is known of a workflow that is called. */
export interface CalledWorst {
  readonly ends_within_ms: number;
  readonly questions: number;
  /** There is a way on which it asks no model. */
  readonly free: boolean;
}

export interface Walked {
  readonly nodes: readonly Node[];
  readonly blocks: readonly Block[];
  readonly called: (workflow: string) => CalledWorst | undefined;
}

const NOTHING: Worst = { steps: 0, questions: 0, all_questions: 0, time_ms: 0, free: 1 };

/** Milliseconds that a block takes at the most. */
export function timeOf(index: number, plan: Walked): number {
  const { through, ended } = block(index, plan);
  return largest(through, ended)?.time_ms ?? 0;
}

export function worstOf(plan: Walked): Worst {
  const { through, ended } = block(0, plan);
  return largest(through, ended) ?? NOTHING;
}

/** Questions of the run and of the workflows that it calls; it asks no more often than it starts steps. */
export function questionsOf({ questions, all_questions }: Worst): number {
  return all_questions - questions + Math.min(questions, MOST_STEPS_STARTED);
}

/** True for a step that can put a question to a model: it has a text, and no rule that always answers. */
export function asksModel(node: Node): boolean {
  return node.verb === 'decide' && node.about !== undefined && !node.rules.some((rule) => rule.when === undefined);
}

function block(index: number, plan: Walked): Exits {
  let through: Worst | undefined = NOTHING;
  let ended: Worst | undefined;
  for (const step of plan.blocks[index]?.steps ?? []) {
    const node = plan.nodes[step];
    if (node === undefined || through === undefined) continue;
    const before: Worst = through;
    const exits = stepOf(node, plan);
    ended = largest(ended, exits.ended && then(before, exits.ended));
    const after: Worst | undefined = exits.through && then(before, exits.through);
    through = node.when === undefined ? after : skipping(node, before, after);
  }
  return { through, ended };
}

/** A step that may be skipped. Of a single step that goes on, that is no way of its own; of a block or an end it is. */
function skipping(node: Node, before: Worst, after: Worst | undefined): Worst {
  if (after === undefined) return before;
  const free = inner(node).length > 0 ? sum(before.free, after.free) : Math.max(before.free, after.free);
  return { ...most(before, after), free };
}

function stepOf(node: Node, plan: Walked): Exits {
  const own = ownOf(node, plan);
  const { through, ended } = blocksOf(node, plan);
  const limit = (way: Worst | undefined): Worst | undefined =>
    way && { ...way, time_ms: Math.min(way.time_ms, node.timeout_ms ?? Infinity) };
  return { through: limit(through && then(own, through)), ended: limit(ended && then(own, ended)) };
}

/** The step without what is inside it. */
function ownOf(node: Node, { called }: Walked): Worst {
  const asks = asksModel(node);
  const answered = node.verb === 'decide' && node.rules.length > 0;
  const child = node.verb === 'call' ? called(node.workflow) : undefined;
  return {
    steps: 1,
    questions: asks ? 1 : 0,
    all_questions: asks ? 1 : (child?.questions ?? 0),
    time_ms: ownTime(node, (workflow) => called(workflow)?.ends_within_ms ?? Infinity),
    free: (asks && !answered) || child?.free === false ? 0 : 1,
  };
}

function blocksOf(node: Node, plan: Walked): Exits {
  switch (node.verb) {
    case 'return':
    case 'refuse':
    case 'fail':
      return { through: undefined, ended: NOTHING };
    case 'switch': {
      const cases = node.cases.map((one) => block(one.block, plan));
      return { through: anyOf(cases.map(({ through }) => through)), ended: anyOf(cases.map(({ ended }) => ended)) };
    }
    case 'for_each':
      return loop(block(node.block, plan), node.most_items, Math.ceil(node.most_items / node.at_once), 0, true);
    case 'repeat':
      return loop(
        block(node.block, plan),
        node.at_most,
        node.at_most,
        (node.at_most - 1) * (node.every_ms ?? 0),
        false,
      );
    case 'parallel':
    case 'race': {
      const branches = node.branches.map((branch) => block(branch.block, plan));
      return together(branches, node.verb === 'race');
    }
    case 'try':
      return attempt(
        block(node.block, plan),
        node.catches.map((one) => block(one.block, plan)),
        node.finally === undefined ? NOTHING : (largest(block(node.finally, plan).through, undefined) ?? NOTHING),
      );
    default:
      return { through: NOTHING, ended: undefined };
  }
}

/** The blocks of a step. */
export function inner(node: Node): readonly number[] {
  switch (node.verb) {
    case 'switch':
      return node.cases.map(({ block: index }) => index);
    case 'for_each':
    case 'repeat':
      return [node.block];
    case 'parallel':
    case 'race':
      return node.branches.map(({ block: index }) => index);
    case 'try':
      return [
        node.block,
        ...node.catches.map(({ block: index }) => index),
        ...(node.finally === undefined ? [] : [node.finally]),
      ];
    default:
      return [];
  }
}

/** Rounds take the same way as far as paths are counted; a loop over a list may have none. */
function loop({ through, ended }: Exits, times: number, rounds: number, between_ms: number, maybeNone: boolean): Exits {
  const all = through && { ...repeated(through, times), time_ms: product(through.time_ms, rounds) + between_ms };
  const none = maybeNone ? { ...NOTHING, free: all === undefined || all.free === 0 ? 1 : 0 } : undefined;
  const before = through && {
    ...repeated(through, times - 1),
    time_ms: product(through.time_ms, Math.max(0, rounds - 1)) + between_ms,
    free: 1,
  };
  return { through: largest(all, none), ended: ended && then(before ?? NOTHING, ended) };
}

/** Branches side by side. In a race any of them may be the only one that gets through. */
function together(branches: readonly Exits[], race: boolean): Exits {
  const each = branches.map(({ through, ended }) => largest(through, ended) ?? NOTHING);
  const whole = each.reduce(beside, NOTHING);
  const freely = each.every(({ free }) => free > 0);
  const throughs = branches.flatMap(({ through }) => through ?? []);
  const endeds = branches.flatMap(({ ended }) => ended ?? []);
  const first_ms = Math.min(...each.map(({ time_ms }) => time_ms));
  const added = (ways: readonly Worst[]): number =>
    freely ? ways.reduce((total, { free }) => sum(total, free), 0) : 0;
  const ended = endeds.length === 0 ? undefined : { ...whole, free: added(endeds) };
  if (race) {
    const won = { ...whole, time_ms: first_ms };
    return {
      through: throughs.length === 0 ? undefined : { ...won, free: added(throughs) },
      ended: ended && { ...ended, time_ms: first_ms },
    };
  }
  const free = throughs.reduce((total, way) => Math.min(MOST_PATHS, total * way.free), 1);
  return { through: throughs.length < branches.length ? undefined : { ...whole, free }, ended };
}

/** The body may fail at its very end; then a `catch` comes on top. */
function attempt(body: Exits, catches: readonly Exits[], last: Worst): Exits {
  const tried = largest(body.through, body.ended) ?? NOTHING;
  const failed = { ...tried, free: Math.min(1, tried.free) };
  const through = anyOf([body.through, ...catches.map((one) => one.through && then(failed, one.through))]);
  const ended = anyOf([body.ended, ...catches.map((one) => one.ended && then(failed, one.ended))]);
  return { through: through && then(through, last), ended: ended && then(ended, last) };
}

function repeated(way: Worst, times: number): Worst {
  return {
    steps: capped(way.steps * times),
    questions: capped(way.questions * times),
    all_questions: capped(way.all_questions * times),
    time_ms: product(way.time_ms, times),
    free: way.free,
  };
}

function then(first: Worst, second: Worst): Worst {
  return { ...added(first, second), free: Math.min(MOST_PATHS, first.free * second.free) };
}

function beside(one: Worst, other: Worst): Worst {
  return { ...added(one, other), time_ms: Math.max(one.time_ms, other.time_ms) };
}

function added(one: Worst, other: Worst): Worst {
  return {
    steps: capped(one.steps + other.steps),
    questions: capped(one.questions + other.questions),
    all_questions: capped(one.all_questions + other.all_questions),
    time_ms: one.time_ms + other.time_ms,
    free: 0,
  };
}

function anyOf(ways: readonly (Worst | undefined)[]): Worst | undefined {
  return ways.reduce(largest, undefined);
}

function largest(one: Worst | undefined, other: Worst | undefined): Worst | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return { ...most(one, other), free: sum(one.free, other.free) };
}

function most(one: Worst, other: Worst): Worst {
  return {
    steps: Math.max(one.steps, other.steps),
    questions: Math.max(one.questions, other.questions),
    all_questions: Math.max(one.all_questions, other.all_questions),
    time_ms: Math.max(one.time_ms, other.time_ms),
    free: 0,
  };
}

function sum(one: number, other: number): number {
  return Math.min(MOST_PATHS, one + other);
}

/** Infinite times none is none. */
function product(time_ms: number, times: number): number {
  return times === 0 ? 0 : time_ms * times;
}

function capped(count: number): number {
  return Math.min(count, Number.MAX_SAFE_INTEGER);
}
