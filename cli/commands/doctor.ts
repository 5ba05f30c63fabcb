/** `firn doctor`: is this machine and this project in order, and if not, what to do. HOST. */
import { examine } from '../../setup/doctor.js';
import type { CommonOptions } from '../main.js';
import { EXIT, type ExitCode, type Terminal } from '../terminal.js';

export async function run(terminal: Terminal, options: CommonOptions & Record<string, unknown>): Promise<ExitCode> {
  const checks = await examine(options.directory, process.env);
  terminal.document({ ok: checks.every((check) => check.ok), checks });
  for (const { name, ok, said, hint } of checks) {
    terminal.line(`${ok ? terminal.colors.green('ok') : terminal.colors.red('!!')} ${name.padEnd(16)} ${said}`);
    if (!ok && hint !== undefined) terminal.line(`   ${''.padEnd(16)} hint: ${hint}`);
  }
  return checks.every((check) => check.ok) ? EXIT.ok : EXIT.failed;
}
