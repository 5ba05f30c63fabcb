/**
 * `receive` and `send`: messages between runs, and to a run from outside.
 *
 * PURE. A message waits in the run until a `receive` of its name takes it, oldest first, whether it came before the step or
 * comes during it. One that does not fit the declared fields is set aside and named; it is never taken.
 */
import { conform } from '../expressions/conform.js';
import { isJsonMap, type JsonMap } from '../plan/json.js';
import { get } from '../plan/parsed.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { mapOf, TEXT, TIMESTAMP } from '../plan/types.js';
import type { Field, Type } from '../plan/types.js';
import { instantText, mapFrom, textAt, textFrom } from './bodies.js';
import type { CompileContext, StepKind } from './kind.js';
import { TEXT_VALUE, VALUE } from './shapes.js';
import { checkSink } from './check-sink.js';

export interface ReceiveNode extends NodeBase {
  readonly verb: 'receive';
  readonly message: string;
  /** JSON Schema of its fields. */
  readonly fields: JsonMap;
}

const MESSAGE = {
  type: 'string',
  minLength: 1,
  maxLength: 60,
  description: 'the name of the message: letters, digits, - and _',
} as const;
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,59}$/;
const NO_FIELDS: JsonMap = { type: 'object', properties: {}, additionalProperties: false };

export const receive: StepKind<'receive', ReceiveNode> = {
  verb: 'receive',
  about: 'Takes the oldest message of a name, or waits for one. Give the step a `timeout` where it may never come.',
  result: 'The declared fields and `at`, when it came. After the `timeout`: failure `timeout`.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      message: MESSAGE,
      fields: { type: 'object', description: 'what it carries; a message with anything else is set aside' },
    },
    required: ['message'],
    additionalProperties: false,
  },
  example: `- id: parcel
  receive: { message: parcel_scanned, fields: { place: string, weight?: number } }
  timeout: 3d
`,
  compile(body, context) {
    const message = nameOf(body, context);
    const written = get(body, 'fields');
    const fields = written === undefined ? { schema: NO_FIELDS, type: mapOf({}) } : context.fields(written);
    if (message === undefined || fields === undefined) return undefined;
    const node = { verb: 'receive', message, fields: fields.schema } as const;
    return { node, type: withTime(fields.type), label: 'outside', silent: true };
  },
  async run(node, host) {
    const { values, at_ms } = await host.receive(node.message, (given) => conform(node.fields, given, node.message));
    return { kind: 'value', value: { ...values, at: instantText(at_ms) } };
  },
  summarize: (node) => `wait for the message ${node.message}`,
  say: (result) => (isJsonMap(result) && typeof result['at'] === 'string' ? `came ${result['at']}` : ''),
};

export interface SendNode extends NodeBase {
  readonly verb: 'send';
  readonly to: Value;
  readonly message: string;
  readonly values: Value;
}

export const send: StepKind<'send', SendNode> = {
  verb: 'send',
  about: 'Sends a message to another run, by its ticket.',
  result: '`{}`. No such run, or it has ended: failure `not_found`.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      to: { ...TEXT_VALUE, description: 'the ticket of the run' },
      message: MESSAGE,
      values: { type: 'object', additionalProperties: VALUE, description: 'what it carries' },
    },
    required: ['to', 'message'],
    additionalProperties: false,
  },
  example: `- send: { to: "\${{ run.ticket }}", message: paid, values: { amount: "\${{ order.total }}" } }
`,
  compile(body, context) {
    const to = get(body, 'to');
    const address = to === undefined ? undefined : context.value(to, TEXT);
    const message = nameOf(body, context);
    const written = get(body, 'values');
    const values =
      written === undefined
        ? ({ is: 'literal', value: {} } as const)
        : context.value(written, OPEN, { absentKeys: true })?.value;
    if (to !== undefined && address !== undefined) checkSink(to, address, 'send.to', context);
    if (address === undefined || message === undefined || values === undefined) return undefined;
    return {
      node: { verb: 'send', to: address.value, message, values },
      type: mapOf({}),
      label: 'definition',
      silent: true,
    };
  },
  async run(node, host) {
    const to = textFrom(host.evaluateSink(node.to, 'send.to'), 'to');
    await host.send(to, node.message, mapFrom(host.evaluate(node.values), 'values'));
    return { kind: 'value', value: {} };
  },
  summarize: (node) => `send ${node.message}`,
};

const OPEN: Type = { kind: 'map', fields: new Map(), open: true };

/** Problems: FIRN309. */
function nameOf(body: Parameters<typeof textAt>[0], context: CompileContext): string | undefined {
  const parsed = get(body, 'message');
  const name = textAt(body, 'message');
  if (parsed === undefined || name === undefined) return undefined;
  if (NAME.test(name)) return name;
  const hint = 'letters, digits, - and _, beginning with a letter';
  context.error('FIRN309', parsed, `a message cannot be called "${name}"`, hint);
  return undefined;
}

function withTime(type: Type): Type {
  const fields = new Map<string, Field>(type.kind === 'map' ? type.fields : []);
  fields.set('at', { type: TIMESTAMP, presence: 'certain', label: 'definition' });
  return { kind: 'map', fields };
}
