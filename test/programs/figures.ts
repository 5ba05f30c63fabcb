/**
 * What generated programs are like: how long, how deep, and which verbs are in them.
 */
import type { Program } from './build.js';
import type { Branch } from './definition.js';
import { branchesOf, stepsOf } from './steps-of.js';

export class Figures {
  private readonly steps: number[] = [];
  private readonly depths: number[] = [];
  private readonly verbs = new Map<string, number>();

  add({ definition }: Program): void {
    const steps = [...stepsOf(definition.body)];
    this.steps.push(steps.length);
    this.depths.push(depthOf(definition.body));
    for (const verb of new Set(steps.map(({ does }) => does.verb))) {
      this.verbs.set(verb, (this.verbs.get(verb) ?? 0) + 1);
    }
  }

  /** The median and the most, and of a hundred programs so many have the verb. */
  said(): string {
    const all = this.steps.length;
    const verbs = [...this.verbs].sort(([, one], [, other]) => other - one);
    const shares = verbs.map(([verb, count]) => `${verb} ${Math.round((100 * count) / all)} %`);
    return `steps: ${spread(this.steps)}; blocks inside blocks: ${spread(this.depths)}; ${shares.join(', ')}`;
  }
}

function spread(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((one, other) => one - other);
  return `median ${sorted[Math.floor(sorted.length / 2)] ?? 0}, most ${sorted.at(-1) ?? 0}`;
}

function depthOf({ steps }: Branch): number {
  return Math.max(0, ...steps.flatMap(({ does }) => branchesOf(does).map((branch) => 1 + depthOf(branch))));
}
