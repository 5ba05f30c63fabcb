/**
 * Problems as people read them: place, code, message, the line of the file with the spot underlined, and what to do.
 *
 * PURE. What a file holds is shown as text: control characters never reach a terminal.
 */
import type { Problem } from '../plan/problem.js';

export interface RenderOptions {
  readonly color: boolean;
}

/** Columns of a source line that are shown; longer lines are cut around the problem. */
const FRAME_WIDTH = 140;

/** One problem with its frame; without the text of its file, or for a problem of the whole file, without a frame. */
export function formatProblem(problem: Problem, sourceText: string | undefined, { color }: RenderOptions): string {
  const paint = color ? STYLES : PLAIN;
  const { file, line, column, code, path, message, hint, severity } = problem;
  const where = path === '' ? '' : ` ${path}`;
  const mark = severity === 'warning' ? ' warning' : '';
  const painted = severity === 'warning' ? paint.yellow(`${code}${mark}`) : paint.red(code);
  const head = `${paint.bold(`${clean(file)}:${line}:${column}`)} ${painted}${clean(where)}: ${clean(message)}`;
  const frame =
    sourceText === undefined || (path === '' && line === 1 && column === 1 && problem.length === 1)
      ? []
      : frameOf(problem, sourceText, paint);
  const advice = hint === undefined ? [] : [`  ${paint.cyan('hint:')} ${clean(hint)}`];
  return [head, ...frame, ...advice].join('\n');
}

/** All of them, in the order of `sortProblems`, an empty line between two. `sources` are the texts by file. */
export function formatProblems(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  options: RenderOptions,
): string {
  return sortProblems(problems)
    .map((problem) => formatProblem(problem, sources.get(problem.file), options))
    .join('\n\n');
}

/** Errors before warnings; then by file, line, column and code. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  return [...problems].sort(
    (one, other) =>
      Number(one.severity === 'warning') - Number(other.severity === 'warning') ||
      compare(one.file, other.file) ||
      one.line - other.line ||
      one.column - other.column ||
      compare(one.code, other.code),
  );
}

/**
 * One problem per cause: what follows from a value that YAML read otherwise than it was meant is left out, and so is what
 * a later stage says about the very spot of an earlier one.
 */
export function onePerCause(problems: readonly Problem[]): readonly Problem[] {
  const misread = problems.flatMap(misreadPath);
  const spots = new Map<string, string>();
  for (const problem of problems) {
    if (problem.severity === 'warning') continue;
    const spot = spotOf(problem);
    const before = spots.get(spot);
    if (before === undefined || stageOf(problem.code) < before) spots.set(spot, stageOf(problem.code));
  }
  return problems.filter((problem) => {
    if (problem.code.startsWith('FIRN1')) return true;
    if (misread.some((path) => isWithin(problem.path, path))) return false;
    const first = spots.get(spotOf(problem));
    return first === undefined || first === stageOf(problem.code);
  });
}

/** The value that YAML read otherwise than it was meant: where a key was left out, the map that has lost it. */
function misreadPath({ code, path }: Problem): readonly string[] {
  const keyLost = code === 'FIRN104' || code === 'FIRN108';
  const misread = keyLost ? path.slice(0, Math.max(0, path.lastIndexOf('.'))) : path;
  return code.startsWith('FIRN1') && misread !== '' ? [misread] : [];
}

/** Shape (3xx) is settled before expressions (2xx) are read; what steps mean together (4xx) comes last. */
function stageOf(code: string): string {
  const order: Readonly<Record<string, string>> = { 1: 'a', 3: 'b', 2: 'c', 4: 'd' };
  return order[code.charAt(4)] ?? 'e';
}

function spotOf({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`;
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function frameOf(problem: Problem, sourceText: string, paint: Paint): readonly string[] {
  const text = sourceText.split('\n')[problem.line - 1];
  if (text === undefined) return [];
  const bare = (problem.line === 1 ? text.replace(/^\ufeff/, '') : text).replace(/\r$/, '');
  const start = problem.column - 1;
  const cut = bare.length > FRAME_WIDTH ? Math.max(0, Math.min(start - 40, bare.length - FRAME_WIDTH)) : 0;
  const shown = `${cut > 0 ? '…' : ''}${bare.slice(cut + (cut > 0 ? 1 : 0), cut + FRAME_WIDTH)}${bare.length > cut + FRAME_WIDTH ? '…' : ''}`;
  const offset = Math.max(0, start - cut);
  const length = Math.max(1, Math.min(problem.length, FRAME_WIDTH - offset, Math.max(1, bare.length - start)));
  const number = String(problem.line);
  const margin = ' '.repeat(number.length);
  return [
    `  ${paint.dim(`${number} |`)} ${clean(shown)}`.trimEnd(),
    `  ${paint.dim(`${margin} |`)} ${' '.repeat(offset)}${paint.red('^'.repeat(length))}`,
  ];
}

/** Text without control characters; a tab is one space, so that columns stay. */
function clean(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

interface Paint {
  bold(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
  dim(text: string): string;
}

function ansi(code: number): (text: string) => string {
  return (text) => `\u001b[${code}m${text}\u001b[0m`;
}

const same = (text: string): string => text;
const STYLES: Paint = { bold: ansi(1), red: ansi(31), yellow: ansi(33), cyan: ansi(36), dim: ansi(2) };
const PLAIN: Paint = { bold: same, red: same, yellow: same, cyan: same, dim: same };
