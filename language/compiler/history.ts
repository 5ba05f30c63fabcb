/**
 * How much history a run can make between two points at which it can continue as new.
 *
 * PURE. A run continues between two steps, in all its branches at once, and never while it waits for a called workflow,
 * because continuing would cancel that (interpreter/draining.ts). So where called workflows overlap there is no such point
 * until all of them are over, and all that runs beside one adds up. Items that run one after the other have a point
 * between them; undoing has none. What is counted is an estimate from above: each event may have a workflow task of its own.
 */
import type { Node } from '../steps/index.js';
import type { Walked } from './worst.js';
import { inner } from './worst.js';

/** Events: scheduled, started, completed, and a workflow task of three for each answer. */
const EVENTS = { none: 0, activity: 6, timer: 6, message: 6, person: 20, child: 9, detached: 8 } as const;
/** Settling an effect and taking it back. */
const EVENTS_OF_UNDO = 12;

/** From so many events on, a loop lets its called workflows end before it takes another item (workflows/temporal-host.ts). */
const LOOP_WAITS_FROM = 4_000;

/** A result is a failure beyond it (interpreter/limits.ts). */
const RESULT_LIMIT = 256 * 1024;

export interface Stretch {
  /** Events and characters between two points, and altogether. */
  readonly events: number;
  readonly characters: number;
  readonly all_events: number;
  readonly all_characters: number;
  /** It waits for called workflows. */
  readonly children: boolean;
  /** Activities and called workflows at the same time. */
  readonly at_once: number;
  /** Effects with an undo that no message has sealed: at the end, and at the most. */
  readonly open: number;
  readonly most_open: number;
  /** Whatever was open before is sealed. */
  readonly seals: boolean;
}

export interface Sizes {
  /** Characters of a step's result, as declared. */
  result(node: Node): number;
  /** Characters of the input of a workflow that is called. */
  input(workflow: string): number;
}

/** A step that makes more history between two points than any inside it, and how much. */
export interface Gap {
  readonly node: Node;
  readonly stretch: Stretch;
}

const NOTHING: Stretch = {
  events: 0,
  characters: 0,
  all_events: 0,
  all_characters: 0,
  children: false,
  at_once: 0,
  open: 0,
  most_open: 0,
  seals: false,
};

/** The whole run, and each step of it that holds blocks. */
export function historyOf(plan: Walked, sizes: Sizes): { readonly run: Stretch; readonly gaps: readonly Gap[] } {
  const gaps: Gap[] = [];
  const run = stretchOfBlock(0, { plan, sizes, gaps });
  return { run, gaps };
}

interface Counting {
  readonly plan: Walked;
  readonly sizes: Sizes;
  readonly gaps: Gap[];
}

function stretchOfBlock(index: number, counting: Counting): Stretch {
  return (counting.plan.blocks[index]?.steps ?? []).reduce((before, step) => {
    const node = counting.plan.nodes[step];
    return node === undefined ? before : then(before, stretchOfStep(node, counting));
  }, NOTHING);
}

function stretchOfStep(node: Node, counting: Counting): Stretch {
  const stretch = blocksOf(node, counting);
  if (inner(node).length > 0) counting.gaps.push({ node, stretch });
  return node.when === undefined ? stretch : { ...stretch, seals: false };
}

function blocksOf(node: Node, counting: Counting): Stretch {
  const blocks = inner(node).map((index) => stretchOfBlock(index, counting));
  switch (node.verb) {
    case 'switch':
      return blocks.reduce(either, undefined) ?? NOTHING;
    case 'for_each': {
      const body = blocks[0] ?? NOTHING;
      return node.at_once === 1 || node.most_items === 1
        ? loop(body, node.most_items)
        : side(loop(body, node.most_items), body, Math.min(node.at_once, node.most_items), node.most_items);
    }
    case 'repeat': {
      const timer = node.every_ms === undefined ? NOTHING : leaf(EVENTS.timer, 0);
      return loop(then(blocks[0] ?? NOTHING, timer), node.at_most);
    }
    case 'parallel':
    case 'race':
      return beside(blocks);
    case 'try': {
      const [body = NOTHING, ...others] = blocks;
      const last = node.finally === undefined ? NOTHING : (others.pop() ?? NOTHING);
      const caught = others.reduce(either, undefined) ?? NOTHING;
      return then(either(body, then(body, caught)), {
        ...last,
        events: last.all_events,
        characters: last.all_characters,
      });
    }
    default:
      return ownOf(node, counting);
  }
}

