/**
 * The snapshots of a test file, kept beside it in `<name>.test.snap.yaml`: read, compared, written.
 *
 * HOST. A snapshot that is not there yet is written, unless this is CI, where nobody would look at what was written; one
 * that differs is only rewritten on purpose.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { stringify } from 'yaml';
import { compareSnapshot } from '../interpreter/snapshot.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import { readData } from './options.js';

export interface SnapshotRules {
  /** `--update`: what came is what is kept from now on. */
  readonly update: boolean;
  /** Nothing that is not there yet is written. */
  readonly ci: boolean;
}

export interface SnapshotReport {
  /** Names of cases. */
  readonly written: readonly string[];
  readonly unused: readonly string[];
}

export class Snapshots {
  private readonly path: string;
  private readonly rules: SnapshotRules;
  private readonly kept: Map<string, Json>;
  private readonly used = new Map<string, Json>();
  private readonly written: string[] = [];

  /** `testPath` is the path of the test file. */
  constructor(testPath: string, rules: SnapshotRules) {
    this.path = testPath.replace(/\.ya?ml$/, '.snap.yaml');
    this.rules = rules;
    const stored = existsSync(this.path) ? readData(this.path) : {};
    this.kept = new Map(isJsonMap(stored) ? Object.entries(stored) : []);
  }

  /** What differs from what was kept of this case, one sentence each. */
  compare(name: string, came: JsonMap): readonly string[] {
    const kept = this.kept.get(name);
    this.used.set(name, came);
    if (kept !== undefined) {
      const differences = compareSnapshot(kept, came);
      if (differences.length === 0) return [];
      if (!this.rules.update) {
        this.used.set(name, kept);
        return [...differences, 'snapshot: where this is meant, `firn test --update` keeps it'];
      }
    } else if (this.rules.ci && !this.rules.update) {
      return [`snapshot: ${basename(this.path)} has none of this case; \`firn test\` on your machine writes it`];
    }
    this.written.push(name);
    return [];
  }

  /** Writes what is to be kept. `whole`: every case of the file has run, so that what no case used is unused. */
  close(whole: boolean): SnapshotReport {
    const unused = whole ? [...this.kept.keys()].filter((name) => !this.used.has(name)) : [];
    const gone = this.rules.update ? new Set(unused) : new Set<string>();
    if (this.written.length > 0 || gone.size > 0) {
      // In the order of the cases; behind them what is kept of others.
      const others = [...this.kept].filter(([name]) => !this.used.has(name) && !gone.has(name));
      this.write(Object.fromEntries([...this.used, ...others]));
    }
    return { written: this.written, unused };
  }

  private write(all: JsonMap): void {
    if (Object.keys(all).length === 0) {
      rmSync(this.path, { force: true });
      return;
    }
    const head =
      '# What each case with `snapshot: true` does. Written by `firn test`; rewritten by `firn test --update`.\n';
    writeFileSync(this.path, head + stringify(all, { lineWidth: 0, aliasDuplicateObjects: false }));
  }
}
