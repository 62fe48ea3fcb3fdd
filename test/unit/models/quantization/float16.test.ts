import { describe, expect, it } from 'vitest';
import { FLOAT16_MAX, toFloat16 } from '../../../../models/quantization/float16.ts';
import { isDetectorError } from '../../../../utils/domain/errors.ts';

/** IEEE 754 binary16 → number, straight from the definition. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function encode(values: readonly number[]): Uint16Array {
  return new Uint16Array(toFloat16(Float32Array.from(values), 'test').buffer);
}

const FINITE_BITS = Array.from({ length: 0x7c00 }, (_, bits) => bits);

describe('toFloat16', () => {
  it('keeps each of the 63 488 finite half-precision numbers', () => {
    const all = [...FINITE_BITS, ...FINITE_BITS.map((bits) => bits | 0x8000)];
    expect(Array.from(encode(all.map(fromFloat16)))).toEqual(all);
  });

  it('rounds halfway between two neighbours to the even one', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const halfway = (fromFloat16(bits) + fromFloat16(bits + 1)) / 2;
      // Halfway points have one bit more than half precision, so float32 holds them exactly.
      expect(encode([halfway])[0]).toBe(bits % 2 === 0 ? bits : bits + 1);
    }
  });

  it('rounds to the nearer neighbour just beside halfway', () => {
    for (const bits of [1, 2, 0x3ff, 0x400, 0x3c00, 0x7bfe]) {
      const low = fromFloat16(bits);
      const step = fromFloat16(bits + 1) - low;
      expect(Array.from(encode([low + step * 0.499, low + step * 0.501]))).toEqual([bits, bits + 1]);
    }
  });

  it('keeps the sign of zero and of what vanishes', () => {
    expect(Array.from(encode([0, -0, 1e-9, -1e-9]))).toEqual([0, 0x8000, 0, 0x8000]);
  });

  it.each([65520, -65520, 1e30, Infinity, NaN])('refuses %s by the name of its tensor', (value) => {
    const attempt = (): unknown => toFloat16(Float32Array.of(1, value), 'fc.weight');
    expect(attempt).toThrow(/fc\.weight/);
    try {
      attempt();
    } catch (error) {
      expect(isDetectorError(error, 'options-invalid')).toBe(true);
    }
  });

  it('takes what still rounds down to the largest number', () => {
    expect(fromFloat16(encode([65519])[0]!)).toBe(FLOAT16_MAX);
  });
});
