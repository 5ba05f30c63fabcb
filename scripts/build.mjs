/**
 * `npm run build`: TypeScript to dist/, the migrations beside it, and the workflow bundle for Temporal's sandbox.
 *
 * Dependency-free itself; uses the installed compiler. Each part is made again when the content of what it is made from
 * has changed: a stamp in dist/ is written last, so an interrupted build is never taken for a finished one.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../..');
/** What reaches the sandbox. */
const BUNDLED = ['language', 'interpreter', 'workflows', 'decisions'];

/** @returns what was done, in a few words */
export async function build(root, progress) {
  const dist = join(root, 'dist');
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
  const sources = config.include.flatMap((folder) => filesBelow(join(root, folder), /\.(ts|sql|json)$/));
  const settings = ['tsconfig.json', 'package-lock.json', 'scripts/build.mjs'].map((name) => join(root, name));
  const stamp = hashOf(root, [...settings, ...sources]);
  const stampFile = join(dist, '.stamp');
  if (readOr(stampFile) === stamp && existsSync(join(dist, 'workflow-bundle.js'))) return 'up to date';

  mkdirSync(dist, { recursive: true });
  rmSync(stampFile, { force: true });
  progress('compiling');
  const missing = sources.some(
    (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !existsSync(compiledOf(root, dist, file)),
  );
  // The compiler believes its own record: without it, it writes every file.
  if (missing) rmSync(join(dist, '.tsbuildinfo'), { force: true });
  await run(root, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', '.', '--pretty', 'false']);
  removeOrphans(root, dist, config.include);
  cpSync(join(root, 'store', 'migrations'), join(dist, 'store', 'migrations'), { recursive: true });

  const done = ['compiled'];
  if (await bundle(root, dist, progress)) done.push('bundled the workflows');
  writeFileSync(stampFile, stamp);
  return done.join(', ');
}

/** True when it was made anew. */
async function bundle(root, dist, progress) {
  const sources = BUNDLED.flatMap((folder) => filesBelow(join(dist, folder), /\.js$/));
  const stamp = hashOf(root, [join(root, 'package-lock.json'), join(dist, 'worker', 'bundle.js'), ...sources]);
  const stampFile = join(dist, '.bundle-stamp');
  if (readOr(stampFile) === stamp && existsSync(join(dist, 'workflow-bundle.js'))) return false;
  progress('bundling the workflows');
  rmSync(stampFile, { force: true });
  const { writeBundle } = await import(pathToFileURL(join(dist, 'worker', 'bundle.js')).href);
  await writeBundle();
  writeFileSync(stampFile, stamp);
  return true;
}

function compiledOf(root, dist, file) {
  return join(dist, relative(root, file)).replace(/\.ts$/, '.js');
}

/** Compiled files whose source is gone would still be found by name. */
function removeOrphans(root, dist, folders) {
  for (const folder of folders) {
    for (const file of filesBelow(join(dist, folder), /\.(js|js\.map|d\.ts)$/)) {
      const source = join(root, relative(dist, file)).replace(/\.(js|js\.map|d\.ts)$/, '.ts');
      if (!existsSync(source)) rmSync(file);
    }
  }
}

function hashOf(root, files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort())
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

function filesBelow(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function readOr(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function run(root, words) {
  return new Promise((resolve_, reject) => {
    const child = spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (said += chunk));
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve_() : reject(new Error(`the sources do not compile:\n${said.trim()}`)),
    );
  });
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { step, say } = await import('./steps.mjs');
  try {
    await step('Build', 'sources to dist/', (progress) => build(ROOT, progress));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
