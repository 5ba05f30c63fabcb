/**
 * A failpoint: the process kills itself at a chosen place. For chaos tests only.
 *
 * HOST. Off unless the environment variable FIRN_FAILPOINT is set to `after-commit:` and either a probability (`0.2`)
 * or a regular expression that the effect's key is matched with (`refund$`). The worst moment for exactly-once effects
 * is after the database has committed and before anybody was told: that is where it strikes, with SIGKILL, so that
 * nothing can be cleaned up.
 */
import { writeSync } from 'node:fs';

/** Never returns when the failpoint strikes. */
export async function passFailpoint(place: 'after-commit', key: string): Promise<void> {
  const setting = process.env['FIRN_FAILPOINT'];
  if (setting === undefined || !setting.startsWith(`${place}:`)) return;
  const when = setting.slice(place.length + 1);
  const strikes = /^(0(\.\d+)?|1(\.0+)?)$/.test(when) ? Math.random() < Number(when) : new RegExp(when).test(key);
  if (!strikes) return;
  writeSync(process.stderr.fd, `failpoint ${place} ${key}\n`);
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}
