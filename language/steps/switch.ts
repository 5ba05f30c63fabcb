/**
 * `switch`: takes one of several branches, by a value or by conditions.
 *
 * PURE. Every case is covered at validate time, so that at run time one branch is always taken.
 */
import { failure } from '../plan/failure.js';
import type { Json } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Expression, NodeBase } from '../plan/plan.js';
import { ANY, BOOLEAN, describeType } from '../plan/types.js';
import { PRIVATE } from '../expressions/private.js';
import { withFacts } from '../expressions/scope.js';
import { branchOf, entriesOf, itemsOf, keyPlace } from './bodies.js';
import type { CompileContext, CompiledExpression, StepKind } from './kind.js';
import type { Branch } from './outputs.js';
import { joinOutputs } from './outputs.js';
import { isScalar } from './said.js';
import { BRANCH, EXPRESSION, OUTPUT, STEPS } from './shapes.js';

export interface SwitchNode extends NodeBase {
  readonly verb: 'switch';
  /** What is compared, as text, with `is` of each case; without it each case has a `when`. */
  readonly of?: Expression;
  readonly cases: readonly SwitchCase[];
}

export interface SwitchCase {
  readonly is?: string;
  readonly when?: Expression;
  /** Neither `is` nor `when`: what is taken when no other is. */
  readonly block: number;
}

/** A case while it compiles. */
interface Case extends Branch {
  readonly node: SwitchCase;
}

export const switchCase: StepKind<'switch', SwitchNode> = {
  verb: 'switch',
  about: 'Takes one of several branches, by a value or by conditions.',
  result: 'The `output` of the branch that was taken; `{}` where it has none.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      of: { ...EXPRESSION, description: 'what the keys of `cases` are compared with, as `${{ … }}`' },
      cases: {
        type: ['object', 'array'],
        description: 'branches by value, or a list of `{when, steps, output}` of which the first that holds is taken',
        additionalProperties: BRANCH,
        minProperties: 1,
        items: {
          type: 'object',
          properties: {
            when: { ...EXPRESSION, description: 'take this case if it holds' },
            steps: STEPS,
            output: OUTPUT,
          },
          additionalProperties: false,
        },
        minItems: 1,
        maxItems: 100,
      },
    },
    required: ['cases'],
    additionalProperties: false,
  },
  example: `- id: outcome
  switch:
    of: \${{ order.status }}
    cases:
      delivered: { output: { text: You have it } }
      else: { output: { text: It is on its way } }
`,
  compile(body, context) {
    const of = get(body, 'of');
    const cases = get(body, 'cases');
    if (cases === undefined) return undefined;
    if (of === undefined) return cases.is === 'list' ? compileList(cases, context) : needsOf(cases, context);
    const compiled = context.expression(of, ANY);
    if (cases.is === 'list') {
      const hint = 'take `of` away and give each case a `when`, or write the cases as `value: branch`';
      context.error('FIRN300', cases, '`of` compares with the keys of `cases`, but these cases are a list', hint);
      return undefined;
    }
    return compileValues(of, compiled, cases, context);
  },
  run(node, host) {
    const value = node.of === undefined ? undefined : host.evaluate({ is: 'expression', expression: node.of });
    const taken = node.cases.find(({ is, when }) => {
      if (is !== undefined) return value !== undefined && is === asText(value);
      return when === undefined || host.test(when);
    });
    if (taken !== undefined) return { kind: 'enter', block: taken.block };
    const known = node.cases.map(({ is }) => is ?? 'else').join(', ');
    throw failure(
      'invalid',
      `${node.of?.source ?? 'the value'} is ${node.of?.private === true ? PRIVATE : JSON.stringify(value)}, which is none of the cases: ${known}`,
    );
  },
  summarize: (node) => (node.of === undefined ? 'take the first case that holds' : `by ${node.of.source}`),
};

function asText(value: Json): string | undefined {
  return isScalar(value) ? String(value) : undefined;
}

function needsOf(cases: Parsed, context: CompileContext): undefined {
  const hint = 'add `of: ${{ … }}`, or write `cases` as a list of `{when, steps, output}`';
  context.error('FIRN302', cases, '`switch` does not say what its cases are compared with: `of` is missing', hint);
  for (const entry of entriesOf(cases)) context.branch(entry.value, entry.key, []);
  return undefined;
}

