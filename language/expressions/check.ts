/**
 * The checker: what an expression is, before it runs.
 *
 * PURE. One walk over the syntax tree settles types, absence, labels and facts, and writes the text that will be
 * evaluated. It collects problems through `Checking.problem` and never throws.
 */
import { NUMBER, type Field, type Type, type Written } from '../plan/types.js';
import type { CelNode, Range } from './cel.js';
import { absent, checkField, checkIndex, checkName } from './check-access.js';
import { checkCall } from './check-calls.js';
import { checkMethod } from './check-methods.js';
import { checkBinary, checkChoice, checkLogic, checkUnary } from './check-operators.js';
import { celNumber, celText, known, type Around, type Checking, type Known } from './checking.js';
import { EMPTY_LIST, unify, type Labelled } from './fit.js';
import { AUTHOR, writtenOf } from './labels.js';

/** Levels of operators, calls and brackets inside each other; a chain `a + b + c` has as many as it has operators. */
const MAX_DEPTH = 100;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export type Report = Checking['problem'];
export type Warn = (range: Range, message: string, hint: string) => void;

/** Checks trees of one source text against one scope, and remembers which names they read. */
export class Checker implements Checking {
  readonly scope: Checking['scope'];
  readonly problem: Report;
  /** Names read, in order, each with the fields that are read of it; `undefined` stands for all. */
  readonly names = new Map<string, Set<string | undefined>>();
  private readonly source: string;
  private readonly warn: Warn;
  private tooDeep = false;
  private readsPrivate = false;

  constructor(source: string, scope: Checking['scope'], report: Report, warn: Warn) {
    this.source = source;
    this.warn = warn;
    this.scope = scope;
    this.problem = report;
  }

  quote(range: { readonly start: number; readonly end: number }): string {
    const text = this.source.slice(range.start, range.end);
    return text.length > 60 ? `${text.slice(0, 60)}…` : text;
  }

  reads(name: string, field: string | undefined): void {
    const fields = this.names.get(name) ?? new Set();
    this.names.set(name, fields.add(field));
  }

  /** Something private is read. */
  get quiet(): boolean {
    return this.readsPrivate;
  }

  hush(value: Written): void {
    if (value.private === true) this.readsPrivate = true;
  }

  computes(value: Known, range: Range): void {
    if (value.type.kind === 'any' && value.unknown !== undefined) this.warn(range, ...undeclared(value.unknown));
  }

  value(node: CelNode, around: Around): Known | undefined {
    const result = this.check(node, around);
    if (result?.maybe !== true) return result;
    const asked = this.quote(node);
    absent(this, node.range, result.path ?? asked, asked);
    return { ...result, maybe: false };
  }

  check(node: CelNode, around: Around): Known | undefined {
    if (around.depth > MAX_DEPTH) {
      if (!this.tooDeep) {
        this.problem(
          'FIRN211',
          node.range,
          `it is nested or chained more than ${MAX_DEPTH} deep`,
          'compute parts of it in a `set` step before',
        );
      }
      this.tooDeep = true;
      return undefined;
    }
    const below = { ...around, depth: around.depth + 1 };
    switch (node.op) {
      case 'value':
        return this.literal(node);
      case 'id':
        return checkName(node.args, undefined, node.range, below, this);
      case '.':
      case '.?':
        return checkField(node, below, this);
      case '[]':
      case '[?]':
        return checkIndex(node, below, this);
      case 'call':
        return checkCall(node, below, this);
      case 'rcall':
        return checkMethod(node, below, this);
      case 'list':
        return this.list(node, below);
      case 'map':
        return this.map(node, below);
      case '?:':
        return checkChoice(node, below, this);
      case '&&':
      case '||':
        return checkLogic(node, below, this);
      case '!_':
      case '-_':
        return checkUnary(node, below, this);
      default:
        return checkBinary(node, below, this);
    }
  }

  private literal(node: Extract<CelNode, { op: 'value' }>): Known | undefined {
    const value = node.args;
    if (typeof value === 'string') {
      return { ...known(celText(value), { kind: 'text', values: [value] }, AUTHOR), literal: value };
    }
    if (typeof value === 'boolean') return { ...known(String(value), { kind: 'boolean' }, AUTHOR), literal: value };
    if (typeof value === 'number') return { ...known(celNumber(value), NUMBER, AUTHOR), literal: value };
    if (typeof value === 'bigint') {
      const number = Number(value);
      if (Number.isSafeInteger(number)) {
        return { ...known(celNumber(number), { kind: 'number', whole: true }, AUTHOR), literal: number };
      }
      return this.problem(
        'FIRN208',
        node.range,
        `${this.quote(node)} has more digits than a number keeps`,
        'write it as text',
      );
    }
    if (value === null) {
      return this.problem(
        'FIRN208',
        node.range,
        'there is no null: what is missing is a field that is not there',
        'test has(name.field), or read name.?field.orValue(…)',
      );
    }
    return this.problem(
      'FIRN203',
      node.range,
      `${this.quote(node)}: bytes and unsigned numbers are not available in expressions`,
      'write text, or a number without "u"',
    );
  }

  private list(node: Extract<CelNode, { op: 'list' }>, around: Around): Known | undefined {
    const items = node.args.map((item) => this.value(item, around));
    let joined: Labelled = { type: EMPTY_LIST, ...AUTHOR };
    for (const [index, item] of items.entries()) {
      if (item === undefined) return undefined;
      const next = index === 0 ? item : unify(joined, item);
      if (next === undefined) {
        return this.problem(
          'FIRN208',
          node.args[index]?.range ?? node.range,
          'the items of a list must be of one type',
        );
      }
      joined = next;
    }
    if (items.length === 0) return known('[]', EMPTY_LIST, AUTHOR);
    const cel = items.map((item) => `dyn(${item?.cel ?? ''})`).join(', ');
    return known(`[${cel}]`, { kind: 'list', item: joined.type, atMost: items.length }, joined);
  }

  private map(node: Extract<CelNode, { op: 'map' }>, around: Around): Known | undefined {
    const fields = new Map<string, Field>();
    const parts: string[] = [];
    let failed = false;
    for (const [keyNode, valueNode] of node.args) {
      const key = this.value(keyNode, around)?.literal;
      const value = this.value(valueNode, around);
      const wrong = keyProblem(key, fields);
      if (wrong !== undefined) this.problem('FIRN208', keyNode.range, wrong);
      if (wrong !== undefined || value === undefined || typeof key !== 'string') {
        failed = true;
        continue;
      }
      fields.set(key, { type: value.type, presence: 'certain', ...writtenOf(value) });
      parts.push(`${celText(key)}: dyn(${value.cel})`);
    }
    if (failed) return undefined;
    const type: Type = { kind: 'map', fields };
    return known(`{${parts.join(', ')}}`, type, AUTHOR);
  }
}

/** FIRN456: message and hint. */
export function undeclared(unknown: string): readonly [message: string, hint: string] {
  return [
    `the type of "${unknown}" is not declared, so that what is done with it is checked only when it runs`,
    'declare it where it comes from: `returns:` of an http or sql step, what an activity or tool gives, `output:` of a block',
  ];
}

function keyProblem(key: Known['literal'], fields: ReadonlyMap<string, Field>): string | undefined {
  if (typeof key !== 'string') return "a key of a map is a constant text in quotes: {'name': …}";
  if (FORBIDDEN_KEYS.has(key)) return `no key may be named "${key}"`;
  return fields.has(key) ? `the key "${key}" stands twice` : undefined;
}
