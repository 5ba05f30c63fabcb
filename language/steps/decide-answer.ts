/**
 * What the `decide` activity answers, read and checked.
 *
 * PURE. An activity's result arrives as JSON from a history: it is checked here once, and an answer that is not listed
 * never gets past this.
 */
import type { DecideAnswer, Proposal } from '../plan/calls.js';
import type { Json } from '../plan/json.js';
import { isJsonMap } from '../plan/json.js';

/** Throws where the activity broke its contract: a bug of Firn's own. */
export function readDecideAnswer(json: Json, listed: readonly string[]): DecideAnswer {
  const map = isJsonMap(json) ? json : {};
  const { answer, by, probability, why, model_calls } = map;
  const known = answer === null || (typeof answer === 'string' && listed.includes(answer));
  if (!known || typeof by !== 'string' || typeof why !== 'string' || typeof model_calls !== 'number') {
    throw new Error(`the decide activity answered ${JSON.stringify(json)}: this is a bug in Firn`);
  }
  const measured = typeof probability === 'number' ? probability : null;
  return { answer, by, why, model_calls, probability: measured, proposals: readProposals(map['proposals']) };
}

function readProposals(json: Json | undefined): readonly Proposal[] {
  if (!Array.isArray(json)) return [];
  return json.flatMap((item: Json) => {
    if (!isJsonMap(item)) return [];
    const { answer, probability } = item;
    return typeof answer === 'string' && typeof probability === 'number' ? [{ answer, probability }] : [];
  });
}
