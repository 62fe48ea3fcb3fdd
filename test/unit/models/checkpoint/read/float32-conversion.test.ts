import { describe, expect, it } from 'vitest';
import { toFloat32 } from '../../../../../models/checkpoint/read/float32-conversion.ts';

function bytesOf(array: { readonly buffer: ArrayBuffer }): Uint8Array<ArrayBuffer> {
  return new Uint8Array(array.buffer);
}

describe('toFloat32', () => {
  it('converts every one of the 65,536 float16 numbers exactly', () => {
    const halves = Uint16Array.from({ length: 65_536 }, (_, index) => index);
    const floats = toFloat32(bytesOf(halves), 'float16');
    for (const [index, value] of floats.entries()) {
      const sign = index >= 0x8000 ? -1 : 1;
      const exponent = (index >>> 10) & 0x1f;
      const significand = index & 0x3ff;
      const expected =
        exponent === 0x1f
          ? significand === 0
            ? sign * Infinity
            : Number.NaN
          : sign * (exponent === 0 ? significand : (1024 + significand) * 2 ** (exponent - 1)) * 2 ** -24;
      if (!Object.is(value, expected)) {
        expect.fail(`0x${index.toString(16)}: ${value}, not ${expected}`);
      }
    }
  });

  it('takes bfloat16 as the upper half of a float32', () => {
    const halves = Uint16Array.of(0x0000, 0x8000, 0x3f80, 0xc020, 0x7f80, 0xff80, 0x0001, 0x3dcd);
    expect([...toFloat32(bytesOf(halves), 'bfloat16')]).toEqual([
      0,
      -0,
      1,
      -2.5,
      Infinity,
      -Infinity,
      2 ** -133,
      0.10009765625,
    ]);
  });

  it('rounds float64 to the nearest float32', () => {
    const values = [1.1, 1 + 2 ** -24, 1 + 3 * 2 ** -24, 1e300, -1e-300, -0];
    expect([...toFloat32(bytesOf(Float64Array.from(values)), 'float64')]).toEqual(values.map(Math.fround));
  });

  it('rounds int64 once, also beyond 2^53', () => {
    // 2^60 + 2^36 + 1 lies just above the middle of two float32; through float64 it would become the middle and go down.
    const values = BigInt64Array.of(
      0n,
      -1n,
      2n ** 53n + 1n,
      2n ** 60n + 2n ** 36n + 1n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    );
    expect([...toFloat32(bytesOf(values), 'int64')]).toEqual([
      0,
      -1,
      2 ** 53,
      2 ** 60 + 2 ** 37,
      2 ** 63,
      -(2 ** 63),
    ]);
    const negative = BigInt64Array.of(-(2n ** 60n) - 2n ** 36n - 1n);
    expect([...toFloat32(bytesOf(negative), 'int64')]).toEqual([-(2 ** 60) - 2 ** 37]);
  });

  it('converts the small integers and bool', () => {
    expect([...toFloat32(bytesOf(Int32Array.of(-5, 2 ** 24 + 1)), 'int32')]).toEqual([-5, 2 ** 24]);
    expect([...toFloat32(bytesOf(Int16Array.of(-32_768)), 'int16')]).toEqual([-32_768]);
    expect([...toFloat32(bytesOf(Int8Array.of(-128, 127)), 'int8')]).toEqual([-128, 127]);
    expect([...toFloat32(bytesOf(Uint8Array.of(255)), 'uint8')]).toEqual([255]);
    expect([...toFloat32(bytesOf(Uint8Array.of(0, 1, 255)), 'bool')]).toEqual([0, 1, 1]);
  });

  it('reads bytes that do not begin at an aligned address', () => {
    const shifted = new Uint8Array([0, ...bytesOf(Float32Array.of(1.5, -2))]).subarray(1);
    expect([...toFloat32(shifted, 'float32')]).toEqual([1.5, -2]);
  });

  it('does not copy float32', () => {
    const bytes = bytesOf(Float32Array.of(1, 2));
    expect(toFloat32(bytes, 'float32').buffer).toBe(bytes.buffer);
  });
});
