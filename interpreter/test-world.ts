/**
 * The outside world of a test: which effects really happened, by key, and which messages were sent.
 *
 * PURE. Behaves as the effect table does: a key gives its first result again, another request under it is refused, and a
 * key that was settled before it happened can never happen.
 */
import { failure } from '../language/plan/failure.js';
import { digest, type Json, type JsonMap } from '../language/plan/json.js';

/** The case itself is wrong or incomplete; no failure of the run. */
export class CaseProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CaseProblem';
  }
}

export interface Effect {
  /** Activity ID: the step's path, or `<path>.undo`. */
  readonly id: string;
  readonly type: string;
  readonly key: string;
  /** What it asked for, without its key. */
  readonly asked: JsonMap;
  /** Digest of that. */
  readonly request: string;
  readonly result: Json;
}

export interface SentMessage {
  readonly step: string;
  readonly who: string;
  readonly to: string | null;
  readonly subject: string | null;
  readonly text: string;
}

/** A message to another run. */
export interface SentToRun {
  readonly step: string;
  readonly to: string;
  readonly message: string;
  readonly values: JsonMap;
}

export class TestWorld {
  /** In the order in which they happened, each once. */
  readonly effects: Effect[] = [];
  readonly messages: SentMessage[] = [];
  readonly sent: SentToRun[] = [];
  private readonly settled = new Set<string>();
  private readonly counters = new Map<string, number>();

  /** Makes the effect happen, unless it has: the result is the first one's. */
  effect(type: string, id: string, input: JsonMap, result: () => Json): Json {
    const { key, ...asked } = input;
    if (typeof key !== 'string') throw new Error(`the write "${id}" has no key`);
    const request = digest(asked);
    const earlier = this.effects.find((effect) => effect.key === key);
    if (earlier !== undefined && earlier.request !== request) {
      throw failure('effect_changed', `"${id}" asks for another effect than the one recorded under its key`);
    }
    if (earlier !== undefined) return earlier.result;
    if (this.settled.has(key)) throw failure('effect_changed', `"${id}" was settled as never having happened`);
    const effect = { id, type, key, asked, request, result: result() };
    this.effects.push(effect);
    return effect.result;
  }

  settle(key: string): { readonly happened: boolean; readonly result: Json } {
    const effect = this.effects.find((candidate) => candidate.key === key);
    if (effect === undefined) this.settled.add(key);
    return { happened: effect !== undefined, result: effect?.result ?? null };
  }

  /** What a database would hold: the values, with a generated `id` where they have none. */
  stored(table: string, row: JsonMap): JsonMap {
    if (row['id'] !== undefined) return row;
    const id = (this.counters.get(table) ?? 0) + 1;
    this.counters.set(table, id);
    return { id, ...row };
  }
}
