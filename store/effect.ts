/**
 * Table firn_effect, read only: what a run did to rows, for people who look at it. connections/effects.ts writes it.
 *
 * HOST.
 */
import type { Json } from '../language/plan/json.js';
import type { Queryable } from './pool.js';

export interface EffectRow {
  /** ticket / first run id / place in the program. */
  readonly key: string;
  readonly status: 'running' | 'done' | 'settled' | 'tombstone';
  readonly request: Json;
  readonly result: Json;
  readonly at: string;
}

/** Effects of one run that are recorded in this database, oldest first. */
export async function effectsOf(db: Queryable, ticket: string): Promise<readonly EffectRow[]> {
  const sql = `select key, status, request, result, at from firn_effect where left(key, $2) = $1 order by at, key`;
  const { rows } = await db.query<EffectRow>(sql, [`${ticket}/`, ticket.length + 1]);
  return rows;
}
