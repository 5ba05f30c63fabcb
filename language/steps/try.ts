/**
 * `try`: answers failures by their type, and does what must be done whatever came of it.
 *
 * PURE. Before a `catch` runs, what the body did is taken back. Endings (`return`, `refuse`, `fail`) are no failures.
 */
import { FAILURE_CODES } from '../plan/failure.js';
import { get } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import type { NodeBase } from '../plan/plan.js';
import { NUMBER, TEXT, mapOf, optional } from '../plan/types.js';
import { isUsableName } from '../expressions/cel.js';
import { branchOf, itemsOf, textAt, textOf } from './bodies.js';
import type { CatchBlock, CompileContext, CompiledBlock, StepKind } from './kind.js';
import { joinOutputs } from './outputs.js';
import { OUTPUT, STEPS } from './shapes.js';

export interface TryNode extends NodeBase {
  readonly verb: 'try';
  readonly block: number;
  readonly catches: readonly CatchBlock[];
  readonly finally?: number;
}

/** What a `catch` sees. The message is what somebody else's system said. */
const FAILURE = mapOf({
  type: TEXT,
  message: { type: TEXT, presence: 'certain', label: 'outside' },
  step: TEXT,
  status: optional(NUMBER),
});

/** What ends a run as a whole and is never answered. */
const NEVER: ReadonlySet<string> = new Set(
  'too_many_steps tainted invalid_input unknown_workflow ticket_used not_startable'.split(' '),
);

export const tryCatch: StepKind<'try', TryNode> = {
  verb: 'try',
  about:
    'Runs its steps. A failure that a `catch` names is answered there, after what the steps did has been undone. `finally` runs last, whatever came.',
  result: 'The `output` of its steps, or of the `catch` that ran. `e` is `{type, message, step, status?}`.',
  effect: 'none',
  block: true,
  schema: {
    type: 'object',
    properties: {
      steps: STEPS,
      output: OUTPUT,
      catch: {
        type: 'array',
        minItems: 1,
        maxItems: 20,
        description: 'the first that names the failure runs',
        items: {
          type: 'object',
          properties: {
            on: {
              type: 'array',
              items: { type: 'string', minLength: 1, maxLength: 100 },
              minItems: 1,
              description: 'failure types, like `not_found` or `http.4xx`; without `on` every failure',
            },
            as: {
              type: 'string',
              minLength: 1,
              maxLength: 60,
              description: 'what the failure is called; `e` unless said',
            },
            steps: STEPS,
            output: OUTPUT,
          },
          additionalProperties: false,
        },
      },
      finally: { ...STEPS, minItems: 1, description: 'what is done last, whatever came; nothing that waits' },
    },
    required: ['steps'],
    additionalProperties: false,
  },
  example: `- id: stock
  try:
    steps:
      - id: found
        read: { from: shop.orders, where: { id: "\${{ order.id }}" } }
    output: { known: true }
    catch:
      - on: [not_found]
        output: { known: false }
`,
  compile(body, context) {
    const catches = itemsOf(get(body, 'catch'));
    const last = get(body, 'finally');
    if (catches.length === 0 && last === undefined) {
      const hint = 'add `catch: [{ on: [not_found], steps: … }]`, or `finally` with steps';
      context.error('FIRN302', body, '`try` answers nothing: it has neither `catch` nor `finally`', hint);
    }
    const block = context.branch(branchOf(body), 'try', []);
    const known = knownTypes(context);
    const caught = catches.map((parsed, index) => compileCatch(parsed, index, known, context));
    checkOrder(catches, context);
    const final = last === undefined ? undefined : context.branch(last, 'finally', []);
    const branches = [{ parsed: body, block }, ...caught.map(({ parsed, block: inner }) => ({ parsed, block: inner }))];
    const node = {
      verb: 'try',
      block: block.block,
      catches: caught.map(({ node: one }) => one),
      ...(final === undefined ? {} : { finally: final.block }),
    } as const;
    return { node, ...joinOutputs(branches, context), silent: true };
  },
  run: ({ block, catches, finally: last }) => ({
    kind: 'try',
    block,
    catches,
    ...(last === undefined ? {} : { finally: last }),
  }),
  summarize: (node) => {
    const on = node.catches.map(({ on: types }) => types?.join(', ') ?? 'every failure');
    return on.length === 0 ? 'and do what comes last' : `and answer ${on.join('; ')}`;
  },
};

function compileCatch(
  parsed: Parsed,
  index: number,
  known: ReadonlySet<string>,
  context: CompileContext,
): { readonly parsed: Parsed; readonly node: CatchBlock; readonly block: CompiledBlock } {
  const as = get(parsed, 'as');
  const name = textAt(parsed, 'as') ?? 'e';
  if (as !== undefined && !isUsableName(name)) {
    context.error('FIRN309', as, `a failure cannot be called "${name}", because expressions could not read it`);
  }
  const on = get(parsed, 'on');
  const types = itemsOf(on).flatMap((item) => {
    const type = textOf(item);
    if (type === undefined) return [];
    if (!known.has(type) && !/^http\.([1-5]\d\d|[45]xx)$/.test(type)) {
      context.unknown('FIRN442', item, 'failure type', type, known);
    }
    return [type];
  });
  const block = context.branch(
    branchOf(parsed),
    `catch-${index + 1}`,
    [],
    [{ name, type: FAILURE, label: 'definition', parsed: as ?? parsed }],
  );
  const slot = context.slotOf(block, name);
  const node = { block: block.block, slot, ...(on === undefined ? {} : { on: types }) };
  return { parsed, node, block };
}

/** What can be caught: the engine's own types, and what called workflows `fail` with. */
function knownTypes(context: CompileContext): ReadonlySet<string> {
  const own = Object.keys(FAILURE_CODES).filter((code) => !NEVER.has(code));
  return new Set([...own, 'http.4xx', 'http.5xx', ...context.called().flatMap(({ fails }) => fails)]);
}

/** A `catch` behind one that names everything can never run. */
function checkOrder(catches: readonly Parsed[], context: CompileContext): void {
  const open = catches.findIndex((parsed) => get(parsed, 'on') === undefined);
  if (open < 0) return;
  for (const parsed of catches.slice(open + 1)) {
    context.error(
      'FIRN401',
      parsed,
      'this `catch` can never run: an earlier one has no `on` and answers every failure',
    );
  }
}
