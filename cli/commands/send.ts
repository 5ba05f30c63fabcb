/** `firn send TICKET MESSAGE`: sends a run a message, which a `receive` step of that name takes. HOST. */
import type { CommonOptions } from '../main.js';
import { filledOption, readFilled } from '../filled.js';
import { openSession } from '../session.js';
import { EXIT, type ExitCode, type Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const [ticket = '', message = ''] = args;
  const values = readFilled(filledOption(options));
  const session = await openSession(terminal, options);
  try {
    await session.firn.getHandle(ticket).send(message, values);
    terminal.document({ ticket, message, values });
    terminal.line(`${ticket}: ${message} sent`);
    return EXIT.ok;
  } finally {
    await session.close();
  }
}
