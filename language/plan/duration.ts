/**
 * Durations as authors write them: `30s`, `15m`, `2h`, `2d`, `1h30m`, or ISO 8601 `PT30S`, `P2D`. A day is 24 hours.
 *
 * PURE.
 */
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SHORT = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;
const ISO = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const UNITS = ['d', 'h', 'm', 's', 'ms'] as const;

/** Milliseconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  const match = SHORT.exec(text) ?? ISO.exec(text);
  if (match === null) return undefined;
  let total_ms = 0;
  let parts = 0;
  for (const [index, unit] of UNITS.entries()) {
    const digits = match[index + 1];
    if (digits === undefined) continue;
    parts += 1;
    total_ms += Number(digits) * (UNIT_MS[unit] ?? 0);
  }
  return parts > 0 && Number.isSafeInteger(total_ms) ? total_ms : undefined;
}

/** The shortest exact way to write it: `2d`, `1h30m`, `250ms`. */
export function formatDuration(duration_ms: number): string {
  let rest_ms = Math.round(duration_ms);
  let text = '';
  for (const unit of UNITS) {
    const unit_ms = UNIT_MS[unit] ?? 1;
    const count = Math.floor(rest_ms / unit_ms);
    if (count > 0) text += `${count}${unit}`;
    rest_ms -= count * unit_ms;
  }
  return text === '' ? '0s' : text;
}