function ownOf(node: Node, { sizes }: Counting): Stretch {
  const characters = Math.min(RESULT_LIMIT, sizes.result(node));
  switch (node.verb) {
    case 'set':
    case 'policy':
    case 'return':
    case 'refuse':
    case 'fail':
      return NOTHING;
    case 'wait':
      return leaf(EVENTS.timer, 0);
    case 'receive':
    case 'send':
      return leaf(EVENTS.message, characters);
    case 'approve':
    case 'ask':
      return leaf(EVENTS.person, characters);
    case 'decide': {
      const person = node.otherwise === undefined ? 0 : EVENTS.person;
      const asked = node.about === undefined ? 0 : EVENTS.activity;
      return { ...leaf(person + asked, characters), at_once: asked === 0 ? 0 : 1 };
    }
    case 'call': {
      const events = node.detached ? EVENTS.detached : EVENTS.child;
      const all = leaf(events, sizes.input(node.workflow) + (node.detached ? 0 : characters));
      return { ...all, children: !node.detached, at_once: 1, ...opened(node) };
    }
    default:
      return { ...leaf(EVENTS.activity, characters), at_once: 1, seals: node.verb === 'tell', ...opened(node) };
  }
}

function opened(node: Node): Pick<Stretch, 'open' | 'most_open'> {
  const open = node.undo === undefined ? 0 : 1;
  return { open, most_open: open };
}

function leaf(events: number, characters: number): Stretch {
  return { ...NOTHING, events, characters, all_events: events, all_characters: characters };
}

/** Events that it takes to undo so many effects, in one stretch. */
export function eventsOfUndo(open: number): number {
  return open * EVENTS_OF_UNDO;
}

function then(first: Stretch, second: Stretch): Stretch {
  const open = second.seals ? second.open : first.open + second.open;
  return {
    events: Math.max(first.events, second.events),
    characters: Math.max(first.characters, second.characters),
    all_events: first.all_events + second.all_events,
    all_characters: first.all_characters + second.all_characters,
    children: first.children || second.children,
    at_once: Math.max(first.at_once, second.at_once),
    open,
    most_open: Math.max(first.most_open, first.open + second.most_open),
    seals: first.seals || second.seals,
  };
}

function either(one: Stretch | undefined, other: Stretch): Stretch {
  if (one === undefined) return other;
  return {
    ...then(one, other),
    all_events: Math.max(one.all_events, other.all_events),
    all_characters: Math.max(one.all_characters, other.all_characters),
    open: Math.max(one.open, other.open),
    most_open: Math.max(one.most_open, other.most_open),
    seals: one.seals && other.seals,
  };
}

/** One after the other: between two rounds the run can continue. */
function loop(body: Stretch, times: number): Stretch {
  const open = body.seals ? body.open : body.open * times;
  return {
    ...body,
    all_events: body.all_events * times,
    all_characters: body.all_characters * times,
    open: times === 0 ? 0 : open,
    most_open: times === 0 ? 0 : open - body.open + body.most_open + (body.seals ? body.open : 0),
  };
}

/** Several rounds at once: where they wait for called workflows, the loop lets them end when the history has grown long. */
function side(all: Stretch, body: Stretch, lanes: number, times: number): Stretch {
  const held = body.children;
  const rounds = Math.min(times, lanes + Math.ceil(LOOP_WAITS_FROM / Math.max(1, body.all_events)));
  return {
    ...all,
    events: held ? body.all_events * rounds : body.events * lanes,
    characters: held ? body.all_characters * rounds : body.characters * lanes,
    at_once: body.at_once * lanes,
  };
}

/** Branches: while one of them waits for a called workflow, what the others do adds up. */
function beside(branches: readonly Stretch[]): Stretch {
  const whole = branches.reduce(
    (sum, one) => ({
      events: sum.events + one.events,
      characters: sum.characters + one.characters,
      all_events: sum.all_events + one.all_events,
      all_characters: sum.all_characters + one.all_characters,
      children: sum.children || one.children,
      at_once: sum.at_once + one.at_once,
      open: sum.open + one.open,
      most_open: sum.most_open + one.most_open,
      seals: sum.seals || one.seals,
    }),
    NOTHING,
  );
  const waiting = branches.filter(({ children }) => children);
  const [only] = waiting;
  if (only === undefined) return whole;
  if (waiting.length > 1) return { ...whole, events: whole.all_events, characters: whole.all_characters };
  return {
    ...whole,
    events: whole.all_events - only.all_events + only.events,
    characters: whole.all_characters - only.all_characters + only.characters,
  };
}
