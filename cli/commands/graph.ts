/**
 * `firn graph FLOW`: a definition as a picture; with `--ticket`, the way that a finished run took through it.
 *
 * HOST. A run is drawn on the plan that it ran with, from Firn's own tables, so also after Temporal has forgotten it.
 */
import { writeFileSync } from 'node:fs';
import { dotOf } from '../../language/compiler/graph-dot.js';
import { mermaidOf } from '../../language/compiler/graph-mermaid.js';
import type { WalkedRun } from '../../language/compiler/graph-path.js';
import { graphOf, type Graph } from '../../language/compiler/graph.js';
import { isJsonMap } from '../../language/plan/json.js';
import type { Plan } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';
import { planByHash } from '../../store/plan.js';
import { readRun } from '../../store/run.js';
import { findFlow } from '../flow.js';
import type { CommonOptions } from '../main.js';
import { pictureOf } from '../picture.js';
import { openStore } from '../session.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';
import { unknownTicket } from '../unknown-ticket.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const flow = args[0] ?? '';
  const { ticket, out } = options;
  const found =
    typeof ticket === 'string'
      ? await finished(terminal, options, flow, ticket)
      : await findFlow(terminal, options, flow);
  if (found === undefined) return EXIT.usage;
  const { plan } = found;
  const graph = graphOf(plan, 'walked' in found ? found.walked : undefined);
  const format = typeof options['format'] === 'string' ? options['format'] : 'mermaid';
  const text = await drawn(graph, format);
  const file = typeof out === 'string' ? out : undefined;
  if (file !== undefined) write(file, text);
  terminal.document({ name: plan.name, hash: plan.hash, format, ...(file === undefined ? { text } : { file }) });
  if (file === undefined) terminal.line(text.trimEnd());
  else terminal.note(`${file} written`);
  return EXIT.ok;
}

function drawn(graph: Graph, format: string): string | Promise<string> {
  if (format === 'svg') return pictureOf(graph);
  return format === 'dot' ? dotOf(graph) : mermaidOf(graph);
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const message = `${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
    throw new CommandError(EXIT.usage, 'usage', message);
  }
}

interface Finished {
  readonly plan: Plan<Node>;
  readonly walked: WalkedRun;
}

async function finished(terminal: Terminal, options: CommonOptions, flow: string, ticket: string): Promise<Finished> {
  const store = await openStore(terminal, options);
  try {
    const row = await readRun(store.db, ticket);
    if (row === undefined) throw unknownTicket(ticket);
    const { workflow, outcome, path, reason, step, hash } = row;
    const named = store.configuration.definitions.find(({ path: file }) => file.endsWith(flow))?.name ?? flow;
    if (workflow !== named) {
      const hint = `firn graph ${workflow} --ticket ${ticket}`;
      throw new CommandError(EXIT.usage, 'usage', `${ticket} is a run of ${workflow}, not of ${named}`, hint);
    }
    if (outcome === null || path === null) {
      const hint = `firn show ${ticket} says where it is`;
      throw new CommandError(
        EXIT.waiting,
        'not_ended',
        `${ticket} has not ended, so its way is not recorded yet`,
        hint,
      );
    }
    const plan = hash === null ? undefined : (await planByHash(store.db, hash))?.plan;
    if (!isPlan(plan)) {
      const message = `the version ${hash?.slice(0, 12) ?? 'unknown'} that ${ticket} ran with is not on record`;
      throw new CommandError(EXIT.failed, 'not_found', message, 'draw the present one without --ticket');
    }
    return { plan, walked: { ticket, outcome, reason, step, path } };
  } finally {
    await store.close();
  }
}

/** The plan came from our own compiler by way of our own tables; only its shape's version is looked at. */
function isPlan(value: unknown): value is Plan<Node> {
  return isJsonMap(value) && value['irVersion'] === 1;
}
