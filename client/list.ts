/**
 * Lists of runs, newest first: from Firn's table, or from Temporal's visibility for a client without a database.
 *
 * HOST.
 */
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { Outcome } from '../language/plan/host.js';
import type { Queryable } from '../store/pool.js';
import { listRuns } from '../store/run.js';

export interface ListOptions {
  readonly workflow?: string;
  readonly outcome?: Outcome;
  /** True: only runs that have not ended. False: only those that have. */
  readonly open?: boolean;
  /** 100 when left out. */
  readonly limit?: number;
}

export interface RunSummary {
  readonly ticket: string;
  readonly workflow: string;
  readonly outcome: Outcome | 'running';
  /** RFC 3339. */
  readonly started_at: string;
  readonly ended_at: string | null;
}

const LIMIT = 100;
const OUTCOMES: readonly Outcome[] = ['done', 'refused', 'handed_over', 'failed', 'cancelled'];

export async function listFromTable(db: Queryable, options: ListOptions): Promise<RunSummary[]> {
  const rows = await listRuns(db, options);
  return rows.map(({ ticket, workflow, outcome, started_at, ended_at }) => ({
    ticket,
    workflow,
    outcome: outcome ?? 'running',
    started_at,
    ended_at,
  }));
}

/** `outcome` needs the search attribute FirnOutcome in the namespace. */
export async function listFromTemporal(client: Client, queue: string, options: ListOptions): Promise<RunSummary[]> {
  const conditions = [`TaskQueue = ${quote(queue)}`, "ExecutionStatus != 'ContinuedAsNew'"];
  if (options.workflow !== undefined) conditions.push(`WorkflowType = ${quote(options.workflow)}`);
  if (options.outcome !== undefined) conditions.push(`FirnOutcome = ${quote(options.outcome)}`);
  if (options.open !== undefined) conditions.push(`ExecutionStatus ${options.open ? '=' : '!='} 'Running'`);
  const limit = options.limit ?? LIMIT;
  const runs: RunSummary[] = [];
  for await (const run of client.workflow.list({ query: conditions.join(' AND '), pageSize: Math.min(limit, 1_000) })) {
    if (runs.length >= limit) break;
    runs.push(toSummary(run));
  }
  return runs;
}

function toSummary(run: WorkflowExecutionInfo): RunSummary {
  return {
    ticket: run.workflowId,
    workflow: run.type,
    outcome: outcomeOf(run),
    started_at: run.startTime.toISOString(),
    ended_at: run.closeTime?.toISOString() ?? null,
  };
}

function outcomeOf(run: WorkflowExecutionInfo): RunSummary['outcome'] {
  const said = run.typedSearchAttributes.getAll().find(({ key }) => key.name === 'FirnOutcome')?.value;
  const known = OUTCOMES.find((outcome) => outcome === said);
  if (known !== undefined) return known;
  switch (run.status.name) {
    case 'RUNNING':
      return 'running';
    case 'COMPLETED':
      return 'done';
    case 'CANCELLED':
      return 'cancelled';
    default:
      return 'failed';
  }
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
