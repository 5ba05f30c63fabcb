/**
 * A run as people read it in the terminal: what happened, who decided, what was done, what was said.
 *
 * HOST. Renders recorded facts only; every line comes from a row of Firn's tables.
 */
import type { RunReport } from '../client/index.js';
import type { ItemRow } from '../store/item.js';
import { isJsonMap, type Json } from '../language/plan/json.js';
import { fieldsOf, formOf } from './filled.js';
import { EXIT, wrap, type Colors, type ExitCode, type Terminal } from './terminal.js';

/** The exit code that a run's outcome means. */
export function exitOf(outcome: RunReport['outcome']): ExitCode {
  if (outcome === 'done') return EXIT.ok;
  return outcome === 'waiting' ? EXIT.waiting : EXIT.failed;
}

const WORDS: Readonly<Record<RunReport['outcome'], string>> = {
  done: 'done',
  refused: 'refused',
  handed_over: 'handed over',
  failed: 'failed',
  cancelled: 'cancelled',
  waiting: 'waiting',
};

export function outcomeWord(outcome: RunReport['outcome'], colors: Colors): string {
  const word = WORDS[outcome];
  if (outcome === 'done') return colors.green(word);
  if (outcome === 'waiting') return colors.yellow(word);
  return outcome === 'refused' ? colors.cyan(word) : colors.red(word);
}

/** `damaged (encoder 0.93)`, `pay (rule small)`, `asked: returns-desk`. */
export function decisionText(decision: RunReport['decisions'][number]): string {
  const { step, answer, by, probability } = decision;
  const how = probability === null ? by : `${by} ${probability.toFixed(2)}`;
  return `${step} = ${answer} (${how})`;
}

export interface ReportExtras {
  readonly items: readonly ItemRow[];
  readonly effects?: readonly string[];
  readonly note?: string;
  readonly about?: string;
  readonly took?: string;
  readonly ui?: string;
}

/** The block of lines that stands for one run. */
export function reportLines(terminal: Terminal, report: RunReport, extras: ReportExtras): string[] {
  const { colors } = terminal;
  const lines: string[] = [];
  const add = (label: string, text: string): void => {
    if (text !== '') lines.push(...wrap(`  ${colors.dim(label.padEnd(8))} ${text}`, terminal.width, 11));
  };
  const head = [colors.bold(report.ticket), outcomeWord(report.outcome, colors), extras.took, extras.note];
  lines.push(head.filter((part) => part !== undefined && part !== '').join('  '));
  add('message', extras.about === undefined ? '' : `"${extras.about}"`);
  add('path', report.path.join(colors.dim(' > ')));
  add('decided', report.decisions.map(decisionText).join(', '));
  for (const effect of extras.effects ?? []) add('effect', effect);
  for (const message of report.messages.filter(({ who }) => who === 'customer')) {
    add('told', `${message.to ?? message.who}: ${message.text}`);
  }
  if (report.reason !== null && report.outcome !== 'waiting') add('reason', report.reason);
  if (report.outcome === 'done' && report.output !== null) add('output', compactJson(report.output));
  for (const item of extras.items) {
    add('waits', `${item.role}: ${item.title}`);
    add('answer', howToAnswer(item));
  }
  add('look', extras.ui ?? '');
  return lines;
}

/** The command that settles an item. */
export function howToAnswer(item: Pick<ItemRow, 'kind' | 'ticket' | 'id' | 'body'>): string {
  switch (item.kind) {
    case 'approve':
      return `firn approve ${item.ticket}   or   firn reject ${item.ticket} --because "…"`;
    case 'answer': {
      const form = formOf(item);
      if (form === undefined) return `firn answer ${item.ticket} <answer>`;
      return `firn answer ${item.ticket} ${fieldsOf(form)
        .map((name) => `--value ${name}=…`)
        .join(' ')}`;
    }
    case 'hand_over':
    case 'undo_failed':
      return `firn show ${item.ticket}; when it is settled: firn answer ${item.ticket} "what was done"`;
  }
}

/** A recorded value inside a sentence: a text as it is, nothing for what is absent. */
export function plainText(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function compactJson(value: Json): string {
  if (!isJsonMap(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([key, item]) => `${key} ${typeof item === 'string' ? item : JSON.stringify(item)}`)
    .join(', ');
}
