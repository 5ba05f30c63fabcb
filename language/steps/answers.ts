/**
 * The listed answers of a question, and the rules that give one of them.
 *
 * PURE. Answers are closed: whatever a rule says is proven here to be one of them.
 */
import type { QuestionAnswer } from '../plan/calls.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Expression, Value } from '../plan/plan.js';
import { BOOLEAN, TEXT, describeType } from '../plan/types.js';
import { withFacts } from '../expressions/scope.js';
import { entriesOf, holdsExpression, itemsOf, keyPlace, textAt, textOf } from './bodies.js';
import type { CompileContext, CompiledValue } from './kind.js';
import { textOfJson } from './said.js';

/** What a person says when no answer fits; never an answer of its own. */
export const NONE_OF_THESE = 'none of these';

export interface Rule {
  /** The author's id, or its number in the list, from 1. */
  readonly id: string;
  readonly when?: Expression;
  readonly answer: Value;
}

export interface CompiledRules {
  readonly rules: readonly Rule[];
  /** One of them has no `when`: nobody else is ever asked. */
  readonly always: boolean;
  /** Answers that some rule can give; undefined where a rule gives what is not listed. */
  readonly given: ReadonlySet<string> | undefined;
  /** False where a rule could not be compiled. */
  readonly complete: boolean;
}

/** `name: text`, or `name: {is, hints?, examples?}`. They are part of the question, and so the same in every run. */
export function compileAnswers(parsed: Parsed | undefined, context: CompileContext): readonly QuestionAnswer[] {
  return entriesOf(parsed).map((entry) => {
    const { key, value } = entry;
    if (parsed !== undefined && key === NONE_OF_THESE) {
      const message = `"${NONE_OF_THESE}" cannot be listed: a person can always say it, and the step then fails as \`undecided\``;
      context.error(
        'FIRN306',
        keyPlace(parsed, entry),
        message,
        'take it away, or name an answer of your own, like `other`',
      );
    }
    const is = textOf(value) ?? textAt(value, 'is') ?? '';
    const [hints, examples] = [textsOf(get(value, 'hints')), textsOf(get(value, 'examples'))];
    checkConstant(value.is === 'map' ? get(value, 'is') : value, context);
    for (const item of [...itemsOf(get(value, 'hints')), ...itemsOf(get(value, 'examples'))])
      checkConstant(item, context);
    return { answer: key, is, hints, ...(examples.length === 0 ? {} : { examples }) };
  });
}

/** What a model is asked is the same in every run, or its answers could not be counted together. */
export function checkConstant(parsed: Parsed | undefined, context: CompileContext): void {
  const text = textOf(parsed);
  if (parsed === undefined || text === undefined || !holdsExpression(text)) return;
  const message = 'a question is the same in every run, so it cannot hold an expression';
  context.error('FIRN300', parsed, message, 'put what differs from run to run into `about`, or into a rule');
}

function textsOf(parsed: Parsed | undefined): readonly string[] {
  return itemsOf(parsed).flatMap((item) => textOf(item) ?? []);
}

/** Rules are tried in order: in each it holds that the ones before did not. */
export function compileRules(
  parsed: Parsed | undefined,
  answers: readonly string[],
  context: CompileContext,
): CompiledRules {
  const rules: Rule[] = [];
  const ids = new Set<string>();
  const given = new Set<string>();
  let facts: readonly string[] = [];
  let always = false;
  let sound = true;
  const items = itemsOf(parsed);
  for (const [index, item] of items.entries()) {
    const id = textAt(item, 'id') ?? `${index + 1}`;
    if (always) {
      const message = `the rule ${id} can never be reached: an earlier one has no \`when\` and always answers`;
      context.error('FIRN404', item, message, 'give the earlier rule a `when`, or put it last');
    }
    if (ids.has(id)) context.error('FIRN308', get(item, 'id') ?? item, `two rules have the id "${id}"`, 'rename one');
    ids.add(id);
    const when = get(item, 'when');
    const answer = get(item, 'answer');
    const compiled =
      when === undefined ? undefined : context.expression(when, BOOLEAN, withFacts(context.scope, facts));
    const scope = withFacts(context.scope, [...facts, ...(compiled?.whenTrue ?? [])]);
    const value = answer === undefined ? undefined : context.value(answer, TEXT, { scope });
    if (answer !== undefined && value !== undefined) {
      const possible = checkAnswer(answer, value, answers, context);
      if (possible === undefined) sound = false;
      else if (!always) for (const one of possible) given.add(one);
    }
    if (value !== undefined && (when === undefined || compiled !== undefined)) {
      rules.push({ id, answer: value.value, ...(compiled === undefined ? {} : { when: compiled.expression }) });
    }
    always ||= when === undefined;
    facts = [...facts, ...(compiled?.whenFalse ?? [])];
  }
  return { rules, always, given: sound ? given : undefined, complete: rules.length === items.length };
}

/** The answers that a rule can give; undefined, and reported, where one of them is not listed. */
function checkAnswer(
  parsed: Parsed,
  { value, type }: CompiledValue,
  answers: readonly string[],
  context: CompileContext,
): readonly string[] | undefined {
  if (value.is === 'literal') {
    if (typeof value.value === 'string' && answers.includes(value.value)) return [value.value];
    context.unknown('FIRN403', parsed, 'answer of this question', textOfJson(value.value), answers);
    return undefined;
  }
  const values = type.kind === 'text' ? type.values : undefined;
  if (values === undefined) {
    const message = `a rule must give a listed answer, but this gives ${describeType(type)}, which can be anything`;
    context.error(
      'FIRN403',
      parsed,
      message,
      `listed are ${answers.join(', ')}; give one of them, or a field that is one of them`,
    );
    return undefined;
  }
  const foreign = values.filter((one) => !answers.includes(one));
  if (foreign.length === 0) return values;
  const message = `this can give ${foreign.join(', ')}, which is not listed under \`answers\``;
  context.error('FIRN403', parsed, message, `listed are ${answers.join(', ')}`);
  return undefined;
}
