/**
 * Table firn_run: which runs there are, and what outlives them.
 *
 * HOST. While a run lives, Temporal's history is the truth; this table is the guard against a ticket being used twice,
 * and what `show` and `list` read when the history is gone.
 */
import type { Outcome } from '../language/plan/host.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { Queryable } from './pool.js';
import { storableText, storableTextOrNull } from './values.js';

export interface OpenedRun {
  readonly ticket: string;
  readonly first_run_id: string;
  readonly run_id: string;
  readonly workflow: string;
  readonly hash: string | null;
  readonly owner: string | null;
  readonly input: Json;
  /** RFC 3339. */
  readonly started_at: string;
  readonly ends_by: string | null;
}

export interface ClosedRun {
  readonly ticket: string;
  readonly first_run_id: string;
  readonly outcome: Outcome;
  readonly reason: string | null;
  readonly code: string | null;
  readonly step: string | null;
  readonly output: Json;
  readonly path: readonly string[];
  readonly decisions: readonly JsonMap[];
  readonly model_calls: number;
  readonly trail: readonly JsonMap[];
  readonly undo: readonly JsonMap[];
}

/** A run as the table holds it; what is only known at its end is null while it lives. */
export interface RunRow extends OpenedRun {
  readonly ended_at: string | null;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly code: string | null;
  readonly step: string | null;
  readonly output: Json;
  readonly path: readonly string[] | null;
  readonly decisions: readonly JsonMap[] | null;
  readonly model_calls: number | null;
  readonly trail: readonly JsonMap[] | null;
  readonly undo: readonly JsonMap[] | null;
}

const COLUMNS = `ticket, first_run_id, run_id, workflow, hash, owner, input, started_at, ends_by, ended_at, outcome,
  reason, code, step, output, path, decisions, model_calls, trail, undo`;

/**
 * Writes the run down, or answers the row that already has its ticket (null = it is ours now). The same run may be
 * opened again: a retry finds it as it is, and a reset (another run id under the same first one) opens a closed run again.
 */
export async function insertRun(db: Queryable, run: OpenedRun): Promise<RunRow | null> {
  const { ticket, first_run_id, run_id, workflow, hash, owner, started_at, ends_by } = run;
  const { rowCount } = await db.query(
    `insert into firn_run as r (ticket, first_run_id, run_id, workflow, hash, owner, input, started_at, ends_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (ticket) do update set run_id = excluded.run_id, hash = excluded.hash, owner = excluded.owner,
       input = excluded.input, ends_by = excluded.ends_by,
       ended_at = case when r.run_id = excluded.run_id then r.ended_at end,
       outcome = case when r.run_id = excluded.run_id then r.outcome end
     where r.first_run_id = excluded.first_run_id`,
    [ticket, first_run_id, run_id, workflow, hash, owner, JSON.stringify(run.input), started_at, ends_by],
  );
  return rowCount === 0 ? ((await readRun(db, ticket)) ?? null) : null;
}

/** Records how it ended. False when no such run was ever opened. Repeatable: the first `ended_at` stays. */
export async function closeRun(db: Queryable, run: ClosedRun): Promise<boolean> {
  const { rowCount } = await db.query(
    `update firn_run set ended_at = coalesce(ended_at, clock_timestamp()), outcome = $3, reason = $4, code = $5,
       step = $6, output = $7, path = $8, decisions = $9, model_calls = $10, trail = $11, undo = $12
     where ticket = $1 and first_run_id = $2`,
    [
      ...[run.ticket, run.first_run_id, run.outcome, storableTextOrNull(run.reason), run.code, run.step],
      ...[JSON.stringify(run.output), JSON.stringify(run.path), JSON.stringify(run.decisions), run.model_calls],
      ...[JSON.stringify(run.trail), JSON.stringify(run.undo)],
    ],
  );
  return rowCount === 1;
}

/** Writes down a run that ended before it began: a bad input, an unknown workflow. A ticket that is taken stays as it is. */
export async function recordFailedRun(
  db: Queryable,
  run: OpenedRun,
  failed: { readonly code: string; readonly reason: string },
): Promise<void> {
  const { ticket, first_run_id, run_id, workflow, hash, owner, started_at } = run;
  await db.query(
    `insert into firn_run (ticket, first_run_id, run_id, workflow, hash, owner, input, started_at, ended_at, outcome,
       code, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp(), 'failed', $9, $10) on conflict (ticket) do nothing`,
    [
      ...[ticket, first_run_id, run_id, storableText(workflow), hash, owner, JSON.stringify(run.input), started_at],
      ...[failed.code, storableText(failed.reason)],
    ],
  );
}

export async function readRun(db: Queryable, ticket: string): Promise<RunRow | undefined> {
  const { rows } = await db.query<RunRow>(`select ${COLUMNS} from firn_run where ticket = $1`, [ticket]);
  return rows[0];
}

export interface RunFilter {
  readonly workflow?: string;
  readonly outcome?: Outcome;
  /** True: only runs that have not ended. False: only those that have. */
  readonly open?: boolean;
  readonly limit?: number;
}

/** Newest first; 100 without a `limit`. */
export async function listRuns(db: Queryable, filter: RunFilter = {}): Promise<readonly RunRow[]> {
  const { rows } = await db.query<RunRow>(
    `select ${COLUMNS} from firn_run
     where ($1::text is null or workflow = $1) and ($2::text is null or outcome = $2)
       and ($3::boolean is null or (ended_at is null) = $3)
     order by started_at desc, ticket limit $4`,
    [filter.workflow ?? null, filter.outcome ?? null, filter.open ?? null, filter.limit ?? 100],
  );
  return rows;
}