function compileValues(of: Parsed, compiled: CompiledExpression | undefined, cases: Parsed, context: CompileContext) {
  const branches = entriesOf(cases).map((entry): Case => {
    const block = context.branch(entry.value, entry.key, factsOf(entry.key, compiled));
    const node = entry.key === 'else' ? { block: block.block } : { is: entry.key, block: block.block };
    return { parsed: entry.value, node, block };
  });
  if (compiled === undefined) return undefined;
  checkCovered(of, compiled, cases, context);
  // `else` is taken last, wherever it stands.
  const nodes = branches
    .map(({ node }) => node)
    .sort((one, other) => Number(one.is === undefined) - Number(other.is === undefined));
  const node = { verb: 'switch', of: compiled.expression, cases: nodes } as const;
  return { node, ...joinOutputs(branches, context), silent: true } as const;
}

/** `true:` and `false:` of a condition know what it says about absence. */
function factsOf(key: string, of: CompiledExpression | undefined): readonly string[] {
  if (of?.type.kind !== 'boolean') return [];
  return key === 'true' ? of.whenTrue : key === 'false' ? of.whenFalse : [];
}

function checkCovered(
  of: Parsed,
  { type, expression }: CompiledExpression,
  cases: Parsed,
  context: CompileContext,
): void {
  if (type.kind === 'list' || type.kind === 'map' || type.kind === 'timestamp' || type.kind === 'duration') {
    const hint = 'compare it in a list of cases instead: `cases: [{when: …}, …]`';
    context.error('FIRN209', of, `\`of\` must give a text, a number or a boolean, but this gives a ${type.kind}`, hint);
    return;
  }
  const values = type.kind === 'text' ? type.values : type.kind === 'boolean' ? ['true', 'false'] : undefined;
  const entries = entriesOf(cases);
  const orElse = entries.find(({ key }) => key === 'else');
  if (values === undefined) {
    if (orElse !== undefined) return;
    const message = `the cases do not cover everything: \`of\` gives ${describeType(type)}, which can be anything`;
    context.error('FIRN400', cases, message, 'add `else`');
    return;
  }
  for (const entry of entries) {
    if (entry.key === 'else' || values.includes(entry.key)) continue;
    context.unknown('FIRN401', keyPlace(cases, entry), `value of \`${expression.source}\``, entry.key, values);
  }
  const missing = values.filter((value) => !entries.some(({ key }) => key === value));
  if (missing.length > 0 && orElse === undefined) {
    const message = `no case for ${missing.join(', ')}: \`of\` can be ${values.join(', ')}`;
    context.error(
      'FIRN400',
      cases,
      message,
      `add ${missing.map((value) => `\`${value}: {}\``).join(', ')}, or \`else\``,
    );
  }
  if (missing.length === 0 && orElse !== undefined) {
    const message = '`else` can never be taken: there is a case for each value';
    context.warning(
      'FIRN401',
      keyPlace(cases, orElse),
      message,
      'take it away; a value that is added later is then reported here',
    );
  }
}

function compileList(cases: Parsed, context: CompileContext) {
  const branches: Case[] = [];
  let facts: readonly string[] = [];
  let complete = true;
  const items = itemsOf(cases);
  for (const [index, item] of items.entries()) {
    const when = get(item, 'when');
    const scope = withFacts(context.scope, facts);
    const compiled = when === undefined ? undefined : context.expression(when, BOOLEAN, scope);
    const branch = branchOf(item);
    const block = context.branch(branch, `case-${index + 1}`, [...facts, ...(compiled?.whenTrue ?? [])]);
    if (when !== undefined && compiled === undefined) complete = false;
    const node = compiled === undefined ? { block: block.block } : { when: compiled.expression, block: block.block };
    branches.push({ parsed: branch, node, block });
    facts = [...facts, ...(compiled?.whenFalse ?? [])];
  }
  checkOrder(cases, items, context);
  if (!complete) return undefined;
  const node = { verb: 'switch', cases: branches.map(({ node: one }) => one) } as const;
  return { node, ...joinOutputs(branches, context), silent: true } as const;
}

function checkOrder(cases: Parsed, items: readonly Parsed[], context: CompileContext): void {
  const open = items.findIndex((item) => get(item, 'when') === undefined);
  if (open < 0) {
    const message = 'the cases do not cover everything: each has a `when`, and none may hold';
    context.error('FIRN400', cases, message, 'add a last case without `when`; `- {}` does nothing');
    return;
  }
  for (const item of items.slice(open + 1)) {
    const message = 'this case can never be chosen: an earlier one has no `when` and is always taken';
    context.error('FIRN401', item, message, 'give the earlier case a `when`, or put it last');
  }
}
