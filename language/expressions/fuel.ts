/**
 * The fuel of one evaluation: how much work an expression may do before it is stopped.
 *
 * PURE. An expression that explodes stops every run of a worker, and nothing inside the sandbox can interrupt it. So each
 * list that is walked and each text that is read is paid for before it is touched; nested macros pay for their product.
 * Evaluation is synchronous and begins with `refuel`, so the counter belongs to one evaluation at a time.
 */

/** Items that one evaluation may walk over, nested macros multiplied out. */
export const FUEL = 100_000;
/** Characters that cost as much as one item. */
const CHARACTERS_PER_UNIT = 64;

/** What an evaluation without fuel is told, as the end of a sentence. */
export const OUT_OF_FUEL = `it would take more than ${FUEL} steps over lists and texts`;

let left = FUEL;

export function refuel(): void {
  left = FUEL;
}

/** True once an evaluation has asked for more than there is: its result is void, even if CEL swallowed the error. */
export function outOfFuel(): boolean {
  return left < 0;
}

/** Pays for `units` of work, or throws. */
export function spend(units: number): void {
  left -= units;
  if (left < 0) throw new Error(OUT_OF_FUEL);
}

export function spendText(text: string): void {
  spend(Math.ceil(text.length / CHARACTERS_PER_UNIT));
}

/** Pays for reading the whole of a value once, `weight` times over. Answers the value itself. */
export function spendOn(value: unknown, weight: number): unknown {
  if (typeof value === 'string') spendText(value);
  else if (Array.isArray(value)) spend(value.length * weight);
  else if (value instanceof Map) spend(value.size * weight);
  return value;
}
