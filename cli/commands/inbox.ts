/** `firn inbox`: what waits for a person, oldest first, with exactly what would happen. HOST. */
import { isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';
import { listItems, type ItemRow } from '../../store/item.js';
import type { CommonOptions } from '../main.js';
import { compactJson, howToAnswer, plainText } from '../report.js';
import { openStore } from '../session.js';
import { textOption } from '../options.js';
import { EXIT, wrap, type ExitCode, type Terminal } from '../terminal.js';

export async function run(terminal: Terminal, options: CommonOptions & Record<string, unknown>): Promise<ExitCode> {
  const store = await openStore(terminal, options);
  try {
    const role = textOption(options, 'role');
    const items = await listItems(store.db, { open: true, ...(role === undefined ? {} : { role }) });
    terminal.document({ items: items.map(publicItem) });
    if (items.length === 0) terminal.line('Nothing waits.');
    for (const item of items) for (const line of itemLines(terminal, item)) terminal.line(line);
    return EXIT.ok;
  } finally {
    await store.close();
  }
}

export function publicItem(item: ItemRow): Record<string, unknown> {
  const { ticket, id, kind, role, title, body, digest, answers, opened_at, deadline } = item;
  return { ticket, item: id, kind, role, title, body, digest, answers, opened_at, deadline };
}

/** An item as the person who decides sees it: the exact effect apart from what somebody else wrote. */
export function itemLines(terminal: Terminal, item: ItemRow): string[] {
  const { colors, width } = terminal;
  const body = isJsonMap(item.body) ? item.body : {};
  const lines = [`${colors.bold(item.ticket)}  ${colors.yellow(item.role)}  ${item.title}`];
  const add = (label: string, text: string): void => {
    lines.push(...wrap(`  ${colors.dim(label.padEnd(8))} ${text}`, width, 11));
  };
  const list = (name: string): readonly unknown[] => (Array.isArray(body[name]) ? body[name] : []);
  for (const entry of list('exact')) {
    if (isJsonMap(entry) && isJsonMap(entry['request']))
      add('exactly', `${plainText(entry['verb'])} ${requestText(entry['request'])}`);
  }
  for (const entry of list('written')) {
    if (isJsonMap(entry)) add('they say', colors.italic(`"${plainText(entry['text'])}"`));
  }
  for (const entry of list('answers')) {
    if (!isJsonMap(entry)) continue;
    const probability =
      typeof entry['probability'] === 'number' ? `  ${colors.dim(entry['probability'].toFixed(2))}` : '';
    add('', `${colors.bold(plainText(entry['answer']))}: ${plainText(entry['is'])}${probability}`);
  }
  if (typeof body['why'] === 'string') add('why', body['why']);
  add('since', `${item.opened_at}${item.deadline === null ? '' : `, until ${item.deadline}`}`);
  add('answer', howToAnswer(item));
  return lines;
}

/** The request of a write, whole, as a person reads it: the table, then each row or condition. */
function requestText(request: JsonMap): string {
  const { in: into, from, rows, where, set } = request;
  const parts = [
    into === undefined ? plainText(from) : `in ${plainText(into)}`,
    ...(Array.isArray(rows) ? rows.map((row: Json) => compactJson(row)) : []),
    ...(set === undefined ? [] : [`set ${compactJson(set)}`]),
    ...(where === undefined ? [] : [`where ${compactJson(where)}`]),
  ];
  return parts.join(': ');
}
