/**
 * The text of a file as positions: which line and column an offset is, and how offsets inside a YAML scalar's value
 * map back to offsets of the file.
 *
 * PURE. Trusts the YAML library's ranges; where a scalar's value cannot be followed exactly (folding), whatever is not
 * white space is still found exactly and white space at the nearest place before it.
 */
import type { Position } from '../plan/parsed.js';

export class Source {
  readonly text: string;
  private readonly lineStarts: readonly number[];

  constructor(text: string) {
    this.text = text;
    const starts = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.lineStarts = starts;
  }

  get lines(): number {
    return this.lineStarts.length;
  }

  /** 1-based line and column of an offset; offsets beyond the end are the end. */
  positionAt(offset: number): Position {
    const bounded = Math.min(Math.max(0, offset), this.text.length);
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.lineStarts[middle] ?? 0) <= bounded) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: bounded - (this.lineStarts[low] ?? 0) + 1 };
  }

  /** Offset of the first character of the line that holds `offset`, and of its end (before the line break). */
  lineAround(offset: number): { readonly start: number; readonly end: number } {
    const { line } = this.positionAt(offset);
    const start = this.lineStarts[line - 1] ?? 0;
    const next = this.text.indexOf('\n', start);
    const end = next === -1 ? this.text.length : next;
    return { start, end: this.text.charAt(end - 1) === '\r' && end > start ? end - 1 : end };
  }
}

export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

/**
 * For every UTF-16 unit of a scalar's value, and for its end, the offset in the file.
 * `start` and `end` are the scalar's range, quotes and block header included.
 */
export function valueOffsets(source: string, style: ScalarStyle, start: number, end: number, value: string): number[] {
  if (style === 'double') return doubleQuoted(source, start + 1, end, value);
  return aligned(source, style, firstOffset(source, style, start), end, value);
}

function firstOffset(source: string, style: ScalarStyle, start: number): number {
  if (style === 'single') return start + 1;
  if (style === 'plain') return start;
  const lineEnd = source.indexOf('\n', start);
  return lineEnd === -1 ? start : lineEnd + 1;
}

/** Folding and indentation change white space only, so every other character is the next one that is not white space. */
function aligned(source: string, style: ScalarStyle, first: number, end: number, value: string): number[] {
  const offsets: number[] = [];
  let at = first;
  for (const unit of units(value)) {
    if (isSpace(unit)) {
      offsets.push(Math.min(at, end));
      if (source.charAt(at) === unit && unit !== '\n') at += 1;
      continue;
    }
    while (at < end && isSpace(source.charAt(at))) at += 1;
    offsets.push(Math.min(at, end));
    at += style === 'single' && unit === "'" ? 2 : 1;
  }
  offsets.push(Math.min(at, end));
  return offsets;
}

const LONG_ESCAPES: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function doubleQuoted(source: string, first: number, end: number, value: string): number[] {
  const offsets: number[] = [];
  let at = first;
  const skipSpace = (): void => {
    while (at < end && isSpace(source.charAt(at))) at += 1;
  };
  while (offsets.length < value.length) {
    const index = offsets.length;
    const character = source.charAt(at);
    if (character === '\\' && /[\r\n]/.test(source.charAt(at + 1))) {
      at += 1;
      skipSpace();
    } else if (character === '\\') {
      const letter = source.charAt(at + 1);
      offsets.push(at);
      if (letter === 'U' && (value.codePointAt(index) ?? 0) > 0xffff) offsets.push(at);
      at += 2 + (LONG_ESCAPES[letter] ?? 0);
    } else if (isSpace(character) && isSpace(value.charAt(index))) {
      offsets.push(at);
      if (character === value.charAt(index) && character !== '\n') at += 1;
      if (!isSpace(value.charAt(index + 1))) skipSpace();
    } else if (isSpace(character)) {
      skipSpace();
    } else {
      offsets.push(Math.min(at, end));
      at += 1;
    }
    if (at >= end && offsets.length < value.length) break;
  }
  while (offsets.length <= value.length) offsets.push(Math.min(at, end));
  return offsets;
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\t' || character === '\r';
}

function units(text: string): string[] {
  return text.split('');
}
