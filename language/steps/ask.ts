/**
 * `ask`: a person of a role fills in a form.
 *
 * PURE. What was filled in fits the declared fields, or it is refused where it is sent.
 */
import type { ItemBody } from '../plan/host.js';
import { conform } from '../expressions/conform.js';
import { withoutPrivate } from '../expressions/private.js';
import { failure } from '../plan/failure.js';
import { isJsonMap, type JsonMap } from '../plan/json.js';
import { get } from '../plan/parsed.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { TEXT, TIMESTAMP } from '../plan/types.js';
import type { Field, Type } from '../plan/types.js';
import { textAt, textFrom } from './bodies.js';
import type { StepKind } from './kind.js';
import { sayMap, shorten } from './said.js';
import { NAME, TEXT_VALUE } from './shapes.js';
import { writtenIn } from './written.js';

export interface AskNode extends NodeBase {
  readonly verb: 'ask';
  readonly what: Value;
  readonly by: string;
  /** JSON Schema of the form. */
  readonly form: JsonMap;
  readonly not_by?: Value;
}

export const ask: StepKind<'ask', AskNode> = {
  verb: 'ask',
  about: 'Asks a person of a role to fill in a form.',
  result: "The form's fields, `by` and `at`. After the step's `timeout`: failure `timeout`.",
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      what: { ...TEXT_VALUE, description: 'what is asked, in words' },
      by: { ...NAME, description: 'the role that answers' },
      form: { type: 'object', minProperties: 1, description: 'the fields to fill in' },
      not_by: { ...TEXT_VALUE, description: 'a person of the role who may not answer' },
    },
    required: ['what', 'by', 'form'],
    additionalProperties: false,
  },
  example: `- id: visit
  ask:
    what: "When can somebody look at order \${{ order.id }}?"
    by: returns-desk
    form: { day: date-time, note?: { type: string, maxLength: 500 } }
  timeout: 2d
`,
  compile(body, context) {
    const [what, form, by, notBy] = [get(body, 'what'), get(body, 'form'), get(body, 'by'), get(body, 'not_by')];
    const role = textAt(body, 'by');
    if (role !== undefined && by !== undefined && !context.project.roles.has(role)) {
      context.unknown('FIRN314', by, 'role', role, context.project.roles.keys());
    }
    const text = what === undefined ? undefined : context.value(what, TEXT);
    const fields = form === undefined ? undefined : context.fields(form);
    const other = notBy === undefined ? undefined : context.value(notBy, TEXT);
    if (role === undefined || text === undefined || fields === undefined) return undefined;
    if (notBy !== undefined && other === undefined) return undefined;
    const node = {
      verb: 'ask',
      what: text.value,
      by: role,
      form: fields.schema,
      ...(other === undefined ? {} : { not_by: other.value }),
    } as const;
    return { node, type: withPerson(fields.type), label: 'person' };
  },
  async run(node, host) {
    const what = textFrom(host.evaluate(node.what), 'what');
    const written = writtenIn(node.what, host);
    const body: ItemBody = { what, ...(written.length === 0 ? {} : { written }), form: node.form };
    const item = {
      kind: 'answer',
      role: node.by,
      title: shorten(textFrom(host.evaluate(withoutPrivate(node.what)), 'what'), 120),
      body,
      form: node.form,
    } as const;
    const asked =
      node.not_by === undefined ? item : { ...item, not_by: textFrom(host.evaluate(node.not_by), 'not_by') };
    const { values = {}, by, at } = await host.person(asked);
    const wrong = conform(node.form, values, 'values');
    if (wrong !== undefined) throw failure('invalid', `what ${by} filled in does not fit: ${wrong}`);
    return { kind: 'value', value: { ...values, by, at } };
  },
  summarize: (node) => `ask ${node.by}`,
  say: (result) => (isJsonMap(result) ? sayMap(result) : ''),
};

function withPerson(type: Type): Type {
  const fields = new Map<string, Field>(type.kind === 'map' ? type.fields : []);
  fields.set('by', { type: TEXT, presence: 'certain' });
  fields.set('at', { type: TIMESTAMP, presence: 'certain', label: 'definition' });
  return { kind: 'map', fields };
}
