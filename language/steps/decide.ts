/**
 * `decide`: a closed question. Rules answer first, then a small model, then a person.
 *
 * PURE. A rule answers in the run itself, without any activity. A model sees the question, the answers and the text, and
 * nothing else; what it answers is one of the listed answers or nothing. It never names the next step.
 */
import { longest } from '../expressions/fit.js';
import { isJsonMap } from '../plan/json.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import { NUMBER, TEXT, enumeration, mapOf, optional } from '../plan/types.js';
import type { CompiledRules } from './answers.js';
import { checkConstant, compileAnswers, compileRules } from './answers.js';
import { entriesOf, keyPlace, numberAt, textAt } from './bodies.js';
import type { CompileContext, CompiledValue, StepKind } from './kind.js';
import type { DecideNode } from './rungs.js';
import { answerQuestion, namesOf } from './rungs.js';
import { textOfJson } from './said.js';
import { EXPRESSION, NAME, TEXT_VALUE } from './shapes.js';

const DEFAULT_ACCEPT = 0.9;
/** Characters that a small encoder may be able to read: 512 tokens of English are about 2,300, and some models read twice that. */
const READABLE = 5000;

export const decide: StepKind<'decide', DecideNode> = {
  verb: 'decide',
  about: 'Answers a closed question: by rules, then by a small model that reads `about`, then by a person.',
  result:
    '`{answer, by, rule?, probability?}`: one of the listed answers; `by` is rule, encoder or person. A person\'s "none of these" is failure `undecided`.',
  effect: 'none',
  schema: {
    type: 'object',
    properties: {
      ask: { type: 'string', minLength: 1, maxLength: 500, description: 'the question, the same in every run' },
      about: {
        ...TEXT_VALUE,
        description: 'the text that a model or a person reads; without it only rules and people answer',
      },
      answers: {
        type: 'object',
        description: 'the answers there are: `name: what it means`, or `name: {is, hints, examples}`',
        minProperties: 2,
        maxProperties: 100,
        propertyNames: { minLength: 1, maxLength: 64 },
        additionalProperties: {
          type: ['string', 'object'],
          minLength: 1,
          maxLength: 500,
          properties: {
            is: { type: 'string', minLength: 1, maxLength: 500, description: 'what the answer means' },
            hints: {
              type: 'array',
              items: { type: 'string', minLength: 1, maxLength: 100 },
              maxItems: 100,
              description: 'words that speak for it; evidence, not a rule',
            },
            examples: {
              type: 'array',
              items: { type: 'string', minLength: 1, maxLength: 1000 },
              maxItems: 100,
              description: 'texts that have this answer',
            },
          },
          required: ['is'],
          additionalProperties: false,
        },
      },
      rules: {
        type: 'array',
        description: 'what is decided by facts, in order; the first that holds answers',
        maxItems: 200,
        items: {
          type: 'object',
          properties: {
            id: { ...NAME, description: 'a name for the record' },
            when: { ...EXPRESSION, description: 'the rule answers if this holds; without it, always' },
            answer: { ...TEXT_VALUE, description: 'a listed answer, or an expression that gives one' },
          },
          required: ['answer'],
          additionalProperties: false,
        },
      },
      accept: {
        type: 'number',
        minimum: 0.5,
        maximum: 1,
        description: 'of the answers taken from a model, so many should be right; 0.9 unless said otherwise',
      },
      otherwise: { ...NAME, description: 'the role that answers when nobody before did' },
    },
    required: ['answers'],
    additionalProperties: false,
  },
  example: `- id: reason
  decide:
    ask: Why does the customer want the money back?
    about: \${{ input.?message.orValue('') }}
    answers:
      damaged: { is: "It arrived broken, or it does not work", hints: [broken, cracked] }
      not_arrived: The parcel never came
    rules:
      - { id: never-sent, when: "\${{ order.status == 'processing' }}", answer: not_arrived }
    accept: 0.9
    otherwise: returns-desk
`,
  compile(body, context) {
    const ask = textAt(body, 'ask');
    checkConstant(get(body, 'ask'), context);
    const about = compileAbout(body, ask, context);
    const answers = compileAnswers(get(body, 'answers'), context);
    const names = answers.map(({ answer }) => answer);
    const rules = compileRules(get(body, 'rules'), names, context);
    const otherwise = compileOtherwise(body, rules, context);
    checkGiven(body, rules, context);
    if (names.length === 0 || !rules.complete || (get(body, 'about') !== undefined && about === undefined))
      return undefined;
    const node = {
      verb: 'decide',
      answers,
      rules: rules.rules,
      accept: numberAt(body, 'accept') ?? DEFAULT_ACCEPT,
      ...(ask === undefined ? {} : { ask }),
      ...(about === undefined ? {} : { about: about.value }),
      ...(otherwise === undefined ? {} : { otherwise }),
    } as const;
    const type = mapOf({
      answer: enumeration(names),
      by: enumeration(['rule', 'encoder', 'person']),
      rule: optional(TEXT),
      probability: optional(NUMBER, 'model'),
    });
    return { node, type, label: 'definition' };
  },
  run: answerQuestion,
  summarize: (node) => (node.ask === undefined ? `choose ${namesOf(node).join(', ')}` : `ask: ${node.ask}`),
  say(result) {
    if (!isJsonMap(result)) return '';
    const { answer, by, rule, probability } = result;
    const how = typeof rule === 'string' ? `rule ${rule}` : textOfJson(by ?? '');
    return `${textOfJson(answer ?? '')} (${typeof probability === 'number' ? `${how}, ${probability.toFixed(2)}` : how})`;
  },
};

