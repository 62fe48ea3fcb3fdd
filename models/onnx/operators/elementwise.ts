import type { GraphBuilder, Value } from '../graph-builder.ts';
import { dataTypeOf } from '../model-proto.ts';
import type { OnnxDtype } from '../model-proto.ts';
import { broadcastShapes, fixedDim } from '../shape.ts';
import { addNode, expectDtype, expectLength } from './checks.ts';

/** max(x, 0) */
export function relu(graph: GraphBuilder, name: string, x: Value): Value {
  return addNode(graph, { name, opType: 'Relu', inputs: [x], shape: x.shape });
}

/** x where positive, else slope · x. */
export function leakyRelu(graph: GraphBuilder, name: string, x: Value, slope: number): Value {
  const attributes = { alpha: { kind: 'float', value: slope } } as const;
  return addNode(graph, { name, opType: 'LeakyRelu', inputs: [x], attributes, shape: x.shape });
}

/** x · Φ(x), exact (erf), never the tanh form. https://onnx.ai/onnx/operators/onnx__Gelu.html */
export function gelu(graph: GraphBuilder, name: string, x: Value): Value {
  const attributes = { approximate: { kind: 'string', value: 'none' } } as const;
  return addNode(graph, { name, opType: 'Gelu', inputs: [x], attributes, shape: x.shape });
}

/** e^x */
export function exp(graph: GraphBuilder, name: string, x: Value): Value {
  return addNode(graph, { name, opType: 'Exp', inputs: [x], shape: x.shape });
}

/** x + y with broadcasting. */
export function add(graph: GraphBuilder, name: string, x: Value, y: Value): Value {
  return binary(graph, name, 'Add', x, y);
}

/** x · y with broadcasting. */
export function mul(graph: GraphBuilder, name: string, x: Value, y: Value): Value {
  return binary(graph, name, 'Mul', x, y);
}

/** Another element type, values rounded as ONNX says. */
export function cast(graph: GraphBuilder, name: string, x: Value, dtype: OnnxDtype): Value {
  const attributes = { to: { kind: 'int', value: dataTypeOf(dtype) } } as const;
  return addNode(graph, { name, opType: 'Cast', inputs: [x], attributes, dtype, shape: x.shape });
}

/**
 * (x − mean) / sqrt(variance + epsilon) · scale + bias over the last axis, with the biased variance as PyTorch's.
 * https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 */
export function layerNormalization(
  graph: GraphBuilder,
  name: string,
  x: Value,
  scale: Value,
  bias: Value,
  epsilon: number,
): Value {
  const channels = fixedDim(x.shape, x.shape.length - 1, name);
  expectDtype(name, 'scale', scale, x.dtype);
  expectDtype(name, 'bias', bias, x.dtype);
  expectLength(name, 'scale', scale, channels);
  expectLength(name, 'bias', bias, channels);
  return addNode(graph, {
    name,
    opType: 'LayerNormalization',
    inputs: [x, scale, bias],
    attributes: { axis: { kind: 'int', value: -1 }, epsilon: { kind: 'float', value: epsilon } },
    shape: x.shape,
  });
}

function binary(graph: GraphBuilder, name: string, opType: string, x: Value, y: Value): Value {
  expectDtype(name, 'second input', y, x.dtype);
  return addNode(graph, { name, opType, inputs: [x, y], shape: broadcastShapes(x.shape, y.shape, name) });
}
