/**
 * What a run asks of Temporal, as plain data: the shape that a replay of today's code and a stored history are both
 * brought to, so that they can be compared. Not a test itself.
 *
 * Types only: it is also bundled into the sandbox (asked-interceptor.ts).
 */
import type { Json } from '../../language/plan/json.js';

export type Asked =
  | {
      readonly call: 'activity';
      readonly type: string;
      readonly id: string;
      readonly summary: string;
      readonly input: Json;
    }
  /** Its input is in no history: it is compared with what is stored beside the history. */
  | { readonly call: 'local activity'; readonly type: string; readonly summary: string; readonly input: Json }
  | { readonly call: 'timer'; readonly summary: string; readonly ms: number }
  | { readonly call: 'end'; readonly result: Json }
  | { readonly call: 'end'; readonly failure: string; readonly message: string };
