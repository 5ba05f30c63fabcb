/**
 * Vectors that were computed before: answers and recorded texts come back with every question.
 *
 * HOST, in memory. All vectors that are handed out together were made by one model file; when the file changes, the
 * earlier ones are dropped. Bounded: the one that was not used for the longest time goes first.
 */
import type { Vector } from '../decisions/vectors.js';
import { hashText } from '../language/plan/json.js';
import { type Embedded, ModelError, type ModelPort } from './port.js';

/** 10,000 vectors of 384 numbers are 15 MB. */
const CAPACITY = 10_000;

export class VectorCache {
  readonly #models: ModelPort;
  readonly #capacity: number;
  readonly #vectors = new Map<string, Vector>();
  #model_sha256 = '';

  constructor(models: ModelPort, capacity = CAPACITY) {
    this.#models = models;
    this.#capacity = capacity;
  }

  /** As ModelPort's `embed`; only what is not known is asked for. */
  async embed(texts: readonly string[]): Promise<Embedded> {
    const keys = texts.map(hashText);
    let ms = 0;
    for (;;) {
      const before = this.#model_sha256;
      const known = keys.map((key) => this.#use(key));
      const missing = known.flatMap((vector, at) => (vector === undefined ? [at] : []));
      if (missing.length === 0) return { vectors: known.filter(isVector), model_sha256: before, ms };
      const fresh = await this.#ask(texts, missing);
      ms += fresh.ms;
      if (fresh.model_sha256 !== this.#model_sha256) this.#vectors.clear();
      this.#model_sha256 = fresh.model_sha256;
      for (const [place, at] of missing.entries()) this.#keep(keys[at], fresh.vectors[place]);
      if (fresh.model_sha256 === before || missing.length === texts.length) {
        const made = new Map(missing.map((at, place) => [at, fresh.vectors[place]]));
        const vectors = known.map((vector, at) => vector ?? made.get(at)).filter(isVector);
        return { vectors, model_sha256: fresh.model_sha256, ms };
      }
      // Another model answered than made the known ones: all are asked for again.
    }
  }

  /** An error about the n-th missing text is about one of the caller's texts: say which. */
  async #ask(texts: readonly string[], missing: readonly number[]): Promise<Embedded> {
    try {
      return await this.#models.embed(missing.flatMap((at) => texts[at] ?? []));
    } catch (error) {
      if (!(error instanceof ModelError) || error.index === undefined) throw error;
      throw new ModelError(error.code, error.message, missing[error.index]);
    }
  }

  #use(key: string): Vector | undefined {
    const vector = this.#vectors.get(key);
    if (vector === undefined) return undefined;
    this.#vectors.delete(key);
    this.#vectors.set(key, vector);
    return vector;
  }

  #keep(key: string | undefined, vector: Vector | undefined): void {
    if (key === undefined || vector === undefined) return;
    this.#vectors.set(key, vector);
    const [oldest] = this.#vectors.keys();
    if (this.#vectors.size > this.#capacity && oldest !== undefined) this.#vectors.delete(oldest);
  }
}

function isVector(vector: Vector | undefined): vector is Vector {
  return vector !== undefined;
}
