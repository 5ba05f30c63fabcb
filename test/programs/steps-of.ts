/** All steps of a generated program, in reading order. */
import type { Branch, Step, Verb } from './definition.js';

export function* stepsOf({ steps }: Branch): Generator<Step> {
  for (const step of steps) {
    yield step;
    for (const branch of branchesOf(step.does)) yield* stepsOf(branch);
  }
}

export function branchesOf(does: Verb): readonly Branch[] {
  switch (does.verb) {
    case 'switch':
    case 'choose':
      return does.cases;
    case 'for_each':
    case 'repeat':
      return [does.branch];
    case 'parallel':
    case 'race':
      return does.branches;
    case 'try':
      return [does.branch, ...does.catches, { steps: does.finally }];
    default:
      return [];
  }
}
