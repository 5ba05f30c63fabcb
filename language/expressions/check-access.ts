/**
 * Names, fields and indexes: what exists here, what may be absent, and what certainly is not.
 *
 * PURE. There is one kind of absence, a field that is not there. Reading a field that may be absent needs `.?` and
 * `orValue`, or a fact: a `has()` that certainly held where the field is read.
 */
import { ANY, BOOLEAN, describeType, type Field, type Origin, type Type, type Written } from '../plan/types.js';
import { celName, type CelNode, type Range } from './cel.js';
import { celText, known, truth, type Around, type Checking, type Known } from './checking.js';
import { didYouMean } from './closest.js';
import { article } from './fit.js';
import { fieldWritten } from './labels.js';

const BY_ID = 'a result is read by the id of its step, as `order.total`';
/** Names that other languages have, and what is read here instead. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...['steps', 'outputs', 'results', 'tasks', 'nodes', 'jobs', 'context', 'ctx', 'state'].map(
    (name) => [name, BY_ID] as const,
  ),
  ...['env', 'secrets', 'secret'].map(
    (name) => [name, 'nothing of the environment reaches a definition; secrets stand in firn.yaml'] as const,
  ),
  ...['now', 'today'].map(
    (name) =>
      [
        name,
        'there is no clock: the `at` of a step is the time at which it ended, run.started_at that of the start',
      ] as const,
  ),
]);

/** A name; `field` is the one that is read of it, where only one is. */
export function checkName(
  name: string,
  field: string | undefined,
  range: Range,
  around: Around,
  checking: Checking,
): Known | undefined {
  const variable = around.variables.get(name);
  if (variable !== undefined) return variable;
  const found = checking.scope.names.get(name);
  if (found !== undefined) {
    checking.reads(name, field);
    const from = found.from === undefined ? { at: name } : { at: name, before: found.from };
    checking.hush(found);
    return { ...known(celName(name), found.type, { ...found, from }), ...doubt(found.type, name, from), path: name };
  }
  const inScope = [...around.variables.keys(), ...checking.scope.names.keys()];
  const list = `In scope: ${inScope.join(', ')}.`;
  const reason = checking.scope.hidden.get(name);
  if (reason !== undefined) {
    return checking.problem('FIRN206', range, `"${name}" cannot be read here: ${reason}`, list);
  }
  const word = ELSEWHERE.get(name);
  if (word !== undefined)
    return checking.problem('FIRN204', range, `nothing is named "${name}" here`, `${word}. ${list}`);
  const hint = `${didYouMean(name, [...inScope, ...checking.scope.hidden.keys()])}${list}`;
  return checking.problem('FIRN204', range, `nothing is named "${name}" here`, hint);
}

