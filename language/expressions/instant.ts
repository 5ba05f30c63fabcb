/**
 * Instants and spans inside expressions: what RFC 3339 text and durations become while CEL computes with them.
 *
 * PURE. They are own classes and not `Date`, because a workflow sandbox replaces `Date` and an evaluator that knows values
 * by their constructor then no longer knows its own timestamps. Milliseconds throughout, UTC only.
 */

/** A moment, in milliseconds since 1970-01-01T00:00:00Z. */
export class Instant {
  readonly epoch_ms: number;

  constructor(epoch_ms: number) {
    this.epoch_ms = epoch_ms;
  }

  /** Lets `<` compare. */
  valueOf(): number {
    return this.epoch_ms;
  }
}

/** A length of time. */
export class Span {
  readonly length_ms: number;

  constructor(length_ms: number) {
    this.length_ms = length_ms;
  }

  valueOf(): number {
    return this.length_ms;
  }
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.\d+)?([Zz]|[+-]\d{2}:?\d{2})$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
/** 0001-01-01 and the end of 9999: what RFC 3339 can write. */
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;

/** Epoch milliseconds of RFC 3339 text, or undefined. Digits beyond milliseconds are dropped. */
export function parseInstant(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const days = month === 2 && !isLeap(year) ? 28 : DAYS[month - 1];
  if (days === undefined || day < 1 || day > days) return undefined;
  const epoch_ms = Date.parse(
    text
      .replace(' ', 'T')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
      .toUpperCase(),
  );
  return Number.isNaN(epoch_ms) ? undefined : epoch_ms;
}

/** `2026-03-01T00:00:00Z`; milliseconds only where there are some. Undefined beyond the years 1 to 9999. */
export function formatInstant(epoch_ms: number): string | undefined {
  if (!(epoch_ms >= FIRST_MS && epoch_ms <= LAST_MS)) return undefined;
  return new Date(Math.round(epoch_ms)).toISOString().replace('.000Z', 'Z');
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}
