import { DetectorError } from '../../utils/domain/errors.ts';

/** Rows for MatMulNBits: w[n, k] ≈ (q[n, k] − zeroPoint[n, block]) · scale[n, block], q from 0 to 15. */
export type Int4Blocks = {
  readonly inFeatures: number;
  readonly blockSize: number;
  readonly blocksPerRow: number;
  /** [N, blocks per row, blockSize / 2], the even element in the low nibble. */
  readonly packed: Uint8Array<ArrayBuffer>;
  /** [N · blocks per row] */
  readonly scales: Float32Array<ArrayBuffer>;
  /** [N · ceil(blocks per row / 2)], the even block in the low nibble. */
  readonly zeroPoints: Uint8Array<ArrayBuffer>;
};

const LEVELS = 15;
/** A block with a smaller range counts as zero: its scale would be no normal float32. */
const SMALLEST_SCALE = 2 ** -126;
/**
 * Share of each rounding error that is added to the next input of the row. Neighbouring inputs of a linear layer behind
 * convolutions are neighbouring pixels of one feature map, which mostly agree, so the neighbour undoes most of the
 * error: the largest change of a logit falls from 0.063 to 0.028 (models/README.md). With 1, the noise itself grows too
 * much.
 */
const ERROR_FEEDBACK = 0.75;

/** Empty rows that are filled block by block. `inFeatures` that do not fill the last block are padded there. */
export function createInt4Blocks(inFeatures: number, outFeatures: number, blockSize: number): Int4Blocks {
  const blocksPerRow = Math.ceil(inFeatures / blockSize);
  return {
    inFeatures,
    blockSize,
    blocksPerRow,
    packed: new Uint8Array((outFeatures * blocksPerRow * blockSize) / 2),
    scales: new Float32Array(outFeatures * blocksPerRow),
    zeroPoints: new Uint8Array(outFeatures * Math.ceil(blocksPerRow / 2)),
  };
}

/**
 * Quantises rows [rowCount, K] of PyTorch's weight [N, K] into rows from `firstRow` on. Each block spans its own
 * range, which always holds zero, with an integer zero point; rounding errors are diffused along the row.
 * @throws DetectorError `checkpoint-unsupported` for a value that is infinite or not a number
 */
export function quantizeInt4Blocks(target: Int4Blocks, rows: Float32Array, firstRow: number): void {
  const { inFeatures, blockSize, blocksPerRow, packed, scales, zeroPoints } = target;
  const zeroPointBytesPerRow = Math.ceil(blocksPerRow / 2);
  const rowCount = rows.length / inFeatures;
  for (let row = 0; row < rowCount; row++) {
    let error = 0;
    for (let block = 0; block < blocksPerRow; block++) {
      const begin = row * inFeatures + block * blockSize;
      const end = Math.min(begin + blockSize, (row + 1) * inFeatures);
      let low = 0;
      let high = 0;
      for (let index = begin; index < end; index++) {
        const value = rows[index]!;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      const step = Math.fround((high - low) / LEVELS);
      const scale = step < SMALLEST_SCALE ? 1 : step;
      const zeroPoint = Math.min(LEVELS, Math.max(0, Math.round(-low / scale)));
      const blockIndex = (firstRow + row) * blocksPerRow + block;
      scales[blockIndex] = scale;
      const zeroPointByte = (firstRow + row) * zeroPointBytesPerRow + (block >> 1);
      zeroPoints[zeroPointByte] = zeroPoints[zeroPointByte]! | (zeroPoint << (4 * (block & 1)));

      const out = (blockIndex * blockSize) >> 1;
      for (let index = begin; index < end; index++) {
        const wanted = rows[index]! + ERROR_FEEDBACK * error;
        const level = Math.round(wanted / scale) + zeroPoint;
        const clamped = level < 0 ? 0 : level > LEVELS ? LEVELS : level;
        error = wanted - (clamped - zeroPoint) * scale;
        const place = index - begin;
        const byte = out + (place >> 1);
        packed[byte] = packed[byte]! | (clamped << (4 * (place & 1)));
      }
      // Padding has the weight zero, which is the level of the zero point.
      for (let place = end - begin; place < blockSize; place++) {
        const byte = out + (place >> 1);
        packed[byte] = packed[byte]! | (zeroPoint << (4 * (place & 1)));
      }
    }
    // Infinity and NaN make the error NaN. Without this check they would be stored as small numbers.
    if (Number.isNaN(error)) {
      throw new DetectorError(
        'checkpoint-unsupported',
        `row ${firstRow + row} of the matrix has a value that is not finite, which int4 cannot hold`,
      );
    }
  }
}
