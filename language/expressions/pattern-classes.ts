/**
 * Character classes of patterns: `[a-z]`, `\d`, `\.` and plain characters, as ranges of code points.
 *
 * PURE. Read by pattern.ts only.
 */

/** Inclusive ranges of code points. */
export type Ranges = readonly (readonly [number, number])[];

const LAST = 0x10ffff;
const CLASSES: ReadonlyMap<string, Ranges> = new Map<string, Ranges>([
  ['d', [[48, 57]]],
  [
    'w',
    [
      [48, 57],
      [65, 90],
      [95, 95],
      [97, 122],
    ],
  ],
  [
    's',
    [
      [9, 13],
      [32, 32],
      [160, 160],
      [0x1680, 0x1680],
      [0x2000, 0x200a],
      [0x2028, 0x2029],
      [0x202f, 0x202f],
      [0x205f, 0x205f],
      [0x3000, 0x3000],
      [0xfeff, 0xfeff],
    ],
  ],
]);
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['f', 12],
  ['v', 11],
]);

/** The class that begins at `start` and the index behind it. Throws on what is not available. */
export function parseRanges(characters: readonly string[], start: number): readonly [Ranges, number] {
  const character = characters[start] ?? '';
  if (character === '\\') return parseEscape(characters, start + 1);
  if (character === '[') return parseSet(characters, start + 1);
  return [one(character), start + 1];
}

function parseEscape(characters: readonly string[], at: number): readonly [Ranges, number] {
  const letter = characters[at];
  if (letter === undefined) throw new Error('"\\" stands at the end');
  const known = CLASSES.get(letter) ?? negated(CLASSES.get(letter.toLowerCase()), letter);
  if (known !== undefined) return [known, at + 1];
  const control = CONTROLS.get(letter);
  if (control !== undefined) return [[[control, control]], at + 1];
  if (/[1-9]/.test(letter)) throw new Error(`"\\${letter}" (repeating what a group matched) is not available`);
  if (/[0-9A-Za-z]/.test(letter)) throw new Error(`"\\${letter}" is not available`);
  return [one(letter), at + 1];
}

function negated(ranges: Ranges | undefined, letter: string): Ranges | undefined {
  return ranges !== undefined && /[DWS]/.test(letter) ? invert(ranges) : undefined;
}

function parseSet(characters: readonly string[], start: number): readonly [Ranges, number] {
  const inverted = characters[start] === '^';
  const all: (readonly [number, number])[] = [];
  let at = inverted ? start + 1 : start;
  for (let first = true; first || characters[at] !== ']'; first = false) {
    if (characters[at] === undefined) throw new Error('"[" is not closed');
    if (first && characters[at] === ']') throw new Error('"[]" matches nothing');
    const [from, next] = parseMember(characters, at);
    at = next;
    if (characters[at] === '-' && characters[at + 1] !== ']' && characters[at + 1] !== undefined) {
      const [to, end] = parseMember(characters, at + 1);
      const [low, high] = [single(from), single(to)];
      if (low === undefined || high === undefined || high < low) throw new Error('a range in "[…]" runs backwards');
      all.push([low, high]);
      at = end;
    } else {
      all.push(...from);
    }
  }
  return [inverted ? invert(all) : all, at + 1];
}

function parseMember(characters: readonly string[], at: number): readonly [Ranges, number] {
  return characters[at] === '\\' ? parseEscape(characters, at + 1) : [one(characters[at] ?? ''), at + 1];
}

function one(character: string): Ranges {
  const code = character.codePointAt(0) ?? 0;
  return [[code, code]];
}

function single(ranges: Ranges): number | undefined {
  const [range] = ranges;
  return ranges.length === 1 && range !== undefined && range[0] === range[1] ? range[0] : undefined;
}

function invert(ranges: Ranges): Ranges {
  const result: (readonly [number, number])[] = [];
  let from = 0;
  for (const [low, high] of [...ranges].sort((left, right) => left[0] - right[0])) {
    if (low > from) result.push([from, low - 1]);
    from = Math.max(from, high + 1);
  }
  if (from <= LAST) result.push([from, LAST]);
  return result;
}
