/**
 * `approve`: a person of a role says yes or no.
 *
 * PURE. With `for`, the requests of later steps are evaluated, shown and hashed now, and the decision binds them: a step
 * that would then do something else fails. What a customer or a model wrote is shown apart and marked as such.
 */
import type { ItemBody, PersonDecision } from '../plan/host.js';
import { isFailure } from '../plan/failure.js';
import type { JsonMap } from '../plan/json.js';
import { digest, isJsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { NodeBase, Value } from '../plan/plan.js';
import { BOOLEAN, TEXT, TIMESTAMP, mapOf, optional } from '../plan/types.js';
import { withoutPrivate } from '../expressions/private.js';
import { instantText, itemsOf, textAt, textFrom, textOf } from './bodies.js';
import type { CompileContext, StepHost, StepKind, StepRequest } from './kind.js';
import { sayMap, shorten, textOfJson } from './said.js';
import { NAME, TEXT_VALUE } from './shapes.js';
import { writtenIn } from './written.js';

const NOBODY = 'nobody decided in time';

export interface ApproveNode extends NodeBase {
  readonly verb: 'approve';
  /** Nodes that the decision binds, and their ids. */
  readonly for: readonly number[];
  readonly steps: readonly string[];
  readonly what?: Value;
  readonly by: string;
  readonly not_by?: Value;
  readonly on_timeout?: 'reject';
}

export const approve: StepKind<'approve', ApproveNode> = {
  verb: 'approve',
  about: 'Asks a person of a role for a yes or a no, and binds later steps to exactly what was shown.',
  result:
    '`{approved, by?, comment, at}`. `comment` is required to reject; after `on_timeout: reject` it is "nobody decided in time". Without `on_timeout`, the step\'s timeout is failure `timeout`.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      for: { type: 'array', items: NAME, maxItems: 20, description: 'ids of later steps that need the approval' },
      what: { ...TEXT_VALUE, description: 'what is to be approved, in words' },
      by: { ...NAME, description: 'the role that decides' },
      not_by: { ...TEXT_VALUE, description: 'a person of the role who may not decide: whoever asked for it' },
      on_timeout: { enum: ['reject'], description: '`reject`: no decision within the `timeout` of the step is a no' },
    },
    required: ['by'],
    additionalProperties: false,
  },
  example: `- id: approval
  approve: { for: [refund], by: returns-desk, on_timeout: reject }
  timeout: 2d
- when: \${{ !approval.approved }}
  refuse: \${{ approval.comment }}
- id: refund
  create: { in: shop.refunds, values: { order_id: "\${{ order.id }}", amount: "\${{ order.total }}", reason: damaged } }
`,
  compile(body, context) {
    const by = textAt(body, 'by');
    const byPlace = get(body, 'by');
    if (by !== undefined && byPlace !== undefined && !context.project.roles.has(by)) {
      context.unknown('FIRN314', byPlace, 'role', by, context.project.roles.keys());
    }
    const steps = itemsOf(get(body, 'for'));
    const nodes = steps.flatMap((step) => context.laterStep(step) ?? []);
    checkSubject(body, context);
    const [whatPlace, notByPlace] = [get(body, 'what'), get(body, 'not_by')];
    const what = whatPlace === undefined ? undefined : context.value(whatPlace, TEXT);
    const notBy = notByPlace === undefined ? undefined : context.value(notByPlace, TEXT);
    const rejects = get(body, 'on_timeout');
    if (rejects !== undefined && !context.common.hasTimeout) {
      const message =
        '`on_timeout` never comes to pass: the step has no `timeout`, so that it waits as long as the run may';
      context.warning('FIRN302', rejects, message, 'add `timeout` beside `approve`, like `timeout: 2d`');
    }
    const missing =
      (what === undefined && whatPlace !== undefined) || (notBy === undefined && notByPlace !== undefined);
    if (by === undefined || missing || nodes.length < steps.length) return undefined;
    const node = {
      verb: 'approve',
      for: nodes,
      steps: steps.flatMap((step) => textOf(step) ?? []),
      by,
      ...(what === undefined ? {} : { what: what.value }),
      ...(notBy === undefined ? {} : { not_by: notBy.value }),
      ...(rejects === undefined ? {} : { on_timeout: 'reject' as const }),
    } as const;
    const type = mapOf({
      approved: BOOLEAN,
      by: optional(TEXT, 'person'),
      comment: { type: TEXT, presence: 'certain', label: 'person' },
      at: TIMESTAMP,
    });
    const compiled = { node, type, label: 'definition' } as const;
    return nodes.length > 0 ? { ...compiled, silent: true } : compiled;
  },
  async run(node, host) {
    const requests = node.for.map((index) => host.request(index));
    const digests = requests.map(({ request }) => digest(request));
    const decision = await decisionOf(node, requests, host);
    const approved = decision?.decision === 'approve';
    if (node.for.length > 0) host.approved(node.for, digests, approved);
    if (decision === undefined) {
      const at = instantText(host.now());
      return { kind: 'value', value: { approved: false, comment: NOBODY, at } };
    }
    const { by, comment = '', at } = decision;
    return { kind: 'value', value: { approved, by, comment, at } };
  },
  summarize: (node) => `${node.by} approves ${node.steps.length === 0 ? 'or rejects' : node.steps.join(', ')}`,
  say(result) {
    if (!isJsonMap(result)) return '';
    const { approved, by, comment } = result;
    const who = typeof by === 'string' ? ` by ${by}` : '';
    const why = typeof comment === 'string' && comment !== '' ? `: ${shorten(comment)}` : '';
    return `${approved === true ? 'approved' : 'rejected'}${who}${why}`;
  },
};

