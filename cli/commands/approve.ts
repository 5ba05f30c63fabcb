/** `firn approve TICKET`: says yes to exactly what the inbox shows. HOST. */
import type { CommonOptions } from '../main.js';
import { decide } from '../decide.js';
import type { ExitCode, Terminal } from '../terminal.js';

export function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  return decide(terminal, options, { ticket: args[0] ?? '', kind: 'approve', decision: 'approve' });
}
