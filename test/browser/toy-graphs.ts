import { onnx } from 'onnx-proto';
import type { ModelFiles, TensorValue } from '../../models/runtime/session.ts';
import { createRandom } from './random.ts';

const { FLOAT, UINT8 } = onnx.TensorProto.DataType;

/** ONNX opset 20: the one the networks use (Gelu came with it). */
const OPSET_VERSION = 20;
/** ONNX IR version of opset 20. */
const IR_VERSION = 9;

type Weight = { name: string; dims: readonly number[]; data: Float32Array };

/** Where a shard's tensor lies, as ONNX's `external_data` says it. */
type Shard = { path: string; bytes: Uint8Array<ArrayBuffer> };

/**
 * A slice of what the networks are made of: patches by a strided Conv, LayerNormalization over channels, Gelu,
 * MatMul. One weight lies in a shard of external data, the others in the graph.
 */
export function convLayerNormGeluMatMul(): { files: ModelFiles; feeds: Record<string, TensorValue> } {
  const random = createRandom(1);
  const normal = (name: string, dims: readonly number[], scale: number): Weight => ({
    name,
    dims,
    data: Float32Array.from({ length: elementCount(dims) }, () => (random() * 2 - 1) * scale),
  });
  const matrix = normal('matrix', [16, 10], 0.25);
  const shard: Shard = { path: 'model.data0', bytes: new Uint8Array(matrix.data.buffer as ArrayBuffer) };
  const graph = encodeModel({
    nodes: [
      node('Conv', ['image', 'kernel', 'bias'], 'patches', {
        strides: { ints: [4, 4] },
        kernel_shape: { ints: [4, 4] },
      }),
      node('Transpose', ['patches'], 'channelsLast', { perm: { ints: [0, 2, 3, 1] } }),
      node('LayerNormalization', ['channelsLast', 'gamma', 'beta'], 'normalised', {
        axis: { i: -1 },
        epsilon: { f: 1e-6 },
      }),
      node('Gelu', ['normalised'], 'activated', {}),
      node('MatMul', ['activated', 'matrix'], 'output', {}),
    ],
    inputs: [valueInfo('image', [1, 3, 32, 32])],
    outputs: [valueInfo('output', [1, 8, 8, 10]), valueInfo('activated', [1, 8, 8, 16])],
    initializers: [
      inlineTensor(normal('kernel', [16, 3, 4, 4], 0.3)),
      inlineTensor(normal('bias', [16], 0.1)),
      inlineTensor(normal('gamma', [16], 1)),
      inlineTensor(normal('beta', [16], 0.5)),
      externalTensor(matrix, shard.path),
    ],
  });
  const { dims, data } = normal('image', [1, 3, 32, 32], 1);
  return {
    files: { graph, externalData: [{ path: shard.path, data: shard.bytes }] },
    feeds: { image: { dims, data } },
  };
}

/** MatMulInteger has a CPU kernel only. Its integer tensors stay inside the graph. */
export function matMulInteger(): { files: ModelFiles; feeds: Record<string, TensorValue> } {
  const graph = encodeModel({
    nodes: [
      node('DynamicQuantizeLinear', ['input'], ['quantised', 'scale', 'zeroPoint'], {}),
      node('MatMulInteger', ['quantised', 'matrix', 'zeroPoint', 'matrixZeroPoint'], 'product', {}),
      node('Cast', ['product'], 'productFloat', { to: { i: FLOAT } }),
      node('Mul', ['productFloat', 'scale'], 'output', {}),
    ],
    inputs: [valueInfo('input', [1, 4])],
    outputs: [valueInfo('output', [1, 2])],
    initializers: [
      { name: 'matrix', dataType: UINT8, dims: [4, 2], rawData: Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7) },
      { name: 'matrixZeroPoint', dataType: UINT8, dims: [], rawData: Uint8Array.of(4) },
    ],
  });
  return {
    files: { graph, externalData: [] },
    feeds: { input: { dims: [1, 4], data: Float32Array.of(0, 1, 2, 4.25) } },
  };
}

/** `output = input × matrix`, the matrix of `rows × columns` in its own shard. */
export function externalMatMul(rows: number, columns: number, data: Float32Array<ArrayBuffer>): ModelFiles {
  const weight = { name: 'matrix', dims: [rows, columns], data };
  return {
    graph: encodeModel({
      nodes: [node('MatMul', ['input', 'matrix'], 'output', {})],
      inputs: [valueInfo('input', [1, rows])],
      outputs: [valueInfo('output', [1, columns])],
      initializers: [externalTensor(weight, 'model.data0')],
    }),
    externalData: [{ path: 'model.data0', data: new Uint8Array(data.buffer) }],
  };
}

function encodeModel(graph: {
  nodes: onnx.INodeProto[];
  inputs: onnx.IValueInfoProto[];
  outputs: onnx.IValueInfoProto[];
  initializers: onnx.ITensorProto[];
}): Uint8Array {
  return onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    opsetImport: [{ domain: '', version: OPSET_VERSION }],
    graph: {
      name: 'toy',
      node: graph.nodes,
      input: graph.inputs,
      output: graph.outputs,
      initializer: graph.initializers,
    },
  }).finish();
}

type AttributeValue = { i: number } | { f: number } | { ints: number[] };

function node(
  opType: string,
  input: string[],
  output: string | string[],
  attributes: Readonly<Record<string, AttributeValue>>,
): onnx.INodeProto {
  return {
    opType,
    input,
    output: [output].flat(),
    attribute: Object.entries(attributes).map(([name, value]) => ({
      name,
      type: attributeType(value),
      ...value,
    })),
  };
}

function attributeType(value: AttributeValue): onnx.AttributeProto.AttributeType {
  const { INT, FLOAT: FLOAT_ATTRIBUTE, INTS } = onnx.AttributeProto.AttributeType;
  if ('i' in value) return INT;
  return 'f' in value ? FLOAT_ATTRIBUTE : INTS;
}

function valueInfo(name: string, dims: readonly number[]): onnx.IValueInfoProto {
  return {
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  };
}

function inlineTensor({ name, dims, data }: Weight): onnx.ITensorProto {
  return { name, dataType: FLOAT, dims: [...dims], rawData: new Uint8Array(data.buffer) };
}

function externalTensor({ name, dims, data }: Weight, location: string): onnx.ITensorProto {
  return {
    name,
    dataType: FLOAT,
    dims: [...dims],
    dataLocation: onnx.TensorProto.DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: '0' },
      { key: 'length', value: String(data.byteLength) },
    ],
  };
}

function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