function checkSubject(body: Parsed, context: CompileContext): void {
  const steps = get(body, 'for');
  if (steps !== undefined && itemsOf(steps).length === 0) {
    const hint = 'name the later steps that need the approval, like `for: [refund]`, or give `what` instead';
    context.error('FIRN405', steps, '`for` names no step, so that the approval would bind nothing', hint);
  } else if (steps === undefined && get(body, 'what') === undefined) {
    const hint = 'name the later steps that need the approval, like `for: [refund]`, or say `what` it is about';
    context.error('FIRN302', body, '`approve` does not say what is to be approved', hint);
  }
}

/** Undefined when the step's timeout passed and `on_timeout: reject` settles it. */
async function decisionOf(
  node: ApproveNode,
  requests: readonly StepRequest[],
  host: StepHost,
): Promise<PersonDecision | undefined> {
  const what = node.what === undefined ? saysAll(requests) : textFrom(host.evaluate(node.what), 'what');
  const written = node.what === undefined ? [] : writtenIn(node.what, host);
  const body: ItemBody = {
    what,
    ...(requests.length === 0 ? {} : { exact: requests.map(({ step, verb, request }) => ({ step, verb, request })) }),
    ...(written.length === 0 ? {} : { written }),
  };
  const item = {
    kind: 'approve',
    role: node.by,
    title: shorten(`approve ${inPassing(node, requests, host)}`, 120),
    body,
  } as const;
  try {
    if (node.not_by === undefined) return await host.person(item);
    return await host.person({ ...item, not_by: textFrom(host.evaluate(node.not_by), 'not_by') });
  } catch (error) {
    if (node.on_timeout === 'reject' && isFailure(error) && error.code === 'timeout') return undefined;
    throw error;
  }
}

function saysAll(requests: readonly StepRequest[]): string {
  return requests.map(describeRequest).join('; ');
}

/** As `what`, without what is private: a title is read in lists, by more people than decide. */
function inPassing(node: ApproveNode, requests: readonly StepRequest[], host: StepHost): string {
  if (node.what !== undefined) return textFrom(host.evaluate(withoutPrivate(node.what)), 'what');
  return requests
    .map((request) => (request.private ? `${request.step}: ${request.verb}` : describeRequest(request)))
    .join('; ');
}

/** One line of a request: "refund: create in shop.refunds (order_id A-1, amount 12.5)". */
function describeRequest({ step, verb, request }: StepRequest): string {
  const table = request['in'] ?? request['from'];
  const where = sayPart('where', request['where']);
  const set = sayPart('set', request['set']);
  const rows = request['rows'];
  const written = Array.isArray(rows) ? rows.map((row: JsonMap) => `(${sayMap(row)})`).join(', ') : '';
  const parts = [set, where, written].filter((part) => part !== '').join(' ');
  return `${step}: ${verb} in ${textOfJson(table ?? '')} ${parts}`.trim();
}

function sayPart(name: string, value: JsonMap[string] | undefined): string {
  if (!isJsonMap(value)) return '';
  const said = Object.entries(value).map(([key, part]) => `${key} ${shorten(textOfJson(part))}`);
  return `${name} ${said.join(', ')}`;
}
