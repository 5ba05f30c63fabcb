/**
 * Decimal rounding as people do it on paper: on the digits that a number shows, half away from zero.
 *
 * PURE. `1.005` is shown as 1.005 although the double below it is a little smaller; a price rounded from the double
 * would be a cent short. So the shortest decimal text of the number is what is rounded, exactly.
 */

export const DIGITS_AT_MOST = 15;

/** The number with exactly `digits` decimals (0 to 15): `fixed(1.005, 2)` is `1.01`, `fixed(12.5, 2)` is `12.50`. */
export function fixed(value: number, digits: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (match === null) throw new Error(`${String(value)} cannot be rounded`);
  const decimals = match[3] ?? '';
  const places = decimals.length - Number(match[4] ?? 0);
  const rounded = shift(BigInt(`${match[2] ?? '0'}${decimals}`), digits - places);
  const text = rounded.toString().padStart(digits + 1, '0');
  const sign = match[1] === '-' && rounded !== 0n ? '-' : '';
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

export function round(value: number, digits: number): number {
  return Number(fixed(value, digits));
}

/** `coefficient` times ten to the power of `places`; what falls off the end rounds half up. */
function shift(coefficient: bigint, places: number): bigint {
  if (places >= 0) return coefficient * 10n ** BigInt(places);
  const unit = 10n ** BigInt(-places);
  const whole = coefficient / unit;
  return (coefficient % unit) * 2n >= unit ? whole + 1n : whole;
}
