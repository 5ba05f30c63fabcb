/**
 * The scope of an expression: which names it may read, what they are, and what is known to exist.
 *
 * PURE. A name is in scope only where its step has certainly run. Names that exist elsewhere in the file are kept
 * apart, so that a problem can say why a name cannot be read here instead of calling it unknown.
 */
import type { Type, Written } from '../plan/types.js';

export interface ScopeName extends Written {
  readonly slot: number;
  readonly type: Type;
}

export interface Scope {
  readonly names: ReadonlyMap<string, ScopeName>;
  /** Names of the file that cannot be read here, each with the reason as the end of a sentence. */
  readonly hidden: ReadonlyMap<string, string>;
  /** Optional fields that certainly exist here, as dotted paths: `order.delivered_at`. */
  readonly facts: ReadonlySet<string>;
}

export function withFacts(scope: Scope, facts: readonly string[]): Scope {
  return facts.length === 0 ? scope : { ...scope, facts: new Set([...scope.facts, ...facts]) };
}
