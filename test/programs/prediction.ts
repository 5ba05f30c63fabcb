/** What came of a generated program, as the reference predicts it and as a host shows it. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonMap, type Json } from '../../language/plan/json.js';

export interface Seen {
  readonly outcome: string;
  readonly output?: Json;
  readonly reason?: string;
  readonly code?: string;
  readonly step?: string;
  /** Places of the writes that happened, and of those that were undone, in order. */
  readonly effects: readonly string[];
  readonly undone: readonly string[];
  /** `place: status` of each undo, in order; of what was kept, in any. */
  readonly undo: readonly string[];
  readonly kept: readonly string[];
  readonly told: readonly string[];
  /** `place: to message values` of each message to another run. */
  readonly sent: readonly string[];
  /** What each write and each undo was asked with. */
  readonly asked: ReadonlyMap<string, Json>;
  /** How long it took; absent where time is not exact. */
  readonly took_ms?: number;
}

export interface Prediction extends Seen {
  /** Two things happened so close together that either order would be right. */
  readonly ambiguous: boolean;
  readonly took_ms: number;
  /** Writes of which it is not said whether they are reported as kept. */
  readonly unsaid: ReadonlySet<string>;
}

/** What differs, one sentence each; empty when all is as predicted. `unordered`: places may come in any order. */
export function differences(predicted: Prediction, seen: Seen, unordered = false): readonly string[] {
  const { outcome, output, reason, code, step, effects, undone, undo, told, sent } = predicted;
  const said = (kept: readonly string[]) => kept.filter((place) => !predicted.unsaid.has(place)).sort();
  const fixed = { outcome, effects, undone, undo, told, sent };
  const ours = outcome === 'refused' || outcome === 'failed' ? { ...fixed, reason } : fixed;
  // A deadline of the run and a cancellation name the last step that began, which is no place of a failure.
  const all = {
    ...ours,
    code: code ?? '',
    ...(outcome === 'done' ? { output } : {}),
    ...(outcome === 'handed_over' && step !== '' ? { step } : {}),
    kept: said(predicted.kept),
    asked: [...predicted.asked].sort(),
    ...(seen.took_ms === undefined ? {} : { took_ms: predicted.took_ms }),
  };
  const got: { readonly [key: string]: unknown } = {
    ...seen,
    output: seen.output === undefined ? undefined : withoutMessages(seen.output),
    code: seen.code ?? '',
    kept: said(seen.kept),
    asked: [...seen.asked].sort(),
  };
  return Object.entries(all).flatMap(([what, expected]) =>
    isDeepStrictEqual(inOrder(expected, unordered), inOrder(got[what], unordered))
      ? []
      : [`${what}: expected ${JSON.stringify(expected)}, came ${JSON.stringify(got[what])}`],
  );
}

/** A list of places, sorted where their order does not matter. */
function inOrder(value: unknown, unordered: boolean): unknown {
  return unordered && Array.isArray(value) ? value.map((item) => JSON.stringify(item)).sort() : value;
}

/** The engine words its failures; the reference does not guess them. */
function withoutMessages(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => withoutMessages(item));
  if (!isJsonMap(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutMessages(inner)] as const);
  return Object.fromEntries(entries.filter(([key]) => !(key === 'message' && 'type' in value)));
}
