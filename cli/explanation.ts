/** An explanation as lines that fit the terminal. HOST. */
import type { Explanation } from '../language/compiler/explain.js';
import { wrap, type Terminal } from './terminal.js';

/** Where there is no terminal: as wide as people like to read. */
const READABLE = 100;

export function explanationLines(terminal: Terminal, { title, about, parts }: Explanation): readonly string[] {
  const { colors } = terminal;
  const width = Math.min(terminal.width, READABLE);
  const lines = [...wrap(colors.bold(title), width, 0), ...wrap(about, width, 0)];
  for (const { heading, lines: said } of parts) {
    lines.push('', colors.bold(heading));
    for (const { level, mark, text } of said) {
      const indent = 2 + level * 2;
      const start = `${' '.repeat(indent)}${mark === '' ? '' : `${colors.dim(mark)} `}`;
      lines.push(...wrap(`${start}${text}`, width, indent + (mark === '' ? 0 : 4)));
    }
  }
  return lines;
}
