/**
 * What a workflow gives to whoever calls it: its `output`, or what one of its `return` steps gives.
 *
 * PURE. A field is certain where every end has it; one that has two types is of unknown type to the caller.
 */
import { AUTHOR } from '../expressions/labels.js';
import { unify } from '../expressions/fit.js';
import { ANY, mapOf } from '../plan/types.js';
import type { Field, Type } from '../plan/types.js';

export function givesOf(ends: readonly Type[]): Type {
  const [first, ...others] = ends;
  return first === undefined ? mapOf({}) : others.reduce(either, first);
}

function either(one: Type, other: Type): Type {
  if (one.kind !== 'map' || other.kind !== 'map') return ANY;
  const fields = new Map<string, Field>();
  for (const name of new Set([...one.fields.keys(), ...other.fields.keys()])) {
    const [a, b] = [one.fields.get(name), other.fields.get(name)];
    if (a === undefined || b === undefined) {
      const only = a ?? b;
      if (only !== undefined) fields.set(name, { ...only, presence: 'optional' });
      continue;
    }
    const type = unify({ ...AUTHOR, type: a.type }, { ...AUTHOR, type: b.type })?.type ?? ANY;
    const certain = a.presence === 'certain' && b.presence === 'certain';
    const hidden = a.private === true || b.private === true;
    fields.set(name, { type, presence: certain ? 'certain' : 'optional', ...(hidden ? { private: true } : {}) });
  }
  return { kind: 'map', fields };
}
