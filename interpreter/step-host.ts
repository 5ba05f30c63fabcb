/**
 * The door of one running step: gives a step kind what `StepHost` promises, and keeps the rules that no kind may forget.
 *
 * PURE. Here, and nowhere else: a write is on record before it is scheduled; a `tell` seals what was done before it; every
 * call of a step ends with the step's own timeout; what a step asks of people carries its digest and deadline; a step that
 * waits when its run continues as new waits on afterwards for the same thing, and asks nothing twice.
 */
import { evaluateMilliseconds, evaluateValue, testExpression } from '../language/expressions/index.js';
import { holdsPrivate, withoutPrivate } from '../language/expressions/private.js';
import { retryOf } from '../language/plan/attempts.js';
import { failure } from '../language/plan/failure.js';
import type { ActivityCall, ChildEnd, Host, OpenItem, PersonDecision, ReceivedMessage } from '../language/plan/host.js';
import { digest, isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { Expression, NodeBase, Value } from '../language/plan/plan.js';
import type { RecordedDecision, StepHost } from '../language/steps/kind.js';
import { bindApproval, requestOf } from './approvals.js';
import { drains } from './draining.js';
import { noteAnswer, noteDone, noteEffect, noteFailure } from './effects.js';
import { effectOf, nodeAt, type Execution, type StepPlace } from './execution.js';
import { SHOWN_TRAIL } from './limits.js';
import { readValues } from './references.js';
import { say } from './results.js';
import { evaluateSink } from './sinks.js';
import type { Running, UndoEntry } from './state.js';

const LONGEST_SUMMARY = 120;

export function stepHost<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  running: Running,
): StepHost {
  const { plan, state, host, view, whole } = execution;
  const { node, id, key } = place;
  /** The answer was there before the run continued as new. */
  const known = running.answer !== undefined;
  const inTime = <T>(work: (host: Host) => Promise<T>): Promise<T> =>
    place.deadline_ms === undefined ? work(host) : host.within(place.deadline_ms, id, work);
  return {
    evaluate: (value) => evaluateValue(value, view.slots),
    evaluateSink: (value, sink) => evaluateSink(execution, value, sink),
    test: (expression) => testExpression(expression, view.slots),
    milliseconds: (expression) => evaluateMilliseconds(expression, view.slots),
    now: () => host.now(),
    ticket: state.run.ticket,
    question: `${plan.name}.${node.path}`,
    place: id,
    key,
    features: (expressions: readonly Expression[]) => readValues(expressions, view.slots, plan.labels),
    call: (input: JsonMap) => {
      if (running.answer !== undefined) return Promise.resolve(running.answer);
      const call = activityCall(execution, place, input);
      const entry = noteEffect(execution, place, input);
      const answer = inTime((inner) => inner.activity(call));
      // Nothing was noted of a read: its promise is handed on, because in Temporal's sandbox each one costs a stack trace.
      return entry === undefined ? answer : noting(execution, place, entry, answer);
    },
    sleep: (until_ms: number, summary: string) => {
      running.until_ms ??= until_ms;
      const call = { id, until_ms: running.until_ms, summary: summaryOf(execution, node, id, summary) };
      showWait(execution, id, 'time', call.until_ms);
      return inTime((inner) => inner.sleep(call));
    },
    person: async (asked) => {
      const own_ms = place.deadline_ms;
      // A deadline that an enclosing block or the run has before this one ends the step, and no answer of its own comes first.
      const deadline_ms = own_ms !== undefined && own_ms < execution.ends_at_ms ? own_ms : undefined;
      showWait(execution, id, asked.role, deadline_ms);
      return askPerson(host, id, asked, deadline_ms);
    },
    receive: (message, wrong) => receive(execution, id, inTime, message, wrong),
    send: (to, message, values) => inTime((inner) => inner.send({ id, to, message, values })),
    child: async ({ workflow, input, detached }) => {
      const hash = plan.calls[workflow];
      if (hash === undefined)
        throw new Error(`the plan does not say which "${workflow}" it calls: a bug of the compiler`);
      const ticket = `${state.run.ticket}.${id.replace(/\[(\d+)\]/g, '.$1')}`;
      const summary = summaryOf(execution, node, id);
      const call = { id, summary, workflow, hash, ticket, prefix: key, input, detached };
      const counters = detached ? [] : [whole, ...execution.loops];
      for (const counter of counters) counter.children += 1;
      let end: ChildEnd;
      try {
        end = await inTime((inner) => inner.child(call));
      } finally {
        for (const counter of counters) counter.children -= 1;
      }
      if (end.ended !== 'refused') noteDone(execution, place, end.output ?? {});
      return end;
    },
    request: (index: number) => {
      const other = nodeAt(plan, index);
      return { step: other.path, verb: other.verb, request: requestOf(execution, index), private: holdsPrivate(other) };
    },
    approved: (nodes, digests, yes) => {
      bindApproval(execution, place, nodes, digests, yes);
    },
    asked: (model_calls) => {
      if (!known) state.model_calls += model_calls;
    },
    record: (decision: RecordedDecision) => {
      state.decisions.push(decision);
      if (decision.rule === undefined) return;
      state.rule_decisions.push({ step: decision.step, answer: decision.answer, rule: decision.rule, key });
    },
    remember: (answer) => {
      running.answer = answer;
    },
  };
}

