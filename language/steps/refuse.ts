/**
 * `refuse`: ends the run as refused, with the reason.
 *
 * PURE. What was done and can be undone is undone; refusing is a result and not an error.
 */
import type { NodeBase, Value } from '../plan/plan.js';
import { TEXT, mapOf } from '../plan/types.js';
import { textFrom } from './bodies.js';
import type { StepKind } from './kind.js';
import { TEXT_VALUE } from './shapes.js';

export interface RefuseNode extends NodeBase {
  readonly verb: 'refuse';
  readonly reason: Value;
}

export const refuse: StepKind<'refuse', RefuseNode> = {
  verb: 'refuse',
  about: 'Ends the run as refused, with this reason; what has an `undo` is undone.',
  result: 'None: the run ends.',
  effect: 'none',
  schema: TEXT_VALUE,
  example: `- when: \${{ order.total > 1000 }}
  refuse: Orders above 1000 are refunded at the shop only
`,
  compile(body, context) {
    const reason = context.value(body, TEXT);
    if (reason === undefined) return undefined;
    const node = { verb: 'refuse', reason: reason.value } as const;
    return { node, type: mapOf({}), label: 'definition', ends: true, silent: true };
  },
  run: (node, host) => ({ kind: 'refuse', reason: textFrom(host.evaluate(node.reason), 'refuse') }),
  summarize: () => 'refuse',
};
