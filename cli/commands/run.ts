/** `firn run WORKFLOW`: starts a run and follows it until it ends or waits; with `--each`, one run per line. HOST. */
import type { CommonOptions } from '../main.js';
import { printReport } from '../follow.js';
import { durationOption, inputOption, textOption } from '../options.js';
import { runEach } from '../run-each.js';
import { openSession } from '../session.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const workflow = args[0] ?? '';
  const file = textOption(options, 'each');
  if (file !== undefined) return runEach(terminal, options, workflow, file);
  for (const name of ['map', 'expect', 'limit']) {
    if (options[name] !== undefined) throw new CommandError(EXIT.usage, 'usage', `--${name} goes with --each`);
  }
  const input = inputOption(options);
  const wait_ms = durationOption(options, 'wait', '--wait');
  const ticket = textOption(options, 'ticket');
  const session = await openSession(terminal, options);
  try {
    const handle = await session.firn.start(workflow, input, ticket === undefined ? {} : { ticket });
    terminal.note(`ticket ${handle.ticket}`);
    return await printReport(terminal, session, handle, wait_ms);
  } finally {
    await session.close();
  }
}
