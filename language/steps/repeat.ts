/**
 * `repeat`: the same steps again until something holds.
 *
 * PURE. It always ends: after `at_most` passes without what it waits for it is a failure, never silently over.
 */
import { get } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import type { Expression, NodeBase } from '../plan/plan.js';
import { ANY, BOOLEAN, TEXT, listOf, maybe, optional, unlabelled } from '../plan/types.js';
import type { Type, Written } from '../plan/types.js';
import { misfit } from '../expressions/fit.js';
import { AUTHOR, wholeWritten, written, writtenOf } from '../expressions/labels.js';
import { branchOf, numberAt, textOf } from './bodies.js';
import type { BlockName, CompileContext, StepKind } from './kind.js';
import { EXPRESSION, OUTPUT, STEPS } from './shapes.js';

export interface RepeatNode extends NodeBase {
  readonly verb: 'repeat';
  readonly block: number;
  readonly until: Expression;
  readonly at_most: number;
  readonly every_ms?: number;
  readonly pass: number;
  readonly last: number;
}

type Typed = Written & { readonly type: Type };

const MOST_PASSES = 1_000;

export const repeat: StepKind<'repeat', RepeatNode> = {
  verb: 'repeat',
  about: 'Runs its steps again until something holds. `pass` counts from 1; `last` is the output of the pass before.',
  result: 'The output of the last pass. When `at_most` passes have not reached `until`: failure `not_reached`.',
  effect: 'none',
  block: true,
  schema: {
    type: 'object',
    properties: {
      steps: STEPS,
      output: OUTPUT,
      until: { ...EXPRESSION, description: 'it is over when this holds; sees the steps inside, `pass` and `last`' },
      at_most: { type: 'integer', minimum: 1, maximum: MOST_PASSES, description: 'how often it may run' },
      every: { type: 'string', minLength: 1, description: 'the time between two passes, like 30s or 5m' },
    },
    required: ['until', 'at_most'],
    additionalProperties: false,
  },
  example: `- id: arrival
  repeat:
    every: 6h
    at_most: 20
    steps:
      - id: seen
        read: { from: shop.orders, where: { id: "\${{ order.id }}" } }
    until: \${{ seen.status == 'delivered' }}
    output: { status: "\${{ seen.status }}" }
`,
  compile(body, context) {
    const output = get(body, 'output');
    const parsed = get(body, 'steps') ?? body;
    const pass = { name: 'pass', type: { kind: 'number', whole: true }, ...AUTHOR, parsed, innermost: true } as const;
    const last = passBefore(body, namesIn(output), pass, context);
    const block = context.branch(branchOf(body), '', [], [pass, { name: 'last', ...last, parsed, innermost: true }]);
    const condition = get(body, 'until');
    const until = condition === undefined ? undefined : context.expression(condition, BOOLEAN, block.scope);
    const every = get(body, 'every');
    const every_ms = every === undefined ? undefined : context.duration(every);
    const at_most = numberAt(body, 'at_most');
    if (block.ends) {
      const message = 'this never repeats: every way through it ends the run';
      context.error('FIRN443', get(body, 'steps') ?? body, message, 'take the `repeat` away, or let a way go on');
    }
    if (until === undefined || at_most === undefined || (every !== undefined && every_ms === undefined))
      return undefined;
    const node = {
      verb: 'repeat',
      block: block.block,
      until: until.expression,
      at_most,
      ...(every_ms === undefined ? {} : { every_ms }),
      pass: context.slotOf(block, 'pass'),
      last: context.slotOf(block, 'last'),
    } as const;
    return { node, type: lastOutput(block.type, output, until.whenTrue), ...writtenOf(block), silent: true };
  },
  run: ({ block, until, at_most, every_ms, pass, last }) => ({
    kind: 'repeat',
    block,
    until,
    at_most,
    pass,
    last,
    ...(every_ms === undefined ? {} : { every_ms }),
  }),
  summarize: (node) => `until ${node.until.source}, at most ${node.at_most} times`,
};

/**
 * What `last` is, which is known only once the block has been compiled. So the block is tried: as if no pass had been
 * before, and then as if that had been what the one before gave. Where nothing else comes of it, it holds of every pass;
 * else each field is of the type that it has whatever came before. Any field may have been made from any other one of the
 * pass before that, so all have one label.
 */
function passBefore(body: Parsed, names: readonly string[], pass: BlockName, context: CompileContext): Typed {
  const tryWith = (last: Typed): Typed | undefined =>
    context.trial(branchOf(body), [pass, { name: 'last', ...last, parsed: pass.parsed, innermost: true }]);
  const first = tryWith({ ...AUTHOR, type: fieldsOf(names, { kind: 'any', nothing: true }) });
  const guess = first === undefined ? undefined : { ...labelOf(first), type: widened(maybe(unlabelled(first.type))) };
  const second = guess === undefined ? undefined : tryWith(guess);
  if (guess !== undefined && second !== undefined && misfit(maybe(second.type), guess.type) === undefined) return guess;
  const anything: Type = { ...fieldsOf(names, ANY), open: true };
  const tried = tryWith({ ...AUTHOR, type: anything });
  if (tried === undefined) return { type: anything, label: 'outside' };
  return { ...labelOf(tried), type: widened(maybe(unlabelled(tried.type))) };
}

/**
 * The output of the last pass, of which `until` holds: a field that is written `${{ a.?b }}` is there if `until` says that
 * `a.b` is. In the passes before, it is left out.
 */
function lastOutput(type: Type, output: Parsed | undefined, facts: readonly string[]): Type {
  if (type.kind !== 'map' || output?.is !== 'map') return type;
  const fields = new Map(type.fields);
  for (const { key, value } of output.entries) {
    const field = fields.get(key);
    const source = /^\s*\$\{\{\s*([\w.?]+)\s*\}\}\s*$/.exec(textOf(value) ?? '')?.[1];
    if (field === undefined || source === undefined || !facts.includes(source.replaceAll('?', ''))) continue;
    fields.set(key, { ...field, presence: 'certain' });
  }
  return { ...type, fields };
}

function labelOf({ label, from, type }: Typed): Written {
  return written(label, from, wholeWritten(type, AUTHOR).private === true);
}

/** A text or a list may grow with each pass. */
function widened(type: Type): Type {
  switch (type.kind) {
    case 'text':
      return type.values === undefined ? TEXT : type;
    case 'list':
      return listOf(widened(type.item));
    case 'map':
      return {
        ...type,
        fields: new Map([...type.fields].map(([name, field]) => [name, { ...field, type: widened(field.type) }])),
      };
    case 'any':
      return ANY;
    case 'number':
    case 'boolean':
    case 'timestamp':
    case 'duration':
      return type;
  }
}

function namesIn(output: Parsed | undefined): readonly string[] {
  return output?.is === 'map' ? output.entries.map(({ key }) => key) : [];
}

function fieldsOf(names: readonly string[], type: Type): Extract<Type, { kind: 'map' }> {
  return { kind: 'map', fields: new Map(names.map((name) => [name, optional(type)])) };
}
