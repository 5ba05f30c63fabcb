/** `firn hand-over TICKET`: "a person, please": ends a run and puts it before its owner. HOST. */
import { whoAmI } from '../../setup/project.js';
import type { CommonOptions } from '../main.js';
import { printReport } from '../follow.js';
import { textOption } from '../options.js';
import { openSession } from '../session.js';
import { EXIT, type ExitCode, type Terminal } from '../terminal.js';

const END_WITHIN_MS = 30_000;

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const session = await openSession(terminal, options);
  try {
    const handle = session.firn.getHandle(args[0] ?? '');
    const by = textOption(options, 'by') ?? whoAmI(process.env);
    await handle.handOver(textOption(options, 'because') ?? `${by} asked for a person`, by);
    const exit = await printReport(terminal, session, handle, END_WITHIN_MS);
    return exit === EXIT.failed ? EXIT.ok : exit;
  } finally {
    await session.close();
  }
}
