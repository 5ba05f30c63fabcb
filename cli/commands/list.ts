/** `firn list`: runs, newest first, from Firn's own table: also those Temporal has forgotten. HOST. */
import { listItems } from '../../store/item.js';
import { listRuns, type RunFilter, type RunRow } from '../../store/run.js';
import type { CommonOptions } from '../main.js';
import { countOption, textOption } from '../options.js';
import { openStore } from '../session.js';
import { EXIT, table, type ExitCode, type Terminal } from '../terminal.js';

export async function run(terminal: Terminal, options: CommonOptions & Record<string, unknown>): Promise<ExitCode> {
  const store = await openStore(terminal, options);
  try {
    const wanted = textOption(options, 'outcome');
    const workflow = textOption(options, 'workflow');
    const limit = countOption(options, 'limit', '--limit') ?? 20;
    const waiting = new Set(
      (await listItems(store.db, { open: true, limit: 10_000 }))
        .filter((item) => item.kind === 'approve' || item.kind === 'answer')
        .map((item) => item.ticket),
    );
    const filter: RunFilter = { ...(workflow === undefined ? {} : { workflow }), ...outcomeFilter(wanted) };
    const rows = (
      await listRuns(store.db, { ...filter, limit: wanted === 'waiting' || wanted === 'running' ? 10_000 : limit })
    )
      .filter((row) => wanted !== 'waiting' || waiting.has(row.ticket))
      .filter((row) => wanted !== 'running' || !waiting.has(row.ticket))
      .slice(0, limit);
    const state = (row: RunRow): string => row.outcome ?? (waiting.has(row.ticket) ? 'waiting' : 'running');
    terminal.document({
      runs: rows.map((row) => ({
        ticket: row.ticket,
        workflow: row.workflow,
        outcome: state(row),
        started_at: row.started_at,
        ended_at: row.ended_at,
        reason: row.reason,
      })),
    });
    if (rows.length === 0) terminal.line('No runs.');
    const lines = rows.map((row) => [row.ticket, row.workflow, state(row), row.started_at, row.reason ?? '']);
    for (const line of table(lines, terminal.width)) terminal.line(line);
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

function outcomeFilter(wanted: string | undefined): RunFilter {
  switch (wanted) {
    case 'waiting':
    case 'running':
      return { open: true };
    case 'done':
    case 'refused':
    case 'handed_over':
    case 'failed':
    case 'cancelled':
      return { outcome: wanted };
    default:
      return {};
  }
}
