/**
 * What compiling an expression or a value gives: the part for the plan, and what the compiler knows of it.
 *
 * PURE types.
 */
import type { Expression, Value } from '../plan/plan.js';
import type { Label, Type } from '../plan/types.js';
import type { Scope } from './scope.js';

export interface CompiledExpression {
  readonly expression: Expression;
  readonly type: Type;
  readonly label: Label;
  /** Paths that certainly exist when it is true, and when it is false. */
  readonly whenTrue: readonly string[];
  readonly whenFalse: readonly string[];
}

export interface CompiledValue {
  readonly value: Value;
  readonly type: Type;
  readonly label: Label;
}

export interface ValueOptions {
  /** A written map: `${{ a.?b }}` leaves its key out. Elsewhere an absent value is a problem. */
  readonly absentKeys?: boolean;
  readonly scope?: Scope;
}
