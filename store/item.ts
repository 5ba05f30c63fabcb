/**
 * Tables firn_item and firn_refused_decision: the inbox, and who tried what without being allowed to.
 *
 * HOST. An item is opened once and closed once: by a decision, by its deadline, or with its run. Whether a decision is
 * allowed is not judged here (activities/check-decision.ts does), but it can only close an item that is open.
 */
import type { Json, JsonMap } from '../language/plan/json.js';
import type { Queryable } from './pool.js';
import { storableTextOrNull, storableText } from './values.js';

export type ItemKind = 'approve' | 'answer' | 'hand_over' | 'undo_failed';

export interface ItemDraft {
  readonly ticket: string;
  /** Unique in its run. */
  readonly id: string;
  /** Temporal's run id of the execution that opened it. */
  readonly run_id: string;
  readonly workflow: string;
  readonly step: string;
  readonly kind: ItemKind;
  readonly role: string;
  readonly title: string;
  readonly body: Json;
  readonly digest: string;
  readonly answers: readonly string[] | null;
  /** A person who may not decide it: the one who asked for it. */
  readonly not_by: string | null;
  /** RFC 3339. */
  readonly deadline: string | null;
}

export interface ItemRow extends ItemDraft {
  readonly opened_at: string;
  readonly closed_at: string | null;
  /** Why it was closed: `decided`, `deadline`, `run ended`, … */
  readonly how: string | null;
  readonly decision: string | null;
  readonly comment: string | null;
  readonly decided_by: string | null;
  /** What was filled in, of an item that asks for fields. */
  readonly filled: Json;
}

/** Why an item was closed that still waited when its run ended. */
export const RUN_ENDED = 'run ended';

const COLUMNS = `ticket, id, run_id, workflow, step, kind, role, title, body, digest, answers, not_by, opened_at, deadline,
  closed_at, how, decision, comment, decided_by, filled`;

/**
 * True when it was opened now. The same request again changes nothing; a run that was reset (another run id) opens an
 * item anew that was closed before the reset.
 */
export async function openItem(db: Queryable, item: ItemDraft): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into firn_item as i
       (ticket, id, run_id, workflow, step, kind, role, title, body, digest, answers, not_by, deadline)
     values ($1, $2, $13, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (ticket, id) do update set title = excluded.title, body = excluded.body, digest = excluded.digest,
       answers = excluded.answers, not_by = excluded.not_by, deadline = excluded.deadline, role = excluded.role,
       run_id = excluded.run_id, opened_at = clock_timestamp(), closed_at = null, how = null, decision = null, comment = null,
       decided_by = null, filled = null
     where i.run_id <> excluded.run_id and (i.closed_at is not null or i.digest <> excluded.digest)`,
    [
      ...[item.ticket, item.id, item.workflow, item.step, item.kind, item.role, storableText(item.title)],
      ...[JSON.stringify(item.body), item.digest, listText(item.answers), item.not_by, item.deadline],
      item.run_id,
    ],
  );
  return rowCount === 1;
}

export async function readItem(db: Queryable, ticket: string, id: string): Promise<ItemRow | undefined> {
  const { rows } = await db.query<ItemRow>(`select ${COLUMNS} from firn_item where ticket = $1 and id = $2`, [
    ticket,
    id,
  ]);
  return rows[0];
}

/** The same, held until the caller's transaction ends: of two decisions one waits for the other. */
export async function lockItem(db: Queryable, ticket: string, id: string): Promise<ItemRow | undefined> {
  const sql = `select ${COLUMNS} from firn_item where ticket = $1 and id = $2 for update`;
  const { rows } = await db.query<ItemRow>(sql, [ticket, id]);
  return rows[0];
}

export interface ItemDecision {
  readonly ticket: string;
  readonly id: string;
  readonly decision: string;
  /** What was filled in, of an item that asks for fields. */
  readonly filled: JsonMap | null;
  readonly comment: string | null;
  readonly by: string;
}

/** When it was decided, RFC 3339; undefined when it was not open any more. */
export async function decideItem(db: Queryable, decision: ItemDecision): Promise<string | undefined> {
  const { rows } = await db.query<{ closed_at: string }>(
    `update firn_item set closed_at = clock_timestamp(), how = 'decided', decision = $3, comment = $4, decided_by = $5,
       filled = $6
     where ticket = $1 and id = $2 and closed_at is null returning closed_at`,
    [
      ...[decision.ticket, decision.id, storableText(decision.decision), storableTextOrNull(decision.comment)],
      ...[decision.by, decision.filled === null ? null : JSON.stringify(decision.filled)],
    ],
  );
  return rows[0]?.closed_at;
}

/** Closes it without a decision; an item that is closed stays as it is. */
export async function closeItem(db: Queryable, ticket: string, id: string, how: string): Promise<void> {
  await db.query(
    'update firn_item set closed_at = clock_timestamp(), how = $3 where ticket = $1 and id = $2 and closed_at is null',
    [ticket, id, how],
  );
}

/** Withdraws all that still waits inside a run that ends. Items of the owner stay. */
export async function closeItemsOfRun(db: Queryable, ticket: string): Promise<void> {
  await db.query(
    `update firn_item set closed_at = clock_timestamp(), how = $2
     where ticket = $1 and closed_at is null and kind in ('approve', 'answer')`,
    [ticket, RUN_ENDED],
  );
}

export interface ItemFilter {
  readonly role?: string;
  readonly ticket?: string;
  /** True: only what waits. */
  readonly open?: boolean;
  readonly limit?: number;
}

/** Oldest first; 200 without a `limit`. */
export async function listItems(db: Queryable, filter: ItemFilter = {}): Promise<readonly ItemRow[]> {
  const { rows } = await db.query<ItemRow>(
    `select ${COLUMNS} from firn_item
     where ($1::text is null or role = $1) and ($2::text is null or ticket = $2)
       and ($3::boolean is null or (closed_at is null) = $3)
     order by opened_at, ticket, id limit $4`,
    [filter.role ?? null, filter.ticket ?? null, filter.open ?? null, filter.limit ?? 200],
  );
  return rows;
}

export interface RefusedDecision {
  readonly ticket: string;
  readonly item: string;
  readonly decision: string;
  readonly comment: string | null;
  readonly by: string;
  readonly digest: string;
  /** Why it does not count. */
  readonly because: string;
}

/** Answers when, RFC 3339. */
export async function recordRefusedDecision(db: Queryable, refused: RefusedDecision): Promise<string> {
  const { ticket, item, decision, comment, by, digest, because } = refused;
  const { rows } = await db.query<{ at: string }>(
    `insert into firn_refused_decision (ticket, item, decision, comment, by, digest, because)
     values ($1, $2, $3, $4, $5, $6, $7) returning at`,
    [
      ticket,
      item,
      storableText(decision),
      storableTextOrNull(comment),
      storableText(by),
      storableText(digest),
      because,
    ],
  );
  return rows[0]?.at ?? '';
}

export async function refusedDecisionsOf(
  db: Queryable,
  ticket: string,
): Promise<readonly (RefusedDecision & { readonly at: string })[]> {
  const sql = `select ticket, item, decision, comment, by, digest, because, at from firn_refused_decision
    where ticket = $1 order by at`;
  const { rows } = await db.query<RefusedDecision & { readonly at: string }>(sql, [ticket]);
  return rows;
}

function listText(list: readonly string[] | null): string | null {
  return list === null ? null : JSON.stringify(list);
}
