/**
 * Where a value comes from, in words: for problems about values that may not reach a place.
 *
 * PURE.
 */
import type { Expression, Value } from '../plan/plan.js';
import type { Label, Written } from '../plan/types.js';
import type { CompiledExpression, CompiledValue } from './kind.js';

export const WRITERS: Readonly<Record<Label, string>> = {
  definition: 'written by the author',
  trusted: 'held by a trusted column',
  record: 'held by a column that is not listed as trusted',
  outside: 'written by another system',
  input: 'written by whoever starts the run',
  model: 'written by a model',
  person: 'written by a person who was asked',
};

/** `${{ input.email }}`, written by whoever starts the run. */
export function describeSource(compiled: CompiledValue | CompiledExpression): string {
  const { label } = compiled;
  const expressions = 'value' in compiled ? expressionsOf(compiled.value) : [compiled.expression];
  const from = expressions.find((expression) => expression.label === label);
  return from === undefined ? WRITERS[label] : `\`\${{ ${from.source} }}\`, ${WRITERS[label]}`;
}

/** The way that a value took to a place: `input.message -> reason.about -> tell.to`. */
export function wayOf({ from }: Written, place: string): string {
  const way = [place];
  for (let origin = from; origin !== undefined; origin = origin.before) {
    if (origin.at !== way[0]) way.unshift(origin.at);
  }
  return way.join(' -> ');
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
