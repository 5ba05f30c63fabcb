/** Commands that end a run, and print what it came to. HOST. */
import type { RunHandle } from '../client/index.js';
import { printReport } from './follow.js';
import type { CommonOptions } from './main.js';
import { openSession } from './session.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

const END_WITHIN_MS = 30_000;

/** Exit 0 when the run ended as it was told to: cancelled and handed over are no failures of these commands. */
export async function endRun(
  terminal: Terminal,
  options: CommonOptions,
  ticket: string,
  tell: (run: RunHandle) => Promise<void>,
): Promise<ExitCode> {
  const session = await openSession(terminal, options);
  try {
    const run = session.firn.getHandle(ticket);
    await tell(run);
    const exit = await printReport(terminal, session, run, END_WITHIN_MS);
    return exit === EXIT.failed ? EXIT.ok : exit;
  } finally {
    await session.close();
  }
}
