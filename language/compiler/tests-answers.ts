/**
 * Canned answers of a test file: what the calls of one step are answered with, read and checked against the step.
 *
 * PURE.
 */
import { parseDuration } from '../plan/duration.js';
import { FAILURE_CODES } from '../plan/failure.js';
import type { Json } from '../plan/json.js';
import type { Parsed, ParsedEntry } from '../plan/parsed.js';
import { entry, get } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import type { Canned, CannedAnswer } from '../plan/test-case.js';
import type { Type } from '../plan/types.js';
import type { Node } from '../steps/index.js';
import { reportUnknownName } from './context.js';
import { asJson } from './field-types.js';
import type { Around } from './tests-results.js';
import { checkResult, resultTypeOf } from './tests-results.js';
import { textOf } from './validate.js';

/** What makes the result of a step that asks nobody, or somebody else. */
const ELSEWHERE: Readonly<Partial<Record<Node['verb'], string>>> = {
  approve: 'what people say stands under `people`',
  ask: 'what people fill in stands under `people`',
  receive: 'what it takes stands under `messages`',
  wait: 'time jumps by itself',
};
/** Steps that only fail: there is nothing to say when they succeed. */
const ONLY_FAIL: ReadonlySet<string> = new Set(['tell', 'send']);
const ASKED: ReadonlySet<string> = new Set(
  'read list create update delete sql http use call decide tell send'.split(' '),
);

/** A list is one answer per call; for a step whose result is a list, only a list of lists and failures is. */
export function readCanned(parsed: Parsed, node: Node, around: Around, problems: Problems): Canned | undefined {
  if (!takesAnswers(parsed, node, problems)) return undefined;
  const type = resultTypeOf(node, around);
  const listed = node.list === true || type.kind === 'list';
  const each = parsed.is === 'list' && (!listed || isPerCall(parsed.items));
  const written = parsed.is === 'list' && each ? parsed.items : [parsed];
  const answers = written.flatMap((item) => readAnswer(item, node, type, around, problems) ?? []);
  return { use: each ? 'in_order' : 'every', answers };
}

function isPerCall(items: readonly Parsed[]): boolean {
  return items.length > 0 && items.every((item) => item.is === 'list' || isLong(item));
}

/** `{fail, message?, takes?}` or `{result, takes?}`: the answer, and what is said about it. */
function isLong(parsed: Parsed): boolean {
  if (parsed.is !== 'map') return false;
  const keys = parsed.entries.map(({ key }) => key);
  const [one, others] = keys.includes('fail') ? ['fail', ['message', 'takes']] : ['result', ['takes']];
  return keys.includes(one) && keys.every((key) => key === one || others.includes(key));
}

/** "a `read`", "an `ask`". */
export function a({ verb }: Node): string {
  return `${/^[aeiou]/.test(verb) && verb !== 'use' ? 'an' : 'a'} \`${verb}\``;
}

/** Problems: FIRN604. */
function takesAnswers(parsed: Parsed, node: Node, problems: Problems): boolean {
  if (!ASKED.has(node.verb)) {
    const why = ELSEWHERE[node.verb] ?? 'it computes its result itself; a case gives what it computes with';
    problems.error('FIRN604', parsed, `"${node.path}" is ${a(node)}, which nothing outside answers`, why);
    return false;
  }
  if (node.verb === 'decide' && node.about === undefined) {
    const message = `"${node.path}" has no \`about\`: no model is asked, so that there is nothing to answer`;
    const hint = 'its rules answer it; what a person says stands under `people`';
    problems.error('FIRN604', parsed, message, hint);
    return false;
  }
  return true;
}

function readAnswer(
  parsed: Parsed,
  node: Node,
  type: Type,
  around: Around,
  problems: Problems,
): CannedAnswer | undefined {
  const [rest, takes] = withoutTakes(parsed, type);
  const duration = takes === undefined ? undefined : readDuration(takes.value, problems);
  const time = duration === undefined ? {} : { takes_ms: duration };
  const fail = get(rest, 'fail');
  if (fail !== undefined) {
    const code = readFailure(rest, fail, node, around, problems);
    const message = textOf(get(rest, 'message'));
    return code === undefined
      ? undefined
      : { is: 'failure', code, ...(message === undefined ? {} : { message }), ...time };
  }
  const given = (isLong(rest) ? get(rest, 'result') : undefined) ?? rest;
  if (ONLY_FAIL.has(node.verb)) {
    if (given.is === 'map' && given.entries.length === 0) return { is: 'result', value: {}, ...time };
    const message = `"${node.path}" is ${a(node)}: what it answers is not up to a case`;
    problems.error('FIRN604', given, message, 'let it fail with `{ fail: … }`, or take it out');
    return undefined;
  }
  return { is: 'result', value: readResult(given, node, type, problems), ...time };
}

