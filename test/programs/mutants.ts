/**
 * Interpreters that are broken on purpose, made from the outside: by another plan, other kinds, or a state that misbehaves.
 */
import type { State, UndoEntry } from '../../interpreter/state.js';
import type { Plan } from '../../language/plan/plan.js';
import { kindOf, type Node } from '../../language/steps/index.js';
import type { Twist } from './run-program.js';

function nodes(change: (node: Node) => Node): Twist {
  return { plan: (plan: Plan<Node>) => ({ ...plan, nodes: plan.nodes.map(change) }) };
}

/** A stack that gives back its oldest. */
class Queue extends Array<UndoEntry> {
  override pop(): UndoEntry | undefined {
    return this.shift();
  }
}

export const mutants: { readonly [name: string]: Twist } = {
  'undo goes from the oldest to the newest': { state: (state): State => ({ ...state, undo: new Queue() }) },
  'nothing is undone': nodes(({ undo, ...node }) => node),
  'a catch ignores `on`': nodes((node) =>
    node.verb === 'try' ? { ...node, catches: node.catches.map(({ on, ...one }) => one) } : node,
  ),
  'catches are asked from the last': nodes((node) =>
    node.verb === 'try' ? { ...node, catches: [...node.catches].reverse() } : node,
  ),
  '`finally` does not run': nodes((node) => {
    if (node.verb !== 'try') return node;
    const { finally: never, ...rest } = node;
    return rest;
  }),
  'failures are not collected': nodes((node) => (node.verb === 'for_each' ? { ...node, on_error: 'stop' } : node)),
  'all failures are collected': nodes((node) => (node.verb === 'for_each' ? { ...node, on_error: 'collect' } : node)),
  'items run one after the other': nodes((node) => (node.verb === 'for_each' ? { ...node, at_once: 1 } : node)),
  'a loop runs once too often': nodes((node) =>
    node.verb === 'repeat' ? { ...node, at_most: node.at_most + 1 } : node,
  ),
  'a loop does not wait': nodes((node) => {
    if (node.verb !== 'repeat') return node;
    const { every_ms, ...rest } = node;
    return rest;
  }),
  'the last branch of a race is left out': nodes((node) =>
    node.verb === 'race' ? { ...node, branches: node.branches.slice(0, -1) } : node,
  ),
  'branches run in the other order': nodes((node) =>
    node.verb === 'parallel' ? { ...node, branches: [...node.branches].reverse() } : node,
  ),
  'timeouts are forgotten': nodes(({ timeout_ms, ...node }) => node),
  '`when` is forgotten': nodes(({ when, ...node }) => node),
  '`ensure` is forgotten': nodes(({ ensure, ...node }) => node),
  '`retry` is forgotten': nodes(({ retry, ...node }) => node),
  'a message seals nothing': {
    kinds: (node) => {
      const kind = kindOf(node);
      return node.verb === 'tell' ? { ...kind, effect: 'read' } : kind;
    },
  },
  'a write is let go of when it is cancelled': {
    kinds: (node) => {
      const kind = kindOf(node);
      return node.verb === 'create' ? { ...kind, effect: 'read' } : kind;
    },
  },
  'what is bound to an approval runs without it': nodes((node) =>
    node.verb === 'approve' ? { ...node, for: [] } : node,
  ),
};
