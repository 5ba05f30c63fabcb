/**
 * `.firn/`: what this machine keeps for one project. Caches, databases, logs, and notes about running processes.
 *
 * HOST. Everything in it can be deleted when nothing runs. Files are written beside their place and renamed, so that an
 * interruption leaves the old one or the new one; folders that take long to make are made under a temporary name.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';

export interface StateFolder {
  readonly directory: string;
  /** A path inside it. */
  path(...parts: readonly string[]): string;
  /** The JSON map of a file, or an empty one when the file is missing or damaged. */
  read(name: string): JsonMap;
  write(name: string, value: Json): void;
  /** Twelve hexadecimal digits that stand for this project's place on this machine. */
  readonly mark: string;
}

/** Opens `.firn/` below a project, and makes it. Others may pass through it (PostgreSQL's user must); its secrets are 0600. */
export function stateFolder(project: string): StateFolder {
  const root = realpathSync(project);
  const directory = join(root, '.firn');
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const path = (...parts: readonly string[]): string => join(directory, ...parts);
  return {
    directory,
    path,
    mark: createHash('sha256').update(root).digest('hex').slice(0, 12),
    read: (name) => readJson(path(name)),
    write: (name, value) => writeFileWhole(path(name), `${JSON.stringify(value, null, 2)}\n`),
  };
}

/** Writes a file so that nobody ever sees half of it. `mode` 0600 unless given. */
export function writeFileWhole(path: string, content: string, mode = 0o600): void {
  const beside = `${path}.${process.pid}.part`;
  writeFileSync(beside, content, { mode });
  renameSync(beside, path);
}

/** Removes what an interrupted start left unfinished: `*.part`, and the folders that pip downloads into. */
export function removeUnfinished(state: StateFolder): void {
  for (const folder of [state.directory, state.path('bin'), state.path('models')]) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    for (const name of names.filter((candidate) => candidate.endsWith('.part') || candidate.startsWith('pip-'))) {
      rmSync(join(folder, name), { recursive: true, force: true });
    }
  }
}

function readJson(path: string): JsonMap {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isJsonMap(value) ? value : {};
  } catch {
    return {};
  }
}