/** `takes` beside the fields of a result, unless the result has such a field of its own. */
function withoutTakes(parsed: Parsed, type: Type): readonly [Parsed, ParsedEntry | undefined] {
  const takes = entry(parsed, 'takes');
  const own = type.kind === 'map' && type.fields.has('takes');
  const unknown = type.kind === 'any' || (type.kind === 'map' && type.open === true);
  if (takes === undefined || parsed.is !== 'map' || ((own || unknown) && !isLong(parsed))) return [parsed, undefined];
  return [{ ...parsed, entries: parsed.entries.filter((one) => one !== takes) }, takes];
}

function readResult(parsed: Parsed, node: Node, type: Type, problems: Problems): Json {
  if (node.verb === 'decide') return readDecision(parsed, node, type, problems);
  checkResult(parsed, type, node.path, problems);
  const value = asJson(parsed);
  if (parsed.is !== 'map') return value;
  if (node.verb === 'http') return { status: 200, headers: {}, ...valuesOf(parsed) };
  if (node.verb !== 'call' || node.detached) return value;
  return readEnd(parsed, node.path, problems);
}

/** `{ended: done, output}`, `{ended: refused, reason}`, or short `{refused: reason}`. */
function readEnd(parsed: Extract<Parsed, { is: 'map' }>, path: string, problems: Problems): Json {
  const { refused, ended, ...rest } = valuesOf(parsed);
  if (refused !== undefined) return { ended: 'refused', reason: refused };
  if (ended !== undefined) return { ended, ...rest };
  const message = `"${path}" does not say how the called workflow ended`;
  const hint = 'write `{ ended: done, output: {…} }`, `{ refused: reason }` or `{ fail: handed_over }`';
  problems.error('FIRN603', parsed, message, hint);
  return {};
}

function valuesOf(parsed: Extract<Parsed, { is: 'map' }>): Record<string, Json> {
  return Object.fromEntries(parsed.entries.map(({ key, value }) => [key, asJson(value)]));
}

/** An answer, or `{answer, by?, probability?}`, or `{abstain: true}`. */
function readDecision(parsed: Parsed, node: Extract<Node, { verb: 'decide' }>, type: Type, problems: Problems): Json {
  if (get(parsed, 'abstain') !== undefined) return null;
  const given = parsed.is === 'map' ? get(parsed, 'answer') : parsed;
  const answers = node.answers.map(({ answer }) => answer);
  const answer = textOf(given);
  if (answer === undefined || !answers.includes(answer)) {
    reportUnknownName(problems, 'FIRN600', given ?? parsed, 'answer', answer ?? 'this', answers);
  } else if (parsed.is === 'map') {
    checkResult(parsed, type, node.path, problems);
  }
  return asJson(parsed);
}

/** Problems: FIRN600, FIRN605. */
function readFailure(parsed: Parsed, fail: Parsed, node: Node, around: Around, problems: Problems): string | undefined {
  const code = textOf(fail);
  if (code === undefined) {
    problems.error('FIRN600', fail, '`fail` names a failure, as in `{ fail: not_found }`');
    return undefined;
  }
  for (const { key, keyAt, value } of parsed.is === 'map' ? parsed.entries : []) {
    if (key === 'fail' || key === 'message' || key === 'takes') continue;
    const place = { at: keyAt, path: value.path, length: key.length };
    const message = `a failure has no "${key}"`;
    problems.error('FIRN600', place, message, 'it has `fail`, `message` and `takes`; several answers are a list');
  }
  const codes = Object.keys(FAILURE_CODES);
  if (codes.includes(code) || (node.verb === 'http' && /^http\.[1-5]\d\d$/.test(code))) return code;
  // What an activity of an application fails with is the application's.
  if (node.verb === 'use') return code;
  const callee = node.verb === 'call' ? around.callees(node.workflow) : undefined;
  if (node.verb === 'call' && (callee === undefined || callee.fails.includes(code))) return code;
  const known = [...codes, ...(node.verb === 'http' ? ['http.404', 'http.503'] : []), ...(callee?.fails ?? [])];
  reportUnknownName(problems, 'FIRN605', fail, 'failure', code, known);
  return undefined;
}

/** Milliseconds. Problems: FIRN600. */
export function readDuration(parsed: Parsed, problems: Problems): number | undefined {
  const written = parsed.is === 'scalar' ? String(parsed.value) : '';
  const duration_ms = parseDuration(written);
  if (duration_ms === undefined) {
    problems.error('FIRN600', parsed, `"${written}" is no duration`, 'a duration reads 30s, 15m, 2h or 5d');
  }
  return duration_ms;
}
