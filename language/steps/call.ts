/**
 * `call`: runs another workflow, with a ticket of its own.
 *
 * PURE. Which version of it is called is fixed when the calling definition is compiled. A refusal is a result; a child that
 * failed, was handed over or cancelled is a failure of this step.
 */
import { isJsonMap } from '../plan/json.js';
import { get } from '../plan/parsed.js';
import type { NodeBase, Value } from '../plan/plan.js';
import type { Callee } from '../plan/project.js';
import { enumeration, mapOf, maybe, optional, TEXT, unlabelled } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import { flagAt, mapFrom } from './bodies.js';
import type { StepKind } from './kind.js';
import { textOfJson } from './said.js';
import { NAME, VALUE } from './shapes.js';

export interface CallNode extends NodeBase {
  readonly verb: 'call';
  readonly workflow: string;
  readonly with: Value;
  readonly detached: boolean;
}

export const call: StepKind<'call', CallNode> = {
  verb: 'call',
  about:
    'Runs another workflow of the project, with a ticket of its own, and waits for its end unless it is `detached`.',
  result:
    '`{ended, ticket, output?, reason?}`: `ended` is `done` or `refused`. Detached: `{ticket}`. A workflow that failed is a failure of the same type; one that was handed over is failure `handed_over`.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      workflow: { ...NAME, description: 'the name of the workflow' },
      with: { type: 'object', additionalProperties: VALUE, description: 'its input' },
      detached: { type: 'boolean', description: '`true`: go on without waiting for it' },
    },
    required: ['workflow'],
    additionalProperties: false,
  },
  example: `- id: repaid
  call: { workflow: refund, with: { order_id: "\${{ order.id }}" } }
`,
  compile(body, context) {
    const parsed = get(body, 'workflow');
    const callee = parsed === undefined ? undefined : context.callee(parsed);
    const written = get(body, 'with');
    const input = context.value(written ?? { ...body, is: 'map', entries: [] }, callee?.takes ?? OPEN, {
      absentKeys: true,
    });
    const detached = flagAt(body, 'detached');
    if (callee === undefined || input === undefined) return undefined;
    const node = { verb: 'call', workflow: callee.name, with: input.value, detached } as const;
    return { node, type: detached ? mapOf({ ticket: TEXT }) : resultOf(callee), label: 'definition', silent: true };
  },
  async run(node, host) {
    const input = mapFrom(host.evaluate(node.with), 'with');
    const { ended, ...end } = await host.child({ workflow: node.workflow, input, detached: node.detached });
    if (ended === 'started') return { kind: 'value', value: { ticket: end.ticket } };
    return { kind: 'value', value: { ended, ...end } };
  },
  summarize: (node) => `${node.detached ? 'start' : 'run'} ${node.workflow}`,
  say(result) {
    if (!isJsonMap(result)) return '';
    const { ended, ticket, reason } = result;
    const why = typeof reason === 'string' ? `: ${reason}` : '';
    return `${typeof ended === 'string' ? ended : 'started'} ${textOfJson(ticket ?? '')}${why}`;
  },
};

const OPEN: Type = { kind: 'map', fields: new Map(), open: true };

function resultOf({ gives }: Callee): Type {
  return mapOf({
    ended: enumeration(['done', 'refused']),
    ticket: TEXT,
    output: optional(unlabelled(maybe(gives)), 'outside'),
    reason: optional(TEXT, 'outside'),
  });
}
