/**
 * A host for one step: expressions have the values that the test gives them, and everything that is asked is noted.
 *
 * TEST. It stands for the interpreter, whose own tests cover what it really does with these calls.
 */
import type { OpenItem, PersonDecision } from '../../language/plan/host.js';
import type { Json, JsonMap } from '../../language/plan/json.js';
import type { Expression, Value } from '../../language/plan/plan.js';
import type { RecordedDecision, StepHost } from '../../language/steps/kind.js';
import { textOfJson } from '../../language/steps/said.js';

export type Asked = Omit<OpenItem, 'id' | 'digest' | 'deadline_ms'>;

export interface Given {
  /** Values of expressions, by their source. A value that is not given fails the test. */
  readonly values?: Readonly<Record<string, Json>>;
  readonly answer?: Json;
  /** Decides, or throws what the host would. */
  readonly person?: (asked: Asked) => PersonDecision;
  readonly requests?: readonly ReturnType<StepHost['request']>[];
}

export interface Noted {
  readonly calls: JsonMap[];
  readonly asked: Asked[];
  readonly recorded: RecordedDecision[];
  readonly slept: { readonly until_ms: number; readonly summary: string }[];
  readonly bound: { readonly nodes: readonly number[]; readonly digests: readonly string[]; readonly yes: boolean }[];
}

export const NOW_MS = Date.parse('2026-03-01T12:00:00Z');

export function fakeHost({ values = {}, answer = {}, person, requests = [] }: Given): { host: StepHost; noted: Noted } {
  const noted: Noted = { calls: [], asked: [], recorded: [], slept: [], bound: [] };
  let now_ms = NOW_MS;
  const valueOf = ({ source }: Expression): Json => {
    const value = values[source];
    if (value === undefined) throw new Error(`the test gives no value for "${source}"`);
    return value;
  };
  const evaluate = (value: Value): Json => {
    if (value.is === 'literal') return value.value;
    if (value.is === 'expression') return valueOf(value.expression);
    if (value.is === 'text')
      return value.parts.map((part) => (typeof part === 'string' ? part : textOfJson(valueOf(part)))).join('');
    if (value.is === 'list') return value.items.map(evaluate);
    return Object.fromEntries(value.entries.map(({ key, value: inner }) => [key, evaluate(inner)]));
  };
  const host: StepHost = {
    evaluate,
    evaluateSink: evaluate,
    test: (expression) => valueOf(expression) === true,
    milliseconds: (expression) => {
      const value = valueOf(expression);
      return typeof value === 'number' ? value : Date.parse(textOfJson(value));
    },
    now: () => now_ms,
    ticket: 'refund-7K3M9-QXA4T',
    question: 'refund.here',
    place: 'here',
    key: 'prefix/here',
    features: (expressions) =>
      Object.fromEntries(expressions.map((expression) => [expression.source, valueOf(expression)])),
    call: (input) => {
      noted.calls.push(input);
      return Promise.resolve(answer);
    },
    sleep: (until_ms, summary) => {
      noted.slept.push({ until_ms, summary });
      now_ms = Math.max(now_ms, until_ms);
      return Promise.resolve();
    },
    person: (asked) => {
      noted.asked.push(asked);
      return Promise.resolve().then(() => {
        if (person === undefined) throw new Error('the test has nobody to ask');
        return person(asked);
      });
    },
    request: (index) => {
      const request = requests[index];
      if (request === undefined) throw new Error(`the test has no request ${index}`);
      return request;
    },
    approved: (nodes, digests, yes) => noted.bound.push({ nodes, digests, yes }),
    record: (decision) => noted.recorded.push(decision),
    asked: () => undefined,
    remember: () => undefined,
    receive: () => Promise.reject(new Error('the test has no messages')),
    send: () => Promise.reject(new Error('the test has no other runs')),
    child: () => Promise.reject(new Error('the test has no other workflows')),
  };
  return { host, noted };
}

export function expression(source: string, label: Expression['label'] = 'definition'): Expression {
  return { source, cel: source, names: [], label, gives: 'any', line: 1, column: 1 };
}

export function from(source: string, label: Expression['label'] = 'definition'): Value {
  return { is: 'expression', expression: expression(source, label) };
}

export function literal(value: Json): Value {
  return { is: 'literal', value };
}

export function map(entries: Readonly<Record<string, Value>>): Value {
  return { is: 'map', entries: Object.entries(entries).map(([key, value]) => ({ key, value })) };
}

/** What every node has. */
export const BASE = { path: 'here', id: 'here', line: 1, column: 1 } as const;