async function noting<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  entry: UndoEntry,
  answer: Promise<Json>,
): Promise<Json> {
  try {
    const value = await answer;
    noteAnswer(execution, place, entry, value);
    return value;
  } catch (error) {
    noteFailure(entry, error);
    throw error;
  }
}

function activityCall<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  input: JsonMap,
): ActivityCall {
  const { node, id } = place;
  const effect = effectOf(execution.kinds(node), node);
  const once = node.once === true;
  const retry = retryOf(node, effect === 'tell');
  const write = effect === 'write' || effect === 'tell';
  const summary = summaryOf(execution, node, id);
  return { type: node.verb, id, summary, input, write, retry, ...(once ? { once } : {}) };
}

/** "refund: create shop.refunds", in the author's words where the step has a `summary`. */
function summaryOf<Node extends NodeBase>(execution: Execution<Node>, node: Node, id: string, what?: string): string {
  const written = node.summary === undefined ? undefined : textOf(node.summary, execution.view.slots);
  const text = `${id}: ${written ?? what ?? execution.kinds(node).summarize(node)}`;
  return text.length <= LONGEST_SUMMARY ? text : `${text.slice(0, LONGEST_SUMMARY - 1)}…`;
}

function textOf(value: Value, slots: readonly Json[]): string {
  const text = evaluateValue(withoutPrivate(value), slots);
  return typeof text === 'string' ? text : JSON.stringify(text);
}

function askPerson(
  host: Host,
  id: string,
  asked: Omit<OpenItem, 'id' | 'digest' | 'deadline_ms'>,
  deadline_ms: number | undefined,
): Promise<PersonDecision> {
  const { body } = asked;
  if (!isJsonMap(body)) throw new Error(`the item of "${id}" is not plain JSON: a bug of the step kind`);
  const deadline = deadline_ms === undefined ? {} : { deadline_ms };
  return host.person({ ...asked, ...deadline, id, digest: digest(body) });
}

/** The oldest message of this name that fits. One that does not is set aside, and people can read why. */
async function receive<Node extends NodeBase>(
  execution: Execution<Node>,
  id: string,
  inTime: <T>(work: (host: Host) => Promise<T>) => Promise<T>,
  name: string,
  wrong: (values: JsonMap) => string | undefined,
): Promise<ReceivedMessage> {
  const { messages } = execution.state;
  for (;;) {
    const place = messages.findIndex((message) => message.name === name);
    if (place < 0) {
      showWait(execution, id, `the message "${name}"`, undefined);
      await inTime((inner) => inner.until(() => messages.some((message) => message.name === name)));
      continue;
    }
    const [message] = messages.splice(place, 1);
    if (message === undefined) throw failure('unexpected', `the message "${name}" is gone`);
    const problem = wrong(message.values);
    if (problem === undefined) return message;
    say(execution, id, 'receive', `a message "${name}" was set aside: ${problem}`);
    // Many of them make a long history although no step finishes.
    execution.whole.stepped = true;
    drains(execution);
  }
}

function showWait<Node extends NodeBase>(
  { state, host, ends_at_ms }: Execution<Node>,
  id: string,
  waiting_for: string,
  until_ms: number | undefined,
): void {
  const trail = state.trail.slice(-SHOWN_TRAIL);
  host.progress({ at: id, waiting_for, since_ms: host.now(), until_ms: until_ms ?? ends_at_ms, trail });
}
