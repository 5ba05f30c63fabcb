/**
 * What somebody fills in on the command line: `--values '{…}'`, or `--value name=…` for each field.
 *
 * HOST. A value is read as its field wants it: a number where the form has a number, text where it has text.
 */
import { conform } from '../language/expressions/conform.js';
import { isJsonMap, type Json, type JsonMap } from '../language/plan/json.js';
import { messageOf } from '../language/plan/failure.js';
import { parseJson } from '../store/values.js';
import type { ItemRow } from '../store/item.js';
import { listOption, textOption } from './options.js';
import { CommandError, EXIT } from './terminal.js';

/** As it was typed. */
export interface Filled {
  readonly values: string | undefined;
  readonly fields: readonly string[];
}

export function filledOption(options: Record<string, unknown>): Filled {
  return { values: textOption(options, 'values'), fields: listOption(options, 'value') };
}

/** The values for an item that asks for fields; undefined for one that does not. */
export function filledIn({ ticket, id, body }: ItemRow, filled: Filled | undefined): JsonMap | undefined {
  const form = formOf({ body });
  const given = filled !== undefined && (filled.values !== undefined || filled.fields.length > 0);
  if (form === undefined) {
    if (!given) return undefined;
    throw new CommandError(
      EXIT.usage,
      'usage',
      `"${id}" of ${ticket} asks for no fields`,
      'leave --value and --values out',
    );
  }
  const values = readFilled(filled ?? { values: undefined, fields: [] }, form);
  const wrong = conform(form, values, 'values');
  if (wrong === undefined) return values;
  const hint = `fill in: ${fieldsOf(form)
    .map((name) => `--value ${name}=…`)
    .join(' ')}`;
  throw new CommandError(EXIT.usage, 'malformed', `"${id}" of ${ticket} asks for fields, and ${wrong}`, hint);
}

/** Without a form, as a message carries it: what looks like JSON is read as such. */
export function readFilled({ values, fields }: Filled, form: JsonMap = {}): JsonMap {
  const whole = values === undefined ? {} : readWhole(values);
  const properties = isJsonMap(form['properties']) ? form['properties'] : {};
  const single = fields.map((text): [string, Json] => {
    const at = text.indexOf('=');
    if (at < 1) throw new CommandError(EXIT.usage, 'usage', `--value takes name=value, not "${text}"`);
    const name = text.slice(0, at);
    return [name, readField(text.slice(at + 1), Object.hasOwn(properties, name) ? properties[name] : undefined)];
  });
  return { ...whole, ...Object.fromEntries(single) };
}

/** The fields that an item asks for, where it does. */
export function formOf({ body }: Pick<ItemRow, 'body'>): JsonMap | undefined {
  return isJsonMap(body) && isJsonMap(body['form']) ? body['form'] : undefined;
}

export function fieldsOf(form: JsonMap): readonly string[] {
  return isJsonMap(form['properties']) ? Object.keys(form['properties']) : [];
}

function readWhole(text: string): JsonMap {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (error) {
    const hint = `write it in single quotes: --values '{"day": "monday"}'`;
    throw new CommandError(EXIT.usage, 'usage', `--values is not JSON: ${messageOf(error)}`, hint);
  }
  if (isJsonMap(value)) return value;
  throw new CommandError(EXIT.usage, 'usage', '--values must be one JSON object');
}

function readField(text: string, schema: Json | undefined): Json {
  const type = isJsonMap(schema) ? schema['type'] : undefined;
  if (type === 'string') return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
