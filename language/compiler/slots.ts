/**
 * The slots of a plan: a place for each name, with who writes what it holds.
 *
 * PURE. Slots are given out in the order in which the steps are written, so that those of a block are neighbours.
 */
import { writtenOf } from '../expressions/labels.js';
import type { ScopeName } from '../expressions/scope.js';
import type { PartLabel } from '../plan/plan.js';
import { SLOT_INPUT, SLOT_RUN } from '../plan/plan.js';
import type { Problems } from '../plan/problem.js';
import { mapOf, optional, TEXT, TIMESTAMP } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import type { BlockName } from '../steps/kind.js';
import { partLabels } from './part-labels.js';

export type Names = ReadonlyMap<string, ScopeName>;
/** What is known of a step's result. */
export type Result = Omit<ScopeName, 'slot'>;

const RUN = mapOf({
  ticket: { type: TEXT, presence: 'certain', label: 'input' },
  started_at: TIMESTAMP,
  workflow: TEXT,
  version: TEXT,
  /** Ticket of the run that called this one. */
  parent: optional(TEXT),
});

export class Slots {
  /** By slot. */
  readonly names: string[] = [];
  readonly labels: (readonly PartLabel[])[] = [];
  /** Slots of the names that a block brings along, by block. */
  readonly byBlock = new Map<number, ReadonlyMap<string, number>>();
  /** Slots of the names that an inner block may bring again. */
  private readonly ofInnermost = new Set<number>();

  /** The names that are known from the first step on. */
  begin(input: Type): Names {
    const names = new Map<string, ScopeName>([
      ['input', { slot: SLOT_INPUT, type: input, label: 'input' }],
      ['run', { slot: SLOT_RUN, type: RUN, label: 'definition' }],
    ]);
    for (const [name, { slot, ...result }] of names) {
      this.names[slot] = name;
      this.settle(slot, result);
    }
    return names;
  }

  take(name: string): number {
    return this.names.push(name) - 1;
  }

  settle(slot: number, result: Result): void {
    this.labels[slot] = partLabels(result.type, result);
  }

  /** The names in a block that brings some along, each in a slot of its own. Problems: FIRN308. */
  bring(block: number, brought: readonly BlockName[], outer: Names, ids: Iterable<string>, problems: Problems): Names {
    const names = new Map(outer);
    const taken = new Set([...outer.keys(), ...ids]);
    const slots = new Map<string, number>();
    for (const { name, type, parsed, innermost, ...by } of brought) {
      const before = outer.get(name);
      const inside = innermost === true && before !== undefined && this.ofInnermost.has(before.slot);
      if (taken.has(name) && !inside) {
        const message = `the name "${name}" is known here already, and a name means one thing`;
        problems.error('FIRN308', parsed, message, 'give it another name with `as`');
      }
      const slot = this.take(name);
      if (innermost === true) this.ofInnermost.add(slot);
      else this.ofInnermost.delete(slot);
      const result = { ...writtenOf(by), type };
      slots.set(name, slot);
      names.set(name, { slot, ...result });
      this.settle(slot, result);
    }
    this.byBlock.set(block, slots);
    return names;
  }

  /** Gives back what is taken from here on, when it is called. */
  mark(): () => void {
    const [names, labels] = [this.names.length, this.labels.length];
    return () => {
      this.names.length = names;
      this.labels.length = labels;
    };
  }
}
