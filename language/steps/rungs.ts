/**
 * The rungs of a question, in order: rule, model, person. The first that answers ends it.
 *
 * PURE. Every answer is recorded with who gave it and why the rung before did not. An answer that is not listed never
 * leaves here.
 */
import type { DecideAnswer, DecideCall, Question, QuestionAnswer } from '../plan/calls.js';
import { failure } from '../plan/failure.js';
import type { JsonMap } from '../plan/json.js';
import type { NodeBase, Value } from '../plan/plan.js';
import type { Rule } from './answers.js';
import { NONE_OF_THESE } from './answers.js';
import { textFrom } from './bodies.js';
import { readDecideAnswer } from './decide-answer.js';
import type { StepHost, StepOutcome } from './kind.js';
import { shorten } from './said.js';

export interface DecideNode extends NodeBase {
  readonly verb: 'decide';
  readonly ask?: string;
  readonly about?: Value;
  readonly answers: readonly QuestionAnswer[];
  readonly rules: readonly Rule[];
  /** Of the answers that a model's rung takes, so many should be right: 0.5 to 1. */
  readonly accept: number;
  /** The role that answers when nobody before did; absent where the last rule always answers. */
  readonly otherwise?: string;
}

/** Asks the rungs. Failure `undecided` when a person chose none of the answers. */
export async function answerQuestion(node: DecideNode, host: StepHost): Promise<StepOutcome> {
  const rule = node.rules.find(({ when }) => when === undefined || host.test(when));
  if (rule !== undefined) return byRule(node, rule, host);
  const about = node.about === undefined ? '' : textFrom(host.evaluate(node.about), 'about');
  if (about.trim() === '') return byPerson(node, about, undefined, host);
  const call: DecideCall = {
    question: questionOf(node, host.question),
    about,
    accept: node.accept,
    features: featuresOf(node, host),
    ticket: host.ticket,
    key: host.key,
  };
  const given = await host.call(call);
  const proposal = readDecideAnswer(given, namesOf(node));
  host.asked(proposal.model_calls);
  if (proposal.answer !== null) return byModel(proposal.answer, proposal, host);
  host.remember(given);
  return byPerson(node, about, proposal, host);
}

/** The listed answers. */
export function namesOf(node: DecideNode): readonly string[] {
  return node.answers.map(({ answer }) => answer);
}

function questionOf(node: DecideNode, step: string): Question {
  return { step, ask: node.ask ?? '', answers: node.answers };
}

/** Everything that the rules look at. */
function featuresOf(node: DecideNode, host: StepHost): JsonMap {
  const expressions = node.rules.flatMap(({ when, answer }) => [
    ...(when === undefined ? [] : [when]),
    ...(answer.is === 'expression' ? [answer.expression] : []),
  ]);
  return host.features(expressions);
}

function byRule(node: DecideNode, rule: Rule, host: StepHost): StepOutcome {
  const answer = checkListed(node, textFrom(host.evaluate(rule.answer), 'answer'));
  host.record({ step: host.place, answer, by: 'rule', rule: rule.id, model_calls: 0 });
  return { kind: 'value', value: { answer, by: 'rule', rule: rule.id } };
}

function byModel(answer: string, proposal: DecideAnswer, host: StepHost): StepOutcome {
  const { by, probability, why, model_calls } = proposal;
  const measured = probability === null ? {} : { probability };
  host.record({ step: host.place, answer, by, why, model_calls, ...measured });
  return { kind: 'value', value: { answer, by, ...measured } };
}

async function byPerson(
  node: DecideNode,
  about: string,
  proposal: DecideAnswer | undefined,
  host: StepHost,
): Promise<StepOutcome> {
  if (node.otherwise === undefined) {
    throw new Error(`the question ${host.question} has nobody to answer it: this is a bug in Firn's compiler`);
  }
  const what = node.ask ?? `Which of these holds for ${host.question}?`;
  const decision = await host.person({
    kind: 'answer',
    role: node.otherwise,
    title: shorten(`${host.question}: ${what}`, 120),
    body: {
      what,
      ...(about === '' ? {} : { written: [{ from: 'about', text: about }] }),
      answers: node.answers.map(({ answer, is }) => ({ answer, is, ...probabilityOf(answer, proposal) })),
      why: proposal?.why ?? (node.about === undefined ? 'no rule answers it' : 'there is no text to read'),
    },
    answers: namesOf(node),
  });
  if (decision.decision === NONE_OF_THESE) {
    const because = decision.comment === undefined || decision.comment === '' ? '' : `: ${decision.comment}`;
    throw failure('undecided', `${decision.by} chose "${NONE_OF_THESE}" for "${what}"${because}`);
  }
  const answer = checkListed(node, decision.decision);
  const why = decision.comment ?? proposal?.why;
  const recorded = { step: host.place, answer, by: 'person', model_calls: proposal?.model_calls ?? 0 };
  host.record(why === undefined ? recorded : { ...recorded, why });
  return { kind: 'value', value: { answer, by: 'person' } };
}

function probabilityOf(answer: string, proposal: DecideAnswer | undefined): { readonly probability?: number } {
  const found = proposal?.proposals.find((one) => one.answer === answer);
  return found === undefined ? {} : { probability: found.probability };
}

/** An enumeration of a column or an input can hold what was not known when the definition was compiled. */
function checkListed(node: DecideNode, answer: string): string {
  if (namesOf(node).includes(answer)) return answer;
  throw failure('invalid', `"${answer}" is not one of the listed answers: ${namesOf(node).join(', ')}`);
}
