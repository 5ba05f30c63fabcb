/**
 * GGUF files, written: metadata and tensors in the layout that llama.cpp maps into memory.
 *
 * HOST, but without I/O: a description in, bytes out; the same description gives the same bytes, because nothing in it
 * depends on the clock, the machine or the order of a hash map. Version 3, little-endian, data aligned to 32 bytes
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 */
export type Metadata =
  | { readonly is: 'text'; readonly value: string }
  | { readonly is: 'u32'; readonly value: number }
  | { readonly is: 'f32'; readonly value: number }
  | { readonly is: 'flag'; readonly value: boolean }
  | { readonly is: 'texts'; readonly value: readonly string[] }
  | { readonly is: 'i32s'; readonly value: readonly number[] };

/** ggml's numbers for the kinds of tensors that are written here. */
export const TENSOR_TYPES = { F32: 0, F16: 1, Q8_0: 8 } as const;
export type TensorType = keyof typeof TENSOR_TYPES;

export interface WrittenTensor {
  readonly name: string;
  /** Outermost dimension first; the file holds it the other way round. */
  readonly shape: readonly number[];
  readonly type: TensorType;
  readonly data: Buffer;
}

const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, flag: 7, text: 8, list: 9 } as const;
const ALIGNMENT = 32;

export function writeGguf(
  metadata: readonly (readonly [string, Metadata])[],
  tensors: readonly WrittenTensor[],
): Buffer {
  const head: Buffer[] = [Buffer.from('GGUF', 'latin1'), u32(3), u64(tensors.length), u64(metadata.length)];
  for (const [key, value] of metadata) head.push(text(key), ...writeValue(value));
  let offset = 0;
  for (const tensor of tensors) {
    head.push(text(tensor.name), u32(tensor.shape.length), ...[...tensor.shape].reverse().map(u64));
    head.push(u32(TENSOR_TYPES[tensor.type]), u64(offset));
    offset += tensor.data.length + padding(tensor.data.length);
  }
  const headLength = head.reduce((sum, part) => sum + part.length, 0);
  const body = tensors.flatMap((tensor) => [tensor.data, Buffer.alloc(padding(tensor.data.length))]);
  return Buffer.concat([...head, Buffer.alloc(padding(headLength)), ...body]);
}

function writeValue(value: Metadata): readonly Buffer[] {
  switch (value.is) {
    case 'text':
      return [u32(VALUE_TYPES.text), text(value.value)];
    case 'u32':
      return [u32(VALUE_TYPES.u32), u32(value.value)];
    case 'f32':
      return [u32(VALUE_TYPES.f32), f32(value.value)];
    case 'flag':
      return [u32(VALUE_TYPES.flag), Buffer.from([value.value ? 1 : 0])];
    case 'texts':
      return [u32(VALUE_TYPES.list), u32(VALUE_TYPES.text), u64(value.value.length), ...value.value.map(text)];
    case 'i32s':
      return [u32(VALUE_TYPES.list), u32(VALUE_TYPES.i32), u64(value.value.length), i32s(value.value)];
  }
}

function padding(length: number): number {
  return (ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function f32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

function i32s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeInt32LE(value, at * 4);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  return Buffer.concat([u64(bytes.length), bytes]);
}
