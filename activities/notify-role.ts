/**
 * Tells a role that something waits for it.
 *
 * HOST. Best effort: what waits stands in the inbox whether or not anybody could be told, so a channel that is down
 * stops nothing; the log and the message's row say that it failed. A slow one is not waited for: the delivery goes on
 * while the run does. A role without a channel looks into the inbox itself.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../language/plan/failure.js';
import type { ItemDraft } from '../store/item.js';
import { markFailed } from '../store/message.js';
import type { Dependencies } from './dependencies.js';
import { sendMessage } from './send-message.js';
import type { Senders } from './send-message.js';

type Needed = Senders & Pick<Dependencies, 'logger'>;

/** Less than the two seconds that a local activity has. */
const WAIT_MS = 1_000;

export async function notifyRole(dependencies: Needed, item: ItemDraft): Promise<void> {
  if (dependencies.roles.get(item.role)?.channel === undefined) return;
  await Promise.race([tellRole(dependencies, item), sleep(WAIT_MS, undefined, { ref: false })]);
}

async function tellRole(dependencies: Needed, item: ItemDraft): Promise<void> {
  const { store, logger } = dependencies;
  const key = `notify/${item.ticket}/${item.id}/${item.run_id}`;
  const letter = {
    key,
    ticket: item.ticket,
    who: item.role,
    to: null,
    via: null,
    subject: item.title,
    text: itemText(item),
  };
  try {
    await sendMessage(dependencies, letter);
  } catch (error) {
    const problem = messageOf(error);
    logger.warn({ ticket: item.ticket, role: item.role, problem }, 'a role could not be told that something waits');
    await markFailed(store.pool, key, problem).catch(() => undefined);
  }
}

/** What waits, until when, and the commands that settle it. */
function itemText(item: ItemDraft): string {
  const { ticket, id, kind, answers, deadline, title } = item;
  const until = deadline === null ? [] : [`Until ${deadline}.`];
  const at = `${ticket} --item ${id}`;
  switch (kind) {
    case 'approve':
      return [title, ...until, `firn approve ${at}`, `firn reject ${at} --because "…"`].join('\n');
    case 'answer':
      return [title, ...until, ...(answers ?? []).map((answer) => `firn answer ${at} ${answer}`)].join('\n');
    case 'hand_over':
    case 'undo_failed':
      return [title, `firn show ${ticket}`].join('\n');
  }
}
