/** `firn reject TICKET --because …`: says no, and why. HOST. */
import type { CommonOptions } from '../main.js';
import { decide } from '../decide.js';
import { requiredText } from '../options.js';
import type { ExitCode, Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  requiredText(options, 'because', '--because', 'a rejection says why; the customer may be told');
  return decide(terminal, options, { ticket: args[0] ?? '', kind: 'approve', decision: 'reject' });
}
