/**
 * The door of one running step: gives a step kind what `StepHost` promises, and keeps the rules that no kind may forget.
 *
 * PURE. Here, and nowhere else: a write enters the undo stack before it is scheduled (it may happen although nobody hears
 * of it); a `tell` seals what was done before it, from its first attempt on; every call of a step ends with the step's
 * own timeout; what a step asks of people carries its digest and deadline.
 */
import { evaluateMilliseconds, evaluateValue, testExpression } from '../language/expressions/index.js';
import type { ActivityCall, OpenItem, PersonDecision } from '../language/plan/host.js';
import { digest, isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import type { Expression, NodeBase, Retry, Value } from '../language/plan/plan.js';
import type { RecordedDecision, StepHost } from '../language/steps/kind.js';
import { bindApproval, requestOf } from './approvals.js';
import { nodeAt, type Execution } from './execution.js';
import { SHOWN_TRAIL } from './limits.js';
import { readValues } from './references.js';

const RETRY: Retry = { attempts: 10, first_ms: 1_000, factor: 2, most_ms: 30_000 };
/** A message that cannot be delivered should reach its owner while it still matters. */
const TELL_RETRY: Retry = { ...RETRY, attempts: 5 };
const LONGEST_SUMMARY = 120;

/** Which step runs, and under which name the outside knows it. */
export interface StepPlace<Node extends NodeBase> {
  readonly node: Node;
  readonly index: number;
  /** Activity ID and end of the effect key: the step's path, `<path>.undo` for an undo step. */
  readonly id: string;
  /** Key of its effect. */
  readonly key: string;
  /** Epoch milliseconds: the step's own timeout. */
  readonly deadline_ms: number | undefined;
  /** The step takes another one back: it is not taken back itself. */
  readonly undoing?: true;
}

export function stepHost<Node extends NodeBase>(execution: Execution<Node>, place: StepPlace<Node>): StepHost {
  const { plan, state, host } = execution;
  const { node, id, key } = place;
  const inTime = <T>(work: () => Promise<T>): Promise<T> =>
    place.deadline_ms === undefined ? work() : host.within(place.deadline_ms, id, work);
  return {
    evaluate: (value) => evaluateValue(value, state.slots),
    test: (expression) => testExpression(expression, state.slots),
    milliseconds: (expression) => evaluateMilliseconds(expression, state.slots),
    now: () => host.now(),
    ticket: state.run.ticket,
    question: `${plan.name}.${node.path}`,
    key,
    features: (expressions: readonly Expression[]) => readValues(expressions, state.slots),
    call: (input: JsonMap) => {
      const call = activityCall(execution, place, input);
      noteEffect(execution, place, input);
      const answer = inTime(() => host.activity(call));
      // Nothing was noted of a read: its promise is handed on, because in Temporal's sandbox each one costs a stack trace.
      if (!call.write) return answer;
      return answer.then((value) => {
        forgetKnown(execution, place);
        return value;
      });
    },
    sleep: (until_ms: number, summary: string) => {
      showWait(execution, place, 'time', until_ms);
      return inTime(() => host.sleep({ id, until_ms, summary: summaryOf(execution, node, id, summary) }));
    },
    person: (asked) => {
      const deadline_ms = earlierThanOthers(execution, place.deadline_ms);
      showWait(execution, place, asked.role, deadline_ms);
      return askPerson(execution, place, asked, deadline_ms);
    },
    request: (index: number) => {
      const other = nodeAt(plan, index);
      return { step: other.path, verb: other.verb, request: requestOf(execution, index) };
    },
    approved: (nodes, digests, yes) => {
      bindApproval(execution, id, nodes, digests, yes);
    },
    asked: (model_calls) => {
      state.model_calls += model_calls;
    },
    record: (decision: RecordedDecision) => {
      state.decisions.push(decision);
      if (decision.rule === undefined) return;
      state.rule_decisions.push({ step: decision.step, answer: decision.answer, rule: decision.rule, key });
    },
  };
}

/** What must be on record before the outside is asked for an effect, because from then on it may happen. */
function noteEffect<Node extends NodeBase>(
  { state, host, kinds }: Execution<Node>,
  place: StepPlace<Node>,
  input: JsonMap,
): void {
  const { node, index, id, key } = place;
  const { effect } = kinds(node);
  if (effect === 'write' && place.undoing !== true) {
    state.undo.push({ node: index, id, key, connection: connectionOf(node, input) });
  }
  // A message that the host would refuse to start is never attempted, and nobody can have read it.
  if (effect === 'tell' && !host.cancelled()) state.sealed.push(...state.undo.splice(0));
}

/** A write that has no undo is on the stack only while nobody knows whether it happened. */
function forgetKnown<Node extends NodeBase>({ state }: Execution<Node>, { node, key }: StepPlace<Node>): void {
  if (node.undo === undefined && state.undo.at(-1)?.key === key) state.undo.pop();
}

function activityCall<Node extends NodeBase>(
  execution: Execution<Node>,
  place: StepPlace<Node>,
  input: JsonMap,
): ActivityCall {
  const { node, id } = place;
  const { effect } = execution.kinds(node);
  const retry = node.retry ?? (effect === 'tell' ? TELL_RETRY : RETRY);
  const write = effect === 'write' || effect === 'tell';
  return { type: node.verb, id, summary: summaryOf(execution, node, id), input, write, retry };
}

/** "refund: create shop.refunds", in the author's words where the step has a `summary`. */
function summaryOf<Node extends NodeBase>(execution: Execution<Node>, node: Node, id: string, what?: string): string {
  const written = node.summary === undefined ? undefined : textOf(node.summary, execution.state.slots);
  const text = `${id}: ${written ?? what ?? execution.kinds(node).summarize(node)}`;
  return text.length <= LONGEST_SUMMARY ? text : `${text.slice(0, LONGEST_SUMMARY - 1)}…`;
}

function textOf(value: Value, slots: readonly Json[]): string {
  const text = evaluateValue(value, slots);
  return typeof text === 'string' ? text : JSON.stringify(text);
}

/**
 * A person's deadline is the step's own timeout, which the step may answer (`on_timeout`). Where an enclosing block or
 * the run ends first, the item has none: that end cancels the step, and no answer of the step's may come before it.
 */
function earlierThanOthers<Node extends NodeBase>(
  { state }: Execution<Node>,
  own_ms: number | undefined,
): number | undefined {
  const others = [state.ends_at_ms, ...state.frames.flatMap((frame) => frame.deadline_ms ?? [])];
  return own_ms !== undefined && own_ms < Math.min(...others) ? own_ms : undefined;
}

function askPerson<Node extends NodeBase>(
  { host }: Execution<Node>,
  place: StepPlace<Node>,
  asked: Omit<OpenItem, 'id' | 'digest' | 'deadline_ms'>,
  deadline_ms: number | undefined,
): Promise<PersonDecision> {
  const { body } = asked;
  if (!isJsonMap(body)) throw new Error(`the item of "${place.id}" is not plain JSON: a bug of the step kind`);
  const deadline = deadline_ms === undefined ? {} : { deadline_ms };
  return host.person({ ...asked, ...deadline, id: place.id, digest: digest(body) });
}

function showWait<Node extends NodeBase>(
  { state, host }: Execution<Node>,
  { id }: StepPlace<Node>,
  waiting_for: string,
  until_ms: number | undefined,
): void {
  const trail = state.trail.slice(-SHOWN_TRAIL);
  host.progress({ at: id, waiting_for, since_ms: host.now(), until_ms: until_ms ?? state.ends_at_ms, trail });
}

/** The connection whose database holds a write's effect row: the first part of `connection.table`. */
function connectionOf(node: NodeBase, input: JsonMap): string {
  const table = input['in'] ?? input['from'];
  if (typeof table !== 'string') throw new Error(`"${node.path}" writes to no table: a bug of the step kind`);
  return table.split('.')[0] ?? table;
}
