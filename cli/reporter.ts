/**
 * Set-up steps on a terminal: what is being done, progress, how long it took.
 *
 * HOST. `full` prints a line per step; `quiet` only shows progress on a terminal and says what failed.
 */
import type { Reporter } from '../setup/reporter.js';
import { took, type Terminal } from './terminal.js';

export function stepReporter(terminal: Terminal, mode: 'full' | 'quiet'): Reporter {
  const { colors } = terminal;
  const active = new Map<string, string>();
  const show = (): void => terminal.progress([...active].map(([name, text]) => `${name}: ${text}`).join('   '));
  const settle = (name: string): void => {
    active.delete(name);
    terminal.progressDone();
  };
  return {
    begin: (name, about) => {
      active.set(name, about);
      show();
      return {
        progress: (text, fraction) => {
          active.set(name, fraction === undefined ? text : `${text} ${bar(fraction)}`);
          show();
        },
        note: (text) => {
          terminal.progressDone();
          terminal.note(`  ${colors.dim(name.padEnd(12))} ${text}`);
          show();
        },
      };
    },
    end: (name, said, took_ms) => {
      settle(name);
      if (mode === 'full')
        terminal.note(`  ${colors.green('ok')} ${name.padEnd(12)} ${said}  ${colors.dim(took(took_ms))}`);
      show();
    },
    failed: (name, said, took_ms) => {
      settle(name);
      terminal.note(`  ${colors.red('!!')} ${name.padEnd(12)} ${said}  ${colors.dim(took(took_ms))}`);
      show();
    },
  };
}

/** `[######----] 60 %` */
export function bar(fraction: number, width = 20): string {
  const done = Math.min(1, Math.max(0, fraction));
  const filled = Math.round(done * width);
  return `[${'#'.repeat(filled)}${'-'.repeat(width - filled)}] ${Math.round(done * 100)} %`;
}
