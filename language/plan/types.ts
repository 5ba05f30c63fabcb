/**
 * Static types of values: what the compiler knows about `input`, rows, answers and results before anything runs.
 *
 * PURE. There is one kind of absence, a field that is not there: `presence: 'optional'`. There is no null type.
 * A type says what a value is inside an expression; timestamps are RFC 3339 text everywhere else.
 */

/** Who wrote a value. `trusted` is a record column that `firn.yaml` lists as such. */
export type Label = 'definition' | 'trusted' | 'record' | 'input' | 'model' | 'person';

export type Type =
  /** Text; with `values`, an enumeration. `maxLength` in characters where a schema declares it. */
  | { readonly kind: 'text'; readonly values?: readonly string[]; readonly maxLength?: number }
  | { readonly kind: 'number'; readonly whole?: true }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'timestamp' }
  /** Exists inside expressions, and as the value of `wait.for`; never as a result. */
  | { readonly kind: 'duration' }
  | { readonly kind: 'list'; readonly item: Type; readonly atMost?: number }
  /** `open`: further fields of unknown type may exist. */
  | { readonly kind: 'map'; readonly fields: ReadonlyMap<string, Field>; readonly open?: true }
  | { readonly kind: 'any' };

export interface Field {
  readonly type: Type;
  readonly presence: 'certain' | 'optional';
  /** Who wrote it, where it differs from the label of the map that holds it. */
  readonly label?: Label;
}

export const TEXT: Type = { kind: 'text' };
export const NUMBER: Type = { kind: 'number' };
export const BOOLEAN: Type = { kind: 'boolean' };
export const TIMESTAMP: Type = { kind: 'timestamp' };
export const DURATION: Type = { kind: 'duration' };
export const ANY: Type = { kind: 'any' };

export function enumeration(values: readonly string[]): Type {
  return { kind: 'text', values };
}

export function listOf(item: Type, atMost?: number): Type {
  return atMost === undefined ? { kind: 'list', item } : { kind: 'list', item, atMost };
}

export function mapOf(fields: Readonly<Record<string, Type | Field>>): Type {
  const all = new Map<string, Field>();
  for (const [name, field] of Object.entries(fields)) {
    all.set(name, 'presence' in field ? field : { type: field, presence: 'certain' });
  }
  return { kind: 'map', fields: all };
}

export function optional(type: Type, label?: Label): Field {
  return label === undefined ? { type, presence: 'optional' } : { type, presence: 'optional', label };
}

/** The same map with every field optional: the result of a step that may have been skipped. */
export function maybe(type: Type): Type {
  if (type.kind !== 'map') return type;
  const fields = new Map<string, Field>();
  for (const [name, field] of type.fields) fields.set(name, { ...field, presence: 'optional' });
  return { ...type, fields };
}

/** A type in the author's words: "text", "number", "one of: a, b", "list of map". */
export function describeType(type: Type): string {
  switch (type.kind) {
    case 'text':
      return type.values === undefined ? 'text' : `one of: ${type.values.join(', ')}`;
    case 'number':
      return type.whole === true ? 'whole number' : 'number';
    case 'list':
      return `list of ${describeType(type.item)}`;
    case 'any':
      return 'a value of unknown type';
    case 'boolean':
    case 'timestamp':
    case 'duration':
    case 'map':
      return type.kind;
  }
}
