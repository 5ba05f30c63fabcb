/**
 * Differences that were found, as cases for ever: `<name>.json` holds the program and its world, `<name>.flow.yaml` the
 * same program as an author would write it.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './build.js';
import { textOf } from './definition.js';

export const REGRESSIONS = join(import.meta.dirname, 'regressions');

export interface Regression {
  /** What was wrong, in a sentence. */
  readonly why: string;
  readonly seed: number;
  readonly program: Program;
}

export function keep(name: string, program: Program, seed: number, why = 'say here what was wrong'): void {
  mkdirSync(REGRESSIONS, { recursive: true });
  const regression: Regression = { why, seed, program };
  writeFileSync(join(REGRESSIONS, `${name}.json`), `${JSON.stringify(regression, null, 1)}\n`);
  writeFileSync(join(REGRESSIONS, `${name}.flow.yaml`), textOf(program.definition));
}

export function readRegression(file: string): Regression & { readonly text: string } {
  const path = join(REGRESSIONS, file);
  const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isRegression(read)) throw new Error(`${file} is no regression`);
  return { ...read, text: readFileSync(path.replace(/json$/, 'flow.yaml'), 'utf8') };
}

function isRegression(value: unknown): value is Regression {
  return typeof value === 'object' && value !== null && 'program' in value && 'why' in value && 'seed' in value;
}
