/**
 * `tell`: a message to the customer or to a role.
 *
 * PURE. A tell seals: what was done before it is no longer undone by itself. Nobody outside may choose who is told: the
 * address must come from the definition, a policy, a trusted column or a person.
 */
import { get } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import { isJsonMap } from '../plan/json.js';
import type { TellCall } from '../plan/calls.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { TEXT, TIMESTAMP, mapOf } from '../plan/types.js';
import { textAt, textFrom } from './bodies.js';
import type { CompileContext, CompiledValue, StepKind } from './kind.js';
import { NAME, TEXT_VALUE } from './shapes.js';
import { checkSink } from './check-sink.js';

const CUSTOMER = 'customer';

export interface TellNode extends NodeBase {
  readonly verb: 'tell';
  readonly who: string;
  readonly to?: Value;
  readonly via?: string;
  readonly subject?: Value;
  readonly text: Value;
}

export const tell: StepKind<'tell', TellNode> = {
  verb: 'tell',
  about: 'Tells the customer or a role something. What was done before it is no longer undone by itself.',
  result: '`{at}`: the instant at which the message was handed over.',
  effect: 'tell',
  schema: {
    type: 'object',
    properties: {
      who: { ...NAME, description: '`customer`, or a role of firn.yaml' },
      to: { ...TEXT_VALUE, description: 'the address of the customer; roles have a channel' },
      via: { ...NAME, description: 'a channel of firn.yaml; else the default one' },
      subject: { ...TEXT_VALUE, description: 'the subject line, where the channel has one' },
      text: { ...TEXT_VALUE, description: 'the message' },
    },
    required: ['who', 'text'],
    additionalProperties: false,
  },
  example: `- tell: { who: customer, to: "\${{ order.email }}", text: "Order \${{ order.id }} is on its way. Ticket \${{ run.ticket }}." }
`,
  compile(body, context) {
    const who = textAt(body, 'who');
    checkWho(body, who, context);
    const via = textAt(body, 'via');
    const viaPlace = get(body, 'via');
    if (via !== undefined && viaPlace !== undefined && !context.project.channels.has(via)) {
      context.unknown('FIRN315', viaPlace, 'channel', via, context.project.channels);
    }
    const to = compileText(get(body, 'to'), context);
    const toPlace = get(body, 'to');
    if (to !== undefined && toPlace !== undefined) checkSink(toPlace, to, 'tell.to', context);
    const subject = compileText(get(body, 'subject'), context);
    const text = compileText(get(body, 'text'), context);
    const missing =
      (to === undefined && toPlace !== undefined) || (subject === undefined && get(body, 'subject') !== undefined);
    if (who === undefined || text === undefined || missing) return undefined;
    const node = {
      verb: 'tell',
      who,
      text: text.value,
      ...(to === undefined ? {} : { to: to.value }),
      ...(via === undefined ? {} : { via }),
      ...(subject === undefined ? {} : { subject: subject.value }),
    } as const;
    return { node, type: mapOf({ at: TIMESTAMP }), label: 'definition', silent: true };
  },
  async run(node, host) {
    const call: TellCall = {
      who: node.who,
      to: node.to === undefined ? null : textFrom(host.evaluateSink(node.to, 'tell.to'), 'to'),
      via: node.via ?? null,
      subject: node.subject === undefined ? null : textFrom(host.evaluate(node.subject), 'subject'),
      text: textFrom(host.evaluate(node.text), 'text'),
      ticket: host.ticket,
      key: host.key,
    };
    return { kind: 'value', value: await host.call(call) };
  },
  summarize: (node) => (node.who === CUSTOMER ? 'tell the customer' : `tell ${node.who}`),
  say: (result) => (isJsonMap(result) && typeof result['at'] === 'string' ? `told at ${result['at']}` : 'told'),
};

function compileText(parsed: Parsed | undefined, context: CompileContext): CompiledValue | undefined {
  return parsed === undefined ? undefined : context.value(parsed, TEXT);
}

function checkWho(body: Parsed, who: string | undefined, context: CompileContext): void {
  const place = get(body, 'who');
  if (who === undefined || place === undefined) return;
  const to = get(body, 'to');
  if (who === CUSTOMER) {
    if (to === undefined) {
      const hint = 'add `to`: an address that the definition, a policy or a trusted column gives';
      context.error('FIRN302', body, 'a message to the customer needs an address: `to` is missing', hint);
    }
    return;
  }
  if (!context.project.roles.has(who)) {
    context.unknown('FIRN314', place, 'role', who, [CUSTOMER, ...context.project.roles.keys()]);
  } else if (to !== undefined) {
    const hint = 'take `to` away; how a role is told stands in firn.yaml';
    context.error('FIRN301', to, `\`to\` is not for a role: "${who}" is told through its channel`, hint);
  }
}
