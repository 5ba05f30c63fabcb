/** The importer: published weights become GGUF, byte for byte the same each time; what is not fit is refused by name. */
import { describe, expect, it } from 'vitest';
import { sha256Of } from '../../models/files.js';
import { importBert } from '../../models/importer/bert.js';
import type { TensorType } from '../../models/importer/gguf.js';
import { floatToHalf, halfToFloat, toQ8 } from '../../models/importer/quantize.js';
import { readSafetensors } from '../../models/importer/safetensors.js';
import { TINY_VOCABULARY, TINY_WEIGHTS, safetensors, tinyTensors } from './tiny.js';

const withoutHeads = {
  name: 'tiny',
  weights: TINY_WEIGHTS,
  vocabulary: TINY_VOCABULARY,
  pooling: 'mean',
  as: 'Q8_0',
} as const;
const source = { ...withoutHeads, heads: 4 } as const;

describe('the same input gives the same bytes', () => {
  const golden: [as: TensorType, sha256: string][] = [
    ['Q8_0', '653dd4c01b80dc4e201f75bec323c2a36d899dd16eb5e436212f407dec909028'],
    ['F16', 'a7faa0d7c8a9fa02348e1f56c5bcfb906c3caa0cc34c2327e9cb3d235a1ceac4'],
    ['F32', 'ada22b79a68d44d1baf9d3480bc9ce3669f9a6ee538f79cb78588bbdc82da994'],
  ];
  it.each(golden)('%s', (as, sha256) => {
    expect(sha256Of(importBert({ ...source, as }))).toBe(sha256);
  });
  it('whether the weights are called bert.… or not', () => {
    const prefixed = Object.fromEntries(
      Object.entries(tinyTensors()).map(([name, tensor]) => [`bert.${name}`, tensor]),
    );
    expect(importBert({ ...source, weights: safetensors(prefixed) }).equals(importBert(source))).toBe(true);
  });
  it('whether the heads come from config.json or from the profile', () => {
    const config = { model_type: 'bert', hidden_act: 'gelu', num_attention_heads: 4, layer_norm_eps: 1e-12 };
    expect(importBert({ ...withoutHeads, config }).equals(importBert(source))).toBe(true);
  });
});

describe('is refused', () => {
  const without = (name: string): Buffer => {
    return safetensors(Object.fromEntries(Object.entries(tinyTensors()).filter(([key]) => key !== name)));
  };
  const cut = (length: number): Buffer => TINY_WEIGHTS.subarray(0, length);
  const f64 = { ...tinyTensors(), 'embeddings.LayerNorm.bias': { dtype: 'F64', shape: [32], data: Buffer.alloc(256) } };
  const cases: [what: string, change: Partial<Parameters<typeof importBert>[0]>, message: string][] = [
    ['an empty file', { weights: cut(0) }, 'the file has 0 bytes: too short for a safetensors file'],
    ['a header cut off', { weights: cut(100) }, 'the file is truncated: 100 bytes, and the header alone needs'],
    ['data cut off', { weights: cut(TINY_WEIGHTS.length - 1) }, 'the file is truncated: tensor "'],
    [
      'another kind of file',
      { weights: Buffer.from('<!doctype html><html></html>') },
      'this is not a safetensors file: it announces',
    ],
    [
      'a header that is no JSON',
      { weights: Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{x')]) },
      'its header is not JSON',
    ],
    [
      'a missing tensor',
      { weights: without('encoder.layer.1.output.dense.weight') },
      'the model has no tensor "encoder.layer.1.output.dense.weight"',
    ],
    [
      'a model without word embeddings',
      { weights: without('embeddings.word_embeddings.weight') },
      'this is no encoder of the BERT family',
    ],
    [
      'another vocabulary',
      { vocabulary: '[PAD]\n[UNK]\n' },
      'vocab.txt has 2 tokens and the model 15: they do not belong together',
    ],
    [
      'a vocabulary without marks',
      { vocabulary: TINY_VOCABULARY.replace('[SEP]', 'sep') },
      'vocab.txt has no token [SEP]',
    ],
    ['numbers of another type', { weights: safetensors(f64) }, 'is of type F64; F32, F16 and BF16 can be read'],
    [
      'another activation',
      { config: { hidden_act: 'relu' } },
      'config.json says hidden_act "relu"; only "gelu" can be imported',
    ],
    ['another architecture', { config: { model_type: 'mpnet' } }, 'config.json says model_type "mpnet"'],
    ['heads that do not divide the width', { heads: 5 }, '5 attention heads do not divide a width of 32'],
  ];
  it.each(cases)('%s', (_what, change, message) => {
    expect(() => importBert({ ...source, ...change })).toThrow(message);
  });
  it('a tensor whose size does not fit its shape', () => {
    const tensors = { x: { shape: [2, 2], data: Buffer.alloc(12) } };
    expect(() => readSafetensors(safetensors(tensors))).toThrow('tensor "x" should have 16 bytes and has 12');
  });
  it('no heads at all', () => {
    expect(() => importBert(withoutHeads)).toThrow('config.json is needed');
  });
});

describe('numbers', () => {
  it('read back every 16-bit float as it was', () => {
    const all = Array.from({ length: 0x10000 }, (_value, half) => half).filter(
      (half) => !Number.isNaN(halfToFloat(half)),
    );
    expect(all.length).toBe(0x10000 - 2 * 0x3ff);
    expect(all.filter((half) => floatToHalf(halfToFloat(half)) !== half)).toEqual([]);
  });
  const rounded: [value: number, half: number][] = [
    [1, 0x3c00],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [-1e10, 0xfc00],
    [2 ** -25, 0],
    [1.5 * 2 ** -25, 1],
    [NaN, 0x7e00],
  ];
  it.each(rounded)('round %d to the nearest, ties to even', (value, half) => {
    expect(floatToHalf(value)).toBe(half);
  });
  it('put 32 values in 34 bytes, the largest at 127, halves away from zero', () => {
    const values = Float32Array.from({ length: 32 }, (_value, at) => [127, -127, 0.5, -0.5, 2.49, 0][at] ?? 0);
    const bytes = toQ8(values);
    expect(bytes.length).toBe(34);
    expect(bytes.readUInt16LE(0)).toBe(floatToHalf(1));
    expect([2, 3, 4, 5, 6, 7].map((at) => bytes.readInt8(at))).toEqual([127, -127, 1, -1, 2, 0]);
  });
  it('keep a block of zeros', () => {
    expect(toQ8(new Float32Array(32)).equals(Buffer.alloc(34))).toBe(true);
  });
  it('are read from F16 and BF16', () => {
    const half = Buffer.from([0x00, 0x3c, 0x00, 0xc0]);
    const brain = Buffer.from([0x80, 0x3f, 0x00, 0xc0]);
    const tensors = readSafetensors(
      safetensors({ f: { dtype: 'F16', shape: [2], data: half }, b: { dtype: 'BF16', shape: [2], data: brain } }),
    );
    expect([...(tensors.get('f')?.values() ?? [])]).toEqual([1, -2]);
    expect([...(tensors.get('b')?.values() ?? [])]).toEqual([1, -2]);
  });
});
