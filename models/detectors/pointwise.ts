import type { GraphBuilder, Value } from '../onnx/graph-builder.ts';
import { conv } from '../onnx/operators/convolution.ts';
import { add } from '../onnx/operators/elementwise.ts';
import { dynamicQuantizeMatMul, matMul } from '../onnx/operators/linear.ts';
import { createInt8Columns, quantizeInt8Columns } from '../quantization/int8.ts';
import { asBytes } from './parameters.ts';
import type { Parameters } from './parameters.ts';

/**
 * PyTorch's linear layer over the channels. `scaleKey` names a vector (ConvNeXt's layer scale) that multiplies its
 * outputs; the vector is folded into the layer.
 */
export type PointwiseLayer = { readonly key: string; readonly scaleKey: string | null };

/** x [N, C, H, W] → [N, M, H, W], as a 1×1 convolution: on WebGPU its bias and a GELU fuse into it. */
export function pointwiseConv(
  graph: GraphBuilder,
  parameters: Parameters,
  name: string,
  x: Value,
  layer: PointwiseLayer,
): Value {
  const { key, keys, outputs, inputs } = parameterOf(parameters, layer, 'weight');
  const weight = parameters.computed(key, [outputs, inputs, 1, 1], keys, (values, scale) =>
    scaleRows(values, scale, inputs),
  );
  return conv(graph, name, x, weight, pointwiseBias(parameters, layer));
}

/** x [N, H, W, C] → [N, H, W, M], as a matrix product: the faster form on WASM, and int8's only one. */
export function pointwiseMatMul(
  graph: GraphBuilder,
  parameters: Parameters,
  name: string,
  x: Value,
  layer: PointwiseLayer,
): Value {
  const { key, keys, outputs, inputs } = parameterOf(parameters, layer, 'weight');
  const bias = pointwiseBias(parameters, layer);
  if (parameters.dtype !== 'int8') {
    const matrix = parameters.computed(key, [inputs, outputs], keys, (values, scale) =>
      transposeMatrix(scaleRows(values, scale, inputs), outputs, inputs),
    );
    return add(graph, name, matMul(graph, `${name}.product`, x, matrix), bias);
  }
  const [matrix, scales] = parameters.once(key, () =>
    graph.externalInitializers(
      [
        { name: key, dtype: 'int8', dims: [inputs, outputs] },
        { name: `${key}.scales`, dtype: 'float32', dims: [outputs] },
      ],
      keys.map((read) => ({ key: read })),
      async (signal) => {
        const tensors: Float32Array[] = [];
        for (const read of keys) {
          tensors.push(await parameters.reader.readFloat32(parameters.info(read), signal));
        }
        const columns = createInt8Columns(inputs, outputs);
        quantizeInt8Columns(columns, scaleRows(tensors[0]!, tensors[1], inputs), inputs, 0);
        return [asBytes(columns.matrix), asBytes(columns.scales)];
      },
    ),
  ) as readonly [Value, Value];
  return dynamicQuantizeMatMul(graph, name, x, matrix, scales, bias);
}

/** The keys of one parameter and of its scale, the rows and row length of the parameter. */
function parameterOf(parameters: Parameters, { key, scaleKey }: PointwiseLayer, name: 'weight' | 'bias') {
  const parameterKey = `${key}.${name}`;
  const [outputs = 0, inputs = 1] = parameters.info(parameterKey).shape;
  const keys = [parameterKey, ...(scaleKey === null ? [] : [scaleKey])] as const;
  return { key: parameterKey, keys, outputs, inputs };
}

function pointwiseBias(parameters: Parameters, layer: PointwiseLayer): Value {
  const { key, keys, outputs } = parameterOf(parameters, layer, 'bias');
  return parameters.computed(key, [outputs], keys, (values, scale) => scaleRows(values, scale, 1));
}

/** rows[i, j] · scale[i], in place: the caller owns the values. */
function scaleRows(values: Float32Array, scale: Float32Array | undefined, rowLength: number): Float32Array {
  if (scale === undefined) return values;
  for (let index = 0; index < values.length; index++) {
    values[index] = values[index]! * scale[Math.floor(index / rowLength)]!;
  }
  return values;
}

/** [rows, columns] → [columns, rows], row-major. */
function transposeMatrix(values: Float32Array, rows: number, columns: number): Float32Array {
  const transposed = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = values[row * columns + column]!;
    }
  }
  return transposed;
}
