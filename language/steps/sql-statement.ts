/**
 * The statement of an `sql` step: which it is, what may begin it, and its parameters.
 *
 * PURE. What begins a statement decides whether it reads or changes rows; the rest the database checks when it runs, in a
 * READ ONLY transaction or under the key of its effect. Problems: FIRN209, 300, 302, 425, 426.
 */
import { splitTemplate } from '../expressions/template.js';
import type { TemplateExpression } from '../expressions/template.js';
import type { Parsed, ParsedScalar } from '../plan/parsed.js';
import { get } from '../plan/parsed.js';
import type { Value } from '../plan/plan.js';
import type { Place } from '../plan/problem.js';
import { ANY, describeType } from '../plan/types.js';
import type { Type } from '../plan/types.js';
import type { CompileContext } from './kind.js';
import { readSql } from './sql-text.js';
import type { SqlText } from './sql-text.js';

export interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
  readonly write: boolean;
  /** It answers with rows. */
  readonly gives: boolean;
}

const READS: ReadonlySet<string> = new Set(['select', 'with', 'values', 'table']);
const CHANGES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge']);
const EXECUTED: ReadonlySet<string> = new Set([...CHANGES, 'with', 'select', 'call']);

/** Why a word cannot begin a statement here. */
const REFUSED: readonly (readonly [why: string, words: ReadonlySet<string>])[] = [
  [
    "transactions are Firn's: each step has its own",
    new Set(['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'savepoint', 'release', 'prepare', 'lock']),
  ],
  [
    'tables are changed by migrations, outside of any run',
    new Set(['create', 'alter', 'drop', 'truncate', 'grant', 'revoke', 'comment', 'reindex', 'refresh', 'vacuum']),
  ],
  ["settings of a session are the connection's", new Set(['set', 'reset', 'show', 'discard', 'listen', 'notify'])],
  ['a run carries rows, and no streams or programs', new Set(['copy', 'do', 'execute', 'declare', 'fetch', 'load'])],
];

/** What stands under `query` or `execute`. */
export function compileStatement(body: Parsed, context: CompileContext): Statement | undefined {
  const query = get(body, 'query');
  const execute = get(body, 'execute');
  const parsed = query ?? execute;
  if (parsed === undefined || (query !== undefined && execute !== undefined)) {
    const hint = '`query` reads, `execute` changes rows; the statement stands under one of them';
    if (parsed === undefined) context.error('FIRN302', body, '`sql` does not say which statement to run', hint);
    else context.error('FIRN300', execute ?? parsed, '`query` and `execute` stand side by side', hint);
    return undefined;
  }
  if (parsed.is !== 'scalar' || typeof parsed.value !== 'string') return undefined;
  const template = splitTemplate(parsed.value);
  const expressions = template.parts.filter((part) => typeof part !== 'string');
  if (template.problem !== undefined) {
    context.value(parsed, ANY);
    return undefined;
  }
  const values = expressions.flatMap((expression) => compileParameter(parsed, expression, context) ?? []);
  const read = readSql(template);
  for (const { code, message, hint, expression } of read.faults) {
    const about = expression === undefined ? undefined : expressions[expression];
    context.error(code, about === undefined ? parsed : placeIn(parsed, about), message, hint);
  }
  if (read.faults.length > 0) return undefined;
  const write = query === undefined;
  if (!checkFirst(parsed, read, write, context) || values.length !== expressions.length) return undefined;
  return { text: read.text, values, write, gives: givesRows(read) };
}

/** Each expression by itself: a parameter has a type of its own, and text around it changes nothing. */
function compileParameter(
  parsed: ParsedScalar,
  { source, offset }: TemplateExpression,
  context: CompileContext,
): Value | undefined {
  const start = offset - 3;
  const alone: ParsedScalar = {
    ...parsed,
    value: `\${{${source}}}`,
    length: source.length + 5,
    at: parsed.locate(start),
    locate: (at) => parsed.locate(start + at),
  };
  const compiled = context.expression(alone, ANY);
  if (compiled === undefined) return undefined;
  if (isParameter(compiled.type)) return { is: 'expression', expression: compiled.expression };
  const message = `"${source.trim()}" is ${describeType(compiled.type)}, and no parameter of a statement`;
  const hint = `texts, numbers, booleans, timestamps and lists of them are; toJson(${source.trim()}) makes a text of it`;
  context.error('FIRN209', alone, message, hint);
  return undefined;
}

function isParameter(type: Type): boolean {
  if (type.kind === 'list') return type.item.kind !== 'list' && isParameter(type.item);
  return ['text', 'number', 'boolean', 'timestamp', 'any'].includes(type.kind);
}

function placeIn(parsed: ParsedScalar, { source, offset }: TemplateExpression): Place {
  return { at: parsed.locate(offset - 3), path: parsed.path, length: source.length + 5 };
}

function checkFirst(parsed: Parsed, read: SqlText, write: boolean, context: CompileContext): boolean {
  const [first = ''] = read.words;
  const changing = CHANGES.has(first) || read.inner.some((word) => CHANGES.has(word));
  const allowed = write ? EXECUTED : READS;
  if (allowed.has(first) && (write || !changing)) return true;
  if (first === '' || first === '$') {
    const hint = 'the text of a statement is written in the definition and never computed';
    context.error('FIRN425', parsed, 'there is no statement in this text', hint);
  } else if (!write && changing) {
    const hint = 'write it under `execute`, where it happens once';
    context.error('FIRN425', parsed, 'this statement changes rows, and a `query` only reads', hint);
  } else {
    const why = REFUSED.find(([, words]) => words.has(first))?.[0];
    const hint = `${why === undefined ? '' : `${why}. `}Here begins: ${[...allowed].join(', ')}.`;
    context.error('FIRN425', parsed, `"${first}" cannot begin the statement of an \`sql\` step`, hint);
  }
  return false;
}

/** By its words: what changes rows gives some only with RETURNING of its own, not that of a part of it. */
function givesRows({ words, outer }: SqlText): boolean {
  if (outer.includes('returning')) return true;
  const [first = ''] = words;
  const main = first === 'with' ? outer.find((word) => CHANGES.has(word) || word === 'select') : first;
  return main === 'select';
}
