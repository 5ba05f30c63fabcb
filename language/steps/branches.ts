/**
 * `parallel` and `race`: branches that run at the same time.
 *
 * PURE. All of them run in the same Temporal workflow. `parallel` waits for all; in a `race` the first one that gets to its
 * end wins, and what the others did is taken back.
 */
import { isJsonMap } from '../plan/json.js';
import type { Parsed, ParsedEntry } from '../plan/parsed.js';
import type { NodeBase } from '../plan/plan.js';
import { enumeration } from '../plan/types.js';
import type { Field, Type } from '../plan/types.js';
import { joinWritten, writtenOf } from '../expressions/labels.js';
import { entriesOf, keyPlace } from './bodies.js';
import type { CompileContext, CompiledBlock, NamedBlock, StepKind } from './kind.js';
import { joinOutputs } from './outputs.js';
import { BRANCH } from './shapes.js';

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,59}$/;
const SCHEMA = {
  type: 'object',
  additionalProperties: BRANCH,
  minProperties: 2,
  maxProperties: 20,
} as const;

export interface ParallelNode extends NodeBase {
  readonly verb: 'parallel';
  readonly branches: readonly NamedBlock[];
}

export const parallel: StepKind<'parallel', ParallelNode> = {
  verb: 'parallel',
  about: 'Runs its branches at the same time and waits for all of them. The first that fails lets the others go.',
  result: '`{name: output}`, a field for each branch.',
  effect: 'none',
  block: true,
  schema: { ...SCHEMA, description: 'branches by name' },
  example: `- id: accounts
  parallel:
    mail:
      steps:
        - id: mailbox
          create: { in: shop.refunds, values: { order_id: A-1, amount: 1, reason: damaged } }
      output: { id: "\${{ mailbox.id }}" }
    desk: { output: { id: none } }
`,
  compile(body, context) {
    const compiled = compileBranches(body, context);
    if (compiled === undefined) return undefined;
    const fields = new Map<string, Field>();
    for (const { name, block } of compiled) {
      fields.set(name, { type: block.type, presence: 'certain', ...writtenOf(block) });
    }
    const node = { verb: 'parallel', branches: nodesOf(compiled) } as const;
    const by = joinWritten(...compiled.map(({ block }) => writtenOf(block)));
    const ends = compiled.some(({ block }) => block.ends);
    return { node, type: { kind: 'map', fields }, ...by, silent: true, ...(ends ? { ends } : {}) };
  },
  run: ({ branches }) => ({ kind: 'parallel', branches }),
  summarize: (node) => `${namesOf(node)} at the same time`,
};

export interface RaceNode extends NodeBase {
  readonly verb: 'race';
  readonly branches: readonly NamedBlock[];
}

export const race: StepKind<'race', RaceNode> = {
  verb: 'race',
  about: 'Runs its branches at the same time; the first that gets to its end wins, and what the others did is undone.',
  result: 'The output of the winner, and `winner`: its name. A branch that fails before any has won fails the race.',
  effect: 'none',
  block: true,
  schema: { ...SCHEMA, description: 'branches by name' },
  example: `- id: answer
  race:
    said:
      steps:
        - id: reply
          receive: { message: reply, fields: { text: string } }
      output: { text: "\${{ reply.text }}" }
    silent:
      steps: [{ wait: { for: 2d } }]
      output: { text: no answer }
`,
  compile(body, context) {
    const compiled = compileBranches(body, context);
    if (compiled === undefined) return undefined;
    for (const { entry, block } of compiled) {
      if (block.type.kind !== 'map' || !block.type.fields.has('winner')) continue;
      const message = 'an output of a race cannot be called "winner": that is the name of the branch that won';
      context.error('FIRN306', keyPlace(body, entry), message, 'give the field another name');
    }
    const output = joinOutputs(
      compiled.map(({ entry, block }) => ({ parsed: entry.value, block })),
      context,
    );
    const fields = new Map(output.type.kind === 'map' ? output.type.fields : []);
    const winners = compiled.filter(({ block }) => !block.ends).map(({ name }) => name);
    fields.set('winner', { type: enumeration(winners), presence: 'certain', label: 'definition' });
    const type: Type = { kind: 'map', fields };
    return { node: { verb: 'race', branches: nodesOf(compiled) }, ...output, type, silent: true };
  },
  run: ({ branches }) => ({ kind: 'race', branches }),
  summarize: (node) => `whichever is first: ${namesOf(node)}`,
  say: (result) => (isJsonMap(result) && typeof result['winner'] === 'string' ? `${result['winner']} won` : ''),
};

interface NamedBranch {
  readonly name: string;
  readonly entry: ParsedEntry;
  readonly block: CompiledBlock;
}

/** Problems: FIRN309. */
function compileBranches(body: Parsed, context: CompileContext): readonly NamedBranch[] | undefined {
  const bad = entriesOf(body).filter(({ key }) => !NAME.test(key));
  const compiled = entriesOf(body).map((entry) => {
    if (bad.includes(entry)) {
      const hint = 'letters, digits and _, not beginning with a digit';
      context.error('FIRN309', keyPlace(body, entry), `a branch cannot be called "${entry.key}"`, hint);
    }
    return { name: entry.key, entry, block: context.branch(entry.value, entry.key, []) };
  });
  return bad.length === 0 ? compiled : undefined;
}

function nodesOf(branches: readonly NamedBranch[]): readonly NamedBlock[] {
  return branches.map(({ name, block }) => ({ name, block: block.block }));
}

function namesOf({ branches }: ParallelNode | RaceNode): string {
  return branches.map(({ name }) => name).join(', ');
}
