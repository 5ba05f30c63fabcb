/**
 * Lines of a JSONL file as inputs of runs, and what came out compared with what was expected.
 *
 * HOST, but without Temporal: reading, mapping, counting.
 */
import { readFileSync } from 'node:fs';
import type { RunReport } from '../client/index.js';
import { messageOf } from '../language/plan/failure.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import { readData } from './options.js';
import { plainText } from './report.js';
import { CommandError, EXIT } from './terminal.js';

/** One line: the input of its run, and the columns that are not part of it. */
export interface Row {
  readonly line: number;
  readonly input: JsonMap;
  readonly columns: JsonMap;
}

/** Expected values of one output field, by line. */
export interface Expected {
  readonly output: string;
  readonly of: (row: Row) => Json | undefined;
}

export interface Tally {
  runs: number;
  readonly outcomes: Record<string, number>;
  /** Who answered the last question of a run: rule, encoder, or a person who is still waited for. */
  readonly by: Record<string, { n: number; compared: number; right: number }>;
  readonly expected: Record<string, { compared: number; right: number }>;
  /** `expected -> came`, counted. */
  readonly confused: Map<string, number>;
  model_calls: number;
  /** Runs that put no question to a model. */
  without_model: number;
}

export function readRows(
  file: string,
  map: readonly string[],
  fields: ReadonlySet<string>,
  limit: number | undefined,
): readonly Row[] {
  const mapping = map.map(readPair);
  const rows: Row[] = [];
  for (const { line, value } of readLines(file)) {
    if (limit !== undefined && rows.length >= limit) break;
    rows.push(toRow(line, value, mapping, fields, file));
  }
  if (rows.length === 0) throw new CommandError(EXIT.usage, 'usage', `${file} has no lines`);
  return rows;
}

function toRow(
  line: number,
  value: JsonMap,
  mapping: readonly [string, string][],
  fields: ReadonlySet<string>,
  file: string,
): Row {
  const whole = value['input'];
  if (mapping.length === 0 && isJsonMap(whole)) {
    const columns = Object.fromEntries(Object.entries(value).filter(([column]) => column !== 'input'));
    return { line, input: whole, columns };
  }
  const taken = new Set(mapping.map(([, column]) => column));
  const input = new Map<string, Json>();
  for (const [field, column] of mapping) {
    const given = Object.hasOwn(value, column) ? value[column] : undefined;
    if (given === undefined) {
      const known = Object.keys(value).join(', ');
      throw new CommandError(
        EXIT.usage,
        'usage',
        `${file}:${line}: there is no column "${column}"`,
        `this line has: ${known}`,
      );
    }
    input.set(field, given);
  }
  for (const [column, given] of Object.entries(value)) {
    if (mapping.length === 0 && fields.has(column)) {
      input.set(column, given);
      taken.add(column);
    }
  }
  const columns = Object.fromEntries(Object.entries(value).filter(([column]) => !taken.has(column)));
  return { line, input: Object.fromEntries(input), columns };
}

export function readExpected(pairs: readonly string[]): readonly Expected[] {
  return pairs.map((pair) => {
    const [output, file] = readPair(pair);
    return file.endsWith('.jsonl') ? expectedByLine(output, file) : expectedByColumn(output, file);
  });
}

function expectedByLine(output: string, file: string): Expected {
  const values = new Map([...readLines(file)].map(({ line, value }) => [line, value[output]]));
  return { output, of: (row) => values.get(row.line) };
}

function expectedByColumn(output: string, file: string): Expected {
  const document = readData(file);
  const column = isJsonMap(document) ? document['column'] : undefined;
  const values = isJsonMap(document) ? document['values'] : undefined;
  if (typeof column !== 'string' || !isJsonMap(values)) {
    const hint =
      'give a JSONL file with that column on each line, or YAML: {column: intent, values: {pin_blocked: cards}}';
    throw new CommandError(EXIT.usage, 'usage', `${file} has no "column" and "values"`, hint);
  }
  return {
    output,
    of: (row) => {
      const given = row.columns[column];
      return typeof given === 'string' && Object.hasOwn(values, given) ? values[given] : undefined;
    },
  };
}

function* readLines(file: string): Iterable<{ line: number; value: JsonMap }> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(EXIT.usage, 'usage', `${file} cannot be read: ${messageOf(error)}`);
  }
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new CommandError(EXIT.usage, 'usage', `${file}:${index + 1}: not JSON: ${messageOf(error)}`);
    }
    if (!isJsonMap(value))
      throw new CommandError(EXIT.usage, 'usage', `${file}:${index + 1}: a line must be a JSON map`);
    yield { line: index + 1, value };
  }
}

function readPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at > 0 && at < pair.length - 1) return [pair.slice(0, at), pair.slice(at + 1)];
  throw new CommandError(EXIT.usage, 'usage', `"${pair}" is no pair`, 'write name=value, such as message=text');
}

export function emptyTally(): Tally {
  return { runs: 0, outcomes: {}, by: {}, expected: {}, confused: new Map(), model_calls: 0, without_model: 0 };
}

/** Counts one run. */
export function count(tally: Tally, row: Row, report: RunReport, expected: readonly Expected[]): void {
  tally.runs += 1;
  tally.outcomes[report.outcome] = (tally.outcomes[report.outcome] ?? 0) + 1;
  tally.model_calls += report.model_calls;
  if (report.model_calls === 0) tally.without_model += 1;
  const waits = report.outcome === 'waiting';
  const by = waits ? 'waiting for a person' : (report.decisions.at(-1)?.by ?? report.outcome);
  const rung = (tally.by[by] ??= { n: 0, compared: 0, right: 0 });
  rung.n += 1;
  if (waits || !isJsonMap(report.output)) return;
  for (const { output, of } of expected) {
    const wanted = of(row);
    if (wanted === undefined) continue;
    const came = report.output[output];
    const right = JSON.stringify(came) === JSON.stringify(wanted);
    const field = (tally.expected[output] ??= { compared: 0, right: 0 });
    field.compared += 1;
    rung.compared += 1;
    if (right) {
      field.right += 1;
      rung.right += 1;
    } else {
      const pair = `${plainText(wanted)} -> ${plainText(came)}`;
      tally.confused.set(pair, (tally.confused.get(pair) ?? 0) + 1);
    }
  }
}
