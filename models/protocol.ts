/**
 * What is said over the model process's socket: one JSON object a line.
 *
 *   -> {id, op: 'embed', texts}            <- {id, vectors, model_sha256, ms} or {id, error: {code, message, index?}}
 *   -> {id, op: 'health'}                  <- {id, health: {…}}
 *                                          <- {evaluating: id, index}    now at this text: who dies now, died of it
 *                                          <- {closing: true}            going down in order: nobody died
 *
 * HOST. Vectors travel as base64 of little-endian 32-bit floats. Both sides check what they read.
 */
import { isJsonMap } from '../language/plan/json.js';
import type { Vector } from '../decisions/vectors.js';
import { type ModelErrorCode, isModelErrorCode } from './port.js';

export type Request =
  | { readonly id: number; readonly op: 'embed'; readonly texts: readonly string[] }
  | { readonly id: number; readonly op: 'health' };

export interface Health {
  readonly model_sha256: string;
  readonly loaded: boolean;
  readonly threads: number;
  readonly waiting: number;
  readonly rss_bytes: number;
}

export type Message =
  | {
      readonly is: 'embedded';
      readonly id: number;
      readonly vectors: readonly Vector[];
      readonly model_sha256: string;
      readonly ms: number;
    }
  | {
      readonly is: 'error';
      readonly id: number;
      readonly code: ModelErrorCode;
      readonly message: string;
      readonly index: number | undefined;
    }
  | { readonly is: 'health'; readonly id: number; readonly health: Health }
  | { readonly is: 'evaluating'; readonly id: number; readonly index: number }
  | { readonly is: 'closing' };

/** Texts of one request. */
export const TEXTS_LIMIT = 64;
/** Characters of one line. */
export const LINE_LIMIT = 16 * 1024 * 1024;

export function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

export function encodeVector(vector: Vector): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [at, value] of vector.entries()) bytes.writeFloatLE(value, at * 4);
  return bytes.toString('base64');
}

function decodeVector(text: string): Vector {
  const bytes = Buffer.from(text, 'base64');
  return Float32Array.from({ length: Math.floor(bytes.length / 4) }, (_value, at) => bytes.readFloatLE(at * 4));
}

/** Undefined when the line is no request. */
export function parseRequest(text: string): Request | undefined {
  const value = parseLine(text);
  if (value === undefined) return undefined;
  const { id, op, texts } = value;
  if (typeof id !== 'number') return undefined;
  if (op === 'health') return { id, op };
  const readable = op === 'embed' && isTexts(texts) && texts.length > 0 && texts.length <= TEXTS_LIMIT;
  return readable ? { id, op, texts } : undefined;
}

/** Undefined when the line is nothing that the model process says. */
export function parseMessage(text: string): Message | undefined {
  const value = parseLine(text);
  if (value === undefined) return undefined;
  const { id, vectors, model_sha256, ms, error, health, evaluating, index, closing } = value;
  if (closing === true) return { is: 'closing' };
  if (typeof evaluating === 'number' && typeof index === 'number') return { is: 'evaluating', id: evaluating, index };
  if (typeof id !== 'number') return undefined;
  if (isTexts(vectors) && typeof model_sha256 === 'string' && typeof ms === 'number') {
    return { is: 'embedded', id, vectors: vectors.map(decodeVector), model_sha256, ms };
  }
  if (isHealth(health)) return { is: 'health', id, health };
  if (!isJsonMap(error) || !isModelErrorCode(error['code'])) return undefined;
  const at = typeof error['index'] === 'number' ? error['index'] : undefined;
  const said = typeof error['message'] === 'string' ? error['message'] : error['code'];
  return { is: 'error', id, code: error['code'], message: said, index: at };
}

function parseLine(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonMap(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isHealth(value: unknown): value is Health {
  if (!isJsonMap(value)) return false;
  const numbers = [value['threads'], value['waiting'], value['rss_bytes']];
  return (
    typeof value['model_sha256'] === 'string' && typeof value['loaded'] === 'boolean' && numbers.every(Number.isFinite)
  );
}
