/**
 * Plans built by hand: the shapes that a compiler would make, so that these tests need no compiler.
 */
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import type { Block, Expression, Plan, Value } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';

/** A node without what every node needs and no test cares about. */
type Draft = Node extends infer N ? (N extends Node ? Omit<N, 'line' | 'column'> : never) : never;

export interface PlanDraft {
  readonly name: string;
  readonly nodes: readonly Draft[];
  /** Steps of the top block; all nodes in order when left out. */
  readonly steps?: readonly number[];
  readonly blocks?: readonly Block[];
  readonly output?: Value;
  readonly slots?: readonly string[];
  readonly ends_within_ms?: number;
}

export function planOf(draft: PlanDraft): Plan<Node> {
  const nodes = draft.nodes.map((node) => ({ ...node, line: 1, column: 1 }));
  const steps = draft.steps ?? nodes.map((_, index) => index);
  return {
    irVersion: 1,
    name: draft.name,
    summary: `${draft.name}, built by hand`,
    owner: 'returns-desk',
    ends_within_ms: draft.ends_within_ms ?? 3_600_000,
    file: `definitions/${draft.name}/${draft.name}.flow.yaml`,
    hash: draft.name.padEnd(64, '0').replaceAll(/[^0-9a-f]/g, 'a'),
    sourceHash: '0'.repeat(64),
    uses: [],
    input: { type: 'object' },
    slots: ['input', 'run', ...(draft.slots ?? [])],
    labels: ['input', 'run', ...(draft.slots ?? [])].map(() => [{ path: [], label: 'definition' }]),
    nodes,
    blocks: [
      { steps, slots: [0, 0], nodes: [0, 0], ...(draft.output === undefined ? {} : { output: draft.output }) },
      ...(draft.blocks ?? []),
    ],
    calls: {},
    model_calls_at_most: 0,
    paths_without_model: 1,
  };
}

/** The plan as it travels. */
export function jsonOf(plan: Plan<Node>): JsonMap {
  const json: unknown = JSON.parse(JSON.stringify(plan));
  if (!isJsonMap(json)) throw new Error('a plan is a map');
  return json;
}

export function literal(value: Json): Value {
  return { is: 'literal', value };
}

/** `${{ source }}` that reads these names by slot. */
export function expression(
  source: string,
  slots: Readonly<Record<string, number>>,
  gives: Expression['gives'] = 'any',
): Expression {
  const names = Object.entries(slots).map(([name, slot]) => ({ name, slot, times: [] }));
  return { source, cel: source, names, label: 'input', gives, line: 1, column: 1 };
}

export function value(
  source: string,
  slots: Readonly<Record<string, number>>,
  gives: Expression['gives'] = 'any',
): Value {
  return { is: 'expression', expression: expression(source, slots, gives) };
}
