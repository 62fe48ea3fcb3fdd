import { DetectorError } from '../../utils/domain/errors.ts';

/** A matrix for DynamicQuantizeMatMul: w[k, n] ≈ matrix[k, n] · scales[n]. */
export type Int8Columns = {
  /** [K, N], row-major. */
  readonly matrix: Int8Array<ArrayBuffer>;
  /** [N] */
  readonly scales: Float32Array<ArrayBuffer>;
};

/** The range is symmetric, so that zero stays zero and no correction for a zero point is needed. -128 is left out. */
const INT8_MAX = 127;
/** A row whose weights are all smaller counts as zero: its scale would be no normal float32. */
const SMALLEST_SCALE = 2 ** -126;

/** An empty [K, N] matrix that is filled block by block, so that the whole float matrix is never in memory. */
export function createInt8Columns(inFeatures: number, outFeatures: number): Int8Columns {
  return { matrix: new Int8Array(inFeatures * outFeatures), scales: new Float32Array(outFeatures) };
}

/**
 * Quantises rows [rowCount, K] of PyTorch's weight [N, K] into columns from `firstColumn` on: one scale for each
 * output, max|w| / 127, rounded to nearest. An all-zero row gets scale 1 and stays zero.
 * @throws DetectorError `checkpoint-unsupported` for a value that is infinite or not a number
 */
export function quantizeInt8Columns(
  target: Int8Columns,
  rows: Float32Array,
  inFeatures: number,
  firstColumn: number,
): void {
  const outFeatures = target.scales.length;
  const rowCount = rows.length / inFeatures;
  for (let row = 0; row < rowCount; row++) {
    target.scales[firstColumn + row] = symmetricScale(rows, row * inFeatures, inFeatures);
  }
  // The target is column-major. With the inputs in the outer loop, each strip of outputs is written in one go.
  for (let k = 0; k < inFeatures; k++) {
    const line = k * outFeatures + firstColumn;
    for (let row = 0; row < rowCount; row++) {
      const scale = target.scales[firstColumn + row]!;
      target.matrix[line + row] = Math.round(rows[row * inFeatures + k]! / scale);
    }
  }
}

/**
 * Quantises each row of a tensor [N, ...] by itself, in place of its own layout: w[n, …] ≈ values[n, …] · scales[n].
 * Rounding and range as {@link quantizeInt8Columns}.
 */
export function quantizeInt8Rows(
  values: Float32Array,
  rowCount: number,
): { readonly values: Int8Array<ArrayBuffer>; readonly scales: Float32Array<ArrayBuffer> } {
  const rowLength = values.length / rowCount;
  const quantized = new Int8Array(values.length);
  const scales = new Float32Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    const begin = row * rowLength;
    const scale = symmetricScale(values, begin, rowLength);
    scales[row] = scale;
    for (let index = begin; index < begin + rowLength; index++) {
      quantized[index] = Math.round(values[index]! / scale);
    }
  }
  return { values: quantized, scales };
}

function symmetricScale(values: Float32Array, begin: number, count: number): number {
  let largest = 0;
  for (let index = begin; index < begin + count; index++) {
    largest = Math.max(largest, Math.abs(values[index]!));
  }
  if (!Number.isFinite(largest)) {
    throw new DetectorError(
      'checkpoint-unsupported',
      'a weight has a value that is not finite, which int8 cannot hold',
    );
  }
  const scale = Math.fround(largest / INT8_MAX);
  return scale < SMALLEST_SCALE ? 1 : scale;
}
