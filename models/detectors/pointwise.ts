import type { GraphBuilder, Value } from '../onnx/graph-builder.ts';
import { conv } from '../onnx/operators/convolution.ts';
import { add } from '../onnx/operators/elementwise.ts';
import { dynamicQuantizeMatMul, matMul } from '../onnx/operators/linear.ts';
import { createInt8Columns, quantizeInt8Columns } from '../quantization/int8.ts';
import { asBytes } from './parameters.ts';
import type { Parameters } from './parameters.ts';

/**
 * PyTorch's linear layer over the channels, `scaleKey` naming a vector that multiplies its outputs (ConvNeXt's
 * layer scale) and is folded into it.
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
  const { outputs, inputs, scaleKeys } = describe(parameters, layer);
  const weight = parameters.computed(
    `${layer.key}.weight`,
    [outputs, inputs, 1, 1],
    [`${layer.key}.weight`, ...scaleKeys],
    (values, scale) => scaleRows(values, scale, inputs),
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
  const { outputs, inputs, scaleKeys } = describe(parameters, layer);
  const bias = pointwiseBias(parameters, layer);
  const weightKey = `${layer.key}.weight`;
  if (parameters.dtype !== 'int8') {
    const matrix = parameters.computed(
      weightKey,
      [inputs, outputs],
      [weightKey, ...scaleKeys],
      (values, scale) => transposeMatrix(scaleRows(values, scale, inputs), outputs, inputs),
    );
    return add(graph, name, matMul(graph, `${name}.product`, x, matrix), bias);
  }
  const [matrix, scales] = parameters.once(weightKey, () =>
    graph.externalInitializers(
      [
        { name: weightKey, dtype: 'int8', dims: [inputs, outputs] },
        { name: `${weightKey}.scales`, dtype: 'float32', dims: [outputs] },
      ],
      [weightKey, ...scaleKeys].map((key) => ({ key })),
      async (signal) => {
        const values = await parameters.reader.readFloat32(parameters.info(weightKey), signal);
        const [scaleKey] = scaleKeys;
        const scale =
          scaleKey === undefined
            ? undefined
            : await parameters.reader.readFloat32(parameters.info(scaleKey), signal);
        const columns = createInt8Columns(inputs, outputs);
        quantizeInt8Columns(columns, scaleRows(values, scale, inputs), inputs, 0);
        return [asBytes(columns.matrix), asBytes(columns.scales)];
      },
    ),
  ) as readonly [Value, Value];
  return dynamicQuantizeMatMul(graph, name, x, matrix, scales, bias);
}

function describe(
  parameters: Parameters,
  layer: PointwiseLayer,
): { readonly outputs: number; readonly inputs: number; readonly scaleKeys: readonly string[] } {
  const [outputs = 0, inputs = 0] = parameters.info(`${layer.key}.weight`).shape;
  return { outputs, inputs, scaleKeys: layer.scaleKey === null ? [] : [layer.scaleKey] };
}

function pointwiseBias(parameters: Parameters, layer: PointwiseLayer): Value {
  const key = `${layer.key}.bias`;
  const keys = layer.scaleKey === null ? [key] : [key, layer.scaleKey];
  return parameters.computed(key, parameters.info(key).shape, keys, (values, scale) =>
    scaleRows(values, scale, 1),
  );
}

/** rows[i, j] · scale[i], in place: the values are the caller's own. */
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
