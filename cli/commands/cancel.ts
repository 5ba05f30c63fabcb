/** `firn cancel TICKET`: cancels a run; what has an undo is undone. HOST. */
import { endRun } from '../end-run.js';
import type { CommonOptions } from '../main.js';
import type { ExitCode, Terminal } from '../terminal.js';

export function run(terminal: Terminal, options: CommonOptions, args: readonly string[]): Promise<ExitCode> {
  return endRun(terminal, options, args[0] ?? '', (handle) => handle.cancel());
}
