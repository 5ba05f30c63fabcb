/**
 * Makes `node_modules` what the lock file says: `npm ci` when it is missing, unfinished or of another lock file.
 *
 * Dependency-free. A stamp inside node_modules is written last, so an interrupted installation has none. One that was
 * made without this script, by `npm ci` itself, is recognised by npm's own record of what it installed.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { clearInterval, setInterval } from 'node:timers';

/** @returns what was done, in a few words */
export async function installPackages(root, progress) {
  const lockFile = join(root, 'package-lock.json');
  const stampFile = join(root, 'node_modules', '.firn-stamp');
  const stamp = stampOf(lockFile);
  if (readOr(stampFile, '') === stamp) return 'as the lock file says';
  if (fits(root, lockFile)) {
    writeFileSync(stampFile, stamp);
    return 'as the lock file says (checked)';
  }
  const why = existsSync(stampFile) ? 'the lock file changed' : 'none here yet';
  const started = performance.now();
  const timer = setInterval(
    () => progress(`${why}: npm ci, ${Math.round((performance.now() - started) / 1000)} s`),
    1000,
  );
  try {
    await runNpm(root, ['ci']);
  } finally {
    clearInterval(timer);
  }
  writeFileSync(stampFile, stamp);
  return `installed from the lock file (${why})`;
}

/** The lock file, and what binaries depend on. */
function stampOf(lockFile) {
  const hash = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
  return `${hash} ${process.platform}-${process.arch} node ${process.versions.node.split('.')[0]}\n`;
}

function fits(root, lockFile) {
  try {
    const wanted = JSON.parse(readFileSync(lockFile, 'utf8')).packages;
    const there = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(([place, entry]) => {
      if (place === '') return true;
      const found = there[place];
      if (found === undefined) return entry.optional === true || entry.devOptional === true || entry.peer === true;
      return found.version === entry.version && found.integrity === entry.integrity && existsSync(join(root, place));
    });
  } catch {
    return false;
  }
}

function runNpm(root, command) {
  const npm = process.env['npm_execpath'];
  const words = [...command, '--no-audit', '--no-fund', '--loglevel=error'];
  const [program, all] = npm?.endsWith('.js') === true ? [process.execPath, [npm, ...words]] : ['npm', words];
  return new Promise((resolve, reject) => {
    const child = spawn(program, all, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && program === 'npm',
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (said += chunk));
    child.once('error', (error) => reject(new Error(`npm could not be run: ${error.message}`)));
    child.once('exit', (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`npm ${command.join(' ')} failed (exit code ${code}):\n${firstLines(said)}`)),
    );
  });
}

/** npm ends its errors with pages of help. */
function firstLines(said) {
  return said.trim().split('\n').slice(0, 30).join('\n');
}

function readOr(file, otherwise) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}
