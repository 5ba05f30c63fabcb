/**
 * Waits for changes of a project's YAML files.
 *
 * HOST. Looks at sizes and times instead of asking the system for events: that sees what editors, containers and network
 * folders do alike, and a project has few such files.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 150;
const DEEPEST = 6;

/** Path -> what tells one version of the file from another. */
type Stamps = ReadonlyMap<string, string>;

export class Watcher {
  private readonly root: string;
  private readonly folders: readonly string[];
  private seen: Stamps;

  /** `root` itself, without the folders in it, and each of `folders` with all that is in it. */
  constructor(root: string, folders: readonly string[]) {
    this.root = root;
    this.folders = folders;
    this.seen = this.look();
  }

  watches(folders: readonly string[]): boolean {
    return folders.length === this.folders.length && folders.every((folder) => this.folders.includes(folder));
  }

  get files(): number {
    return this.seen.size;
  }

  /** Resolves once something has changed and nothing changes any more; gives what, or nothing when `stop` comes first. */
  async changed(stop: Promise<unknown>): Promise<readonly string[]> {
    const stopped = stop.then(() => 'stopped' as const);
    const before = this.seen;
    for (;;) {
      if ((await Promise.race([stopped, delay(LOOK_MS)])) === 'stopped') return [];
      const now = this.look();
      const settled = differing(this.seen, now).length === 0;
      this.seen = now;
      const changed = differing(before, now);
      if (settled && changed.length > 0) return changed.map((path) => relative(this.root, path)).sort();
    }
  }

  private look(): Stamps {
    const stamps = new Map<string, string>();
    const visit = (folder: string, depth: number): void => {
      for (const entry of entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (depth > 0 && entry.name !== 'node_modules' && !entry.name.startsWith('.')) visit(path, depth - 1);
        } else if (/\.ya?ml$/.test(entry.name) && !entry.name.endsWith('.snap.yaml')) {
          const stamp = stampOf(path);
          if (stamp !== undefined) stamps.set(path, stamp);
        }
      }
    };
    visit(this.root, 0);
    for (const folder of this.folders) visit(folder, DEEPEST);
    return stamps;
  }
}

function differing(one: Stamps, other: Stamps): readonly string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].filter((path) => one.get(path) !== other.get(path));
}

/** A folder or file that has gone meanwhile has nothing to show. */
function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function stampOf(path: string): string | undefined {
  try {
    const { mtimeMs, size } = statSync(path);
    return `${mtimeMs} ${size}`;
  } catch {
    return undefined;
  }
}
