/**
 * Static types of values: what the compiler knows about `input`, rows, answers and results before anything runs.
 *
 * PURE. There is one kind of absence, a field that is not there: `presence: 'optional'`. There is no null type.
 * A type says what a value is inside an expression; timestamps are RFC 3339 text everywhere else.
 */

/**
 * Who wrote a value. `trusted` is a record column that `firn.yaml` lists as such; `outside` is what another system answered:
 * an HTTP body, a tool, a message, a called workflow.
 */
export type Label = 'definition' | 'trusted' | 'record' | 'outside' | 'input' | 'model' | 'person';

/** The way that a value took: where it is read, and before that where it was read from. For messages. */
export interface Origin {
  /** `reason.about`: a name and its fields. */
  readonly at: string;
  readonly before?: Origin;
}

/** Who wrote a value, which way it took, and whether it is kept out of what people see in passing. */
export interface Written {
  readonly label: Label;
  /** Of what the definition did not write itself. */
  readonly from?: Origin;
  /** Its field was declared `private: true`, or it was made from one that was. */
  readonly private?: true;
}

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
  /** Unknown. `nothing`: no value has been seen yet, so that it goes with every type. */
  | { readonly kind: 'any'; readonly nothing?: true };

export interface Field {
  readonly type: Type;
  readonly presence: 'certain' | 'optional';
  /** Who wrote it, where it differs from the label of the map that holds it. */
  readonly label?: Label;
  /** The way it took, where it has a label of its own. */
  readonly from?: Origin;
  readonly private?: true;
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

/** The same type, with nobody named who wrote its parts: they are written by who wrote the whole. */
export function unlabelled(type: Type): Type {
  if (type.kind === 'list') return { ...type, item: unlabelled(type.item) };
  if (type.kind !== 'map') return type;
  const fields = new Map<string, Field>();
  for (const [name, { presence, private: isPrivate, type: inner }] of type.fields) {
    fields.set(name, { type: unlabelled(inner), presence, ...(isPrivate === true ? { private: true } : {}) });
  }
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
