/**
 * Sending a message to a person: written down first, then delivered, then marked.
 *
 * HOST. A retry sends word for word the same under the same key, or is refused. Temporal is the outbox: there is no
 * poller, and a row left at `sending` is picked up by the retry of its activity.
 */
import { deliver } from '../connections/channels.js';
import type { Channel } from '../connections/channels.js';
import { failure, Failure } from '../language/plan/failure.js';
import { digest } from '../language/plan/json.js';
import { TransientFailure } from '../store/failures.js';
import { markFailed, markSent, recordMessage } from '../store/message.js';
import type { Dependencies } from './dependencies.js';

export interface Letter {
  readonly key: string;
  readonly ticket: string;
  readonly who: string;
  readonly to: string | null;
  /** Null: the role's channel, or the default one. */
  readonly via: string | null;
  readonly subject: string | null;
  readonly text: string;
}

export type Senders = Pick<Dependencies, 'store' | 'channels' | 'defaultChannel' | 'roles' | 'print'>;

/** When it was sent, RFC 3339. Failures `delivery`, `effect_changed`, `unreachable`. */
export async function sendMessage(dependencies: Senders, letter: Letter): Promise<string> {
  const { pool } = dependencies.store;
  const channel = channelOf(dependencies, letter);
  const { key, ticket, who, to, subject, text } = letter;
  const hash = digest({ who, to, via: channel.name, subject, text });
  const draft = { key, ticket, who, recipient: to, via: channel.name, subject, text, digest: hash };
  const there = await recordMessage(pool, draft);
  if (there !== undefined && there.digest !== hash) {
    throw failure('effect_changed', 'another message was already written under the key of this step');
  }
  if (there?.status === 'sent' && there.at !== null) return there.at;
  try {
    await deliver(channel, { key, ticket, who, to, subject, text }, dependencies.print);
  } catch (error) {
    const final = error instanceof Failure && !(error instanceof TransientFailure);
    if (final) await markFailed(pool, key, error.message);
    throw error;
  }
  return markSent(pool, key);
}

function channelOf({ channels, roles, defaultChannel }: Senders, { via, who }: Letter): Channel {
  const name = via ?? roles.get(who)?.channel ?? defaultChannel;
  const channel = channels.get(name);
  if (channel !== undefined) return channel;
  const known = [...channels.keys()].join(', ');
  throw failure('delivery', `this worker has no channel named "${name}"; its channels: ${known || 'none'}`);
}
