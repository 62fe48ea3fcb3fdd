import fc from 'fast-check';
import { createCRC32 } from 'hash-wasm';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../../../models/checkpoint/read/crc32.ts';

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  it('agrees with hash-wasm at every length and alignment, whole and in two parts', async () => {
    const reference = await createCRC32();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(7), fc.nat(200), (bytes, shift, cut) => {
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        const expected = Number.parseInt(reference.init().update(bytes).digest('hex'), 16);
        expect(crc32(shifted)).toBe(expected);
        expect(crc32(shifted.subarray(cut), crc32(shifted.subarray(0, cut)))).toBe(expected);
      }),
    );
  });
});
