/**
 * The way that a finished run took through its plan, as far as its recorded path tells.
 *
 * PURE. A path is the places of its steps in the order in which they began, the first 2,000 of them. Where branches ran side
 * by side their steps stand mixed, so that there an arrow counts as taken when both of its ends were reached.
 */
import type { Plan } from '../plan/plan.js';
import type { Node } from '../steps/index.js';
import { inner } from './worst.js';

/** What is known of a run that has ended. */
export interface WalkedRun {
  readonly ticket: string;
  readonly outcome: string;
  readonly reason: string | null;
  /** The step at which it ended, where it did not end well. */
  readonly step: string | null;
  readonly path: readonly string[];
}

export interface Walk {
  /** Of a box, by its id: how often the run came by. */
  timesOf(box: string): number;
  endsAt(box: string): boolean;
  took(from: string, to: string): boolean;
  /** The step at which the run stopped. */
  readonly lastNode: number | undefined;
}

const ENDINGS: ReadonlySet<string> = new Set(['return', 'refuse', 'fail']);

export function walkOf(plan: Plan<Node>, { path, step, outcome }: WalkedRun): Walk {
  const places = new Map(plan.nodes.map((node, index) => [node.path, index]));
  const visited = path.flatMap((place) => places.get(plainPlace(place)) ?? []);
  const times = new Map<string, number>();
  for (const index of visited) times.set(`n${index}`, (times.get(`n${index}`) ?? 0) + 1);
  const lastVisited = visited.at(-1);
  const failed = step === null ? undefined : places.get(plainPlace(step));
  const last = failed ?? lastVisited;
  const ending = last === undefined ? undefined : plan.nodes[last];
  const atEnding =
    ending !== undefined &&
    ENDINGS.has(ending.verb) &&
    (outcome === 'done' || outcome === 'refused' || outcome === 'failed');
  const reachedEnd = outcome === 'done' && !atEnding;
  const pairs = new Set(
    visited.map((index, place) => `${place === 0 ? 'start' : `n${visited[place - 1] ?? 0}`}>n${index}`),
  );
  if (reachedEnd) pairs.add(`${lastVisited === undefined ? 'start' : `n${lastVisited}`}>done`);
  const mixed = boxesSideBySide(plan);
  const came = (box: string): boolean => box === 'start' || (box === 'done' ? reachedEnd : times.has(box));
  return {
    timesOf: (box) => (box === 'start' ? 1 : box === 'done' ? (reachedEnd ? 1 : 0) : (times.get(box) ?? 0)),
    endsAt: (box) => (box === 'done' ? reachedEnd : atEnding && box === `n${last}`),
    took: (from, to) => pairs.has(`${from}>${to}`) || ((mixed.has(from) || mixed.has(to)) && came(from) && came(to)),
    lastNode: last,
  };
}

/** `remind[3]` -> `remind`. */
function plainPlace(place: string): string {
  return place.replace(/(\[\d+\])+$/, '');
}

/** Boxes in and around blocks that run side by side. */
function boxesSideBySide(plan: Plan<Node>): ReadonlySet<string> {
  const boxes = new Set<string>();
  for (const [index, node] of plan.nodes.entries()) {
    const side = node.verb === 'parallel' || node.verb === 'race' || (node.verb === 'for_each' && node.at_once > 1);
    if (!side) continue;
    boxes.add(`n${index}`);
    for (const block of inner(node)) {
      const [from, to] = plan.blocks[block]?.nodes ?? [0, 0];
      for (let at = from; at < to; at += 1) boxes.add(`n${at}`);
    }
  }
  return boxes;
}
