/**
 * What the tables of this folder share: one scope with a value for each kind of thing, and short ways to compile and run.
 *
 * A scalar stands at line 1, column 1, so that a problem's column is the offset in the text plus one.
 */
import { isJsonMap, type Json } from '../../language/plan/json.js';
import type { Parsed, ParsedScalar } from '../../language/plan/parsed.js';
import type { Expression } from '../../language/plan/plan.js';
import { Problems, type Problem } from '../../language/plan/problem.js';
import {
  ANY,
  BOOLEAN,
  NUMBER,
  TEXT,
  TIMESTAMP,
  enumeration,
  listOf,
  mapOf,
  optional,
  type Label,
  type Type,
} from '../../language/plan/types.js';
import {
  compileExpression,
  compileValue,
  evaluateExpression,
  evaluateValue,
  type CompiledExpression,
  type CompiledValue,
  type ValueOptions,
} from '../../language/expressions/index.js';
import type { Scope, ScopeName } from '../../language/expressions/scope.js';

const WHOLE: Type = { kind: 'number', whole: true };

const LINE = mapOf({ sku: TEXT, price: NUMBER, count: WHOLE, note: optional(TEXT), shipped_at: optional(TIMESTAMP) });

export const TYPES: Readonly<Record<string, readonly [Type, Label, Json]>> = {
  input: [
    mapOf({
      order_id: TEXT,
      message: optional({ kind: 'text', maxLength: 2000 }),
      reason: optional(enumeration(['damaged', 'not_arrived', 'changed_mind'])),
      address: optional(mapOf({ city: TEXT, zip: optional(TEXT) })),
    }),
    'input',
    { order_id: 'A-1', address: { city: 'Oslo' } },
  ],
  run: [
    mapOf({ ticket: TEXT, started_at: TIMESTAMP, workflow: TEXT, version: TEXT }),
    'definition',
    { ticket: 'refund-1', started_at: '2026-03-01T00:00:00Z', workflow: 'refund', version: 'abc' },
  ],
  order: [
    mapOf({
      id: TEXT,
      total: NUMBER,
      status: enumeration(['processing', 'sent', 'delivered']),
      email: { type: TEXT, presence: 'certain', label: 'trusted' },
      paid: BOOLEAN,
      ordered_at: TIMESTAMP,
      delivered_at: optional(TIMESTAMP),
      note: optional(TEXT),
    }),
    'record',
    {
      id: 'A-1',
      total: 12.5,
      status: 'sent',
      email: 'a@b.example',
      paid: true,
      ordered_at: '2026-02-01T10:00:00+01:00',
    },
  ],
  lines: [
    listOf(LINE),
    'record',
    [
      { sku: 'x', price: 2.5, count: 2, note: 'blue', shipped_at: '2026-02-03T00:00:00Z' },
      { sku: 'y', price: 7.5, count: 1 },
    ],
  ],
  terms: [
    mapOf({ id: TEXT, window: TEXT, limit: WHOLE, text: TEXT }),
    'definition',
    { id: 'terms-1', window: '30d', limit: 20, text: 'Within 30 days.' },
  ],
  verdict: [
    mapOf({ answer: enumeration(['pay', 'review', 'refuse']), by: TEXT }),
    'model',
    { answer: 'pay', by: 'rule' },
  ],
  reply: [
    mapOf({
      status: WHOLE,
      body: ANY,
      headers: { type: { kind: 'map', fields: new Map(), open: true }, presence: 'certain' },
    }),
    'input',
    { status: 200, body: { ok: true, n: 3, tags: ['a', 'b'], gone: null }, headers: { 'content-type': 'text/plain' } },
  ],
  words: [listOf(TEXT), 'person', ['b', 'a']],
  list: [listOf(NUMBER), 'record', [3, 1, 2]],
};

export function scope(facts: readonly string[] = []): Scope {
  const names = new Map<string, ScopeName>();
  for (const [slot, [name, [type, label]]] of Object.entries(TYPES).entries()) names.set(name, { slot, type, label });
  const hidden = new Map([['approval', 'it runs only in a branch of outcome (line 9)']]);
  return { names, hidden, facts: new Set(facts) };
}

export function slots(changes: Readonly<Record<string, Json>> = {}): Json[] {
  return Object.entries(TYPES).map(([name, [, , value]]) => changes[name] ?? value);
}

export function scalar(value: ParsedScalar['value'], path = 'x'): ParsedScalar {
  const locate = (offset: number): { line: number; column: number } => ({ line: 1, column: offset + 1 });
  return { is: 'scalar', value, at: locate(0), length: String(value).length, path, locate };
}

/** The parsed tree of a plain value. */
export function tree(value: Json, path = 'x'): Parsed {
  const at = { line: 1, column: 1 };
  if (Array.isArray(value)) return { is: 'list', items: value.map((item: Json) => tree(item, path)), at, path };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => ({
      key,
      keyAt: at,
      value: tree(item, `${path}.${key}`),
    }));
    return { is: 'map', entries, at, path };
  }
  return scalar(value, path);
}

export function compiled(source: string, expected: Type = ANY, facts: readonly string[] = []): CompiledExpression {
  const problems = new Problems('test');
  const result = compileExpression(scalar(`\${{ ${source} }}`), scope(facts), expected, problems);
  if (result === undefined)
    throw new Error(
      problems.all.map((problem) => `${problem.code} ${problem.message} (${problem.hint ?? ''})`).join('\n'),
    );
  return result;
}

export function run(source: string, changes: Readonly<Record<string, Json>> = {}, facts: readonly string[] = []): Json {
  const { expression } = compiled(source, ANY, facts);
  // Plans travel as JSON: what is evaluated is what came back from it.
  const travelled: unknown = JSON.parse(JSON.stringify(expression));
  if (!isExpression(travelled)) throw new Error('an expression is plain JSON');
  return evaluateExpression(travelled, slots(changes));
}

function isExpression(value: unknown): value is Expression {
  return isJsonMap(value) && typeof value['cel'] === 'string' && Array.isArray(value['names']);
}

/** The problems of an expression; columns are counted from 1 at its first character. */
export function refused(source: string, expected: Type = ANY, facts: readonly string[] = []): readonly Problem[] {
  const problems = new Problems('test');
  const result = compileExpression(scalar(`\${{${source}}}`), scope(facts), expected, problems);
  if (result !== undefined && problems.all.length === 0)
    throw new Error(`${source} was accepted as ${result.expression.cel}`);
  return problems.all.map((problem) => ({ ...problem, column: problem.column - 3 }));
}

export interface Outcome {
  readonly made: CompiledValue | undefined;
  readonly problems: readonly Problem[];
}

export function value(written: Json, expected: Type = ANY, options: ValueOptions = {}): Outcome {
  const problems = new Problems('test');
  const made = compileValue(tree(written), scope(), expected, problems, options);
  return { made, problems: problems.all };
}

export function runValue(written: Json, expected: Type = ANY, options: ValueOptions = {}): Json {
  const { made, problems } = value(written, expected, options);
  if (made === undefined) throw new Error(problems.map((problem) => `${problem.code} ${problem.message}`).join('\n'));
  return evaluateValue(made.value, slots());
}
