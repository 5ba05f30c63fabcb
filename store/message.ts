/**
 * Table firn_message: what people were told, written down before it is sent.
 *
 * HOST. A row goes `sending` -> `sent`, or `failed` when the other side refused it for good.
 */
import type { Queryable } from './pool.js';
import { storableText } from './values.js';

export interface MessageDraft {
  readonly key: string;
  readonly ticket: string;
  /** `customer`, or a role. */
  readonly who: string;
  readonly recipient: string | null;
  /** The channel's name. */
  readonly via: string;
  readonly subject: string | null;
  readonly text: string;
  /** SHA-256 of all of the above but key and ticket: a retry must be word for word the same. */
  readonly digest: string;
}

export interface MessageRow extends MessageDraft {
  readonly status: 'sending' | 'sent' | 'failed' | 'unknown';
  readonly problem: string | null;
  readonly opened_at: string;
  /** When it was sent. */
  readonly at: string | null;
}

const COLUMNS = 'key, ticket, who, recipient, via, subject, text, digest, status, problem, opened_at, at';

/** Writes it down as `sending`, or answers the row that already has its key. */
export async function recordMessage(db: Queryable, message: MessageDraft): Promise<MessageRow | undefined> {
  const { key, ticket, who, recipient, via, subject, text, digest } = message;
  const { rowCount } = await db.query(
    `insert into firn_message (key, ticket, who, recipient, via, subject, text, digest, status)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 'sending') on conflict (key) do nothing`,
    [key, ticket, who, recipient, via, subject, text, digest],
  );
  if (rowCount === 1) return undefined;
  const { rows } = await db.query<MessageRow>(`select ${COLUMNS} from firn_message where key = $1`, [key]);
  return rows[0];
}

/** Answers when it was sent, RFC 3339: the first time counts. */
export async function markSent(db: Queryable, key: string): Promise<string> {
  const { rows } = await db.query<{ at: string }>(
    `update firn_message set status = 'sent', problem = null, at = coalesce(at, clock_timestamp())
     where key = $1 returning at`,
    [key],
  );
  const at = rows[0]?.at;
  if (at === undefined) throw new Error(`message ${key} is gone from firn_message`);
  return at;
}

export async function markFailed(db: Queryable, key: string, problem: string): Promise<void> {
  const sql = `update firn_message set status = 'failed', problem = $2 where key = $1 and status <> 'sent'`;
  await db.query(sql, [key, storableText(problem)]);
}

export async function messagesOf(db: Queryable, ticket: string): Promise<readonly MessageRow[]> {
  const sql = `select ${COLUMNS} from firn_message where ticket = $1 order by opened_at, key`;
  const { rows } = await db.query<MessageRow>(sql, [ticket]);
  return rows;
}
