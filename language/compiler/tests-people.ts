/**
 * What people and other systems send in a test file: decisions, filled-in forms, messages. Checked against what asks.
 *
 * PURE.
 */
import { conform } from '../expressions/conform.js';
import type { JsonMap } from '../plan/json.js';
import { isJsonMap } from '../plan/json.js';
import type { ReceivedMessage } from '../plan/host.js';
import { ANSWERED, APPROVED, NONE_OF_THESE, REJECTED } from '../plan/messages.js';
import type { Parsed } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Plan } from '../plan/plan.js';
import type { Problems } from '../plan/problem.js';
import { NOBODY } from '../plan/test-case.js';
import type { People, PersonScript } from '../plan/test-case.js';
import type { Node } from '../steps/index.js';
import { reportUnknownName } from './context.js';
import { asJson } from './field-types.js';
import { a, readDuration } from './tests-answers.js';
import { textOf } from './validate.js';

/** A list is one script for each time that the step asks. Problems: FIRN600, FIRN606. */
export function readPeople(parsed: Parsed, node: Node, problems: Problems): People | undefined {
  if (parsed.is !== 'list') return readPerson(parsed, node, problems);
  return { in_turn: parsed.items.flatMap((item) => readPerson(item, node, problems) ?? []) };
}

function readPerson(parsed: Parsed, node: Node, problems: Problems): PersonScript | undefined {
  if (node.verb !== 'approve' && node.verb !== 'ask' && node.verb !== 'decide') {
    problems.error('FIRN606', parsed, `no person is asked by "${node.path}", which is ${a(node)}`);
    return undefined;
  }
  if (node.verb === 'decide' && node.otherwise === undefined) {
    problems.error('FIRN606', parsed, `no person is asked by "${node.path}": one of its rules always answers`);
    return undefined;
  }
  if (parsed.is === 'scalar') {
    if (parsed.value === NOBODY.decision) return NOBODY;
    const message = `what somebody does with "${node.path}" is a map`;
    problems.error('FIRN606', parsed, message, `${hintOf(node)}; \`nobody\` lets it wait in vain`);
    return undefined;
  }
  const decision = readDecision(parsed, node, problems);
  const after = get(parsed, 'after');
  const after_ms = after === undefined ? 0 : (readDuration(after, problems) ?? 0);
  if (decision === undefined) return undefined;
  const [by, comment] = [textOf(get(parsed, 'by')), textOf(get(parsed, 'comment'))];
  return {
    ...decision,
    ...(by === undefined ? {} : { by }),
    ...(comment === undefined ? {} : { comment }),
    after_ms,
  };
}

function hintOf({ verb }: Node): string {
  if (verb === 'approve') return 'write `approve: true` or `approve: false`';
  return verb === 'ask' ? 'write `values: {…}`' : 'write `answer: …`';
}

function readDecision(
  parsed: Parsed,
  node: Extract<Node, { verb: 'approve' | 'ask' | 'decide' }>,
  problems: Problems,
): Pick<PersonScript, 'decision' | 'values'> | undefined {
  const { verb, path } = node;
  const wanted = verb === 'approve' ? 'approve' : verb === 'ask' ? 'values' : 'answer';
  const given = get(parsed, wanted);
  const others = ['approve', 'values', 'answer'].filter((key) => key !== wanted && get(parsed, key) !== undefined);
  if (given === undefined || others.length > 0) {
    const waits = verb === 'approve' ? 'a yes or no' : verb === 'ask' ? 'the fields of its form' : 'an answer';
    problems.error('FIRN606', parsed, `"${path}" waits for ${waits}`, hintOf(node));
    return undefined;
  }
  switch (verb) {
    case 'approve':
      return { decision: given.is === 'scalar' && given.value === true ? APPROVED : REJECTED };
    case 'ask': {
      const values = mapOf(given);
      const wrong = conform(node.form, values, 'values');
      if (wrong !== undefined) problems.error('FIRN606', given, `"${path}" cannot be answered so: ${wrong}`);
      return { decision: ANSWERED, values };
    }
    case 'decide': {
      const answers = [...node.answers.map(({ answer }) => answer), NONE_OF_THESE];
      const answer = textOf(given);
      if (answer === undefined || !answers.includes(answer)) {
        reportUnknownName(problems, 'FIRN606', given, 'answer', answer ?? 'this', answers);
      }
      return { decision: answer ?? '' };
    }
  }
}

/** Problems: FIRN600, FIRN607. */
export function readMessages(
  parsed: Parsed | undefined,
  plan: Plan<Node>,
  now_ms: number,
  problems: Problems,
): readonly ReceivedMessage[] {
  const receives = plan.nodes.flatMap((node) => (node.verb === 'receive' ? [node] : []));
  return (parsed?.is === 'list' ? parsed.items : []).map((item) => {
    const name = textOf(get(item, 'name')) ?? '';
    const after = get(item, 'after');
    const at_ms = now_ms + (after === undefined ? 0 : (readDuration(after, problems) ?? 0));
    const written = get(item, 'values');
    const values = mapOf(written);
    const takers = receives.filter(({ message }) => message === name);
    if (takers.length === 0) {
      const known = new Set(receives.map(({ message }) => message));
      reportUnknownName(problems, 'FIRN607', get(item, 'name') ?? item, 'message', name, known);
    } else {
      const wrong = takers.map(({ fields }) => conform(fields, values, name));
      const [first] = wrong;
      if (first !== undefined && wrong.every((one) => one !== undefined)) {
        const hint = `"${takers.map(({ path }) => path).join('", "')}" would set it aside`;
        problems.error('FIRN607', written ?? item, first, hint);
      }
    }
    return { name, values, at_ms };
  });
}

function mapOf(parsed: Parsed | undefined): JsonMap {
  const value = parsed === undefined ? {} : asJson(parsed);
  return isJsonMap(value) ? value : {};
}
