/** `firn answer TICKET [ANSWER]`: answers the question a run waits with, or fills in the fields that it asks for. HOST. */
import type { CommonOptions } from '../main.js';
import { decide } from '../decide.js';
import { filledOption } from '../filled.js';
import type { ExitCode, Terminal } from '../terminal.js';

export function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const filled = filledOption(options);
  return decide(terminal, options, { ticket: args[0] ?? '', kind: 'answer', decision: args[1] ?? '', filled });
}
