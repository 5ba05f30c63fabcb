/**
 * Values and types of the official suite, as this language holds them: JSON, and our types.
 *
 * Undefined stands for what it has no place for: bytes, null, messages, durations, numbers beyond 2^53, keys that are no
 * text. Which of them it is decides the name of the difference (differences.ts).
 */
import { formatInstant, parseInstant } from '../../../language/expressions/instant.js';
import { isJsonMap, type Json, type JsonMap } from '../../../language/plan/json.js';
import { ANY, BOOLEAN, NUMBER, TEXT, TIMESTAMP, listOf, type Type } from '../../../language/plan/types.js';

const MESSAGES = 'type.googleapis.com/google.protobuf.';

/** The JSON of `{int64Value: '1'}`. */
export function jsonOf(value: JsonMap): Json | undefined {
  const [kind, content] = Object.entries(value)[0] ?? [];
  switch (kind) {
    case 'int64Value':
    case 'uint64Value':
      return wholeNumber(content);
    case 'doubleValue':
      return typeof content === 'number' ? content : undefined;
    case 'stringValue':
    case 'boolValue':
      return content;
    case 'listValue':
      return listAt(content, 'values').reduce<Json[] | undefined>((all, item) => {
        const json = isJsonMap(item) ? jsonOf(item) : undefined;
        return all === undefined || json === undefined ? undefined : [...all, json];
      }, []);
    case 'mapValue':
      return mapOfEntries(listAt(content, 'entries'));
    case 'objectValue':
      return isJsonMap(content) ? messageOf(content) : undefined;
    default:
      return undefined;
  }
}

function wholeNumber(content: Json | undefined): number | undefined {
  const number = Number(content);
  return Number.isSafeInteger(number) ? number : undefined;
}

function mapOfEntries(entries: readonly Json[]): Json | undefined {
  const map: [string, Json][] = [];
  for (const entry of entries) {
    if (!isJsonMap(entry) || !isJsonMap(entry['key']) || !isJsonMap(entry['value'])) return undefined;
    const key = entry['key']['stringValue'];
    const item = jsonOf(entry['value']);
    if (typeof key !== 'string' || item === undefined) return undefined;
    map.push([key, item]);
  }
  return Object.fromEntries(map);
}

/** Messages that are JSON in other words. */
function messageOf(message: JsonMap): Json | undefined {
  const type = message['@type'];
  const name = typeof type === 'string' && type.startsWith(MESSAGES) ? type.slice(MESSAGES.length) : '';
  const value = message['value'];
  if (name === 'Timestamp') {
    const epoch_ms = typeof value === 'string' ? parseInstant(value) : undefined;
    return epoch_ms === undefined ? undefined : formatInstant(epoch_ms);
  }
  const plain = ['BoolValue', 'DoubleValue', 'FloatValue', 'Int32Value', 'UInt32Value', 'StringValue'];
  if (plain.includes(name)) return value;
  if (name === 'Int64Value' || name === 'UInt64Value') return wholeNumber(value);
  return ['Struct', 'Value', 'ListValue'].includes(name) && value !== null ? value : undefined;
}

const WHOLE: Type = { kind: 'number', whole: true };
const OPEN: Type = { kind: 'map', fields: new Map(), open: true };

const PRIMITIVES: ReadonlyMap<Json | undefined, Type> = new Map<Json | undefined, Type>([
  ['BOOL', BOOLEAN],
  ['INT64', WHOLE],
  ['UINT64', WHOLE],
  ['DOUBLE', NUMBER],
  ['STRING', TEXT],
]);

/** Messages that hold JSON: wrappers of scalars and what Protocol Buffers call a Struct. */
const MESSAGE_TYPES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['google.protobuf.BoolValue', BOOLEAN],
  ['google.protobuf.DoubleValue', NUMBER],
  ['google.protobuf.FloatValue', NUMBER],
  ['google.protobuf.Int32Value', WHOLE],
  ['google.protobuf.Int64Value', WHOLE],
  ['google.protobuf.UInt32Value', WHOLE],
  ['google.protobuf.UInt64Value', WHOLE],
  ['google.protobuf.StringValue', TEXT],
  ['google.protobuf.Struct', OPEN],
  ['google.protobuf.ListValue', listOf(ANY)],
  ['google.protobuf.Value', ANY],
]);

/** The type of `{primitive: 'INT64'}`. */
export function typeOf(type: JsonMap): Type | undefined {
  const [kind, content] = Object.entries(type)[0] ?? [];
  const inner = isJsonMap(content) ? content : {};
  switch (kind) {
    case 'primitive':
    case 'wrapper':
      return PRIMITIVES.get(content);
    case 'dyn':
      return ANY;
    case 'wellKnown':
      return content === 'TIMESTAMP' ? TIMESTAMP : content === 'ANY' ? ANY : undefined;
    case 'listType': {
      const item = isJsonMap(inner['elemType']) ? typeOf(inner['elemType']) : ANY;
      return item === undefined ? undefined : listOf(item);
    }
    case 'messageType':
      return typeof content === 'string' ? MESSAGE_TYPES.get(content) : undefined;
    case 'mapType': {
      const key = isJsonMap(inner['keyType']) ? inner['keyType'] : {};
      return key['primitive'] === 'STRING' ? OPEN : undefined;
    }
    default:
      return undefined;
  }
}

function listAt(content: Json | undefined, key: string): readonly Json[] {
  const list = isJsonMap(content) ? content[key] : undefined;
  return Array.isArray(list) ? list.map((item: Json) => item) : [];
}
