/** `firn run WORKFLOW`: starts a run and follows it until it ends or waits; with `--each`, one run per line. HOST. */
import type { CommonOptions } from '../main.js';
import { printReport } from '../follow.js';
import { listenForInterrupt } from '../interruption.js';
import { durationOption, inputOption, textOption } from '../options.js';
import { runEach } from '../run-each.js';
import { openSession } from '../session.js';
import { CommandError, EXIT, type ExitCode, type Terminal } from '../terminal.js';

const WITH_EACH = { map: '--map', expect: '--expect', limit: '--limit' };
const WITHOUT_EACH = { input: '--input', inputFile: '--input-file', ticket: '--ticket', wait: '--wait' };

export async function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const workflow = args[0] ?? '';
  const file = textOption(options, 'each');
  const alone = Object.entries(file === undefined ? WITH_EACH : WITHOUT_EACH);
  for (const [name, flag] of alone) {
    const how =
      file === undefined ? 'goes with --each' : 'does not go with --each: each line is the input of its own run';
    if (options[name] !== undefined) throw new CommandError(EXIT.usage, 'usage', `${flag} ${how}`);
  }
  if (file !== undefined) return runEach(terminal, options, workflow, file);
  const input = inputOption(options);
  const wait_ms = durationOption(options, 'wait', '--wait');
  const ticket = textOption(options, 'ticket');
  const session = await openSession(terminal, options);
  const interruption = listenForInterrupt();
  try {
    const handle = await session.firn.start(workflow, input, ticket === undefined ? {} : { ticket });
    terminal.note(`ticket ${handle.ticket}`);
    const end = await Promise.race([printReport(terminal, session, handle, wait_ms), interruption.happened]);
    if (end !== 'interrupted') return end;
    terminal.note(`Interrupted; the run goes on: firn result ${handle.ticket}`);
    return EXIT.interrupted;
  } finally {
    interruption.forget();
    await session.close();
  }
}
