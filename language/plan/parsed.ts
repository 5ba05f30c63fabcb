/**
 * A YAML document after parsing: plain maps, lists and scalars, each knowing where it stands.
 *
 * PURE. Made by compiler/parse.ts; every later stage reads this and never the YAML library's own nodes.
 */

/** 1-based line and column, counted in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface ParsedScalar {
  readonly is: 'scalar';
  readonly value: string | number | boolean | null;
  readonly at: Position;
  /** Length of its source text on its first line, in columns: what a source frame underlines. */
  readonly length: number;
  /** Place in the document, with step ids for indexes of `steps`: `steps.verdict.decide.rules[1].when`. */
  readonly path: string;
  /** Position in the file of the character at `offset` of a text value, through quotes, escapes and block indentation. */
  locate(offset: number): Position;
}

export interface ParsedEntry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: Parsed;
}

export interface ParsedMap {
  readonly is: 'map';
  readonly entries: readonly ParsedEntry[];
  readonly at: Position;
  readonly path: string;
}

export interface ParsedList {
  readonly is: 'list';
  readonly items: readonly Parsed[];
  readonly at: Position;
  readonly path: string;
}

export type Parsed = ParsedScalar | ParsedMap | ParsedList;

/** The value under `key`, if this is a map that has it. */
export function get(parsed: Parsed | undefined, key: string): Parsed | undefined {
  return entry(parsed, key)?.value;
}

export function entry(parsed: Parsed | undefined, key: string): ParsedEntry | undefined {
  return parsed?.is === 'map' ? parsed.entries.find((candidate) => candidate.key === key) : undefined;
}

/** The plain JavaScript value; maps have no prototype, so that no author's key can mean anything else. */
export function toPlain(parsed: Parsed): unknown {
  if (parsed.is === 'scalar') return parsed.value;
  if (parsed.is === 'list') return parsed.items.map(toPlain);
  const map: Record<string, unknown> = { __proto__: null };
  for (const { key, value } of parsed.entries) map[key] = toPlain(value);
  return map;
}
