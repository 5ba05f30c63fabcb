/** Coverage as people read it: how much of each definition its cases go through, and by name what they do not. HOST. */
import { Coverage, PARTS, type CoverageReport } from '../interpreter/coverage.js';
import type { CompiledDefinition } from '../setup/definitions.js';
import type { Terminal } from './terminal.js';

export interface Covered {
  readonly workflow: string;
  /** The definition. */
  readonly file: string;
  readonly report: CoverageReport;
}

/** What is covered of each definition, whatever number of test files it has. */
export class CoverageBook {
  private readonly books = new Map<string, { readonly workflow: string; readonly coverage: Coverage }>();

  /** Undefined for a definition that cannot run. */
  of({ name, file, plan }: CompiledDefinition): Coverage | undefined {
    if (plan === undefined) return undefined;
    const known = this.books.get(file);
    if (known !== undefined) return known.coverage;
    const coverage = new Coverage(plan);
    this.books.set(file, { workflow: name, coverage });
    return coverage;
  }

  reports(): readonly Covered[] {
    return [...this.books].map(([file, { workflow, coverage }]) => ({ workflow, file, report: coverage.report() }));
  }
}

export function printCoverage(terminal: Terminal, covered: readonly Covered[], least: number): void {
  const { colors } = terminal;
  terminal.line();
  for (const { file, report } of covered) {
    const { percent, parts, missing } = report;
    const counts = PARTS.flatMap((part) => {
      const { covered: seen, of } = parts[part];
      return of === 0 ? [] : [`${part} ${seen} of ${of}`];
    });
    const enough = percent >= Math.max(least, 1);
    terminal.line(`${(enough ? colors.green : colors.red)(`${percent} %`)} of ${file} (${counts.join(', ')})`);
    for (const { line, what } of missing) terminal.line(`   line ${line}: ${what}`);
  }
}

/** As programs read it. */
export function publicCoverage({ workflow, file, report }: Covered): Record<string, unknown> {
  return { workflow, file, ...report };
}
