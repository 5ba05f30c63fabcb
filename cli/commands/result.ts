/** `firn result TICKET`: what a run has come to, as `firn run` prints it. HOST. */
import type { CommonOptions } from '../main.js';
import { durationOption } from '../options.js';
import { printReport } from '../follow.js';
import { openSession } from '../session.js';
import type { ExitCode, Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const wait_ms = durationOption(options, 'wait', '--wait');
  const session = await openSession(terminal, options);
  try {
    const handle = session.firn.getHandle(args[0] ?? '');
    return await printReport(terminal, session, handle, wait_ms);
  } finally {
    await session.close();
  }
}
