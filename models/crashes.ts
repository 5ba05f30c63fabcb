/**
 * Which texts a model process died of, so that none kills it for ever.
 *
 * HOST, in memory: a crash costs an attempt; the second at the same text is the text's fault.
 */
import { hashText } from '../language/plan/json.js';

const CRASHES_ALLOWED = 2;
/** Hashes kept; the oldest is forgotten first. */
const KEPT = 1000;

export class CrashCount {
  readonly #counts = new Map<string, number>();

  add(text: string): void {
    const hash = hashText(text);
    this.#counts.set(hash, (this.#counts.get(hash) ?? 0) + 1);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > KEPT && oldest !== undefined) this.#counts.delete(oldest);
  }

  /** True when it may not be tried again. */
  isSpent(text: string): boolean {
    return this.#counts.size > 0 && (this.#counts.get(hashText(text)) ?? 0) >= CRASHES_ALLOWED;
  }
}
