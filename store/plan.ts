/**
 * Table firn_plan: compiled definitions, found again by name or by hash.
 *
 * HOST. A plan is never changed; publishing it again makes it the newest of its name.
 */
import type { Json } from '../language/plan/json.js';
import type { Queryable } from './pool.js';

export interface PlanRow {
  readonly name: string;
  readonly hash: string;
  readonly plan: Json;
  /** The definition's text. */
  readonly source: string;
}

const COLUMNS = 'name, hash, plan, source';

export async function publishPlan(db: Queryable, row: PlanRow): Promise<void> {
  await db.query(
    `insert into firn_plan (hash, name, plan, source) values ($1, $2, $3, $4)
     on conflict (hash) do update set published_at = clock_timestamp()`,
    [row.hash, row.name, JSON.stringify(row.plan), row.source.replaceAll('\u0000', '\uFFFD')],
  );
}

export async function planByHash(db: Queryable, hash: string): Promise<PlanRow | undefined> {
  const { rows } = await db.query<PlanRow>(`select ${COLUMNS} from firn_plan where hash = $1`, [hash]);
  return rows[0];
}

export async function newestPlan(db: Queryable, name: string): Promise<PlanRow | undefined> {
  const sql = `select ${COLUMNS} from firn_plan where name = $1 order by published_at desc limit 1`;
  const { rows } = await db.query<PlanRow>(sql, [name]);
  return rows[0];
}

export async function planNames(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ name: string }>('select distinct name from firn_plan order by name');
  return rows.map((row) => row.name);
}
