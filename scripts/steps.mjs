/**
 * How the scripts say what they do, before anything is installed or built: one line per step, with its time.
 *
 * Dependency-free. Everything goes to standard error; on a terminal the running step is shown and replaced.
 */
import { performance } from 'node:perf_hooks';
import process from 'node:process';

const live = process.stderr.isTTY === true && process.env['CI'] === undefined;
const colours = live && (process.env['NO_COLOR'] ?? '') === '';
const paint = (code, text) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text);

export const green = (text) => paint(32, text);
export const red = (text) => paint(31, text);
export const dim = (text) => paint(2, text);

export function say(line) {
  process.stderr.write(`${line}\n`);
}

export function took(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** Runs one step: `work` is given a function for progress and answers in a few words what came of it. */
export async function step(name, about, work) {
  const started = performance.now();
  const show = (text) => {
    if (live)
      process.stderr.write(
        `\r\u001b[K${`  .. ${name.padEnd(12)} ${text}`.slice(0, (process.stderr.columns ?? 80) - 1)}`,
      );
  };
  const settle = () => {
    if (live) process.stderr.write('\r\u001b[K');
  };
  show(about);
  try {
    const said = await work(show);
    settle();
    say(`  ${green('ok')} ${name.padEnd(12)} ${said}  ${dim(took(performance.now() - started))}`);
  } catch (error) {
    settle();
    say(`  ${red('!!')} ${name.padEnd(12)} failed after ${took(performance.now() - started)}`);
    throw error;
  }
}

/** The same for set-up code, which reports to a Reporter and runs several steps at once. */
export function reporter() {
  const active = new Map();
  const show = () => {
    if (!live) return;
    const text = [...active].map(([name, what]) => `${name}: ${what}`).join('   ');
    process.stderr.write(`\r\u001b[K${`  .. ${text}`.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  };
  const line = (text) => {
    if (live) process.stderr.write('\r\u001b[K');
    say(text);
    if (active.size > 0) show();
  };
  return {
    begin: (name, about) => {
      active.set(name, about);
      show();
      return {
        progress: (text, fraction) => {
          active.set(name, fraction === undefined ? text : `${text} (${Math.round(fraction * 100)} %)`);
          show();
        },
        note: (text) => line(`     ${name.padEnd(12)} ${text}`),
      };
    },
    end: (name, said, ms) => {
      active.delete(name);
      line(`  ${green('ok')} ${name.padEnd(12)} ${said}  ${dim(took(ms))}`);
    },
    failed: (name, said, ms) => {
      active.delete(name);
      line(`  ${red('!!')} ${name.padEnd(12)} ${said}  ${dim(took(ms))}`);
    },
  };
}
