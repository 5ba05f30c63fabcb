/**
 * Safetensors files: the tensors of a trained model, read by name.
 *
 * HOST, but without I/O: bytes in, numbers out. The format is eight bytes of header length, a JSON header and the data
 * (https://github.com/huggingface/safetensors#format). A file is trusted for its numbers only after its SHA-256 was
 * compared; its header is not trusted at all, so every offset is checked before it is used.
 */
import { isJsonMap } from '../../language/plan/json.js';
import { halfToFloat } from './quantize.js';

export interface Tensor {
  readonly name: string;
  readonly dtype: string;
  /** Outermost dimension first. */
  readonly shape: readonly number[];
  /** The tensor's values as 32-bit floats, in row order. */
  values(): Float32Array;
}

const BYTES_PER_VALUE: ReadonlyMap<string, number> = new Map([
  ['F32', 4],
  ['F16', 2],
  ['BF16', 2],
  ['I64', 8],
  ['I32', 4],
]);
/** Real headers have some 10 KB; what is larger is another kind of file. */
const HEADER_LIMIT = 16 * 1024 * 1024;

/** The tensors of a file by name. Throws an Error that says what is wrong with the file. */
export function readSafetensors(file: Buffer): ReadonlyMap<string, Tensor> {
  if (file.length < 8) throw new Error(`the file has ${file.length} bytes: too short for a safetensors file`);
  const headerLength = Number(file.readBigUInt64LE(0));
  if (headerLength > HEADER_LIMIT) {
    throw new Error(`this is not a safetensors file: it announces a header of ${headerLength} bytes`);
  }
  const dataStart = 8 + headerLength;
  if (dataStart > file.length) {
    throw new Error(`the file is truncated: ${file.length} bytes, and the header alone needs ${dataStart}`);
  }
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(parseHeader(file.toString('utf8', 8, dataStart)))) {
    if (name === '__metadata__') continue;
    tensors.set(name, readEntry(name, entry, file.subarray(dataStart)));
  }
  if (tensors.size === 0) throw new Error('the file holds no tensors');
  return tensors;
}

function parseHeader(text: string): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw new Error('this is not a safetensors file: its header is not JSON');
  }
  if (!isJsonMap(header)) throw new Error('this is not a safetensors file: its header is not a map');
  return header;
}

function readEntry(name: string, entry: unknown, data: Buffer): Tensor {
  if (!isJsonMap(entry)) throw new Error(`tensor "${name}" has no description`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const [start, end] = wholeNumbers(offsets) ?? [];
  const dimensions = wholeNumbers(shape);
  if (typeof dtype !== 'string' || dimensions === undefined || start === undefined || end === undefined) {
    throw new Error(`tensor "${name}" has no readable type, shape or place`);
  }
  const bytesPerValue = BYTES_PER_VALUE.get(dtype);
  const count = dimensions.reduce((product, size) => product * size, 1);
  if (bytesPerValue !== undefined && end - start !== count * bytesPerValue) {
    throw new Error(`tensor "${name}" should have ${count * bytesPerValue} bytes and has ${end - start}`);
  }
  if (end < start || end > data.length) {
    throw new Error(`the file is truncated: tensor "${name}" ends at byte ${end} of ${data.length}`);
  }
  const bytes = data.subarray(start, end);
  return { name, dtype, shape: dimensions, values: () => toFloats(name, dtype, bytes, count) };
}

function wholeNumbers(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers: number[] = [];
  for (const item of value) {
    if (typeof item !== 'number' || !Number.isSafeInteger(item) || item < 0) return undefined;
    numbers.push(item);
  }
  return numbers;
}

function toFloats(name: string, dtype: string, bytes: Buffer, count: number): Float32Array {
  const values = new Float32Array(count);
  if (dtype === 'F32') {
    // Copied, because a tensor may start at an odd place of the file and a Float32Array may not.
    new Uint8Array(values.buffer).set(bytes);
  } else if (dtype === 'F16') {
    for (let at = 0; at < count; at += 1) values[at] = halfToFloat(bytes.readUInt16LE(at * 2));
  } else if (dtype === 'BF16') {
    const bits = new Uint32Array(values.buffer);
    for (let at = 0; at < count; at += 1) bits[at] = bytes.readUInt16LE(at * 2) << 16;
  } else {
    throw new Error(`tensor "${name}" is of type ${dtype}; F32, F16 and BF16 can be read`);
  }
  return values;
}
