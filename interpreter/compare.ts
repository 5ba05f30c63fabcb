/**
 * What was expected of a run against what came of it, as sentences.
 *
 * PURE. What a case does not mention is not looked at. A map is compared field by field and may say less than there is.
 */
import { isJsonMap, type Json } from '../language/plan/json.js';
import type { NodeBase, Plan } from '../language/plan/plan.js';
import type { Expectation } from '../language/plan/test-case.js';
import { closeRequest, type Ending } from './ending.js';
import type { State } from './state.js';
import type { TestHost } from './test-host.js';

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
  const { outcome, output, reason, code, path, messages, model_calls, effects, undone, item } = expect;
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
    ...(path === undefined ? [] : compareLists('path', path, state.path)),
    ...(messages === undefined
      ? []
      : compareMessages(
          messages,
          host.world.messages.map((message) => message.text),
        )),
    ...(model_calls === undefined || model_calls === host.model_calls
      ? []
      : [`model_calls: expected ${model_calls}, came ${host.model_calls}`]),
    ...(effects === undefined ? [] : compareLists('effects', effects, host.effects)),
    ...(undone === undefined ? [] : compareLists('undone', undone, host.undone)),
    ...(item === undefined ? [] : compareItem(item, run)),
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

function compareMessages(expected: readonly string[], came: readonly string[]): string[] {
  const fit = expected.length === came.length && expected.every((part, index) => came[index]?.includes(part) === true);
  return fit
    ? []
    : [`messages: expected to contain ${enumerate(expected.map(quote))}; came ${enumerate(came.map(quote))}`];
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
