/** Activity `tell`: a message to a customer or a role, once. HOST. */
import type { TellAnswer, TellCall } from '../language/plan/calls.js';
import { sendMessage } from './send-message.js';
import type { Senders } from './send-message.js';

export function createTell(dependencies: Senders): (call: TellCall) => Promise<TellAnswer> {
  return async (call) => ({ at: await sendMessage(dependencies, call) });
}
