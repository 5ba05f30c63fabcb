/** A small project in a temporary folder for what checks the house, in order but for what a test changes. Not a test itself. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Said {
  readonly code: number | null;
  readonly text: string;
}

/** Writes the files (by path) into a folder of its own, runs a Node program there, and gives what it said. */
export function runAmong(files: Readonly<Record<string, string>>, words: readonly string[]): Said {
  const folder = mkdtempSync(join(tmpdir(), 'firn-house-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });
    return { code: status, text: `${stdout}${stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
