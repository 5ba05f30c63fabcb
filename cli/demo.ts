/**
 * What `npm start` runs: brings everything up, sends the twelve sample requests through the refund, shows what happened
 * and where to look. On a terminal it stays up until Ctrl-C; elsewhere it ends when the last sample ended or waits.
 *
 * HOST. Exit 0 when each sample came to what its row expects.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Firn, RunReport } from '../client/index.js';
import { isJsonMap, type JsonMap } from '../language/plan/json.js';
import { bringUp, type Environment, type Running } from '../setup/environment.js';
import { listItems } from '../store/item.js';
import type { Pool } from '../store/pool.js';
import { listRuns } from '../store/run.js';
import { effectLines, openItems, runAddress } from './follow.js';
import { problemLines } from './problems.js';
import { outcomeWord, plainText, reportLines } from './report.js';
import { stepReporter } from './reporter.js';
import { prepareSamples } from './samples.js';
import { connectFirn, openTables } from './session.js';
import { EXIT, Terminal, took, type ExitCode } from './terminal.js';

interface Sample {
  readonly input: JsonMap;
  readonly note: string;
  readonly expect: JsonMap;
}

interface Finished {
  readonly sample: Sample;
  readonly report: RunReport;
  readonly surprise: string | undefined;
}

const SAMPLE = 'refund';
const SETTLE_MS = 15_000;

export async function runDemo(directory: string, started_ms: number): Promise<ExitCode> {
  const terminal = new Terminal(false);
  const stay = process.stdout.isTTY && process.stdin.isTTY;
  const interruption = onInterrupt(terminal);
  let stopAll: (() => Promise<void>) | undefined;
  let quiet = true;
  terminal.note('Setting up');
  const coming = bringUp({
    directory,
    variables: process.env,
    reporter: stepReporter(terminal, 'full'),
    onOwned: (stop) => {
      stopAll = stop;
    },
    onTrouble: (sentence) => terminal.note(`  ${sentence}`),
    onWorkerLine: (line) => {
      if (!quiet) terminal.line(line);
    },
  });
  const brought = await Promise.race([coming, interruption.promise]);
  if (brought === 'interrupted') {
    // What was coming up fails now that it is being stopped, and nobody waits for it.
    coming.catch(() => undefined);
    await stopAll?.();
    terminal.note('Stopped what was started.');
    return EXIT.interrupted;
  }
  if (brought.kind === 'running') return sayWhoRuns(terminal, brought.owner);
  if (brought.kind === 'refused') {
    for (const line of problemLines(terminal, brought.problems, brought.sources)) terminal.note(line);
    return EXIT.usage;
  }
  const { environment } = brought;
  try {
    const exit = await Promise.race([samples(terminal, environment, started_ms), interruption.promise]);
    if (exit === 'interrupted') return EXIT.interrupted;
    if (!stay) return exit;
    quiet = false;
    terminal.note('\nEverything stays up until Ctrl-C. In another terminal: npx firn inbox');
    await interruption.promise;
    return exit;
  } finally {
    await environment.stop();
    terminal.note('Stopped what was started.');
  }
}

async function samples(terminal: Terminal, environment: Environment, started_ms: number): Promise<ExitCode> {
  const { configuration, database, temporal, variables } = environment;
  const definition = configuration.definitions.find((candidate) => candidate.name === SAMPLE);
  if (definition === undefined) {
    terminal.note(`There is no definition "${SAMPLE}" in this project, so there are no samples to run.`);
    return EXIT.ok;
  }
  const db = await openTables(configuration);
  const firn = await connectFirn(configuration, variables, db);
  await earlierRunsSettle(db);
  const applied = await prepareSamples(environment, 'anew');
  terminal.note(
    `  ${terminal.colors.green('ok')} ${'Samples'.padEnd(12)} schemas ${applied.join(', ')} in ${database.shown}`,
  );
  try {
    const rows = readSamples(join(dirname(definition.path), 'sample', 'requests.jsonl'));
    terminal.line(`\n${rows.length} requests for a refund, from definitions/refund/sample/requests.jsonl\n`);
    const look = { ui: temporal.ui, namespace: temporal.namespace };
    const finished: Finished[] = [];
    for (const sample of rows) {
      finished.push(await one(terminal, firn, db, sample, environment.models.encoder === undefined));
      if (finished.length === 1)
        terminal.note(terminal.colors.dim(`  (first run finished ${took(Date.now() - started_ms)} after the start)`));
    }
    return summary(terminal, finished, look);
  } finally {
    await firn.close();
    await db.end();
  }
}

/** Runs that an interrupted start left behind go on by themselves; the sample rows are laid out once they are through. */
async function earlierRunsSettle(db: Pool): Promise<void> {
  const end = performance.now() + SETTLE_MS;
  while (performance.now() < end) {
    const waiting = new Set((await listItems(db, { open: true, limit: 10_000 })).map((item) => item.ticket));
    const open = await listRuns(db, { workflow: SAMPLE, open: true, limit: 10_000 });
    if (open.every((run) => waiting.has(run.ticket))) return;
    await delay(200);
  }
}

