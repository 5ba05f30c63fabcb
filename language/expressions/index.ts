/**
 * Expressions: CEL behind one wrapper. Parse and check against types, bound, evaluate; templates; labels.
 *
 * PURE. At compile time `compileExpression` and `compileValue` turn `${{ … }}` into parts of a plan and collect problems;
 * at run time the `evaluate…` functions compute them on a run's slots, inside Temporal's sandbox and under replay.
 */
export { compileExpression } from './compile-expression.js';
export { compileValue } from './compile-value.js';
export type { CompiledExpression, CompiledValue, ValueOptions } from './compiled.js';
export { splitTemplate } from './template.js';
export { isUsableName } from './cel.js';
export { compilePattern, matchesPattern } from './pattern.js';
export { evaluateExpression, evaluateMilliseconds, evaluateValue, testExpression } from './evaluate.js';
