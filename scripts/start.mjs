/**
 * `npm start`: sets everything up, runs the shipped refunds, and says where to look.
 *
 * Dependency-free, and this file without newer syntax: an old Node must get as far as the sentence that says so.
 */
import process from 'node:process';

const started = Date.now();
const version = process.versions.node.split('.').map(Number);
const recent = version[0] > 20 || (version[0] === 20 && version[1] >= 19);

if (recent) {
  import('./start-everything.mjs').then((module) => module.startEverything(started));
} else {
  process.stderr.write('Firn needs Node.js 20.19 or newer, and this is ' + process.versions.node + '.\n');
  process.stderr.write('Install a newer one from https://nodejs.org (or: nvm install 22) and run npm start again.\n');
  process.exitCode = 2;
}
