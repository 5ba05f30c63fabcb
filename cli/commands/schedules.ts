/** `firn schedules`: what starts runs by the clock, and when next. HOST. */
import type { CommonOptions } from '../main.js';
import { openSession } from '../session.js';
import { EXIT, table, type ExitCode, type Terminal } from '../terminal.js';

export async function run(terminal: Terminal, options: CommonOptions): Promise<ExitCode> {
  const session = await openSession(terminal, options);
  try {
    const schedules = await session.firn.schedules();
    const there = new Set(schedules.map(({ name }) => name));
    const missing = session.configuration.schedules.map(({ name }) => name).filter((name) => !there.has(name));
    terminal.document({ schedules, missing });
    if (schedules.length === 0 && missing.length === 0)
      terminal.line('No schedules; firn.yaml names them under `schedules`.');
    const lines = schedules.map(({ name, workflow, cron, zone, paused, next, last }) => [
      name,
      workflow,
      `${cron} ${zone}`,
      paused ? 'paused' : `next ${next[0] ?? 'never'}`,
      last === undefined ? '' : `last ${last}`,
    ]);
    for (const line of table(lines, terminal.width)) terminal.line(line);
    for (const name of missing) terminal.note(`"${name}" is not in Temporal yet: a worker that starts makes it.`);
    return EXIT.ok;
  } finally {
    await session.close();
  }
}
