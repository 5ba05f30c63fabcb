/**
 * What was expected of a run against what came of it, as sentences.
 *
 * PURE. What a case does not mention is not looked at. A map is compared field by field and may say less than there is.
 */
import { formatDuration } from '../language/plan/duration.js';
import { isJsonMap, type Json } from '../language/plan/json.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import type { ExpectedMessage, ExpectedSent, Expectation } from '../language/plan/test-case.js';
import { closeRequest, type Ending } from './ending.js';
import type { State } from './state.js';
import { plainPath } from './test-answers.js';
import type { TestHost } from './test-host.js';
import type { SentMessage, SentToRun } from './test-world.js';

export interface FinishedRun<Node extends NodeBase> {
  readonly plan: Plan<Node>;
  readonly state: State;
  readonly ending: Ending;
  readonly host: TestHost;
}

/** One sentence for each expectation that was not met; none when all were. */
export function compareRun<Node extends NodeBase>(expect: Expectation, run: FinishedRun<Node>): string[] {
  const { state, ending, host } = run;
  const because = ending.reason === undefined ? '' : ` (${ending.reason})`;
  const { outcome, output, reason, code, step, path, model_calls, effects, undone, item, not_run = [] } = expect;
  return [
    ...(outcome === undefined || outcome === ending.outcome
      ? []
      : [`outcome: expected ${outcome}, came ${ending.outcome}${because}`]),
    ...(output === undefined ? [] : compareJson('output', output, ending.output)),
    ...(reason === undefined || ending.reason?.includes(reason) === true
      ? []
      : [`reason: expected to contain ${quote(reason)}, came ${quote(ending.reason)}`]),
    ...(code === undefined || code === ending.code
      ? []
      : [`code: expected ${code}, came ${ending.code ?? 'none'}${because}`]),
    ...(step === undefined || step === ending.step
      ? []
      : [`step: expected ${step}, came ${ending.step ?? 'none'}${because}`]),
    ...(path === undefined ? [] : compareLists('path', path, state.path)),
    ...not_run
      .filter((one) => state.path.some((place) => place === one || plainPath(place) === one))
      .map((one) => `not_run: "${one}" ran`),
    ...(expect.messages === undefined ? [] : compareMessages(expect.messages, host.world.messages)),
    ...(expect.sent === undefined ? [] : compareSent(expect.sent, host.world.sent)),
    ...(model_calls === undefined || model_calls === host.model_calls
      ? []
      : [`model_calls: expected ${model_calls}, came ${host.model_calls}`]),
    ...(effects === undefined ? [] : compareLists('effects', effects, host.effects)),
    ...(undone === undefined ? [] : compareLists('undone', undone, host.undone)),
    ...(item === undefined ? [] : compareItem(item, run)),
    ...compareTime(expect, run),
  ];
}

/** Where `came` says something else than `expected` does, or less. */
export function compareJson(place: string, expected: Json, came: Json | undefined): string[] {
  if (isJsonMap(expected) && isJsonMap(came)) {
    return Object.entries(expected).flatMap(([key, value]) => {
      return compareJson(`${place}.${key}`, value, Object.hasOwn(came, key) ? came[key] : undefined);
    });
  }
  if (Array.isArray(expected) && Array.isArray(came) && expected.length === came.length) {
    const items: readonly Json[] = came;
    return expected.flatMap((value: Json, index) => compareJson(`${place}[${index}]`, value, items[index]));
  }
  return expected === came ? [] : [`${place}: expected ${quote(expected)}, came ${quote(came)}`];
}

function compareLists(what: string, expected: readonly string[], came: readonly string[]): string[] {
  const equal = expected.length === came.length && expected.every((entry, index) => entry === came[index]);
  return equal ? [] : [`${what}: expected ${enumerate(expected)}; came ${enumerate(came)}`];
}

/** All of them at once where only their texts are looked at; else field by field. */
function compareMessages(expected: readonly (string | ExpectedMessage)[], came: readonly SentMessage[]): string[] {
  const texts = expected.flatMap((one) => (typeof one === 'string' ? [one] : []));
  if (texts.length === expected.length) {
    const fit = texts.length === came.length && texts.every((part, index) => came[index]?.text.includes(part) === true);
    if (fit) return [];
    const said = came.map(({ text }) => quote(text));
    return [`messages: expected to contain ${enumerate(texts.map(quote))}; came ${enumerate(said)}`];
  }
  if (expected.length !== came.length) {
    const said = came.map(({ who, text }) => `${who}: ${quote(text)}`);
    return [`messages: expected ${expected.length}, came ${came.length}: ${enumerate(said)}`];
  }
  return expected.flatMap((one, index) => {
    const message = came[index];
    const wanted = typeof one === 'string' ? { text: one } : one;
    return message === undefined ? [] : compareMessage(`messages[${index}]`, wanted, message);
  });
}

function compareMessage(place: string, expected: ExpectedMessage, came: SentMessage): string[] {
  const same = (['who', 'to'] as const).flatMap((key) => {
    const wanted = expected[key];
    if (wanted === undefined || wanted === came[key]) return [];
    return [`${place}.${key}: expected ${quote(wanted)}, came ${quote(came[key] ?? undefined)}`];
  });
  const parts = (['subject', 'text'] as const).flatMap((key) => {
    const wanted = expected[key];
    if (wanted === undefined || came[key]?.includes(wanted) === true) return [];
    return [`${place}.${key}: expected to contain ${quote(wanted)}, came ${quote(came[key] ?? undefined)}`];
  });
  return [...same, ...parts];
}

function compareSent(expected: readonly ExpectedSent[], came: readonly SentToRun[]): string[] {
  if (expected.length !== came.length) {
    const said = came.map(({ message, to }) => `${message} to ${to}`);
    return [`sent: expected ${expected.length}, came ${came.length}: ${enumerate(said)}`];
  }
  return expected.flatMap(({ to, message, values }, index) => {
    const sent = came[index];
    if (sent === undefined) return [];
    const wanted = {
      ...(to === undefined ? {} : { to }),
      ...(message === undefined ? {} : { message }),
      ...(values === undefined ? {} : { values }),
    };
    return compareJson(`sent[${index}]`, wanted, { ...sent });
  });
}

function compareTime<Node extends NodeBase>({ took_ms }: Expectation, { state, host }: FinishedRun<Node>): string[] {
  const came_ms = host.now() - state.run.started_at_ms;
  if (took_ms === undefined || took_ms === came_ms) return [];
  return [`took: expected ${formatDuration(took_ms)}, came ${formatDuration(came_ms)}`];
}

/** The role before which a run that was handed over is put is the one that `close run` is told. */
function compareItem<Node extends NodeBase>(role: string, { plan, state, ending }: FinishedRun<Node>): string[] {
  if (ending.outcome !== 'handed_over')
    return [`item: expected one for ${role}, but the run was not handed over: ${ending.outcome}`];
  const { owner } = closeRequest(plan, state, ending);
  return owner === role ? [] : [`item: expected one for ${role}, came one for ${owner}`];
}

function enumerate(entries: readonly string[]): string {
  return entries.length === 0 ? 'none' : entries.join(', ');
}

function quote(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
