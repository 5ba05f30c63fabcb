/**
 * `fail`: ends the run as failed, with a code and a message.
 *
 * PURE. The code is the author's own word; those that the engine gives stay the engine's, so that a reader of a failure
 * knows who said it.
 */
import { FAILURE_CODES } from '../plan/failure.js';
import { get } from '../plan/parsed.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { TEXT, mapOf } from '../plan/types.js';
import { textAt, textFrom } from './bodies.js';
import type { StepKind } from './kind.js';
import { TEXT_VALUE } from './shapes.js';

export interface FailNode extends NodeBase {
  readonly verb: 'fail';
  readonly type: string;
  readonly message: Value;
}

const TYPE = /^[a-z][a-z0-9_]{0,63}$/;

export const fail: StepKind<'fail', FailNode> = {
  verb: 'fail',
  about: 'Ends the run as failed; what has an `undo` is undone.',
  result: 'None: the run ends.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      type: { type: 'string', minLength: 1, description: 'a word for programs, like `bad_order`' },
      message: { ...TEXT_VALUE, description: 'a sentence for people' },
    },
    required: ['type', 'message'],
    additionalProperties: false,
  },
  example: `- when: \${{ order.total <= 0 }}
  fail: { type: bad_order, message: "Order \${{ order.id }} has no amount" }
`,
  compile(body, context) {
    const type = textAt(body, 'type');
    const place = get(body, 'type');
    const message = get(body, 'message');
    if (type !== undefined && place !== undefined && !TYPE.test(type)) {
      const problem = `"${type}" cannot be the type of a failure`;
      context.error('FIRN306', place, problem, 'use lower-case letters, digits and _, like `bad_order`');
    } else if (type !== undefined && place !== undefined && Object.hasOwn(FAILURE_CODES, type)) {
      const problem = `"${type}" is a failure that the engine itself gives`;
      context.error('FIRN306', place, problem, 'choose a word of your own, so that the two can be told apart');
    }
    const compiled = message === undefined ? undefined : context.value(message, TEXT);
    if (type === undefined || compiled === undefined) return undefined;
    const node = { verb: 'fail', type, message: compiled.value } as const;
    return { node, type: mapOf({}), label: 'definition', ends: true, silent: true };
  },
  run(node, host) {
    return { kind: 'fail', code: node.type, message: textFrom(host.evaluate(node.message), 'message') };
  },
  summarize: (node) => `fail with ${node.type}`,
};
