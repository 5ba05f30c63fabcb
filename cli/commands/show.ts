/**
 * `firn show TICKET`: the story of a run in the terminal, from Firn's own tables, so also after Temporal has forgotten it.
 *
 * HOST.
 */
import type { JsonMap } from '../../language/plan/json.js';
import { effectsOf } from '../../store/effect.js';
import { listItems, refusedDecisionsOf, type ItemRow } from '../../store/item.js';
import { messagesOf } from '../../store/message.js';
import { readRun, type RunRow } from '../../store/run.js';
import type { CommonOptions } from '../main.js';
import { compactJson, howToAnswer, plainText } from '../report.js';
import { openStore, type Store } from '../session.js';
import { EXIT, wrap, type ExitCode, type Terminal } from '../terminal.js';
import { unknownTicket } from '../unknown-ticket.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const ticket = args[0] ?? '';
  const store = await openStore(terminal, options);
  try {
    const row = await readRun(store.db, ticket);
    if (row === undefined) throw unknownTicket(ticket);
    const story = await tell(store, row);
    terminal.document(story);
    for (const line of lines(terminal, story)) terminal.line(line);
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

interface Story {
  readonly run: RunRow;
  readonly items: readonly ItemRow[];
  readonly refused: Awaited<ReturnType<typeof refusedDecisionsOf>>;
  readonly messages: Awaited<ReturnType<typeof messagesOf>>;
  readonly effects: Awaited<ReturnType<typeof effectsOf>>;
}

async function tell(store: Store, run: RunRow): Promise<Story> {
  const { ticket } = run;
  const [items, refused, messages, effects] = [
    await listItems(store.db, { ticket }),
    await refusedDecisionsOf(store.db, ticket),
    await messagesOf(store.db, ticket),
    await effectsOf(store.db, ticket),
  ];
  return { run, items, refused, messages, effects };
}

function lines(terminal: Terminal, story: Story): string[] {
  const { colors } = terminal;
  const { run: row } = story;
  const out: string[] = [];
  const add = (label: string, text: string): void => {
    out.push(...wrap(`  ${colors.dim(label.padEnd(9))} ${text}`, terminal.width, 12));
  };
  out.push(`${colors.bold(row.ticket)}  ${row.workflow}  ${row.outcome ?? 'running'}`);
  add('version', `${(row.hash ?? 'unknown').slice(0, 12)}, owner ${row.owner ?? 'unknown'}`);
  add('time', `${row.started_at} to ${row.ended_at ?? `now, at the latest ${row.ends_by ?? 'without limit'}`}`);
  add('input', compactJson(row.input));
  for (const entry of row.trail ?? []) add(plainText(entry['step']), plainText(entry['said']));
  for (const decision of row.decisions ?? []) add('decided', decisionLine(decision));
  for (const effect of story.effects)
    add('effect', `${effect.key.split('/').slice(2).join('/')}: ${effect.status}, ${effect.at}`);
  for (const message of story.messages)
    add('told', `${message.recipient ?? message.who} (${message.status}): ${message.text}`);
  for (const item of story.items) add(item.closed_at === null ? 'waits' : 'asked', itemLine(item));
  for (const refused of story.refused)
    add('refused', `${refused.by} tried ${refused.decision} on ${refused.item}: ${refused.because}`);
  for (const undone of row.undo ?? [])
    add(
      'undo',
      `${plainText(undone['step'])}: ${plainText(undone['status'])}${undone['message'] === undefined ? '' : `, ${plainText(undone['message'])}`}`,
    );
  if (row.reason !== null) add('reason', row.reason);
  if (row.output !== null) add('output', compactJson(row.output));
  return out;
}

function decisionLine(decision: JsonMap): string {
  const { step, answer, by, rule, probability, why } = decision;
  const how = [by, rule, typeof probability === 'number' ? probability.toFixed(3) : undefined].filter(
    (part) => typeof part === 'string',
  );
  return `${plainText(step)} = ${plainText(answer)} (${how.join(' ')})${typeof why === 'string' ? `: ${why}` : ''}`;
}

function itemLine(item: ItemRow): string {
  if (item.closed_at === null) return `${item.role}: ${item.title}. ${howToAnswer(item)}`;
  const who = item.decided_by === null ? (item.how ?? 'closed') : `${item.decision ?? ''} by ${item.decided_by}`;
  return `${item.role}: ${item.title}: ${who}${item.comment === null ? '' : `, "${item.comment}"`}, ${item.closed_at}`;
}
