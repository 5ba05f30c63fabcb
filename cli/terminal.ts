/**
 * What a command may say, and where: results on stdout, everything else on stderr.
 *
 * HOST; the cli folder is the only one that prints or sets exit codes. With `--json` stdout holds one JSON document and
 * nothing else. Colours follow NO_COLOR and FORCE_COLOR and are off when stdout is no terminal.
 */
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** Exit codes of every command. */
export const EXIT = {
  ok: 0,
  /** The run or test failed, was refused, handed over or cancelled. */
  failed: 1,
  /** Usage, or an invalid definition or configuration. */
  usage: 2,
  /** The run still waits. */
  waiting: 3,
  /** Temporal, a database or a model could not be reached. */
  unreachable: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** An end of a command that is not a result: a code for programs, a sentence for people, and a way out. */
export class CommandError extends Error {
  readonly exit: ExitCode;
  readonly code: string;
  readonly hint: string | undefined;

  constructor(exit: ExitCode, code: string, message: string, hint?: string) {
    super(message);
    this.exit = exit;
    this.code = code;
    this.hint = hint;
  }
}

export class Terminal {
  readonly json: boolean;
  readonly colors: Colors;
  /** Colours for stderr, where problems of `--json` commands go. */
  readonly interactive: boolean;
  readonly width: number;

  constructor(json: boolean) {
    this.json = json;
    const wanted = pc.isColorSupported && process.env['NO_COLOR'] === undefined;
    this.colors = pc.createColors(
      wanted && !json && (process.stdout.isTTY || process.env['FORCE_COLOR'] !== undefined),
    );
    this.interactive = process.stderr.isTTY && process.env['CI'] === undefined;
    this.width = process.stdout.isTTY ? Math.max(40, process.stdout.columns || 80) : Number.MAX_SAFE_INTEGER;
  }

  /** A line of the result, for people. */
  line(text = ''): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** The result, for programs. Called once, with `--json` only. */
  document(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Progress and explanations, beside the result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Rewrites the last line of stderr on a terminal; says nothing elsewhere. */
  progress(text: string): void {
    if (!this.interactive) return;
    const width = Math.max(20, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r\u001b[2K${text.slice(0, width)}`);
  }

  progressDone(): void {
    if (this.interactive) process.stderr.write('\r\u001b[2K');
  }
}

/** Columns of text, as wide as their widest cell, the last one cut to the terminal. */
export function table(rows: readonly (readonly string[])[], width: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, visibleLength(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) =>
      column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - visibleLength(cell)),
    );
    return cut(cells.join('  ').trimEnd(), width);
  });
}

/** Colours are control sequences; built from text, as a literal with a control character would be an odd thing to read. */
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');

function visibleLength(text: string): number {
  return text.replace(COLOR, '').length;
}

/** Breaks a text at its line breaks, and at spaces to fit the terminal; what follows the first line is indented. */
export function wrap(text: string, width: number, indent: number): string[] {
  const [first = '', ...rest] = text.split(/\r?\n/);
  return [first, ...rest.map((line) => ' '.repeat(indent) + line)].flatMap((line) => wrapLine(line, width, indent));
}

function wrapLine(text: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (visibleLength(longer) <= width || line === '') {
      line = longer;
    } else {
      lines.push(line);
      line = ' '.repeat(indent) + word;
    }
  }
  return [...lines, line];
}

/** Cuts a line to the terminal, never in the middle of a colour. */
export function cut(text: string, width: number): string {
  if (visibleLength(text) <= width) return text;
  let kept = '';
  let seen = 0;
  let index = 0;
  while (index < text.length && seen < width - 1) {
    COLOR.lastIndex = index;
    const match = COLOR.exec(text);
    if (match !== null && match.index === index) {
      kept += match[0];
      index += match[0].length;
    } else {
      kept += text.charAt(index);
      index += 1;
      seen += 1;
    }
  }
  return `${kept}…${text.includes('\u001b[') ? '\u001b[39m' : ''}`;
}

/** `840 ms`, `3.2 s`, `4 min`. */
export function took(duration_ms: number): string {
  if (duration_ms < 1000) return `${Math.round(duration_ms)} ms`;
  if (duration_ms < 120_000) return `${(duration_ms / 1000).toFixed(1)} s`;
  return `${Math.round(duration_ms / 60_000)} min`;
}
