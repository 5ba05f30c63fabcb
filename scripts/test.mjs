/**
 * `npm test`: sets everything up, runs every check and test once, and ends with a plain line `N passed, N failed`.
 *
 * Dependency-free itself. One Temporal server and one PostgreSQL serve the whole run, in a folder of their own below the
 * temporary directory; caches (the server's program, the model) are those of the project. What could not be tested is
 * listed with its reason. Exit code 0 when nothing failed.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { installPackages } from './packages.mjs';
import { red, reporter, say, step } from './steps.mjs';

const ROOT = resolve(fileURLToPath(import.meta.url), '../..');
/** What is passed on to vitest: `npm test -- test/setup` runs a part. */
const CHOSEN = process.argv.slice(2);

const counts = { passed: 0, failed: 0 };
const untested = [];
const cleanups = [];

process.once('SIGINT', () => void end(130));
process.once('SIGTERM', () => void end(143));

try {
  await step('Packages', 'what the lock file names', (progress) => installPackages(ROOT, progress));
  await step('Build', 'sources to dist/', (progress) => build(ROOT, progress));
  counts.passed += 1;
  await checks();
  const variables = await services();
  await tests(variables);
} catch (error) {
  counts.failed += 1;
  say(`${red('failed:')} ${error instanceof Error ? error.message : String(error)}`);
}
await end(counts.failed === 0 ? 0 : 1);

/** Types, lint, format, directions, dead code, documents: what `npm run check` consists of. */
async function checks() {
  const { scripts = {} } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  if (CHOSEN.length > 0) return;
  if (scripts.check === undefined) {
    untested.push('npm run check: this project has no such script');
    return;
  }
  const code = await run('npm', ['run', '--silent', 'check'], process.env);
  count(code === 0, 'npm run check');
}

/** A server, a database and a model for all tests; one that is not to be had is said and not hidden. */
async function services() {
  const load = (module) => import(pathToFileURL(join(ROOT, 'dist', module)).href);
  const { stateFolder } = await load('setup/state-folder.js');
  const { temporalServer } = await load('setup/temporal-server.js');
  const { projectDatabase } = await load('setup/postgres.js');
  const { obtainModels } = await load('setup/models.js');
  const { loadProject } = await load('setup/project.js');
  const { stopProcess } = await load('setup/processes.js');
  const { step: reported } = await load('setup/reporter.js');

  const folder = mkdtempSync(join(tmpdir(), 'firn-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  // As root, PostgreSQL runs as another user, who must be able to pass.
  chmodSync(folder, 0o755);
  const state = stateFolder(folder);
  // The program of the server comes from the project's cache, and goes into it.
  const cache = stateFolder(ROOT).path('bin');
  mkdirSync(cache, { recursive: true });
  symlinkSync(cache, state.path('bin'));

  const show = reporter();
  // Servers of the person's own are not for tests.
  const plain = { ...process.env };
  delete plain.DATABASE_URL;
  delete plain.TEMPORAL_ADDRESS;
  const settings = { address: undefined, namespace: 'default', apiKey: undefined, tls: false };
  const { configuration } = loadProject(ROOT, plain);
  const variables = { ...process.env };
  const results = await Promise.allSettled([
    reported(show, 'Temporal', 'one server for all tests', (report) =>
      temporalServer({ state, settings, variables: plain, report }),
    ),
    reported(show, 'PostgreSQL', 'one server for all tests', (report) =>
      projectDatabase({ state, variables: plain, report }),
    ),
    reported(show, 'Model', 'the sentence encoder', (report) => obtainModels(configuration, report)),
  ]);
  const [temporal, database, models] = results.map((result) =>
    result.status === 'fulfilled' ? result.value : undefined,
  );
  for (const result of results)
    if (result.status === 'rejected') count(false, `set-up: ${result.reason?.message ?? result.reason}`);
  if (temporal !== undefined) {
    cleanups.unshift(() => stopProcess(temporal.process, 10_000));
    Object.assign(variables, { FIRN_TEST_TEMPORAL_ADDRESS: temporal.address, FIRN_TEST_TEMPORAL_UI: temporal.ui });
  }
  if (database !== undefined) {
    cleanups.unshift(() => database.stop());
    variables.FIRN_TEST_DATABASE_URL = database.url;
  }
  if (models?.encoder !== undefined) {
    Object.assign(variables, {
      FIRN_TEST_ENCODER: models.encoder.path,
      FIRN_TEST_ENCODER_SHA256: models.encoder.sha256,
    });
  } else {
    untested.push('what needs the sentence encoder: it is not to be had here');
  }
  return variables;
}

async function tests(variables) {
  const folder = mkdtempSync(join(tmpdir(), 'firn-report-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const report = join(folder, 'report.json');
  const words = ['run', ...CHOSEN, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const code = await run(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...words], variables);
  if (!existsSync(report)) {
    count(false, 'vitest ended without a report');
    return;
  }
  const { testResults = [] } = JSON.parse(readFileSync(report, 'utf8'));
  let failed = 0;
  for (const file of testResults) {
    const name = relative(ROOT, file.name);
    for (const test of file.assertionResults ?? []) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') failed += 1;
      else untested.push(`${name}: ${test.fullName} (skipped)`);
    }
    // A file that could not even be loaded has no failed test to show for it.
    if (file.status === 'failed' && !(file.assertionResults ?? []).some((test) => test.status === 'failed'))
      failed += 1;
  }
  if (code !== 0 && failed === 0) failed += 1;
  if (testResults.length === 0) failed += 1;
  counts.failed += failed;
}

function count(ok, what) {
  if (ok) counts.passed += 1;
  else {
    counts.failed += 1;
    say(`${red('failed:')} ${what}`);
  }
}

function run(program, words, variables) {
  return new Promise((done) => {
    const child = spawn(program, words, { cwd: ROOT, env: variables, stdio: ['ignore', 'inherit', 'inherit'] });
    const forward = () => child.kill('SIGTERM');
    cleanups.unshift(forward);
    child.once('error', () => done(1));
    child.once('exit', (code) => {
      cleanups.splice(cleanups.indexOf(forward), 1);
      done(code ?? 1);
    });
  });
}

async function end(code) {
  for (const cleanup of cleanups.splice(0)) await Promise.resolve(cleanup()).catch((error) => say(String(error)));
  if (untested.length > 0) say(`\nNot tested:\n${[...new Set(untested)].map((line) => `  ${line}`).join('\n')}`);
  process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed\n`);
  process.exit(code);
}
