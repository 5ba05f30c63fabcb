/** Follows a run until it ends or waits, and prints what it came to. HOST. */
import type { RunHandle, RunReport } from '../client/index.js';
import { effectsOf } from '../store/effect.js';
import { listItems, type ItemRow } from '../store/item.js';
import type { Pool } from '../store/pool.js';
import { isJsonMap } from '../language/plan/json.js';
import { compactJson, exitOf, reportLines } from './report.js';
import type { Session } from './session.js';
import type { ExitCode, Terminal } from './terminal.js';

const LONG_MS = 4_000;

/** Prints the report; with `wait_ms`, waits so long for people before it does. */
export async function printReport(
  terminal: Terminal,
  session: Session,
  handle: RunHandle,
  wait_ms: number | undefined,
): Promise<ExitCode> {
  const unserved = setTimeout(() => void sayWhenNobodyWorks(terminal, session), LONG_MS);
  const following = handle.report(wait_ms === undefined ? { until: 'wait' } : { until: 'end', timeout_ms: wait_ms });
  const report = await following.finally(() => clearTimeout(unserved));
  const items = await openItems(session.db, report);
  const effects = await effectLines(session.db, report.ticket);
  const look = session.ui === undefined ? {} : { ui: runAddress(session, report.ticket) };
  terminal.document(report);
  for (const line of reportLines(terminal, report, { items, effects, ...look })) terminal.line(line);
  return exitOf(report.outcome);
}

/** A run that nobody works on looks like one that takes long. */
async function sayWhenNobodyWorks(terminal: Terminal, session: Session): Promise<void> {
  const workers = await session.firn.workers().catch(() => undefined);
  if (workers !== 0) return;
  const queue = session.configuration.taskQueue;
  terminal.note(`No worker takes runs of "${queue}" now, so this one waits. Start one: firn worker`);
}

/** What a run waits with, or left for its owner. */
export async function openItems(db: Pool, report: RunReport): Promise<readonly ItemRow[]> {
  return report.outcome === 'waiting' || report.outcome === 'handed_over'
    ? listItems(db, { ticket: report.ticket, open: true })
    : [];
}

/** `create refund: id 7, order_id A-1001, amount 24.9`, one line per recorded effect. */
export async function effectLines(db: Pool, ticket: string): Promise<readonly string[]> {
  const rows = await effectsOf(db, ticket);
  return rows.map((row) => {
    const place = row.key.split('/').slice(2).join('/');
    const result = row.status === 'tombstone' ? 'never happened' : compactJson(row.result);
    return `${place}: ${isJsonMap(row.result) || row.status === 'tombstone' ? result : row.status}`;
  });
}

/** The run's page in Temporal's UI. */
export function runAddress(session: Pick<Session, 'ui' | 'namespace'>, ticket: string): string {
  const base = (session.ui ?? '').replace(/\/$/, '');
  return `${base}/namespaces/${encodeURIComponent(session.namespace)}/workflows/${encodeURIComponent(ticket)}`;
}
