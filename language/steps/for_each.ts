/**
 * `for_each`: the same steps for every item of a list.
 *
 * PURE. Items run one after the other, or some at once; each has names of its own. Results stand in the order of the list.
 */
import type { Json } from '../plan/json.js';
import { get } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import type { Expression, NodeBase } from '../plan/plan.js';
import { ANY, TEXT, describeType, listOf, mapOf, optional } from '../plan/types.js';
import type { Field, Type } from '../plan/types.js';
import { isUsableName } from '../expressions/cel.js';
import { AUTHOR, fieldWritten, writtenOf } from '../expressions/labels.js';
import { branchOf, numberAt, textAt } from './bodies.js';
import type { CompileContext, CompiledBlock, StepKind } from './kind.js';
import { EXPRESSION, OUTPUT, STEPS } from './shapes.js';

export interface ForEachNode extends NodeBase {
  readonly verb: 'for_each';
  readonly in: Expression;
  readonly as: string;
  readonly block: number;
  readonly item: number;
  readonly at_once: number;
  readonly on_error: 'stop' | 'collect';
  /** The list never has more items, as far as its declaration says; else the most that a loop may have. */
  readonly most_items: number;
}

const MOST_ITEMS = 10_000;
const MOST_AT_ONCE = 100;

export const forEach: StepKind<'for_each', ForEachNode> = {
  verb: 'for_each',
  about: 'Runs the same steps for every item of a list, one after the other or some at once.',
  result:
    'The list of the outputs, in the order of the items. With `on_error: collect`, an item that failed has taken back what it did and stands there as `{error: {type, message, step}}`.',
  effect: 'none',
  block: true,
  schema: {
    type: 'object',
    properties: {
      in: { ...EXPRESSION, description: 'the list, as `${{ … }}`; at most 10,000 items' },
      as: {
        type: 'string',
        minLength: 1,
        maxLength: 60,
        description: 'what an item is called inside; `item` unless said',
      },
      at_once: {
        type: 'integer',
        minimum: 1,
        maximum: MOST_AT_ONCE,
        description: 'how many items run at the same time; 1 unless said',
      },
      on_error: {
        enum: ['stop', 'collect'],
        description: '`stop` (the default): the first item that fails ends the loop. `collect`: the others go on',
      },
      steps: STEPS,
      output: OUTPUT,
    },
    required: ['in'],
    additionalProperties: false,
  },
  example: `- id: open
  list: { from: shop.orders, where: { status: processing } }
- for_each:
    in: \${{ open }}
    as: late
    at_once: 5
    on_error: collect
    steps:
      - update: { in: shop.orders, where: { id: "\${{ late.id }}" }, set: { status: delivered } }
    output: { id: "\${{ late.id }}" }
`,
  compile(body, context) {
    const list = get(body, 'in');
    const compiled = list === undefined ? undefined : context.expression(list, listOf(ANY));
    const as = nameOf(body, context);
    const type = compiled?.type ?? ANY;
    const item = type.kind === 'list' ? type.item : ANY;
    if (list !== undefined && compiled !== undefined && type.kind !== 'list' && type.kind !== 'any') {
      context.error('FIRN209', list, `\`in\` must give a list, but this is ${describeType(type)}`);
    }
    const by = compiled === undefined ? AUTHOR : writtenOf(compiled);
    const name = { name: as, type: item, ...by, parsed: get(body, 'as') ?? body };
    const block = context.branch(branchOf(body), '', [], [name]);
    if (compiled === undefined) return undefined;
    const on_error = textAt(body, 'on_error') === 'collect' ? 'collect' : 'stop';
    const atMost = type.kind === 'list' && type.atMost !== undefined ? Math.min(type.atMost, MOST_ITEMS) : MOST_ITEMS;
    const node = {
      verb: 'for_each',
      in: compiled.expression,
      as,
      block: block.block,
      item: context.slotOf(block, as),
      at_once: numberAt(body, 'at_once') ?? 1,
      on_error,
      most_items: atMost,
    } as const;
    return { node, type: listOf(resultOf(block, on_error), atMost), ...writtenOf(block), silent: true };
  },
  run(node, host) {
    const items = host.evaluate({ is: 'expression', expression: node.in });
    if (!Array.isArray(items)) throw new Error(`"${node.path}" has no list to go through: a bug of the compiler`);
    const list: readonly Json[] = items;
    const { block, item: slot, at_once, on_error } = node;
    return { kind: 'each', items: list, block, slot, at_once, collect: on_error === 'collect' };
  },
  summarize: (node) => `for each ${node.as} of ${node.in.source}`,
  say: (result) => (Array.isArray(result) ? `${result.length} ${result.length === 1 ? 'item' : 'items'}` : ''),
};

/** An item's output; where failures are collected, none of its fields is certain. */
function resultOf(block: CompiledBlock, on_error: ForEachNode['on_error']): Type {
  const { type } = block;
  if (on_error === 'stop' || type.kind !== 'map') return type;
  const fields = new Map<string, Field>();
  for (const [name, field] of type.fields)
    fields.set(name, { ...field, ...fieldWritten(field, writtenOf(block)), presence: 'optional' });
  const message = { type: TEXT, presence: 'certain', label: 'outside' } as const;
  fields.set('error', optional(mapOf({ type: TEXT, message, step: TEXT })));
  return { ...type, fields };
}

/** What an item is called: `item`, unless the author says otherwise. Problems: FIRN309. */
function nameOf(body: Parsed, context: CompileContext): string {
  const parsed = get(body, 'as');
  const name = textAt(body, 'as');
  if (parsed === undefined || name === undefined) return 'item';
  if (isUsableName(name)) return name;
  context.error('FIRN309', parsed, `an item cannot be called "${name}", because expressions could not read it`);
  return name;
}
