/**
 * `return`: ends the run as done, from any depth.
 *
 * PURE. Nothing is undone: what was done is what was wanted.
 */
import type { NodeBase, Value } from '../plan/plan.js';
import { ANY, mapOf } from '../plan/types.js';
import type { StepKind } from './kind.js';
import { OUTPUT } from './shapes.js';

export interface ReturnNode extends NodeBase {
  readonly verb: 'return';
  readonly output: Value;
}

export const returnOutput: StepKind<'return', ReturnNode> = {
  verb: 'return',
  about: 'Ends the run as done, with this output.',
  result: 'None: the run ends.',
  effect: 'none',
  schema: OUTPUT,
  example: `- when: \${{ order.status == 'refunded' }}
  return: { order: "\${{ order.id }}", already: true }
`,
  compile(body, context) {
    const output = context.value(body, ANY, { absentKeys: true });
    if (output === undefined) return undefined;
    const node = { verb: 'return', output: output.value } as const;
    return { node, type: mapOf({}), label: 'definition', returns: output.type, ends: true, silent: true };
  },
  run: (node, host) => ({ kind: 'return', output: host.evaluate(node.output) }),
  summarize(node) {
    const names = node.output.is === 'map' ? node.output.entries.map(({ key }) => key) : [];
    return names.length === 0 ? 'return' : `return ${names.join(', ')}`;
  },
};
