/**
 * Numbers in fewer bits: F16 and Q8_0, as ggml defines them.
 *
 * HOST, but pure arithmetic: the same values give the same bytes on every machine. Q8_0 is blocks of 32 values, each a
 * 16-bit scale (largest magnitude / 127) and 32 signed bytes; after `quantize_row_q8_0_ref` in ggml-quants.c, which
 * computes in 32-bit floats, hence `Math.fround`.
 */
export const Q8_BLOCK_VALUES = 32;
export const Q8_BLOCK_BYTES = 34;

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** The bits of the nearest 16-bit float, ties to even. What is too large becomes infinity. */
export function floatToHalf(value: number): number {
  floatView[0] = value;
  const bits = bitsView[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 and above round to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | subnormalHalf(magnitude);
  const rebiased = magnitude - 0x38000000;
  return sign | ((rebiased + 0x0fff + ((rebiased >>> 13) & 1)) >>> 13);
}

function subnormalHalf(magnitude: number): number {
  const exponent = magnitude >>> 23;
  if (exponent < 102) return 0;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const kept = mantissa >>> shift;
  const rest = mantissa & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
}

/** The value of a 16-bit float's bits. */
export function halfToFloat(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >>> 10) & 0x1f;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

export function toF32(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

export function toF16(values: Float32Array): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [at, value] of values.entries()) bytes.writeUInt16LE(floatToHalf(value), at * 2);
  return bytes;
}

/** `values` must be a multiple of 32: rows that are not stay F32. */
export function toQ8(values: Float32Array): Buffer {
  const blocks = values.length / Q8_BLOCK_VALUES;
  const bytes = Buffer.alloc(blocks * Q8_BLOCK_BYTES);
  for (let block = 0; block < blocks; block += 1) {
    const from = block * Q8_BLOCK_VALUES;
    let largest = 0;
    for (let at = from; at < from + Q8_BLOCK_VALUES; at += 1) largest = Math.max(largest, Math.abs(values[at] ?? 0));
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    const target = block * Q8_BLOCK_BYTES;
    bytes.writeUInt16LE(floatToHalf(scale), target);
    for (let at = 0; at < Q8_BLOCK_VALUES; at += 1) {
      bytes.writeInt8(roundAwayFromZero(Math.fround((values[from + at] ?? 0) * inverse)), target + 2 + at);
    }
  }
  return bytes;
}

/** C's roundf, and never -0. */
function roundAwayFromZero(value: number): number {
  return value < 0 ? -Math.floor(-value + 0.5) + 0 : Math.floor(value + 0.5);
}
