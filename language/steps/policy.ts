/**
 * `policy`: the version of a policy that was in force at an instant.
 *
 * PURE. All versions travel in the plan, so that a run keeps the policy it was started under, whatever is edited later.
 */
import type { JsonMap } from '../plan/json.js';
import { failure } from '../plan/failure.js';
import { get } from '../plan/parsed.js';
import type { Expression, NodeBase } from '../plan/plan.js';
import type { Policy } from '../plan/project.js';
import type { Field, Type } from '../plan/types.js';
import { TEXT, TIMESTAMP } from '../plan/types.js';
import { instantText, textAt } from './bodies.js';
import type { StepKind } from './kind.js';
import { sayRow } from './said.js';
import { EXPRESSION, NAME } from './shapes.js';

export interface PolicyNode extends NodeBase {
  readonly verb: 'policy';
  readonly of: string;
  readonly at: Expression;
  /** In order of time, without overlap. */
  readonly versions: readonly VersionInForce[];
}

export interface VersionInForce {
  readonly id: string;
  /** RFC 3339, for messages. */
  readonly from: string;
  readonly until?: string;
  /** Epoch milliseconds: `from` inclusive, `until` exclusive; absent = still in force. */
  readonly from_ms: number;
  readonly until_ms?: number;
  /** The version's values and its `id`: the result of the step. */
  readonly result: JsonMap;
}

export const policy: StepKind<'policy', PolicyNode> = {
  verb: 'policy',
  about: 'Takes the version of a policy that was in force at an instant.',
  result: 'The values of that version, and its `id`. No version in force then is failure `no_policy`.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      of: { ...NAME, description: 'a policy that the header names under `policies`' },
      at: { ...EXPRESSION, description: 'the instant, as `${{ … }}`' },
    },
    required: ['of', 'at'],
    additionalProperties: false,
  },
  example: `- id: terms
  policy: { of: returns, at: "\${{ order.ordered_at }}" }
`,
  compile(body, context) {
    const name = textAt(body, 'of');
    const place = get(body, 'of');
    const at = get(body, 'at');
    const compiledAt = at === undefined ? undefined : context.expression(at, TIMESTAMP);
    const found = name === undefined ? undefined : context.policies.get(name);
    if (name === undefined || place === undefined) return undefined;
    if (found === undefined) {
      context.unknown('FIRN316', place, 'policy', name, context.policies.keys());
      return undefined;
    }
    if (compiledAt === undefined) return undefined;
    const node = { verb: 'policy', of: name, at: compiledAt.expression, versions: versionsOf(found) } as const;
    return { node, type: resultType(found.type), label: 'definition' };
  },
  run(node, host) {
    const at_ms = host.milliseconds(node.at);
    const inForce = node.versions.find(
      ({ from_ms, until_ms }) => from_ms <= at_ms && (until_ms === undefined || at_ms < until_ms),
    );
    if (inForce !== undefined) return { kind: 'value', value: inForce.result };
    const when = instantText(at_ms);
    const known = node.versions.map(
      ({ id, from, until }) => `${id} (from ${from}${until === undefined ? '' : ` until ${until}`})`,
    );
    const versions = known.length === 0 ? 'it has no versions' : `its versions are ${known.join(', ')}`;
    throw failure('no_policy', `no version of the policy "${node.of}" was in force at ${when}; ${versions}`);
  },
  summarize: (node) => `policy ${node.of} in force at ${node.at.source}`,
  say: sayRow,
};

function versionsOf(found: Policy): readonly VersionInForce[] {
  return found.versions.map(({ id, from, until, values }) => {
    const result = { ...values, id };
    const start = { id, from, from_ms: Date.parse(from), result };
    return until === undefined ? start : { ...start, until, until_ms: Date.parse(until) };
  });
}

function resultType(values: Type): Type {
  const fields = new Map<string, Field>(values.kind === 'map' ? values.fields : []);
  fields.set('id', { type: TEXT, presence: 'certain' });
  return { kind: 'map', fields };
}
