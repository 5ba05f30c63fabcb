/**
 * A tiny encoder of the BERT family with pseudo-random weights: the whole way from published files to vectors, with
 * nothing to download. Its vectors mean nothing. Not a test itself.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Of } from '../../models/files.js';
import type { EncoderProfile } from '../../models/profile.js';

const WIDTH = 32;
const INNER = 64;
const LAYERS = 2;
const CONTEXT = 64;
const WORDS = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  'the',
  'parcel',
  'never',
  'came',
  'broken',
  '##s',
  'is',
  'it',
  '.',
  'a',
];

export const TINY_VOCABULARY = `${WORDS.join('\n')}\n`;

export interface WrittenAs {
  readonly dtype?: string;
  readonly shape: readonly number[];
  readonly data: Buffer;
}

/** A safetensors file with these tensors. */
export function safetensors(tensors: Readonly<Record<string, WrittenAs>>): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { dtype = 'F32', shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.length] };
    offset += data.length;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, ...Object.values(tensors).map(({ data }) => data)]);
}

/** Numbers between -0.1 and 0.1 that are the same on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32 - 0.5) / 5;
  };
}

export function tinyTensors(words = WORDS.length): Record<string, WrittenAs> {
  const next = numbers(7);
  const random = (...shape: number[]): WrittenAs => floats(shape, next);
  const ones = (size: number): WrittenAs => floats([size], () => 1);
  const tensors: Record<string, WrittenAs> = {
    'embeddings.position_ids': { dtype: 'I64', shape: [1, 2], data: Buffer.alloc(16) },
    'embeddings.word_embeddings.weight': random(words, WIDTH),
    'embeddings.position_embeddings.weight': random(CONTEXT, WIDTH),
    'embeddings.token_type_embeddings.weight': random(2, WIDTH),
    'embeddings.LayerNorm.weight': ones(WIDTH),
    'embeddings.LayerNorm.bias': random(WIDTH),
  };
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const at = `encoder.layer.${layer}`;
    for (const name of [
      'attention.self.query',
      'attention.self.key',
      'attention.self.value',
      'attention.output.dense',
    ]) {
      tensors[`${at}.${name}.weight`] = random(WIDTH, WIDTH);
      tensors[`${at}.${name}.bias`] = random(WIDTH);
    }
    tensors[`${at}.intermediate.dense.weight`] = random(INNER, WIDTH);
    tensors[`${at}.intermediate.dense.bias`] = random(INNER);
    tensors[`${at}.output.dense.weight`] = random(WIDTH, INNER);
    tensors[`${at}.output.dense.bias`] = random(WIDTH);
    for (const name of ['attention.output.LayerNorm', 'output.LayerNorm']) {
      tensors[`${at}.${name}.weight`] = ones(WIDTH);
      tensors[`${at}.${name}.bias`] = random(WIDTH);
    }
  }
  return tensors;
}

function floats(shape: readonly number[], next: () => number): WrittenAs {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Buffer.alloc(count * 4);
  for (let at = 0; at < count; at += 1) data.writeFloatLE(next(), at * 4);
  return { shape, data };
}

export const TINY_WEIGHTS = safetensors(tinyTensors());

export const TINY: EncoderProfile = {
  name: 'tiny',
  licence: 'none',
  weights: { name: 'model.safetensors', sha256: sha256Of(TINY_WEIGHTS), bytes: TINY_WEIGHTS.length },
  vocabulary: { name: 'vocab.txt', sha256: sha256Of(TINY_VOCABULARY), bytes: Buffer.byteLength(TINY_VOCABULARY) },
  hub: { repository: 'firn/tiny', revision: 'main' },
  wheel: { package: 'firn-tiny-encoder-that-nobody-has', version: '0.0.1', sha256: '0'.repeat(64) },
  heads: 4,
  pooling: 'mean',
  dimensions: WIDTH,
  context: CONTEXT,
};

/** The two published files, in a directory. */
export function publishTiny(directory: string): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'model.safetensors'), TINY_WEIGHTS);
  writeFileSync(join(directory, 'vocab.txt'), TINY_VOCABULARY);
  return directory;
}
