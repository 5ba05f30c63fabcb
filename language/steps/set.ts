/**
 * `set`: names values.
 *
 * PURE. Computed in the run itself; there is no activity and nothing is stored but the result.
 */
import { writtenOf } from '../expressions/labels.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { ANY } from '../plan/types.js';
import { mapFrom } from './bodies.js';
import type { StepKind } from './kind.js';
import { sayMap } from './said.js';
import { VALUE } from './shapes.js';

export interface SetNode extends NodeBase {
  readonly verb: 'set';
  readonly values: Value;
}

export const set: StepKind<'set', SetNode> = {
  verb: 'set',
  about: 'Computes values and names them; the values do not see each other.',
  result: 'The map of the values. A value that is one `${{ a.?b }}` and absent leaves its key out.',
  effect: 'none',
  schema: { type: 'object', additionalProperties: VALUE, minProperties: 1 },
  example: `- id: sums
  set: { half: "\${{ order.total / 2 }}", currency: EUR }
`,
  compile(body, context) {
    const values = context.value(body, ANY, { absentKeys: true });
    if (values === undefined) return undefined;
    return { node: { verb: 'set', values: values.value }, type: values.type, ...writtenOf(values) };
  },
  run: (node, host) => ({ kind: 'value', value: mapFrom(host.evaluate(node.values), 'set') }),
  summarize: (node) =>
    `set ${node.values.is === 'map' ? node.values.entries.map(({ key }) => key).join(', ') : 'values'}`,
  say: sayMap,
};
