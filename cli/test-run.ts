/**
 * Runs test files: cases on the test host, compared with what they expect and with their snapshots.
 *
 * HOST. No server, no database, no model; a file with problems runs none of its cases that have one.
 */
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Coverage } from '../interpreter/coverage.js';
import { runCase, type CaseResult } from '../interpreter/run-cases.js';
import type { Around } from '../language/compiler/tests-results.js';
import { parseTests } from '../language/compiler/tests-file.js';
import type { Problem } from '../language/plan/problem.js';
import { kindOf } from '../language/steps/index.js';
import type { CompiledDefinition } from '../setup/definitions.js';
import { Snapshots, type SnapshotReport, type SnapshotRules } from './snapshots.js';
import type { TestFile } from './test-files.js';

export interface RunRules extends SnapshotRules {
  /** Only cases with this in their name. */
  readonly only: string | undefined;
}

export interface RanCase extends Omit<CaseResult, 'snapshot'> {
  readonly file: string;
  readonly took_ms: number;
}

export interface RanFile {
  /** As people are shown it. */
  readonly shown: string;
  readonly definition: CompiledDefinition;
  readonly problems: readonly Problem[];
  /** Texts of the files that its problems name. */
  readonly sources: ReadonlyMap<string, string>;
  readonly cases: readonly RanCase[];
  readonly snapshots: SnapshotReport;
}

const NO_SNAPSHOTS: SnapshotReport = { written: [], unused: [] };

/** `told` hears of each case as it ends; `coverage` sees what they go through. */
export async function runTestFile(
  file: TestFile,
  around: Around,
  rules: RunRules,
  told: (result: RanCase) => void,
  coverage?: Coverage,
): Promise<RanFile> {
  const { path, shown, definition } = file;
  const text = readFileSync(path, 'utf8');
  const sources = new Map([...definition.sources, [shown, text]]);
  const { plan } = definition;
  const base = { shown, definition, sources };
  if (plan === undefined) return { ...base, problems: definition.problems, cases: [], snapshots: NO_SNAPSHOTS };
  const { cases, problems } = parseTests(shown, text, plan, around);
  const snapshots = new Snapshots(path, rules);
  const ran: RanCase[] = [];
  for (const test of cases) {
    if (rules.only !== undefined && !test.name.includes(rules.only)) continue;
    const began = performance.now();
    const kinds = coverage?.kinds(kindOf) ?? kindOf;
    const { snapshot, ...result } = await runCase(coverage?.plan ?? plan, test, kinds, () => setImmediate());
    const changed = snapshot === undefined ? [] : snapshots.compare(test.name, snapshot);
    const differences = [...result.differences, ...changed];
    const took_ms = performance.now() - began;
    ran.push({ ...result, file: shown, differences, passed: differences.length === 0, took_ms });
    const [last] = ran.slice(-1);
    if (last !== undefined) told(last);
  }
  const report = snapshots.close(rules.only === undefined && problems.length === 0);
  return { ...base, problems, cases: ran, snapshots: report };
}
