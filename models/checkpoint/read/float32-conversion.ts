import type { Dtype } from './tensor-info.ts';

/**
 * Converts elements of any dtype to float32. float16, bfloat16, bool and the integers below 2^24 stay exact, NaN
 * payloads and subnormals included. float64, int64 and int32 are rounded once to the nearest float32, ties to even, as
 * PyTorch's `.to(torch.float32)` does. Bytes are little-endian, as on every machine that runs WebAssembly.
 * @param bytes a whole number of elements. float32 is not copied: the result is a view of `bytes` if their alignment
 *   allows it
 */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): Float32Array<ArrayBuffer> {
  // Typed arrays must begin at a multiple of their element's size.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const { buffer, byteOffset, byteLength } = aligned;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, byteLength / 4);
    case 'float64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, byteLength / 8));
    case 'float16':
      return fromFloat16(new Uint16Array(buffer, byteOffset, byteLength / 2));
    case 'bfloat16': {
      // A bfloat16 is the upper half of a float32.
      const halves = new Uint16Array(buffer, byteOffset, byteLength / 2);
      const words = new Uint32Array(halves.length);
      for (let index = 0; index < halves.length; index++) words[index] = halves[index]! << 16;
      return new Float32Array(words.buffer);
    }
    case 'int64':
      return fromInt64(new BigInt64Array(buffer, byteOffset, byteLength / 8));
    case 'int32':
      return Float32Array.from(new Int32Array(buffer, byteOffset, byteLength / 4));
    case 'int16':
      return Float32Array.from(new Int16Array(buffer, byteOffset, byteLength / 2));
    case 'int8':
      return Float32Array.from(new Int8Array(buffer, byteOffset, byteLength));
    case 'uint8':
      return Float32Array.from(aligned);
    case 'bool':
      return Float32Array.from(aligned, (byte) => (byte === 0 ? 0 : 1));
  }
}

/** IEEE 754 binary16 by its bits: sign, 5 bits of exponent, 10 of significand. */
function fromFloat16(halves: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(halves.length);
  const floats = new Float32Array(words.buffer);
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index]!;
    const sign = (half & 0x8000) << 16;
    const exponent = (half >>> 10) & 0x1f;
    const significand = half & 0x3ff;
    if (exponent === 0) {
      // Zero or subnormal: a multiple of 2^-24, which float32 holds as a normal number.
      floats[index] = significand * 2 ** -24;
      words[index] = words[index]! | sign;
    } else {
      // 15 and 127 are the biases; an exponent of all ones stays all ones.
      words[index] = sign | ((exponent === 0x1f ? 0xff : exponent + 112) << 23) | (significand << 13);
    }
  }
  return floats;
}

/**
 * Converts through float64, which is exact to 2^53. Of a larger number, one bit stands for all the bits that would be
 * lost, so that it is rounded once only.
 */
function fromInt64(values: BigInt64Array): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(values.length);
  for (const [index, value] of values.entries()) {
    const number = Number(value);
    if (Number.isSafeInteger(number)) floats[index] = number;
    else floats[index] = Number((value >> 11n) | ((value & 0x7ffn) === 0n ? 0n : 1n)) * 2048;
  }
  return floats;
}