async function one(terminal: Terminal, firn: Firn, db: Pool, sample: Sample, modelsOff: boolean): Promise<Finished> {
  const began = performance.now();
  const handle = await firn.start(SAMPLE, sample.input);
  const report = await handle.report({ until: 'wait' });
  const message = sample.input['message'];
  const surprise = difference(sample, report, modelsOff);
  const extras = {
    items: await openItems(db, report),
    effects: await effectLines(db, report.ticket),
    note: `${plainText(sample.input['order_id'])}: ${sample.note}`,
    took: took(performance.now() - began),
    ...(typeof message === 'string' ? { about: message } : {}),
  };
  for (const line of reportLines(terminal, report, extras)) terminal.line(line);
  if (surprise !== undefined) terminal.line(terminal.colors.red(`  expected ${surprise}`));
  terminal.line();
  return { sample, report, surprise };
}

/** What the row expected and did not come. Without a model, a question for the encoder waits for a person instead. */
function difference(sample: Sample, report: RunReport, modelsOff: boolean): string | undefined {
  const withoutModel = modelsOff && sample.expect['by'] === 'encoder';
  const { outcome, step, by } = withoutModel ? { outcome: 'waiting', step: 'reason', by: undefined } : sample.expect;
  if (typeof outcome === 'string' && report.outcome !== outcome) return `${outcome}, not ${report.outcome}`;
  const last = report.path.at(-1) ?? 'none';
  if (typeof step === 'string' && last !== step) return `to be at ${step}, not at ${last}`;
  const reason = report.decisions.find((decision) => decision.step === 'reason');
  if (typeof by === 'string' && reason !== undefined && reason.by !== by)
    return `an answer by ${by}, not by ${reason.by}`;
  return undefined;
}

function summary(terminal: Terminal, finished: readonly Finished[], look: Parameters<typeof runAddress>[0]): ExitCode {
  const outcomes = new Map<string, number>();
  for (const { report } of finished) outcomes.set(report.outcome, (outcomes.get(report.outcome) ?? 0) + 1);
  const words = [...outcomes].map(([outcome, n]) => `${n} ${outcome.replace('_', ' ')}`);
  const without = finished.filter(({ report }) => report.model_calls === 0).length;
  const waiting = finished.filter(({ report }) => report.outcome === 'waiting').length;
  terminal.line(`${finished.length} runs: ${words.join(', ')}`);
  terminal.line(`  ${without} put no question to a model; ${waiting} wait for a person`);
  if (look.ui !== undefined) {
    terminal.line(`\nIn Temporal's UI: ${look.ui}`);
    for (const { report } of finished)
      terminal.line(
        `  ${outcomeWord(report.outcome, terminal.colors)}${' '.repeat(12 - report.outcome.length)} ${runAddress(look, report.ticket)}`,
      );
  }
  const surprises = finished.filter(({ surprise }) => surprise !== undefined);
  if (surprises.length === 0) return EXIT.ok;
  terminal.note(`${surprises.length} samples did not come to what their row expects.`);
  return EXIT.failed;
}

function readSamples(path: string): readonly Sample[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const row: unknown = JSON.parse(line);
      const map = isJsonMap(row) ? row : {};
      const part = (name: string): JsonMap => (isJsonMap(map[name]) ? map[name] : {});
      return { input: part('input'), note: plainText(map['note']), expect: part('expect') };
    });
}

function sayWhoRuns(terminal: Terminal, owner: Running): ExitCode {
  terminal.line(
    `This project runs already: process ${owner.pid ?? 'unknown'}${owner.phase === 'starting' ? ', still starting' : ''}.`,
  );
  if (owner.ui !== undefined) terminal.line(`  Temporal's UI  ${owner.ui}`);
  if (owner.temporal !== undefined)
    terminal.line(`  Temporal       ${owner.temporal}, namespace ${owner.namespace ?? 'default'}`);
  if (owner.database !== undefined) terminal.line(`  PostgreSQL     ${owner.database}`);
  terminal.line('Commands use it by themselves: npx firn inbox, npx firn list. Ctrl-C in its terminal ends it.');
  return EXIT.ok;
}

/** The first interruption ends things in order; the second one at once, and the next start clears up. */
function onInterrupt(terminal: Terminal): { readonly promise: Promise<'interrupted'> } {
  let happened = false;
  const promise = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (happened) process.exit(EXIT.interrupted);
        happened = true;
        terminal.note('\nStopping; once more ends at once, and the next start clears up.');
        resolve('interrupted');
      });
    }
  });
  return { promise };
}
