/** `firn run WORKFLOW --each FILE`: one run per line, a progress bar, a summary compared with what was expected. HOST. */
import type { RunReport } from '../client/index.js';
import { messageOf } from '../language/plan/failure.js';
import type { Json } from '../language/plan/json.js';
import { count, emptyTally, readExpected, readRows, type Expected, type Row, type Tally } from './each.js';
import { listenForInterrupt } from './interruption.js';
import type { CommonOptions } from './main.js';
import { countOption, listOption } from './options.js';
import { compileDefinitions } from '../setup/definitions.js';
import { bar } from './reporter.js';
import { openSession, openToCompile, type Session } from './session.js';
import { CommandError, EXIT, table, took, type ExitCode, type Terminal } from './terminal.js';

interface EachResult {
  readonly line: number;
  readonly ticket: string | null;
  readonly outcome: string;
  readonly output: Json;
  readonly columns: Json;
  readonly error?: string;
}

export async function runEach(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  workflow: string,
  file: string,
): Promise<ExitCode> {
  const fields = await inputFields(terminal, options, workflow);
  const rows = readRows(file, listOption(options, 'map'), fields, countOption(options, 'limit', '--limit'));
  const expected = readExpected(listOption(options, 'expect'));
  const at_once = countOption(options, 'atOnce', '--at-once') ?? 8;
  const session = await openSession(terminal, options);
  const interruption = listenForInterrupt();
  try {
    const tally = emptyTally();
    const results: EachResult[] = [];
    const started = performance.now();
    const all = forAll(rows, at_once, interruption, async (row) => {
      const result = await one(session, workflow, row, tally, expected);
      if (interruption.interrupted) return;
      results.push(result);
      terminal.progress(
        `${bar(results.length / rows.length)}  ${results.length} of ${rows.length}  ${outcomesText(tally)}`,
      );
    });
    await Promise.race([all, interruption.happened]);
    terminal.progressDone();
    const took_ms = performance.now() - started;
    print(terminal, tally, results, took_ms, expected);
    if (interruption.interrupted) {
      terminal.note(
        `Interrupted after ${results.length} of ${rows.length} lines; runs that were started go on (firn list).`,
      );
      return EXIT.interrupted;
    }
    if (results.some((result) => result.error !== undefined || !['done', 'waiting'].includes(result.outcome)))
      return EXIT.failed;
    return (tally.outcomes['waiting'] ?? 0) > 0 ? EXIT.waiting : EXIT.ok;
  } finally {
    interruption.forget();
    await session.close();
  }
}

async function one(
  session: Session,
  workflow: string,
  row: Row,
  tally: Tally,
  expected: readonly Expected[],
): Promise<EachResult> {
  const { line, columns } = row;
  let ticket: string | null = null;
  try {
    const handle = await session.firn.start(workflow, row.input);
    ({ ticket } = handle);
    const report: RunReport = await handle.report({ until: 'wait' });
    count(tally, row, report, expected);
    return { line, ticket, outcome: report.outcome, output: report.output, columns };
  } catch (error) {
    // One that was started goes on; only what became of it is not known here.
    const outcome = ticket === null ? 'not started' : 'unknown';
    return { line, ticket, outcome, output: null, columns, error: messageOf(error) };
  }
}

/** The input's field names: a column of that name needs no `--map`. */
async function inputFields(terminal: Terminal, options: CommonOptions, workflow: string): Promise<ReadonlySet<string>> {
  const compiled = compileDefinitions(await openToCompile(terminal, options.directory, process.env));
  const plan = compiled.find((candidate) => candidate.name === workflow)?.plan;
  if (plan === undefined) {
    const known = compiled.filter((candidate) => candidate.plan !== undefined).map((candidate) => candidate.name);
    throw new CommandError(
      EXIT.usage,
      'unknown_workflow',
      `no definition is named "${workflow}", or it has problems`,
      `known: ${known.join(', ')}`,
    );
  }
  const properties = plan.input['properties'];
  return new Set(typeof properties === 'object' && properties !== null ? Object.keys(properties) : []);
}

async function forAll(
  rows: readonly Row[],
  at_once: number,
  interruption: { readonly interrupted: boolean },
  work: (row: Row) => Promise<void>,
): Promise<void> {
  const rest = rows.values();
  const lane = async (): Promise<void> => {
    for (const row of rest) {
      if (interruption.interrupted) return;
      await work(row);
    }
  };
  await Promise.all(Array.from({ length: Math.min(at_once, rows.length) }, lane));
}

function outcomesText(tally: Tally): string {
  return Object.entries(tally.outcomes)
    .map(([outcome, n]) => `${n} ${outcome.replace('_', ' ')}`)
    .join(', ');
}

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(1)} %`;
}

function print(
  terminal: Terminal,
  tally: Tally,
  results: readonly EachResult[],
  took_ms: number,
  expected: readonly Expected[],
): void {
  const confused = [...tally.confused].sort(([, a], [, b]) => b - a);
  terminal.document({
    runs: tally.runs,
    outcomes: tally.outcomes,
    by: tally.by,
    expected: tally.expected,
    confused: Object.fromEntries(confused),
    model_calls: tally.model_calls,
    runs_without_model: tally.without_model,
    took_ms: Math.round(took_ms),
    results: [...results].sort((a, b) => a.line - b.line),
  });
  const errors = results.filter((result) => result.error !== undefined);
  for (const result of errors.slice(0, 10)) terminal.note(`line ${result.line}: ${result.error ?? ''}`);
  if (errors.length > 10) terminal.note(`… and ${errors.length - 10} more lines that could not be run`);
  terminal.line(`${tally.runs} runs in ${took(took_ms)}: ${outcomesText(tally)}`);
  const lines = Object.entries(tally.by).map(([by, { n, compared, right }]) => [
    `  ${by}`,
    String(n),
    share(n, tally.runs),
    expected.length === 0 || compared === 0 ? '' : `right ${right} of ${compared} (${share(right, compared)})`,
  ]);
  for (const line of table(lines, terminal.width)) terminal.line(line);
  terminal.line(`  questions to a model: ${tally.model_calls}; runs without any: ${tally.without_model}`);
  for (const [output, { compared, right }] of Object.entries(tally.expected)) {
    terminal.line(
      `  ${output}: ${right} of ${compared} compared are right (${share(right, compared)}); coverage ${share(compared, tally.runs)}`,
    );
  }
  for (const [pair, n] of confused.slice(0, 8)) terminal.line(`    ${n}x ${pair}`);
}
