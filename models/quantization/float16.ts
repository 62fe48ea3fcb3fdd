import { DetectorError } from '../../utils/domain/errors.ts';

/** The largest finite binary16 number (IEEE 754). */
export const FLOAT16_MAX = 65504;

/**
 * Float32 values as IEEE 754 binary16, rounded to nearest with ties to even, little-endian, two bytes each.
 * Numbers below 2^-24 become zero or the smallest subnormal, as the standard says.
 * @throws DetectorError `options-invalid` for a number that rounds beyond ±65504 or is not a number: a weight that
 *   turned into infinity would silently ruin every score
 */
export function toFloat16(values: Float32Array, what: string): Uint8Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const half = new Uint16Array(values.length);
  for (let index = 0; index < bits.length; index++) {
    const word = bits[index]!;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    let rounded: number;
    if (magnitude >= 0x38800000) {
      // Normal: 13 bits of the significand go; adding just under half an ulp plus the last kept bit ties to even.
      rounded = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
      if (rounded >= 0x7c00) {
        throw new DetectorError(
          'options-invalid',
          `${what}: the value ${String(values[index])} does not fit float16 (±${String(FLOAT16_MAX)}); use fp32`,
        );
      }
    } else if (magnitude <= 0x33000000) {
      // At most half of the smallest subnormal: rounding to even gives zero.
      rounded = 0;
    } else {
      // Subnormal: the number of 2^-24 steps, rounded to even.
      const shift = 126 - (magnitude >>> 23);
      const significand = (magnitude & 0x7fffff) | 0x800000;
      const kept = significand >>> shift;
      const lost = significand & ((1 << shift) - 1);
      const halfway = 1 << (shift - 1);
      rounded = kept + (lost > halfway || (lost === halfway && (kept & 1) === 1) ? 1 : 0);
    }
    half[index] = sign | rounded;
  }
  return new Uint8Array(half.buffer);
}
