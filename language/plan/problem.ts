/**
 * A problem: what is wrong with a definition, a project file or a test file, and where.
 *
 * PURE. Problems are data: collected, never thrown, shown all at once. Codes are permanent and live in catalogue.ts.
 */
import type { ProblemCode } from './catalogue.js';
import type { Position } from './parsed.js';

export type { ProblemCode } from './catalogue.js';

export interface Problem {
  readonly code: ProblemCode;
  readonly severity: 'error' | 'warning';
  /** As the caller named it, relative to the project where possible. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Columns that the source frame underlines; at least 1. */
  readonly length: number;
  /** Place in the document: `steps.verdict.decide.rules[1].when`. */
  readonly path: string;
  /** What is wrong and why, in the author's words, quoting the value. */
  readonly message: string;
  /** What to do. */
  readonly hint?: string;
}

export interface Place {
  readonly at: Position;
  readonly path: string;
  readonly length?: number;
}

/** Where problems are put; `file` is set once. */
export class Problems {
  readonly file: string;
  readonly all: Problem[] = [];

  constructor(file: string) {
    this.file = file;
  }

  error(code: ProblemCode, place: Place, message: string, hint?: string): void {
    this.add('error', code, place, message, hint);
  }

  warning(code: ProblemCode, place: Place, message: string, hint?: string): void {
    this.add('warning', code, place, message, hint);
  }

  get failed(): boolean {
    return this.all.some((problem) => problem.severity === 'error');
  }

  private add(severity: Problem['severity'], code: ProblemCode, place: Place, message: string, hint?: string): void {
    const { line, column } = place.at;
    const at = { file: this.file, line, column, length: Math.max(1, place.length ?? 1), path: place.path };
    const problem: Problem = { code, severity, ...at, message, ...(hint === undefined ? {} : { hint }) };
    const repeated = this.all.some(
      (other) => other.code === code && other.line === line && other.column === column && other.message === message,
    );
    if (!repeated) this.all.push(problem);
  }
}
