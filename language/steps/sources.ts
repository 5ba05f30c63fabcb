/**
 * Where a value comes from, in words: for problems about values that may not reach a place.
 *
 * PURE.
 */
import type { Expression, Value } from '../plan/plan.js';
import type { Label } from '../plan/types.js';
import type { CompiledValue } from './kind.js';

const WRITERS: Readonly<Record<Label, string>> = {
  definition: 'written by the author',
  trusted: 'held by a trusted column',
  record: 'held by a column that is not listed as trusted',
  input: 'written by whoever starts the run',
  model: 'written by a model',
  person: 'written by a person who was asked',
};

/** `${{ input.email }}`, written by whoever starts the run. */
export function describeSource({ value, label }: CompiledValue): string {
  const from = expressionsOf(value).find((expression) => expression.label === label);
  return from === undefined ? WRITERS[label] : `\`\${{ ${from.source} }}\`, ${WRITERS[label]}`;
}

/** All expressions of a value, in reading order. */
export function expressionsOf(value: Value): readonly Expression[] {
  switch (value.is) {
    case 'literal':
      return [];
    case 'expression':
      return [value.expression];
    case 'text':
      return value.parts.flatMap((part) => (typeof part === 'string' ? [] : [part]));
    case 'map':
      return value.entries.flatMap((entry) => expressionsOf(entry.value));
    case 'list':
      return value.items.flatMap(expressionsOf);
  }
}
