/**
 * Channels: how a message reaches a person.
 *
 * HOST. A message carries a key; the other side is asked to take it once per key, and a retry sends the same bytes. An
 * address is a secret reference, read at the moment of sending, and shown only as its host.
 */
import { Agent, request } from 'undici';
import { failure, Failure } from '../language/plan/failure.js';
import { TransientFailure } from '../store/failures.js';
import { privateLiteral, PrivateAddressError } from './addresses.js';
import { guard, keyHeader, reasonOf, retryAfterMs, webUrl } from './requests.js';

export type Channel =
  | { readonly name: string; readonly kind: 'console' }
  | {
      readonly name: string;
      readonly kind: 'webhook';
      readonly url: { resolve(): string };
      /** Addresses of this machine and its network are allowed. */
      readonly allowPrivate?: boolean;
    };

export interface Message {
  readonly key: string;
  readonly ticket: string;
  readonly who: string;
  readonly to: string | null;
  readonly subject: string | null;
  readonly text: string;
}

/** Where the console channel prints: one call per message. */
export type Print = (text: string) => void;

/** Below the time of an activity's attempt, so that the reason is seen. */
const TIMEOUT_MS = 8_000;
/** Characters of a message, and bytes of an answer that are read. */
export const MESSAGE_LIMIT = 64 * 1024;
const ANSWER_LIMIT = 16 * 1024;
/** Refusals that may be gone at the next attempt. */
const RETRIED = new Set([408, 425, 429]);

/** Resolves when the other side has taken it. Failures `delivery` (final) and `unreachable` (tried again). */
export async function deliver(channel: Channel, message: Message, print: Print): Promise<void> {
  if (message.text.length > MESSAGE_LIMIT) {
    throw failure('delivery', `the message has ${message.text.length} characters; at most ${MESSAGE_LIMIT} are sent`);
  }
  if (channel.kind === 'console') print(consoleText(message));
  else await postWebhook(channel.name, channel.url.resolve(), channel.allowPrivate === true, message);
}

function consoleText({ who, to, subject, text, ticket }: Message): string {
  const head = `--- to ${who}${to === null ? '' : ` <${to}>`} · ${ticket}${subject === null ? '' : ` · ${subject}`}`;
  const body = text.split('\n').map((line) => `  ${line}`);
  return [head, ...body].join('\n');
}

async function postWebhook(name: string, address: string, allowPrivate: boolean, message: Message): Promise<void> {
  const url = webhookUrl(name, address);
  const shown = `channel ${name} (${url.host})`;
  const literal = allowPrivate ? undefined : privateLiteral(url);
  if (literal !== undefined) throw refusedAddress(shown, literal);
  // A guard of its own for each message: no connection of another channel's rules is ever reused.
  const agent = new Agent({ connect: guard(allowPrivate) });
  try {
    const { statusCode, headers, body } = await request(url, {
      method: 'POST',
      dispatcher: agent,
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'content-type': 'application/json', 'idempotency-key': keyHeader(message.key) },
      body: JSON.stringify({ ...message }),
    });
    await body.dump({ limit: ANSWER_LIMIT });
    if (statusCode < 200 || statusCode > 299) throw refusal(shown, statusCode, headers['retry-after']);
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (error instanceof PrivateAddressError) throw refusedAddress(shown, error.message);
    throw new TransientFailure('unreachable', `${shown} cannot be reached: ${reasonOf(error, TIMEOUT_MS)}`);
  } finally {
    await agent.destroy();
  }
}

function webhookUrl(name: string, address: string): URL {
  const url = webUrl(address);
  if (url !== undefined) return url;
  throw failure('delivery', `the address of channel ${name} is no http or https URL`);
}

function refusedAddress(shown: string, address: string): Failure {
  const why = 'which is not on the public internet; `allow_private: true` at the channel in firn.yaml allows it';
  return failure('delivery', `${shown} leads to ${address}, ${why}`);
}

function refusal(shown: string, status: number, retryAfter: string | string[] | undefined): Failure {
  const text = `${shown} answered with status ${status}`;
  if (status >= 500 || RETRIED.has(status)) return new TransientFailure('unreachable', text, retryAfterMs(retryAfter));
  const hint = status < 400 ? '; redirects are not followed' : '';
  return failure('delivery', `${text}${hint}`);
}
