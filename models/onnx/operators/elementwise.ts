import type { GraphBuilder, Value } from '../graph-builder.ts';
import { DATA_TYPE } from '../model-proto.ts';
import type { AttributeValue, OnnxDtype } from '../model-proto.ts';
import { broadcastShapes, fixedDim } from '../shape.ts';
import { expectDtype, expectSize, single } from './checks.ts';

/** max(x, 0) */
export function relu(graph: GraphBuilder, name: string, x: Value): Value {
  return unary(graph, name, 'Relu', x);
}

/** x where positive, else slope · x. */
export function leakyRelu(graph: GraphBuilder, name: string, x: Value, slope: number): Value {
  return unary(graph, name, 'LeakyRelu', x, { alpha: { kind: 'float', value: slope } });
}

/** x · Φ(x), exact (erf), never the tanh form. https://onnx.ai/onnx/operators/onnx__Gelu.html */
export function gelu(graph: GraphBuilder, name: string, x: Value): Value {
  return unary(graph, name, 'Gelu', x, { approximate: { kind: 'string', value: 'none' } });
}

/** e^x */
export function exp(graph: GraphBuilder, name: string, x: Value): Value {
  return unary(graph, name, 'Exp', x);
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
  return single(
    graph.node({
      name,
      opType: 'Cast',
      inputs: [x],
      attributes: { to: { kind: 'int', value: DATA_TYPE[dtype] } },
      outputs: [{ dtype, shape: x.shape }],
    }),
  );
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
  expectSize(name, 'scale', fixedDim(scale.shape, 0, name), channels);
  expectSize(name, 'bias', fixedDim(bias.shape, 0, name), channels);
  return single(
    graph.node({
      name,
      opType: 'LayerNormalization',
      inputs: [x, scale, bias],
      attributes: { axis: { kind: 'int', value: -1 }, epsilon: { kind: 'float', value: epsilon } },
      outputs: [{ dtype: x.dtype, shape: x.shape }],
    }),
  );
}

function unary(
  graph: GraphBuilder,
  name: string,
  opType: string,
  x: Value,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Value {
  return single(
    graph.node({ name, opType, inputs: [x], attributes, outputs: [{ dtype: x.dtype, shape: x.shape }] }),
  );
}

function binary(graph: GraphBuilder, name: string, opType: string, x: Value, y: Value): Value {
  expectDtype(name, 'second input', y, x.dtype);
  return single(
    graph.node({
      name,
      opType,
      inputs: [x, y],
      outputs: [{ dtype: x.dtype, shape: broadcastShapes(x.shape, y.shape, name) }],
    }),
  );
}