/** `base.field` and `base.?field`. */
export function checkField(
  node: Extract<CelNode, { op: '.' | '.?' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [base, name] = node.args;
  const of = checkBase(base, name, around, checking);
  const range = { start: node.pos, end: node.end };
  return of === undefined
    ? undefined
    : access(of, name, node.op === '.?', `.${node.op === '.?' ? '?' : ''}${name}`, range, around, checking);
}

/** `list[0]`, `list[?0]`, `map['key']`, `map[?'key']`. */
export function checkIndex(
  node: Extract<CelNode, { op: '[]' | '[?]' }>,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [baseNode, indexNode] = node.args;
  const index = checking.value(indexNode, around);
  const key = typeof index?.literal === 'string' ? index.literal : undefined;
  const base = checkBase(baseNode, key, around, checking);
  if (base === undefined || index === undefined) return undefined;
  const asks = node.op === '[?]';
  if (key !== undefined) {
    return access(base, key, asks, `[${asks ? '?' : ''}${celText(key)}]`, indexNode.range, around, checking);
  }
  if (base.type.kind !== 'list' && base.type.kind !== 'any') {
    const needs =
      base.type.kind === 'map'
        ? "a map is read by field: name.field, or ['…'] with a literal"
        : 'only lists have places';
    return checking.problem(
      'FIRN208',
      node.range,
      `${article(base.type)} cannot be read with [${checking.quote(indexNode)}]`,
      needs,
    );
  }
  const whole =
    index.type.kind === 'any' ||
    (index.type.kind === 'number' && (index.literal === undefined || isPlace(index.literal)));
  if (!whole) {
    return checking.problem(
      'FIRN208',
      indexNode.range,
      `a place in a list is a whole number from 0, and ${checking.quote(indexNode)} is none`,
    );
  }
  const place = index.literal === undefined ? `place(${index.cel})` : String(index.literal);
  const type = base.type.kind === 'list' ? base.type.item : ANY;
  const unknown = type.kind === 'any' && base.unknown !== undefined ? { unknown: base.unknown } : {};
  const item = { ...known(`${base.cel}[${asks ? '?' : ''}${place}]`, type, base), ...unknown };
  return asks || base.maybe === true ? { ...item, maybe: true } : item;
}

/** `has(base.field)`: true when the field is there. */
export function checkHas(
  args: readonly CelNode[],
  range: Range,
  around: Around,
  checking: Checking,
): Known | undefined {
  const [node] = args;
  if (node === undefined || args.length !== 1 || node.op !== '.' || !isPath(node)) {
    return checking.problem('FIRN208', range, 'has() takes one path of fields', 'write has(name.field)');
  }
  const [baseNode, name] = node.args;
  const base = checkBase(baseNode, name, around, checking);
  if (base === undefined) return undefined;
  const place = { start: node.pos, end: node.end };
  if (fieldOf(base, name, place, checking) === undefined) return undefined;
  return {
    ...truth(`has(${base.cel}.${name})`, { ...base, type: BOOLEAN }),
    whenTrue: prefixes(`${base.path ?? ''}.${name}`),
  };
}

function checkBase(node: CelNode, field: string | undefined, around: Around, checking: Checking): Known | undefined {
  return node.op === 'id' ? checkName(node.args, field, node.range, around, checking) : checking.check(node, around);
}

function access(
  base: Known,
  name: string,
  asks: boolean,
  written: string,
  range: Range,
  around: Around,
  checking: Checking,
): Known | undefined {
  const field = fieldOf(base, name, range, checking);
  if (field === undefined) return undefined;
  const path = base.path === undefined ? undefined : `${base.path}.${name}`;
  const by = fieldWay(field, name, base, path);
  checking.hush(by);
  const value = {
    ...known(`${base.cel}${written}`, field.type, by),
    ...(base.unknown === undefined ? doubt(field.type, path, by.from) : { unknown: base.unknown }),
    ...(path === undefined ? {} : { path }),
  };
  if (asks || base.maybe === true) return { ...value, maybe: true };
  if (field.presence === 'optional' && !(path !== undefined && around.facts.has(path))) {
    absent(checking, range, path ?? name, base.path === undefined ? undefined : `${base.path}.?${name}`);
  }
  return value;
}

/** Of unknown type, it is what nobody declares, named as far back as it can be. */
function doubt(type: Type, path: string | undefined, from: Origin | undefined): { readonly unknown?: string } {
  if (type.kind !== 'any') return {};
  let first = from;
  while (first?.before !== undefined) first = first.before;
  const unknown = first?.at ?? path;
  return unknown === undefined ? {} : { unknown };
}

/** Who wrote a field, and the way to it: `facts.where`, and before that where the step `facts` had it from. */
function fieldWay(field: Field, name: string, base: Known, path: string | undefined): Written {
  const by = fieldWritten(field, base);
  const at = path ?? (base.from === undefined ? undefined : `${base.from.at}.${name}`);
  if (at === undefined) return by;
  const before = field.label === undefined ? undefined : field.from;
  const around = path === undefined || base.from?.at === base.path ? base.from?.before : base.from;
  const earlier = before ?? around;
  return { ...by, from: earlier === undefined ? { at } : { at, before: earlier } };
}

/** Reports that a field may be absent, with both ways to read it. */
export function absent(checking: Checking, range: Range, path: string, asked: string | undefined): undefined {
  const guard =
    asked === undefined
      ? 'read it with ".?" and orValue(…)'
      : `write ${asked}.orValue(…) with what to take instead, or test has(${path}) before`;
  return checking.problem('FIRN207', range, `"${path}" may be absent here`, guard);
}

function fieldOf(base: Known, name: string, range: Range, checking: Checking): Field | undefined {
  const { type } = base;
  const whose = base.path === undefined ? describeType(type) : `"${base.path}"`;
  if (type.kind === 'any') return { type: ANY, presence: 'optional' };
  if (type.kind === 'map') {
    const field = type.fields.get(name);
    if (field !== undefined) return field;
    if (type.open === true) return { type: ANY, presence: 'optional' };
    const fields = type.fields.size === 0 ? 'It has no fields.' : `Its fields: ${[...type.fields.keys()].join(', ')}.`;
    return checking.problem(
      'FIRN205',
      range,
      `${whose} has no field "${name}"`,
      `${didYouMean(name, type.fields.keys())}${fields}`,
    );
  }
  const hint =
    type.kind === 'list' ? 'read an item of it with [0], or all with map(), filter(), exists() or all()' : undefined;
  return checking.problem('FIRN205', range, `${whose} has no field "${name}": it is ${article(type)}`, hint);
}

/** All paths that exist when the last one does: of `a.b.c`, `a.b` and `a.b.c`. */
function prefixes(path: string): ReadonlySet<string> {
  const names = path.split('.');
  return new Set(names.slice(1).map((_, index) => names.slice(0, index + 2).join('.')));
}

function isPath(node: CelNode): boolean {
  return node.op === 'id' || ((node.op === '.' || node.op === '.?') && isPath(node.args[0]));
}

function isPlace(value: string | number | boolean): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
