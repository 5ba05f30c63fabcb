/**
 * How long a step can take by what it declares: its timeout, its attempts, what it waits for.
 *
 * PURE. Without `retry`, a step is tried as often as the interpreter says.
 */
import type { Retry } from '../plan/plan.js';
import { effectOf } from '../steps/index.js';
import type { Node } from '../steps/index.js';

/** Time of one attempt of an activity; a question may wait for the model process. */
const ATTEMPT_MS = 10_000;
const QUESTION_MS = 60_000;
/** As in interpreter/step-host.ts: the attempts of a step that declares none. */
const RETRY: Retry = { attempts: 10, first_ms: 1_000, factor: 2, most_ms: 30_000 };
const TELL_ATTEMPTS = 5;

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

/** All attempts and the waits between them. */
function attempts(node: Node): number {
  const attempt_ms = node.verb === 'decide' ? QUESTION_MS : ATTEMPT_MS;
  if (node.once === true) return attempt_ms;
  const retry = node.retry ?? (effectOf(node) === 'tell' ? { ...RETRY, attempts: TELL_ATTEMPTS } : RETRY);
  let wait_ms = retry.first_ms;
  let total_ms = attempt_ms;
  for (let attempt = 1; attempt < retry.attempts; attempt += 1) {
    total_ms += Math.min(wait_ms, retry.most_ms) + attempt_ms;
    wait_ms *= retry.factor;
  }
  return total_ms;
}
