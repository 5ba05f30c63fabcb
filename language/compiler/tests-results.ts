/**
 * What a canned result must look like: the type of a step's result, and whether what is written fits it.
 *
 * PURE. A canned row may say less than there is: a case writes down what its flow looks at. What it says must exist.
 */
import { closest } from '../expressions/closest.js';
import { parseInstant } from '../expressions/instant.js';
import type { Parsed } from '../plan/parsed.js';
import type { Problems } from '../plan/problem.js';
import type { Callable, Callee, Project } from '../plan/project.js';
import { ANY, NUMBER, TEXT, describeType, enumeration, listOf, mapOf } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import type { Node } from '../steps/index.js';
import { rowType } from '../steps/tables.js';
import { reportUnknownName } from './context.js';
import { typeOfSchema } from './schema-type.js';

/** What the steps of a definition depend on. */
export interface Around {
  readonly project: Project;
  readonly callees: (name: string) => Callee | undefined;
}

/** Of what an activity, or another workflow, answers; `any` where nobody knows. */
export function resultTypeOf(node: Node, around: Around): Type {
  switch (node.verb) {
    case 'read':
    case 'list':
    case 'delete':
      return rowsOf(node, node.from, around);
    case 'create':
    case 'update':
      return rowsOf(node, node.in, around);
    case 'sql':
      if (node.limit === undefined) return mapOf({ count: { kind: 'number', whole: true } });
      return listOf(node.returns === undefined ? ANY : typeOfSchema(node.returns));
    case 'http': {
      const body = node.returns === undefined ? ANY : typeOfSchema(node.returns);
      return mapOf({ status: { kind: 'number', whole: true }, headers: OPEN, body });
    }
    case 'use':
      return callableOf(node.activity, around)?.gives ?? ANY;
    case 'call': {
      const output = around.callees(node.workflow)?.gives ?? ANY;
      return mapOf({ ended: enumeration(['done', 'refused']), output, reason: TEXT, refused: TEXT });
    }
    case 'decide':
      return mapOf({ answer: enumeration(node.answers.map(({ answer }) => answer)), by: TEXT, probability: NUMBER });
    default:
      return ANY;
  }
}

const OPEN: Type = { kind: 'map', fields: new Map(), open: true };

function rowsOf(node: Node, name: string, { project }: Around): Type {
  const dot = name.indexOf('.');
  const connection = project.connections.get(name.slice(0, dot));
  const table = connection?.kind === 'postgres' ? connection.tables.get(name.slice(dot + 1)) : undefined;
  if (table === undefined) return ANY;
  const row = rowType(table);
  return node.list === true ? listOf(row) : row;
}

function callableOf(name: string, { project }: Around): Callable | undefined {
  const dot = name.indexOf('.');
  if (dot < 0) return project.activities.get(name);
  const server = project.connections.get(name.slice(0, dot));
  return server?.kind === 'mcp' ? server.tools.get(name.slice(dot + 1)) : undefined;
}

/** Problems: FIRN603. `what` names the value: "order", "item 2 of rows". */
export function checkResult(parsed: Parsed, type: Type, what: string, problems: Problems): void {
  if (type.kind === 'any') return;
  if (type.kind === 'map' && parsed.is === 'map') {
    checkMap(parsed, type, what, problems);
  } else if (type.kind === 'list' && parsed.is === 'list') {
    parsed.items.forEach((item, index) => checkResult(item, type.item, `item ${index + 1} of ${what}`, problems));
  } else if (parsed.is !== 'scalar' || !isOf(parsed.value, type)) {
    wrongType(parsed, type, what, problems);
  }
}

function checkMap(
  parsed: Extract<Parsed, { is: 'map' }>,
  type: Extract<Type, { kind: 'map' }>,
  what: string,
  problems: Problems,
): void {
  for (const { key, keyAt, value } of parsed.entries) {
    const field = type.fields.get(key);
    if (field !== undefined) checkResult(value, field.type, key, problems);
    else if (type.open !== true) {
      const place = { at: keyAt, path: value.path, length: key.length };
      reportUnknownName(problems, 'FIRN603', place, `field of ${what}`, key, type.fields.keys());
    }
  }
}

function isOf(value: unknown, type: Type): boolean {
  switch (type.kind) {
    case 'text':
      return typeof value === 'string' && (type.values === undefined || type.values.includes(value));
    case 'number':
      return typeof value === 'number' && (type.whole !== true || Number.isInteger(value));
    case 'boolean':
      return typeof value === 'boolean';
    case 'timestamp':
      return typeof value === 'string' && parseInstant(value) !== undefined;
    default:
      return false;
  }
}

function wrongType(parsed: Parsed, type: Type, what: string, problems: Problems): void {
  const shown = parsed.is === 'scalar' ? JSON.stringify(parsed.value) : `a ${parsed.is}`;
  const values = type.kind === 'text' ? type.values : undefined;
  const near = values === undefined || parsed.is !== 'scalar' ? undefined : closest(String(parsed.value), values);
  const wanted = type.kind === 'timestamp' ? 'an instant, like 2026-03-01T09:00:00Z' : described(type);
  const hint = near === undefined ? undefined : `did you mean "${near}"?`;
  problems.error('FIRN603', parsed, `${what} is ${shown}; it must be ${wanted}`, hint);
}

function described(type: Type): string {
  const text = describeType(type);
  return /^(?:text|one of)/.test(text) ? text : `a ${text}`;
}
