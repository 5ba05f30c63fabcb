/**
 * Current details: the page of a run that Temporal's UI shows as markdown.
 *
 * SANDBOX; builds text and nothing else. Costs no event, so it is renewed with every step. What people wrote is made
 * harmless for markdown; no results are in here but what a kind says in a few words.
 */
import type { TrailEntry } from '../language/plan/host.js';
import type { WaitingItem } from '../language/plan/messages.js';

const ROWS = 30;

export interface Details {
  readonly ticket: string;
  readonly workflow: string;
  readonly at: string;
  readonly waiting: readonly WaitingItem[];
  readonly waiting_for: string | null;
  readonly since: string | null;
  readonly until: string | null;
  readonly trail: readonly TrailEntry[];
  /** How it ended, as a sentence in markdown; null while it runs. */
  readonly ended: string | null;
}

/** `rows` keeps what was rendered before, for the life of one run. */
export function renderDetails(details: Details, rows: WeakMap<TrailEntry, string>): string {
  const lines = [`**${plain(details.workflow)}** ${plain(details.ticket)}`, ''];
  if (details.ended !== null) lines.push(details.ended, '');
  else if (details.waiting.length > 0) lines.push(...details.waiting.flatMap(renderItem), '');
  else if (details.waiting_for !== null) lines.push(`Waits for ${plain(details.waiting_for)}${span(details)}.`, '');
  else lines.push(`At **${plain(details.at)}**.`, '');
  if (details.trail.length > 0) lines.push(...list(details.trail, rows));
  return lines.join('\n');
}

function renderItem(item: WaitingItem): string[] {
  const until = item.deadline === null ? '' : `, until ${item.deadline}`;
  const how =
    item.kind === 'approve'
      ? `approve or reject: \`firn approve\`, \`firn reject\`, or the update \`approve:${item.item}\``
      : `answer: \`firn answer\`, or the update \`answer:${item.item}\``;
  return [
    `Waits for **${plain(item.role)}**: ${plain(item.title)} (since ${item.since}${until}).`,
    '',
    `To ${how}${item.answers === null ? '' : `, with one of: ${item.answers.map(plain).join(', ')}`}.`,
  ];
}

function span(details: Details): string {
  const since = details.since === null ? '' : `, since ${details.since}`;
  return details.until === null ? since : `${since}, until ${details.until}`;
}

function list(trail: readonly TrailEntry[], known: WeakMap<TrailEntry, string>): string[] {
  const left = trail.length - ROWS;
  const rows = trail.slice(-ROWS).map((entry) => {
    const row = known.get(entry) ?? rowOf(entry);
    known.set(entry, row);
    return row;
  });
  const omitted = left > 0 ? [`(${String(left)} earlier steps are left out)`, ''] : [];
  return [...omitted, 'So far:', '', ...rows];
}

function rowOf({ step, verb, said }: TrailEntry): string {
  return `- **${plain(step)}** (${plain(verb)}) ${plain(said)}`.trimEnd();
}

/** Any text as one line in which markdown has nothing to act on. */
export function plain(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>|#!]/g, (mark) => `\\${mark}`);
}
