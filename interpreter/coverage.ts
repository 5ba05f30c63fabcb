/**
 * Coverage: what of a definition the cases beside it have gone through, and what not.
 *
 * PURE. Watches the interpreter from outside: which blocks of the plan it looks up, which step kinds it runs and what they
 * come to. The run itself is the same with it and without.
 */
import type { Block, Plan } from '../language/plan/plan.js';
import type { CatchBlock, StepOutcome } from '../language/steps/kind.js';
import type { Node } from '../language/steps/index.js';
import { isJsonMap } from '../language/plan/json.js';
import type { Kinds } from './execution.js';

export const PARTS = ['steps', 'branches', 'answers', 'rules', 'catches'] as const;
export type Part = (typeof PARTS)[number];

export interface Counted {
  readonly covered: number;
  readonly of: number;
}

export interface CoverageReport {
  readonly parts: { readonly [part in Part]: Counted };
  /** Of all parts together, rounded down: 100 is everything. */
  readonly percent: number;
  /** What never came to pass, by line of the definition. */
  readonly missing: readonly { readonly line: number; readonly what: string }[];
}

/** One thing that a case can go through. */
interface Point {
  readonly part: Part;
  readonly line: number;
  readonly covered: boolean;
  /** What is said where it never was. */
  readonly what: string;
}

export class Coverage {
  /** As the interpreter gets it. */
  readonly plan: Plan<Node>;
  private readonly own: Plan<Node>;
  private readonly blocks = new Set<number>();
  private readonly ran = new Set<string>();
  /** By path of the question. */
  private readonly answers = new Map<string, Set<string>>();
  private readonly rules = new Map<string, Set<string>>();

  constructor(plan: Plan<Node>) {
    this.own = plan;
    this.plan = { ...plan, blocks: watched(plan.blocks, this.blocks) };
  }

  /** The same kinds, watched. */
  kinds(kinds: Kinds<Node>): Kinds<Node> {
    return (node) => {
      const kind = kinds(node);
      return {
        ...kind,
        run: (step, host) => {
          this.ran.add(step.path);
          const outcome = kind.run(step, host);
          return 'kind' in outcome ? this.noted(step, outcome) : outcome.then((later) => this.noted(step, later));
        },
      };
    };
  }

  report(): CoverageReport {
    const points = this.own.nodes.flatMap((node) => this.points(node));
    const count = (part: Part): Counted => {
      const all = points.filter((point) => point.part === part);
      return { covered: all.filter(({ covered }) => covered).length, of: all.length };
    };
    const covered = points.filter((point) => point.covered).length;
    const missing = points
      .filter((point) => !point.covered)
      .map(({ line, what }) => ({ line, what }))
      .sort((one, other) => one.line - other.line);
    return {
      parts: {
        steps: count('steps'),
        branches: count('branches'),
        answers: count('answers'),
        rules: count('rules'),
        catches: count('catches'),
      },
      percent: points.length === 0 ? 100 : Math.floor((covered / points.length) * 100),
      missing,
    };
  }

  private noted(node: Node, outcome: StepOutcome): StepOutcome {
    if (node.verb !== 'decide' || outcome.kind !== 'value' || !isJsonMap(outcome.value)) return outcome;
    const { answer, rule } = outcome.value;
    if (typeof answer === 'string') note(this.answers, node.path, answer);
    if (typeof rule === 'string') note(this.rules, node.path, rule);
    return outcome;
  }

  private points(node: Node): Point[] {
    const { path, line } = node;
    const step: Point = { part: 'steps', line, covered: this.ran.has(path), what: `step "${path}" never ran` };
    return [step, ...this.inside(node)];
  }

  private inside(node: Node): Point[] {
    const { path, line } = node;
    const branch = (block: number, what: string): Point => this.block('branches', block, node, what);
    switch (node.verb) {
      case 'switch':
        return node.cases.map(({ is, when, block }) => {
          const name = is === undefined ? (when?.source ?? 'else') : is;
          return branch(block, `case "${name}" of "${path}" was never taken`);
        });
      case 'for_each':
        return [branch(node.block, `"${path}" never had an item`)];
      case 'repeat':
        return [branch(node.block, `"${path}" never made a pass`)];
      case 'parallel':
      case 'race':
        return node.branches.map(({ name, block }) => branch(block, `branch "${name}" of "${path}" never began`));
      case 'try':
        return node.catches.map((one) =>
          this.block('catches', one.block, node, `${caught(one)} in "${path}" never ran`),
        );
      case 'decide':
        return [
          ...node.answers.map(({ answer }): Point => {
            const covered = this.answers.get(path)?.has(answer) === true;
            return { part: 'answers', line, covered, what: `answer "${answer}" of "${path}" was never given` };
          }),
          ...node.rules.map(({ id, when }): Point => {
            const covered = this.rules.get(path)?.has(id) === true;
            return { part: 'rules', line: when?.line ?? line, covered, what: `rule "${id}" of "${path}" never held` };
          }),
        ];
      default:
        return [];
    }
  }

  /** A block stands where its first step does; without steps, where the step that holds it does. */
  private block(part: Part, block: number, { line }: Node, what: string): Point {
    const [first] = this.own.blocks[block]?.steps ?? [];
    const at = first === undefined ? undefined : this.own.nodes[first]?.line;
    return { part, line: at ?? line, covered: this.blocks.has(block), what };
  }
}

function caught({ on }: CatchBlock): string {
  return on === undefined ? 'catch of every failure' : `catch of ${on.join(', ')}`;
}

function note(map: Map<string, Set<string>>, key: string, value: string): void {
  const known = map.get(key) ?? new Set();
  map.set(key, known.add(value));
}

/** The blocks, and in `seen` the index of each that has been looked up. */
function watched(blocks: readonly Block[], seen: Set<number>): readonly Block[] {
  const list: Block[] = [];
  for (const [index, block] of blocks.entries()) {
    Object.defineProperty(list, index, {
      get: () => {
        seen.add(index);
        return block;
      },
    });
  }
  return list;
}
