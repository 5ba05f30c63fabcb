/**
 * How a test file names the steps of a plan: by path (`refund`), or by place (`remind[2]`), which is one time in a loop.
 *
 * PURE.
 */
import type { Place, Problems } from '../plan/problem.js';
import type { Plan } from '../plan/plan.js';
import type { Node } from '../steps/index.js';
import { reportUnknownName } from './context.js';

const NUMBERS = /\[[^\]]*\]/g;

export class StepNames {
  private readonly nodes: ReadonlyMap<string, Node>;
  /** Loops around each step, by its path. */
  private readonly loops = new Map<string, number>();
  private readonly problems: Problems;

  constructor(plan: Plan<Node>, problems: Problems) {
    this.problems = problems;
    this.nodes = new Map(plan.nodes.map((node) => [node.path, node]));
    const visit = (block: number, depth: number): void => {
      for (const index of plan.blocks[block]?.steps ?? []) {
        const node = plan.nodes[index];
        if (node === undefined) continue;
        const undo = node.undo === undefined ? undefined : plan.nodes[node.undo];
        for (const one of [node, undo]) if (one !== undefined) this.loops.set(one.path, depth);
        const inside = node.verb === 'for_each' || node.verb === 'repeat' ? depth + 1 : depth;
        for (const inner of blocksOf(node)) visit(inner, inside);
      }
    };
    visit(0, 0);
  }

  /** The step that `name` means. Problems: FIRN602, FIRN608. */
  find(name: string, place: Place): Node | undefined {
    const path = name.replace(NUMBERS, '');
    const node = this.nodes.get(path);
    if (node === undefined) {
      reportUnknownName(this.problems, 'FIRN602', place, 'step', path, this.nodes.keys());
      return undefined;
    }
    const numbers = [...name.matchAll(NUMBERS)].map(([number]) => number);
    const loops = this.loops.get(path) ?? 0;
    const good = numbers.every((number) => /^\[[1-9]\d{0,5}\]$/.test(number));
    if (numbers.length === 0 || (good && numbers.length === loops)) return node;
    this.problems.error('FIRN608', place, ...wrongNumbers(path, numbers, loops, good));
    return undefined;
  }

  /** Paths of steps of these verbs. */
  of(verb: Node['verb']): readonly string[] {
    return [...this.nodes.values()].flatMap((node) => (node.verb === verb ? [node.path] : []));
  }
}

function wrongNumbers(path: string, numbers: readonly string[], loops: number, good: boolean): [string, string] {
  if (!good) return [`"${path}${numbers.join('')}" is no place in a loop`, `times count from 1, as in "${path}[1]"`];
  if (loops === 0) return [`"${path}" stands in no loop, so that it has no number`, `write "${path}"`];
  const shown = `${path}${'[1]'.repeat(loops)}`;
  const around = loops === 1 ? 'one loop' : `${loops} loops`;
  const hint = `write "${shown}" for the first time, or "${path}" for every time`;
  return [
    `"${path}" stands in ${around}, so that a place in it has ${loops === 1 ? 'one number' : `${loops} numbers`}`,
    hint,
  ];
}

/** The blocks of a step, whatever its verb calls them. */
export function blocksOf(node: Node): readonly number[] {
  switch (node.verb) {
    case 'for_each':
    case 'repeat':
      return [node.block];
    case 'switch':
      return node.cases.map(({ block }) => block);
    case 'parallel':
    case 'race':
      return node.branches.map(({ block }) => block);
    case 'try':
      return [
        node.block,
        ...node.catches.map(({ block }) => block),
        ...(node.finally === undefined ? [] : [node.finally]),
      ];
    default:
      return [];
  }
}
