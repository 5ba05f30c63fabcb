/**
 * Puts the pinned encoder into the image while it is built, so that no container needs the way to a hub later.
 *
 * Without it the image is complete all the same: open questions then go to people, and the build says so.
 */
import process from 'node:process';
import { ensureEncoder, isOff } from '../dist/models/store.js';

const found = await ensureEncoder({ directory: '.firn/models' });
if (isOff(found)) {
  process.stderr.write(`no encoder in this image:\n${found.off.join('\n')}\n`);
} else {
  process.stdout.write(`${found.path} from ${found.source}, SHA-256 ${found.sha256}\n`);
}
