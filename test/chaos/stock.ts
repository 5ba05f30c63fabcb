/**
 * Stock-taking after chaos: what is in the tables, against what the orders say should be. Not a test itself.
 *
 * The tables are read as they are; nothing of the engine is asked.
 */
import type { Place } from './place.js';

export interface Stock {
  /** Rows of `refunds` and `bookings`, beyond one for each order. */
  readonly doubled: number;
  /** Orders without a row there. */
  readonly lost: number;
  /** Difference of both sums from what the orders say, in cents. */
  readonly off_by_cents: number;
  readonly effect_rows: number;
  /** Keys that a refund or booking should have an effect row under, and has not; or has one in another state. */
  readonly effect_rows_wrong: number;
  /** Messages written down, beyond or short of one for each run, or not marked as sent. */
  readonly messages_wrong: number;
  /** Messages that were handed out again, word for word, because the worker died between delivery and note. */
  readonly delivered_again: number;
  /** Messages that were handed out with other words than those written down. */
  readonly delivered_otherwise: number;
}

export async function takeStock(place: Place, tickets: readonly string[], printed: readonly string[]): Promise<Stock> {
  const refunds = await countRows(place, 'refunds');
  const bookings = await countRows(place, 'bookings');
  const keys = await effectKeys(place);
  const messages = await messagesByTicket(place);
  const wanted = tickets.flatMap((ticket) => ['refund', 'booking'].map((step) => `${ticket} ${step}`));
  const delivered = deliveries(printed);
  return {
    doubled: refunds.doubled + bookings.doubled,
    lost: refunds.lost + bookings.lost,
    off_by_cents: refunds.off_by_cents + bookings.off_by_cents,
    effect_rows: keys.length,
    effect_rows_wrong: wanted.filter((key) => keys.filter((found) => found === key).length !== 1).length,
    messages_wrong: tickets.filter((ticket) => messages.get(ticket)?.length !== 1).length,
    delivered_again: [...delivered.values()].reduce((sum, texts) => sum + texts.length - 1, 0),
    delivered_otherwise: [...delivered].filter(([ticket, texts]) => {
      const [written] = messages.get(ticket) ?? [];
      return texts.some((text) => text !== written);
    }).length,
  };
}

async function countRows(
  { pool, shop }: Place,
  table: string,
): Promise<Pick<Stock, 'doubled' | 'lost' | 'off_by_cents'>> {
  const { rows } = await pool.query<{ doubled: number; lost: number; off_by_cents: number }>(
    `select coalesce(sum(greatest(n - 1, 0)), 0)::int as doubled, count(*) filter (where n = 0)::int as lost,
       coalesce(abs(sum(100 * (paid - total))), 0)::int as off_by_cents
     from (select o.total, count(t.id) as n, coalesce(sum(t.amount), 0) as paid
           from ${shop}.orders o left join ${shop}.${table} t on t.order_id = o.id group by o.id) as by_order`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('a count without a row');
  return row;
}

/** "ticket step" of each effect row that is done. */
async function effectKeys({ pool }: Place): Promise<readonly string[]> {
  const { rows } = await pool.query<{ key: string }>(`select key from firn_effect where status = 'done'`);
  return rows.map(({ key }) => key.replace(/^([^/]+)\/[^/]+\/(.*)$/, '$1 $2'));
}

async function messagesByTicket({ pool }: Place): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await pool.query<{ ticket: string; texts: unknown }>(
    `select ticket, json_agg(text) as texts from firn_message where status = 'sent' and who = 'customer' group by ticket`,
  );
  return new Map(rows.map(({ ticket, texts }) => [ticket, Array.isArray(texts) ? texts.map(String) : []]));
}

/** Texts by ticket, from what the console channel printed: a head with the ticket, and the text below it. */
function deliveries(printed: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const [index, line] of printed.entries()) {
    const ticket = /^--- to customer <[^>]*> · (\S+)$/.exec(line)?.[1];
    if (ticket === undefined) continue;
    const texts = found.get(ticket) ?? [];
    found.set(ticket, [...texts, (printed[index + 1] ?? '').trim()]);
  }
  return found;
}
