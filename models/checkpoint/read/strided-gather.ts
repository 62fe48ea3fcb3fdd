import { DTYPE_BYTES, type TensorInfo } from './tensor-info.ts';

type Axis = {
  readonly size: number;
  /** Step to the next index, in elements of the storage. */
  readonly stride: number;
  /** Step to the next index, in elements of the result. */
  readonly outputStride: number;
  /** Elements from the first to the last one that the axes after this one reach. */
  readonly innerReach: number;
};

/**
 * Copies those elements of a strided view that lie in one block of its storage to their places in the contiguous
 * result. Called for all blocks in turn, it fills the result for any strides, without the storage in memory.
 * @param block bytes of the storage from element `blockStart` on, a whole number of elements
 * @param output the tensor's elements in row-major order
 */
export function gatherBlock(
  info: TensorInfo,
  block: Uint8Array,
  blockStart: number,
  output: Uint8Array,
): void {
  const itemBytes = DTYPE_BYTES[info.dtype];
  const blockEnd = blockStart + block.byteLength / itemBytes;
  const axes = axesByStride(info);

  // At most MAX_TENSOR_DIMS levels deep. Indices whose elements all lie outside the block are skipped by division.
  function visit(level: number, source: number, target: number): void {
    const axis = axes[level];
    if (axis === undefined) {
      const from = (source - blockStart) * itemBytes;
      for (let byte = 0; byte < itemBytes; byte++) {
        output[target * itemBytes + byte] = block[from + byte]!;
      }
      return;
    }
    const { size, stride, outputStride, innerReach } = axis;
    let first = 0;
    let last = size - 1;
    if (stride > 0) {
      first = Math.max(0, Math.ceil((blockStart - innerReach - source) / stride));
      last = Math.min(size - 1, Math.floor((blockEnd - 1 - source) / stride));
    } else if (source + innerReach < blockStart || source >= blockEnd) {
      return;
    }
    for (let index = first; index <= last; index++) {
      visit(level + 1, source + index * stride, target + index * outputStride);
    }
  }

  if (axes.length > 0 || (info.storageOffset >= blockStart && info.storageOffset < blockEnd)) {
    visit(0, info.storageOffset, 0);
  }
}

/** Largest stride first, so that whole subtrees fall outside a block. */
function axesByStride(info: TensorInfo): readonly Axis[] {
  const outputStrides: number[] = [];
  let outputStride = 1;
  for (const size of info.shape.toReversed()) {
    outputStrides.unshift(outputStride);
    outputStride *= size;
  }
  const axes = info.shape
    .map((size, axis) => ({
      size,
      stride: info.strides[axis]!,
      outputStride: outputStrides[axis]!,
    }))
    .filter(({ size }) => size !== 1)
    .sort((a, b) => b.stride - a.stride);
  return axes.map((axis, level) => ({
    ...axis,
    innerReach: axes.slice(level + 1).reduce((reach, inner) => reach + (inner.size - 1) * inner.stride, 0),
  }));
}
