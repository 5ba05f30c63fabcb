/**
 * What compiling an expression or a value gives: the part for the plan, and what the compiler knows of it.
 *
 * PURE types.
 */
import type { Expression, Value } from '../plan/plan.js';
import type { Type, Written } from '../plan/types.js';
import type { Scope } from './scope.js';

/** Who wrote it is said of all that it holds; private is what it is as a whole, while its type says which parts are. */
export interface CompiledExpression extends Written {
  readonly expression: Expression;
  readonly type: Type;
  /** Of unknown type: what it is that nobody declares. */
  readonly unknown?: string;
  /** Paths that certainly exist when it is true, and when it is false. */
  readonly whenTrue: readonly string[];
  readonly whenFalse: readonly string[];
}

export interface CompiledValue extends Written {
  readonly value: Value;
  readonly type: Type;
  readonly unknown?: string;
}

export interface ValueOptions {
  /** A written map: `${{ a.?b }}` leaves its key out. Elsewhere an absent value is a problem. */
  readonly absentKeys?: boolean;
  readonly scope?: Scope;
}
