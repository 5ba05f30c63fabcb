/**
 * How `answer`, `approve` and `reject` settle an item: the person saw what the inbox shows, and its digest goes along.
 *
 * HOST. When one item of the fitting kind waits, it is meant; when several wait, `--item` says which.
 */
import { whoAmI } from '../setup/project.js';
import { decideItem, listItems, type ItemRow } from '../store/item.js';
import { readRun } from '../store/run.js';
import { ANSWERED } from '../language/plan/messages.js';
import { itemLines } from './commands/inbox.js';
import { filledIn, type Filled } from './filled.js';
import type { CommonOptions } from './main.js';
import { textOption } from './options.js';
import { compactJson } from './report.js';
import { openSession, type Session } from './session.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from './terminal.js';
import { unknownTicket } from './unknown-ticket.js';

export interface Wish {
  readonly ticket: string;
  readonly kind: 'approve' | 'answer';
  readonly decision: string;
  /** What is filled in, as it was typed; read by the item's form. */
  readonly filled?: Filled;
}

export async function decide(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  wish: Wish,
): Promise<ExitCode> {
  const session = await openSession(terminal, options);
  try {
    const item = await findItem(session, wish, textOption(options, 'item'));
    const comment = textOption(options, 'because');
    const by = textOption(options, 'by') ?? whoAmI(process.env);
    const who = { by, digest: item.digest, ...(comment === undefined ? {} : { comment }) };
    if (item.kind === 'hand_over' || item.kind === 'undo_failed')
      return await closeForOwner(terminal, session, item, wish.decision, by);
    const handle = session.firn.getHandle(wish.ticket);
    if (!terminal.json) for (const line of itemLines(terminal, item)) terminal.note(line);
    const values = filledIn(item, wish.filled);
    if (wish.kind === 'answer') await handle.answer(item.id, values ?? wish.decision, who);
    else if (wish.decision === 'approve') await handle.approve(item.id, who);
    else await handle.reject(item.id, { ...who, comment: comment ?? '' });
    const decision = values === undefined ? wish.decision : ANSWERED;
    terminal.document({
      ticket: wish.ticket,
      item: item.id,
      decision,
      values: values ?? null,
      by,
      comment: comment ?? null,
    });
    const said = values === undefined ? decision : compactJson(values);
    terminal.line(`${wish.ticket}: ${item.id} = ${said}, by ${by}`);
    return EXIT.ok;
  } finally {
    await session.close();
  }
}

async function findItem(session: Session, wish: Wish, id: string | undefined): Promise<ItemRow> {
  const open = await listItems(session.db, { ticket: wish.ticket, open: true });
  const fits = (item: ItemRow): boolean =>
    item.kind === wish.kind || (wish.kind === 'answer' && item.kind !== 'approve');
  const fitting = open.filter((item) => fits(item) && (id === undefined || item.id === id));
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  if (fitting.length > 1) {
    const names = fitting.map((item) => item.id).join(', ');
    throw new CommandError(
      EXIT.usage,
      'several',
      `several items of ${wish.ticket} wait: ${names}`,
      'say which with --item',
    );
  }
  if ((await readRun(session.db, wish.ticket)) === undefined) throw unknownTicket(wish.ticket);
  const others = open.map((item) => `${item.id} (${item.kind})`).join(', ');
  const what = wish.kind === 'answer' ? 'question' : 'approval';
  const message = `${wish.ticket} waits with no ${id === undefined ? what : `${what} "${id}"`}`;
  throw new CommandError(
    EXIT.failed,
    'not_open',
    message,
    others === '' ? 'firn inbox lists what waits' : `it waits with: ${others}`,
  );
}

/** The run has ended; what is left is for its owner, who closes it with a note. */
async function closeForOwner(
  terminal: Terminal,
  session: Session,
  item: ItemRow,
  note: string,
  by: string,
): Promise<ExitCode> {
  const { ticket, id } = item;
  const people = session.configuration.roles.get(item.role)?.people ?? [];
  if (!people.includes(by)) {
    const who = people.join(', ') || 'nobody is';
    throw new CommandError(
      EXIT.failed,
      'not_accepted',
      `"${by}" is not one of ${item.role} (${who})`,
      'say who you are with --by',
    );
  }
  const at = await decideItem(session.db, { ticket, id, decision: 'closed', filled: null, comment: note, by });
  if (at === undefined) throw new CommandError(EXIT.failed, 'not_open', `${ticket}: ${id} is closed already`);
  terminal.document({ ticket, item: id, decision: 'closed', by, comment: note });
  terminal.line(`${ticket}: ${id} closed by ${by}: ${note}`);
  return EXIT.ok;
}
