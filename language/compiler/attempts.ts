/**
 * How long a step can take by what it declares: its attempts, what it waits for.
 *
 * PURE.
 */
import { attemptTime, longestTime, retryOf } from '../plan/attempts.js';
import { effectOf } from '../steps/index.js';
import type { Node } from '../steps/index.js';

/** Milliseconds that the step itself can take, blocks apart, its own `timeout` not looked at. Infinity: nothing limits it. */
export function ownTime(node: Node, callee_ms: (workflow: string) => number): number {
  switch (node.verb) {
    case 'read':
    case 'list':
    case 'create':
    case 'update':
    case 'delete':
    case 'sql':
    case 'http':
    case 'use':
    case 'tell':
      return attempts(node);
    case 'decide':
      return (node.about === undefined ? 0 : attempts(node)) + (node.otherwise === undefined ? 0 : Infinity);
    case 'wait':
      return node.how === 'for' && node.literal_ms !== undefined ? node.literal_ms : Infinity;
    case 'approve':
    case 'ask':
    case 'receive':
      return Infinity;
    case 'call':
      return node.detached ? 0 : callee_ms(node.workflow);
    default:
      return 0;
  }
}

function attempts(node: Node): number {
  return longestTime(retryOf(node, effectOf(node) === 'tell'), attemptTime(node.verb));
}
