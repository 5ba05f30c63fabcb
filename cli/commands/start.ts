/** `firn start WORKFLOW`: starts a run and prints its ticket, without waiting. HOST. */
import type { CommonOptions } from '../main.js';
import { inputOption, textOption } from '../options.js';
import { openSession } from '../session.js';
import { EXIT, type ExitCode, type Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const input = inputOption(options);
  const ticket = textOption(options, 'ticket');
  const session = await openSession(terminal, options);
  try {
    const handle = await session.firn.start(args[0] ?? '', input, ticket === undefined ? {} : { ticket });
    terminal.document({ ticket: handle.ticket, run_id: handle.runId });
    terminal.line(handle.ticket);
    return EXIT.ok;
  } finally {
    await session.close();
  }
}
