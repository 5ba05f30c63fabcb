/** `firn hand-over TICKET`: "a person, please": ends a run and puts it before its owner. HOST. */
import { whoAmI } from '../../setup/project.js';
import { endRun } from '../end-run.js';
import type { CommonOptions } from '../main.js';
import { textOption } from '../options.js';
import type { ExitCode, Terminal } from '../terminal.js';

export function run(
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
): Promise<ExitCode> {
  const by = textOption(options, 'by') ?? whoAmI(process.env);
  const because = textOption(options, 'because') ?? `${by} asked for a person`;
  return endRun(terminal, options, args[0] ?? '', (handle) => handle.handOver(because, by));
}
