/**
 * What may stand in a `finally`: steps that come to an end by themselves.
 *
 * PURE. Nothing reaches a `finally` any more, no deadline and no cancellation, so nothing in it may wait for a time, a
 * person or a message, run for long, or end the run while it is already ending.
 */
import { get } from '../plan/parsed.js';
import type { Parsed } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import type { CheckedDefinition } from './validate.js';

const VERBS: ReadonlySet<string> = new Set(
  'read list create update delete sql http use set policy switch tell'.split(' '),
);

/** Problems: FIRN419. */
export function checkFinally({ checked }: CheckedDefinition, problems: Problems): void {
  const visit = (list: Parsed | undefined): void => {
    for (const item of list?.is === 'list' ? list.items : []) {
      const step = item.is === 'map' ? checked.get(item) : undefined;
      if (step === undefined) continue;
      if (!VERBS.has(step.kind.verb)) {
        const message = `\`${step.kind.verb}\` cannot stand in a \`finally\`, which nothing can interrupt`;
        problems.error('FIRN419', item, message, `it may hold: ${[...VERBS].join(', ')}`);
      }
      for (const inner of step.lists) visit(inner);
    }
  };
  for (const { kind, body } of checked.values()) if (kind.verb === 'try') visit(get(body, 'finally'));
}