function compileAbout(body: Parsed, ask: string | undefined, context: CompileContext): CompiledValue | undefined {
  const parsed = get(body, 'about');
  if (parsed === undefined) return undefined;
  if (ask === undefined) {
    context.error(
      'FIRN302',
      parsed,
      '`about` gives a text to read, but nothing is asked: `ask` is missing',
      'add `ask` with the question',
    );
  }
  const about = context.value(parsed, TEXT);
  const outside = about?.label === 'input' || about?.label === 'model' || about?.label === 'person';
  const length = about === undefined ? undefined : longest(about.type);
  if (outside && (length === undefined || length > READABLE)) {
    const limit = length === undefined ? 'without limit' : `with up to ${length} characters`;
    const message = `this is a text ${limit}, and one that is longer than the model can read goes to a person`;
    context.warning('FIRN414', parsed, message, 'declare the field with a limit: `{ type: string, maxLength: 2000 }`');
  }
  return about;
}

function compileOtherwise(body: Parsed, rules: CompiledRules, context: CompileContext): string | undefined {
  const place = get(body, 'otherwise');
  const role = textAt(body, 'otherwise');
  if (role !== undefined && place !== undefined && !context.project.roles.has(role)) {
    context.unknown('FIRN314', place, 'role', role, context.project.roles.keys());
  }
  if (place === undefined && !rules.always) {
    const message = 'nobody answers when no rule does: `otherwise` is missing, and the last rule has a `when`';
    context.error('FIRN402', body, message, 'add `otherwise` with a role, or a last rule without `when`');
  }
  return role;
}

/** Where a rule always answers, an answer that no rule gives is never given. */
function checkGiven(body: Parsed, rules: CompiledRules, context: CompileContext): void {
  const answers = get(body, 'answers');
  const { given } = rules;
  if (!rules.always || !rules.complete || given === undefined || answers === undefined) return;
  const because =
    get(body, 'about') === undefined ? '' : '; the last rule has no `when`, so that `about` is never read';
  for (const entry of entriesOf(answers)) {
    if (given.has(entry.key)) continue;
    const message = `"${entry.key}" can never be the answer: no rule gives it${because}`;
    context.warning('FIRN413', keyPlace(answers, entry), message, 'add a rule that gives it, or take the answer away');
  }
}
