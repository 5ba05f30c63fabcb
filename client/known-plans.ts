/**
 * Definitions as the client knows them: an input is refused before it burns a ticket.
 *
 * HOST. The registry is the database's table of plans. A client without one, or with one that does not answer now, starts
 * runs unchecked: `open run` checks every input anyway.
 */
import { validateInput } from '../language/compiler/input.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import { isFailure } from '../language/plan/failure.js';
import { newestPlan, planByHash, planNames } from '../store/plan.js';
import type { Queryable } from '../store/pool.js';
import { FirnError } from './errors.js';

/** What Temporal's UI is told of a run when it starts. */
export interface Described {
  readonly summary: string;
  readonly details: string;
}

/** Undefined when the plan could not be looked up. Rejects with `invalid_input` or `unknown_workflow`. */
export async function checkStart(
  db: Queryable,
  workflow: string,
  input: unknown,
  version: string | undefined,
): Promise<Described | undefined> {
  const plan = await findPlan(db, workflow, version);
  const schema = plan?.['input'];
  if (plan === undefined || !isJsonMap(schema)) return undefined;
  const checked = validateInput({ name: workflow, input: schema }, input);
  if (!checked.ok) {
    throw new FirnError('invalid_input', `${workflow} was not started: ${checked.problems.join(' ')}`);
  }
  return describe(plan);
}

async function findPlan(db: Queryable, workflow: string, version: string | undefined): Promise<JsonMap | undefined> {
  try {
    const row = version === undefined ? await newestPlan(db, workflow) : await planByHash(db, version);
    if (row !== undefined && row.name === workflow) return isJsonMap(row.plan) ? row.plan : undefined;
    const names = await planNames(db);
    // An empty registry: no worker has published yet, so nothing can be said.
    if (names.length === 0) return undefined;
    const what =
      version === undefined ? `no definition is named "${workflow}"` : `"${workflow}" has no version ${version}`;
    throw new FirnError('unknown_workflow', `${what}; known: ${names.join(', ')}`);
  } catch (error) {
    if (error instanceof FirnError || isFailure(error)) throw error;
    return undefined;
  }
}

function describe(plan: JsonMap): Described {
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
  const { name, summary, hash, owner, file } = plan;
  const version = text(hash).slice(0, 12);
  const details = [
    `**${text(name)}**: ${text(summary)}`,
    '',
    `Version ${version} of \`${text(file)}\`, owned by ${text(owner)}.`,
  ];
  return { summary: text(summary).slice(0, 200), details: details.join('\n') };
}
