/**
 * Activity `decide`: a question is put to the encoder, and what came of it is recorded.
 *
 * HOST. Repeatable: what is recorded under a key is the answer for ever, also when the first attempt died before it
 * could say so. Records what was not taken as well, because later questions are centred on these texts. A model that is
 * off, or a text that it cannot take, is no failure: a person answers, and reads why. A model process that does not
 * answer fails the attempt; after the third a person answers too.
 */
import { asyncLocalStorage } from '@temporalio/activity';
import { type Verdict, judge } from '../decisions/gate.js';
import { CENTRED_ON, answerText } from '../decisions/likeness.js';
import type { Vector } from '../decisions/vectors.js';
import type { DecideAnswer, DecideCall, Proposal } from '../language/plan/calls.js';
import { failure, messageOf } from '../language/plan/failure.js';
import { type Json, digest, hashText, isJsonMap } from '../language/plan/json.js';
import { ModelError, type ModelPort } from '../models/port.js';
import { VectorCache } from '../models/vectors.js';
import { type DecisionRow, readDecision, recentTexts, recordDecision } from '../store/decision.js';
import { TransientFailure } from '../store/failures.js';
import type { StoreDependency } from './dependencies.js';

export interface DecideDependencies {
  readonly store: StoreDependency;
  readonly models: ModelPort;
}

/** What the model made of a text, or why there is nothing. */
interface Judgement extends Verdict {
  /** Null: no model computed anything. */
  readonly model_sha256: string | null;
  readonly model_ms: number | null;
}

/** A model process that could not be reached in so many attempts is not waited for any longer. */
const ATTEMPTS_BEFORE_PERSON = 3;
/** Recorded texts asked for together: what one attempt computed, the next one finds. */
const RECENT_AT_ONCE = 50;

export function createDecide({ store, models }: DecideDependencies): (call: DecideCall) => Promise<DecideAnswer> {
  const vectors = new VectorCache(models);
  return async (call) => {
    const earlier = await readDecision(store.pool, call.key);
    if (earlier !== undefined) return answerOf(checkSame(earlier, call));
    const judgement = await judgeOrHandOver(call, models, vectors, () =>
      recentTexts(store.pool, digest(call.question), CENTRED_ON),
    );
    return answerOf(checkSame(await recordDecision(store.pool, draftOf(call, judgement)), call));
  };
}

async function judgeOrHandOver(
  call: DecideCall,
  models: ModelPort,
  vectors: VectorCache,
  recent: () => Promise<readonly string[]>,
): Promise<Judgement> {
  const state = models.state();
  if (state.is === 'off') return forPerson(`models are off: ${state.reasons.join('; ')}`);
  if (call.about.trim() === '') return forPerson('there is no text to read');
  try {
    return await askEncoder(call, vectors, await recent());
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return forPersonOrRetry(error);
  }
}

/** Failure `unreachable`, to be tried again, where that can help; else the reason why a person answers. */
function forPersonOrRetry(error: ModelError): Judgement {
  if (error.code === 'models_off') return forPerson(`models are off: ${error.message}`);
  if (error.code !== 'model_unavailable') return forPerson(`the model cannot answer: ${error.message}`);
  const info = asyncLocalStorage.getStore()?.info;
  const attempt = info?.attempt ?? 1;
  const most = info?.retryPolicy?.maximumAttempts ?? ATTEMPTS_BEFORE_PERSON;
  if (attempt < Math.min(most, ATTEMPTS_BEFORE_PERSON)) throw new TransientFailure('unreachable', messageOf(error));
  return forPerson(`the model did not answer in ${attempt} attempts: ${error.message}`);
}

function forPerson(why: string): Judgement {
  return { answer: null, probability: null, why, proposals: [], model_sha256: null, model_ms: null };
}

async function askEncoder(call: DecideCall, vectors: VectorCache, recent: readonly string[]): Promise<Judgement> {
  const { answers } = call.question;
  const asked = await vectors.embed([call.about, ...answers.map(answerText)]);
  const [text = new Float32Array(), ...answerVectors] = asked.vectors;
  const usual = await embedRecent(vectors, recent, asked.model_sha256);
  const verdict = judge({
    text: call.about,
    answers,
    accept: call.accept,
    vectors: { text, answers: answerVectors, recent: usual.vectors },
  });
  const model_ms = Math.round((asked.ms + usual.ms) * 10) / 10;
  return { ...verdict, model_sha256: asked.model_sha256, model_ms };
}

/** A recorded text that the model cannot take says nothing about what is usual: it is left out. */
async function embedRecent(
  vectors: VectorCache,
  texts: readonly string[],
  model_sha256: string,
): Promise<{ vectors: readonly Vector[]; ms: number }> {
  const found: Vector[] = [];
  let ms = 0;
  const waiting = [...texts];
  while (waiting.length > 0) {
    const some = waiting.slice(0, RECENT_AT_ONCE);
    try {
      const part = await vectors.embed(some);
      if (part.model_sha256 !== model_sha256) {
        throw new ModelError(
          'model_unavailable',
          'the model process was restarted with another model in the middle of a question',
        );
      }
      found.push(...part.vectors);
      ms += part.ms;
      waiting.splice(0, some.length);
    } catch (error) {
      if (!(error instanceof ModelError) || error.index === undefined) throw error;
      waiting.splice(error.index, 1);
    }
  }
  return { vectors: found, ms };
}

function draftOf(call: DecideCall, judgement: Judgement) {
  const { step } = call.question;
  const dot = step.indexOf('.');
  return {
    key: call.key,
    ticket: call.ticket,
    workflow: step.slice(0, Math.max(0, dot)),
    step: step.slice(dot + 1),
    question_hash: digest(call.question),
    features: call.features,
    text: call.about,
    text_hash: hashText(call.about),
    answer: judgement.answer,
    rung: judgement.model_sha256 === null ? 'person' : 'encoder',
    rule: null,
    probability: judgement.probability,
    probabilities: judgement.proposals,
    why: judgement.why,
    model_sha256: judgement.model_sha256,
    model_ms: judgement.model_ms,
  };
}

/** The same place in the program asked something else before: nobody can say which of the two is meant. */
function checkSame(row: DecisionRow, call: DecideCall): DecisionRow {
  if (row.question_hash === digest(call.question) && row.text_hash === hashText(call.about)) return row;
  throw failure(
    'effect_changed',
    `the question ${call.question.step} was already answered for another text or other answers (key ${call.key})`,
  );
}

function answerOf(row: DecisionRow): DecideAnswer {
  return {
    answer: row.answer,
    by: row.answer === null ? 'person' : 'encoder',
    probability: row.probability,
    why: row.why ?? '',
    proposals: (row.probabilities ?? []).flatMap(readProposal),
    model_calls: row.model_sha256 === null ? 0 : 1,
  };
}

function readProposal(json: Json): readonly Proposal[] {
  if (!isJsonMap(json)) return [];
  const { answer, probability } = json;
  return typeof answer === 'string' && typeof probability === 'number' ? [{ answer, probability }] : [];
}
