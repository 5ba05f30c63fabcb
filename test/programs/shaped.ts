/**
 * What is known of the results of blocks: which fields they have, and which of them certainly.
 */
import type { Readable, Shaped } from './scope.js';

/** A list that a `for_each` of this program has made. */
export function isOwnList({ of }: Readable): boolean {
  return of.is === 'list' && of.item.is === 'map' && !of.item.fields.has('status');
}

function fieldsOf(shaped: Shaped) {
  return shaped.is === 'map' ? shaped.fields : new Map<string, never>();
}

export function optional(shaped: Shaped): Shaped {
  return { is: 'map', fields: new Map([...fieldsOf(shaped)].map(([name, { of }]) => [name, { of, certain: false }])) };
}

export function withField(shaped: Shaped, name: string, of: Shaped): Shaped {
  return { is: 'map', fields: new Map([...fieldsOf(shaped), [name, { of, certain: true }]]) };
}

/** What holds whichever of them was taken. */
export function joined(all: readonly Shaped[]): Shaped {
  const names = new Set(all.flatMap((one) => [...fieldsOf(one).keys()]));
  const fields = [...names].flatMap((name) => {
    const found = all.flatMap((one) => fieldsOf(one).get(name) ?? []);
    const [first] = found;
    const certain = found.length === all.length && found.every((field) => field.certain);
    return first === undefined ? [] : [[name, { of: first.of, certain }] as const];
  });
  return { is: 'map', fields: new Map(fields) };
}
