import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInt4Blocks, quantizeInt4Blocks } from '../../../../models/quantization/int4-blocks.ts';
import type { Int4Blocks } from '../../../../models/quantization/int4-blocks.ts';
import {
  createInt8Columns,
  quantizeInt8Columns,
  quantizeInt8Rows,
} from '../../../../models/quantization/int8.ts';

const matrices = fc
  .record({ rows: fc.integer({ min: 1, max: 7 }), columns: fc.integer({ min: 1, max: 70 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      values: fc
        .array(fc.float({ min: -8, max: 8, noNaN: true }), {
          minLength: rows * columns,
          maxLength: rows * columns,
        })
        .map((values) => Float32Array.from(values)),
    }),
  );

/** Rows below float32's normal range are taken as zero. */
const NEGLIGIBLE = 127 * 2 ** -126;

function largestOf(values: Float32Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

describe('int8', () => {
  it('gives every weight back within half a step of its own row', () => {
    fc.assert(
      fc.property(matrices, ({ rows, columns, values }) => {
        const target = createInt8Columns(columns, rows);
        quantizeInt8Columns(target, values, columns, 0);
        for (let row = 0; row < rows; row++) {
          const own = values.subarray(row * columns, (row + 1) * columns);
          const halfStep = largestOf(own) / 254;
          own.forEach((value, k) => {
            const back = target.matrix[k * rows + row]! * target.scales[row]!;
            expect(Math.abs(back - value)).toBeLessThanOrEqual(halfStep * 1.0001 + NEGLIGIBLE);
          });
        }
      }),
    );
  });

  it('fills columns block by block as it does at once', () => {
    const inFeatures = 5;
    const values = Float32Array.from({ length: 6 * inFeatures }, (_, index) => Math.sin(index));
    const whole = createInt8Columns(inFeatures, 6);
    quantizeInt8Columns(whole, values, inFeatures, 0);
    const blocks = createInt8Columns(inFeatures, 6);
    quantizeInt8Columns(blocks, values.slice(0, 4 * inFeatures), inFeatures, 0);
    quantizeInt8Columns(blocks, values.slice(4 * inFeatures), inFeatures, 4);
    expect(blocks).toEqual(whole);
  });

  it('keeps the rows’ own layout in the row form', () => {
    const values = Float32Array.of(1, -2, 0.5, 0, 0, 0);
    const rows = quantizeInt8Rows(values, 2);
    expect(Array.from(rows.values)).toEqual([64, -127, 32, 0, 0, 0]);
    expect(rows.scales[0]).toBeCloseTo(2 / 127, 7);
    expect(rows.scales[1]).toBe(1);
  });
});

describe('int4 blocks', () => {
  const blockSize = 32;
  function unpack(packed: Uint8Array, place: number): number {
    return (packed[place >> 1]! >> (4 * (place & 1))) & 15;
  }
  /** Reads the weights as MatMulNBits' specification says. */
  function dequantize(
    { packed, scales, zeroPoints, blocksPerRow, inFeatures }: Int4Blocks,
    row: number,
  ): number[] {
    const zeroPointBytesPerRow = Math.ceil(blocksPerRow / 2);
    return Array.from({ length: inFeatures }, (_, k) => {
      const block = Math.floor(k / blockSize);
      const blockIndex = row * blocksPerRow + block;
      const rowZeroPoints = zeroPoints.subarray(row * zeroPointBytesPerRow);
      const level = unpack(packed, blockIndex * blockSize + (k % blockSize));
      return (level - unpack(rowZeroPoints, block)) * scales[blockIndex]!;
    });
  }

  it('keeps each weight within one and a half steps, and the rows’ sums nearly', () => {
    fc.assert(
      fc.property(matrices, ({ rows, columns, values }) => {
        const target = createInt4Blocks(columns, rows, blockSize);
        quantizeInt4Blocks(target, values, 0);
        for (let row = 0; row < rows; row++) {
          const own = values.subarray(row * columns, (row + 1) * columns);
          dequantize(target, row).forEach((back, k) => {
            const begin = k - (k % blockSize);
            const block = own.subarray(begin, begin + blockSize);
            const step = (Math.max(0, ...block) - Math.min(0, ...block)) / 15;
            // Half a step of rounding, half of the zero point's, and the error that the neighbour, perhaps in a
            // coarser block, handed over.
            const widest = Math.max(step, (2 * largestOf(own)) / 15);
            expect(Math.abs(back - own[k]!)).toBeLessThanOrEqual(step + widest * 1.5 + 1e-6);
          });
        }
      }),
    );
  });

  it('rounds a constant row without a standing error', () => {
    // Plain rounding would miss 0.43 of a step at each of 64 inputs, always to the same side.
    const values = new Float32Array(64).fill(0.43 / 15);
    values[0] = 1;
    values[32] = 1;
    const target = createInt4Blocks(64, 1, blockSize);
    quantizeInt4Blocks(target, values, 0);
    const missing = dequantize(target, 0).reduce((sum, back, k) => sum + back - values[k]!, 0);
    expect(Math.abs(missing)).toBeLessThan((0.43 / 15) * 64 * 0.4);
  });

  it('pads the last block with weights of zero', () => {
    const target = createInt4Blocks(33, 1, blockSize);
    quantizeInt4Blocks(
      target,
      Float32Array.from({ length: 33 }, (_, k) => k - 20),
      0,
    );
    const zeroPoint = unpack(target.zeroPoints, 1);
    for (let place = 33; place < 64; place++) expect(unpack(target.packed, place)).toBe(zeroPoint);
  });
});

describe.each([NaN, Infinity, -Infinity])('a weight of %s', (wrong) => {
  const inFeatures = 40;
  const rows = Float32Array.from({ length: 2 * inFeatures }, (_, index) => Math.cos(index));
  rows[inFeatures + 3] = wrong;

  it.each([
    [
      'int8 columns',
      () => {
        quantizeInt8Columns(createInt8Columns(inFeatures, 2), rows, inFeatures, 0);
      },
    ],
    [
      'int8 rows',
      () => {
        quantizeInt8Rows(rows, 2);
      },
    ],
    [
      'int4 blocks',
      () => {
        quantizeInt4Blocks(createInt4Blocks(inFeatures, 2, 32), rows, 0);
      },
    ],
  ])('is refused by %s, not stored as a small number', (_what, quantize) => {
    expect(quantize).toThrow(/not finite/);
  });
});
