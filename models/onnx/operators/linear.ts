import { MICROSOFT_DOMAIN } from '../graph-builder.ts';
import type { GraphBuilder, Value } from '../graph-builder.ts';
import { fixedDim, formatShape, graphInvalid, isSameShape } from '../shape.ts';
import { addNode, expectDtype, expectLength, expectRank, expectSize } from './checks.ts';

/**
 * x [..., K] times a matrix [K, N]: [..., N]. Only the second factor may be a plain matrix (no batches there).
 * https://onnx.ai/onnx/operators/onnx__MatMul.html
 */
export function matMul(graph: GraphBuilder, name: string, x: Value, matrix: Value): Value {
  expectDtype(name, 'matrix', matrix, x.dtype);
  return addNode(graph, {
    name,
    opType: 'MatMul',
    inputs: [x, matrix],
    shape: productShape(name, x, matrix),
  });
}

/** PyTorch's nn.Linear: x [M, K] times the transpose of weight [N, K], plus bias [N]: [M, N]. */
export function linear(graph: GraphBuilder, name: string, x: Value, weight: Value, bias: Value): Value {
  expectRank(name, 'input', x, 2);
  expectRank(name, 'weight', weight, 2);
  expectSize(name, 'input features', fixedDim(x.shape, 1, name), fixedDim(weight.shape, 1, name));
  const outFeatures = fixedDim(weight.shape, 0, name);
  expectDtype(name, 'weight', weight, x.dtype);
  expectDtype(name, 'bias', bias, x.dtype);
  expectLength(name, 'bias', bias, outFeatures);
  return addNode(graph, {
    name,
    opType: 'Gemm',
    inputs: [x, weight, bias],
    attributes: { transB: { kind: 'int', value: 1 } },
    shape: [x.shape[0] ?? 1, outFeatures],
  });
}

/**
 * x [..., K] float32, quantised to uint8 with one scale for the whole tensor, times int8 [K, N] with one scale for
 * each column, plus bias [N]. CPU and WASM only.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.DynamicQuantizeMatMul
 */
export function dynamicQuantizeMatMul(
  graph: GraphBuilder,
  name: string,
  x: Value,
  matrix: Value,
  scales: Value,
  bias: Value,
): Value {
  expectDtype(name, 'input', x, 'float32');
  expectDtype(name, 'matrix', matrix, 'int8');
  const shape = productShape(name, x, matrix);
  const columns = fixedDim(matrix.shape, 1, name);
  expectLength(name, 'scales', scales, columns);
  expectLength(name, 'bias', bias, columns);
  return addNode(graph, {
    name,
    opType: 'DynamicQuantizeMatMul',
    domain: MICROSOFT_DOMAIN,
    inputs: [x, matrix, scales, null, bias],
    shape,
  });
}

/** The layout of MatMulNBits' matrix: rows of K values in blocks, each block with its own scale and zero point. */
export type BlockLayout = { readonly bits: 4; readonly blockSize: number; readonly inFeatures: number };

/** Blocks of one row, bytes of one block, and bytes of one row's packed zero points. */
export function blockLayoutSizes({ bits, blockSize, inFeatures }: BlockLayout) {
  const blocksPerRow = Math.ceil(inFeatures / blockSize);
  return {
    blocksPerRow,
    bytesPerBlock: (blockSize * bits) / 8,
    zeroPointBytesPerRow: Math.ceil((blocksPerRow * bits) / 8),
  };
}

/**
 * x [M, K] float32 times the transpose of a matrix [N, K] held in blocks of 4-bit numbers, plus bias [N].
 * `accuracy_level` 0 computes in x's own type; 4 would quantise x too.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits
 * @param packed uint8 [N, blocks per row, bytes per block], low nibble first
 * @param scales float32 [N · blocks per row]
 * @param zeroPoints uint8 [N · zero point bytes per row], packed like the matrix
 */
export function matMulNBits(
  graph: GraphBuilder,
  name: string,
  x: Value,
  packed: Value,
  scales: Value,
  zeroPoints: Value,
  bias: Value,
  layout: BlockLayout,
): Value {
  expectRank(name, 'input', x, 2);
  expectDtype(name, 'input', x, 'float32');
  expectSize(name, 'input features', fixedDim(x.shape, 1, name), layout.inFeatures);
  const sizes = blockLayoutSizes(layout);
  const outFeatures = fixedDim(packed.shape, 0, name);
  if (!isSameShape(packed.shape, [outFeatures, sizes.blocksPerRow, sizes.bytesPerBlock])) {
    throw graphInvalid(`${name}: packed matrix has shape ${formatShape(packed.shape)}`);
  }
  expectLength(name, 'scales', scales, outFeatures * sizes.blocksPerRow);
  expectLength(name, 'zero points', zeroPoints, outFeatures * sizes.zeroPointBytesPerRow);
  expectLength(name, 'bias', bias, outFeatures);
  return addNode(graph, {
    name,
    opType: 'MatMulNBits',
    domain: MICROSOFT_DOMAIN,
    // The fifth input is g_idx, which reorders columns: not used.
    inputs: [x, packed, scales, zeroPoints, null, bias],
    attributes: {
      K: { kind: 'int', value: layout.inFeatures },
      N: { kind: 'int', value: outFeatures },
      bits: { kind: 'int', value: layout.bits },
      block_size: { kind: 'int', value: layout.blockSize },
      accuracy_level: { kind: 'int', value: 0 },
    },
    shape: [x.shape[0] ?? 1, outFeatures],
  });
}

function productShape(name: string, x: Value, matrix: Value): Value['shape'] {
  expectRank(name, 'matrix', matrix, 2);
  expectLength(name, 'inner dimension', matrix, fixedDim(x.shape, x.shape.length - 1, name));
  return [...x.shape.slice(0, -1), fixedDim(matrix.shape, 1, name)];
}
