/** Copies of the interpreter with one guard taken out of its source; they share language/ with the real one. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { interpret } from '../../interpreter/interpret.js';

export interface Change {
  /** Within interpreter/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
const made: string[] = [];

afterAll(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

/** The interpreter after this change. */
export async function mutated({ file, from, to }: Change): Promise<typeof interpret> {
  const copy = await mkdtemp(join(tmpdir(), 'firn-mutant-'));
  made.push(copy);
  await cp(join(ROOT, 'interpreter'), copy, { recursive: true });
  for (const name of await readdir(copy, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const source = await readFile(join(copy, name), 'utf8');
    if (name === file) expect(source.split(from), `"${from}" stands once in ${file}`).toHaveLength(2);
    const changed = name === file ? source.replace(from, () => to) : source;
    await writeFile(join(copy, name), changed.replaceAll(/'(?:\.\.\/)+language\//g, `'${ROOT}/language/`));
  }
  const loaded: unknown = await import(join(copy, 'interpret.ts'));
  if (!isInterpreter(loaded)) throw new Error('the mutant exports no interpreter');
  return loaded.interpret;
}

function isInterpreter(module: unknown): module is { readonly interpret: typeof interpret } {
  return typeof module === 'object' && module !== null && 'interpret' in module;
}
