/**
 * Table firn_decision: one row per question asked, by the key of its step; later, what a person made of it.
 *
 * HOST. Rows are written by the `decide` activity, and by `close run` for answers that a rule gave inside the workflow.
 * The first record under a key stays: a retry of the activity answers from it.
 */
import type { JsonMap } from '../language/plan/json.js';
import type { Queryable } from './pool.js';
import { storableTextOrNull } from './values.js';

export interface DecisionDraft {
  readonly key: string;
  readonly ticket: string;
  readonly workflow: string;
  /** The step's path. */
  readonly step: string;
  /** Digest of the question; null where a rule answered. */
  readonly question_hash: string | null;
  readonly features: JsonMap | null;
  readonly text: string | null;
  readonly text_hash: string | null;
  /** Null: no rung accepted, a person is asked. */
  readonly answer: string | null;
  readonly rung: string | null;
  readonly rule: string | null;
  readonly probability: number | null;
  /** `[{answer, probability}]`, most probable first. */
  readonly probabilities: readonly JsonMap[] | null;
  readonly why: string | null;
  readonly model_sha256: string | null;
  readonly model_ms: number | null;
}

export interface DecisionRow extends DecisionDraft {
  readonly recorded_at: string;
  readonly person_answer: string | null;
  readonly person: string | null;
  readonly person_at: string | null;
}

const WRITTEN = `key, ticket, workflow, step, question_hash, features, text, text_hash, answer, rung, rule, probability,
  probabilities, why, model_sha256, model_ms`;
const COLUMNS = `${WRITTEN}, recorded_at, person_answer, person, person_at`;

/** Writes it down, and answers the row under its key: this one, or the one that was there first. */
export async function recordDecision(db: Queryable, decision: DecisionDraft): Promise<DecisionRow> {
  const { features, probabilities } = decision;
  await db.query(
    `insert into firn_decision (${WRITTEN})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict (key) do nothing`,
    [
      ...[decision.key, decision.ticket, decision.workflow, decision.step, decision.question_hash],
      ...[features === null ? null : JSON.stringify(features), storableTextOrNull(decision.text), decision.text_hash],
      ...[decision.answer, decision.rung, decision.rule, decision.probability],
      ...[probabilities === null ? null : JSON.stringify(probabilities), storableTextOrNull(decision.why)],
      ...[decision.model_sha256, decision.model_ms],
    ],
  );
  const row = await readDecision(db, decision.key);
  if (row === undefined) throw new Error(`decision ${decision.key} is gone from firn_decision`);
  return row;
}

export async function readDecision(db: Queryable, key: string): Promise<DecisionRow | undefined> {
  const { rows } = await db.query<DecisionRow>(`select ${COLUMNS} from firn_decision where key = $1`, [key]);
  return rows[0];
}

/** The newest texts put to one question, newest first: what its probabilities are centred on. */
export async function recentTexts(db: Queryable, questionHash: string, limit: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ text: string }>(
    `select text from firn_decision where question_hash = $1 and text is not null and text <> ''
     order by recorded_at desc, key limit $2`,
    [questionHash, limit],
  );
  return rows.map((row) => row.text);
}

export async function decisionsOf(db: Queryable, ticket: string): Promise<readonly DecisionRow[]> {
  const sql = `select ${COLUMNS} from firn_decision where ticket = $1 order by recorded_at, key`;
  const { rows } = await db.query<DecisionRow>(sql, [ticket]);
  return rows;
}

/** A person's answer beside the model's proposals: the label from which later answers can be learnt. */
export async function recordPersonAnswer(
  db: Queryable,
  label: { readonly ticket: string; readonly step: string; readonly answer: string; readonly by: string },
): Promise<void> {
  const suffix = `/${label.step}`;
  await db.query(
    `update firn_decision set person_answer = $3, person = $4, person_at = clock_timestamp()
     where ticket = $1 and right(key, length($2)) = $2`,
    [label.ticket, suffix, label.answer, label.by],
  );
}
