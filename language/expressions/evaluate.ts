/**
 * Evaluates what was compiled, on the values of one run.
 *
 * PURE, and replayed from history: the same plan and the same slots give the same result on every machine. What goes in
 * was checked against declared types; what comes out is checked again, because a declaration is a promise of the outside.
 * All that can go wrong is a `Failure` that quotes the expression: `expression`, or `result_too_large`.
 */
import { failure, type Failure } from '../plan/failure.js';
import { isJsonMap, type Json } from '../plan/json.js';
import type { Expression, MapEntry, Value } from '../plan/plan.js';
import { causeOf, celName, evaluateCel } from './cel.js';
import { fromSlot, RESULT_LIMIT, ResultTooLarge, toJsonValue } from './exchange.js';
import { OUT_OF_FUEL, outOfFuel, refuel } from './fuel.js';
import { parseInstant } from './instant.js';
import { asText } from './library.js';

/** A run's values by slot; `undefined` where nothing has been put yet. A value in a slot is never changed in place. */
export type Slots = readonly (Json | undefined)[];

/**
 * The value of an expression as JSON: instants as RFC 3339 text, a duration as milliseconds. `extra` are values by name
 * that stand for those of the slots. Throws a Failure, also when there is no value.
 */
export function evaluateExpression(expression: Expression, slots: Slots, extra?: ReadonlyMap<string, Json>): Json {
  const value = evaluate(expression, slots, extra);
  if (value === undefined) throw notComputed(expression, 'there is no value');
  return value;
}

export function testExpression(expression: Expression, slots: Slots): boolean {
  const value = evaluateExpression(expression, slots);
  if (typeof value !== 'boolean') throw notComputed(expression, 'it gives neither true nor false');
  return value;
}

/** Milliseconds of a duration, epoch milliseconds of a timestamp. */
export function evaluateMilliseconds(expression: Expression, slots: Slots): number {
  const value = evaluateExpression(expression, slots);
  const milliseconds = typeof value === 'string' ? parseInstant(value) : value;
  if (typeof milliseconds !== 'number') throw notComputed(expression, 'it gives neither a duration nor a time');
  return milliseconds;
}

/** The value of anything compiled by compileValue. Keys whose value is absent are left out. */
export function evaluateValue(value: Value, slots: Slots): Json {
  switch (value.is) {
    case 'literal':
      return value.value;
    case 'expression':
      return evaluateExpression(value.expression, slots);
    case 'text':
      return evaluateText(value.parts, slots);
    case 'list':
      return value.items.map((item) => evaluateValue(item, slots));
    case 'map':
      return Object.fromEntries(value.entries.flatMap((entry) => evaluateEntry(entry, slots)));
  }
}

function evaluateEntry(entry: MapEntry, slots: Slots): readonly (readonly [string, Json])[] {
  if (entry.optional === true && entry.value.is === 'expression') {
    const value = evaluate(entry.value.expression, slots);
    return value === undefined ? [] : [[entry.key, value]];
  }
  return [[entry.key, evaluateValue(entry.value, slots)]];
}

function evaluateText(parts: readonly (string | Expression)[], slots: Slots): string {
  let text = '';
  for (const part of parts) {
    text += typeof part === 'string' ? part : asText(evaluateExpression(part, slots));
    if (text.length > RESULT_LIMIT && typeof part !== 'string') throw tooLarge(part);
  }
  return text;
}

/** As evaluateExpression, with undefined for what `.?` did not find. */
function evaluate(expression: Expression, slots: Slots, extra?: ReadonlyMap<string, Json>): Json | undefined {
  try {
    refuel();
    const value = evaluateCel(expression.cel, contextOf(expression, slots, extra));
    if (outOfFuel()) throw new Error(OUT_OF_FUEL);
    if (value === undefined) return undefined;
    const json = toJsonValue(value);
    const wrong = mismatch(json, expression.gives);
    if (wrong !== undefined) throw new Error(wrong);
    return json;
  } catch (error) {
    if (error instanceof ResultTooLarge) throw tooLarge(expression);
    throw notComputed(expression, causeOf(error));
  }
}

function contextOf(
  expression: Expression,
  slots: Slots,
  extra: ReadonlyMap<string, Json> | undefined,
): ReadonlyMap<string, unknown> {
  const context = new Map<string, unknown>();
  for (const { name, slot, times } of expression.names) {
    const value = extra?.get(name) ?? slots[slot];
    if (value === undefined || value === null) throw new Error(`"${name}" has no value yet`);
    try {
      context.set(celName(name), fromSlot(value, times));
    } catch (error) {
      throw new Error(`in "${name}", ${causeOf(error)}`, { cause: error });
    }
  }
  return context;
}

/** What is wrong with a result that should be of the kind `gives`, or undefined. */
function mismatch(value: Json, gives: Expression['gives']): string | undefined {
  switch (gives) {
    case 'any':
      return value === null ? 'there is no value' : undefined;
    case 'text':
      return typeof value === 'string' ? undefined : 'it gives no text';
    case 'number':
    case 'duration':
      return typeof value === 'number' ? undefined : `it gives no ${gives}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'it gives neither true nor false';
    case 'timestamp':
      return typeof value === 'string' && parseInstant(value) !== undefined ? undefined : 'it gives no time';
    case 'list':
      return Array.isArray(value) ? undefined : 'it gives no list';
    case 'map':
      return isJsonMap(value) ? undefined : 'it gives no map';
  }
}

function notComputed(expression: Expression, cause: string): Failure {
  const told = expression.quiet === true ? 'what it reads is private, so that the cause is not told' : cause;
  return failure('expression', `"${expression.source}" could not be computed: ${told}`);
}

function tooLarge(expression: Expression): Failure {
  return failure(
    'result_too_large',
    `"${expression.source}" gives more than ${RESULT_LIMIT / 1024} KB; select what is needed of it`,
  );
}
