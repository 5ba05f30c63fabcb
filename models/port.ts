/**
 * The port to models: what the rest of Firn may ask of one, whoever answers.
 *
 * HOST. Adapters: client.ts (the model process, over its socket), off.ts (models switched off), scripted.ts (tests).
 * Errors carry a code, and which text they are about where it is one text's fault.
 */
import type { Vector } from '../decisions/vectors.js';

export interface Embedded {
  /** One for each text, in their order, of length 1. */
  readonly vectors: readonly Vector[];
  /** The file that made them; vectors of different files are not comparable. */
  readonly model_sha256: string;
  /** Time spent on them by the model. */
  readonly ms: number;
}

export type ModelState =
  | { readonly is: 'on' }
  /** No model will answer until somebody changes something. */
  | { readonly is: 'off'; readonly reasons: readonly string[] };

export interface ModelPort {
  /** Rejects with a ModelError. */
  embed(texts: readonly string[]): Promise<Embedded>;
  state(): ModelState;
  close(): Promise<void>;
}

export const MODEL_ERRORS = {
  models_off: 'there is no model to ask',
  model_unavailable: 'the model process did not answer; the same request may succeed later',
  model_crashed_on_text: 'the model process died twice at this text',
  evaluation_failed: 'the model could not compute this text',
  too_long: 'the text has more tokens than the model can see at once',
  empty_text: 'the text holds nothing that the model could read',
  invalid_request: 'the request breaks the protocol',
} as const;
export type ModelErrorCode = keyof typeof MODEL_ERRORS;

export class ModelError extends Error {
  readonly code: ModelErrorCode;
  /** Which of the texts it is about, counted from 0. */
  readonly index: number | undefined;

  constructor(code: ModelErrorCode, message: string, index?: number) {
    super(message);
    this.name = 'ModelError';
    this.code = code;
    this.index = index;
  }
}

export function isModelErrorCode(code: unknown): code is ModelErrorCode {
  return typeof code === 'string' && Object.hasOwn(MODEL_ERRORS, code);
}
