/** Problems as text, with source frames. HOST. */
import { formatProblems } from '../language/compiler/render.js';
import type { Problem } from '../language/plan/problem.js';
import type { Terminal } from './terminal.js';

/** The whole text of several files' problems, as lines. */
export function problemLines(
  terminal: Terminal,
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
): readonly string[] {
  return formatProblems(problems, sources, { color: terminal.colors.isColorSupported }).split('\n');
}

/** A problem as programs read it. */
export function publicProblem(problem: Problem): Record<string, unknown> {
  const { code, severity, file, line, column, path, message, hint } = problem;
  return { code, severity, file, line, column, path, message, hint: hint ?? null };
}
