/**
 * The limits of a run, and the failures that name what went over them.
 *
 * PURE. Nothing is ever cut: a result that is too large fails its step, because half a result is a wrong one. What is
 * kept for people only (path, trail) is capped instead, since it decides nothing.
 */
import { failure, type Failure } from '../language/plan/failure.js';
import type { Json } from '../language/plan/json.js';
import { isJsonMap, jsonSize } from '../language/plan/json.js';

/** Characters of one result as JSON text. */
export const RESULT_LIMIT = 256 * 1024;
/** Characters of the input and all results of a run together. */
export const RESULTS_LIMIT = 1024 * 1024;
/** Steps that a run may start, loops included. */
export const STEP_LIMIT = 100_000;
/** Entries of the recorded path. */
export const PATH_LIMIT = 2_000;
/** Messages that wait in a run until a step takes them. */
export const MESSAGE_LIMIT = 1_000;
/** Items of one loop. */
export const ITEM_LIMIT = 10_000;
/** Finished steps of which a run remembers what they said. */
export const TRAIL_LIMIT = 200;
/** Finished steps that current details show. */
export const SHOWN_TRAIL = 30;

export interface Sized {
  readonly name: string;
  /** Characters as JSON text. */
  readonly size: number;
}

/** The failure of a result that is too large, alone or together with the others; undefined when it fits. */
export function tooLarge(
  path: string,
  result: Json,
  size: number,
  /** Characters of all other results of the run. */
  others: number,
  named: () => readonly Sized[],
): Failure | undefined {
  if (size > RESULT_LIMIT) {
    return failure(
      'result_too_large',
      `the result has ${count(size)} characters as JSON, and one result may have ${count(RESULT_LIMIT)}. ` +
        `${largestPart(result)}. Take fewer rows or columns, or keep the value elsewhere and pass its key`,
    );
  }
  const total = others + size;
  if (total <= RESULTS_LIMIT) return undefined;
  const largest = [...named().filter(({ name }) => name !== path), { name: path, size }]
    .sort((one, other) => other.size - one.size)
    .slice(0, 3);
  return failure(
    'result_too_large',
    `with this result the results of the run have ${count(total)} characters as JSON together, and may have ` +
      `${count(RESULTS_LIMIT)}. The largest are ${largest.map((entry) => `"${entry.name}" (${count(entry.size)})`).join(', ')}. ` +
      'Take fewer rows or columns there, or split the workflow',
  );
}

/** Where most of the size is: goes into the largest part as long as that part is most of the whole. */
function largestPart(result: Json): string {
  let place = '';
  let value = result;
  for (;;) {
    const parts = partsOf(value).map((part) => ({ ...part, size: jsonSize(part.value) }));
    const largest = parts.reduce<(typeof parts)[number] | undefined>(
      (best, part) => (best === undefined || part.size > best.size ? part : best),
      undefined,
    );
    if (largest === undefined || largest.size * 2 < jsonSize(value)) break;
    place += largest.name;
    value = largest.value;
  }
  if (place !== '') return `Most of it is "${place.replace(/^\./, '')}" (${count(jsonSize(value))})`;
  return Array.isArray(value)
    ? `It is a list of ${count(value.length)} items of about the same size`
    : 'No single field is most of it';
}

function partsOf(value: Json): { readonly name: string; readonly value: Json }[] {
  if (Array.isArray(value)) return value.map((item: Json, index) => ({ name: `[${index}]`, value: item }));
  if (isJsonMap(value)) return Object.entries(value).map(([name, item]) => ({ name: `.${name}`, value: item }));
  return [];
}

/** 262144 -> "262,144", the same on every machine. */
function count(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
