/** Reads options of the command line that commander leaves untyped. HOST. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { messageOf } from '../language/plan/failure.js';
import { parseDuration } from '../language/plan/duration.js';
import type { Json } from '../language/plan/json.js';
import { parseJson } from '../store/values.js';
import { CommandError, EXIT } from './terminal.js';

type Options = Record<string, unknown>;

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function listOption(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** A whole number, at least 1. */
export function countOption(options: Options, name: string, flag: string): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new CommandError(EXIT.usage, 'usage', `${flag} takes a whole number from 1, not "${text}"`);
}

/** Milliseconds of a duration. */
export function durationOption(options: Options, name: string, flag: string): number | undefined {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const duration_ms = parseDuration(text);
  if (duration_ms !== undefined) return duration_ms;
  throw new CommandError(EXIT.usage, 'usage', `${flag} takes a duration, not "${text}"`, 'write 30s, 10m, 2h or 1d');
}

/** The input of a run: `--input`, `--input-file`, or an empty map. */
export function inputOption(options: Options): Json {
  const text = textOption(options, 'input');
  const file = textOption(options, 'inputFile');
  if (text !== undefined && file !== undefined) {
    throw new CommandError(EXIT.usage, 'usage', '--input and --input-file are given; give one of them');
  }
  if (text !== undefined) {
    try {
      return parseJson(text);
    } catch (error) {
      const hint = `write it in single quotes: --input '{"order_id": "A-1001"}'`;
      throw new CommandError(EXIT.usage, 'invalid_input', `--input is not JSON: ${messageOf(error)}`, hint);
    }
  }
  return file === undefined ? {} : readData(file);
}

/** A JSON or YAML file as plain data. */
export function readData(file: string): Json {
  try {
    const text = readFileSync(file, 'utf8');
    const value: unknown = parse(text, { version: '1.2', schema: 'core', maxAliasCount: 0 });
    return parseJson(JSON.stringify(value ?? null));
  } catch (error) {
    throw new CommandError(EXIT.usage, 'usage', `${file} cannot be read: ${messageOf(error)}`);
  }
}

/** A text that must be given. */
export function requiredText(options: Options, name: string, flag: string, why: string): string {
  const value = textOption(options, name);
  if (value !== undefined && value.trim() !== '') return value;
  throw new CommandError(EXIT.usage, 'usage', `${flag} is missing: ${why}`);
}
