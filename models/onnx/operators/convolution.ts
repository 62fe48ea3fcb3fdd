import type { GraphBuilder, Value } from '../graph-builder.ts';
import type { AttributeValue } from '../model-proto.ts';
import { fixedDim, formatShape, graphInvalid } from '../shape.ts';
import { addNode, expectDtype, expectLength, expectRank, expectSize } from './checks.ts';

/**
 * 2-d convolution of x [N, C, H, W] with weight [M, C / groups, kH, kW] and bias [M]; square stride and padding.
 * Pads are always explicit: `auto_pad` with a stride computes wrongly on WebGPU (microsoft/onnxruntime#26734).
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export function conv(
  graph: GraphBuilder,
  name: string,
  x: Value,
  weight: Value,
  bias: Value,
  options: { readonly stride?: number; readonly padding?: number; readonly groups?: number } = {},
): Value {
  const { stride = 1, padding = 0, groups = 1 } = options;
  const kernel = expectParameters(name, x, weight, bias, 0);
  const inChannels = fixedDim(x.shape, 1, name);
  expectSize(name, 'input channels per group', inChannels / groups, fixedDim(weight.shape, 1, name));
  const outChannels = fixedDim(weight.shape, 0, name);
  expectSize(name, 'output channels beyond whole groups', outChannels % groups, 0);
  const spatial = kernel.map((size, axis) => {
    const out = Math.floor((fixedDim(x.shape, axis + 2, name) + 2 * padding - size) / stride) + 1;
    return expectPositive(name, out, x);
  });
  return addNode(graph, {
    name,
    opType: 'Conv',
    inputs: [x, weight, bias],
    attributes: { ...windowAttributes(kernel, stride, padding), group: { kind: 'int', value: groups } },
    shape: [x.shape[0] ?? 1, outChannels, ...spatial],
  });
}

/**
 * Transposed 2-d convolution without padding: x [N, C, H, W], weight [C, M, kH, kW], bias [M] → side
 * (H − 1) · stride + kH. https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
 */
export function convTranspose(
  graph: GraphBuilder,
  name: string,
  x: Value,
  weight: Value,
  bias: Value,
  { stride }: { readonly stride: number },
): Value {
  const kernel = expectParameters(name, x, weight, bias, 1);
  expectSize(name, 'input channels', fixedDim(x.shape, 1, name), fixedDim(weight.shape, 0, name));
  const spatial = kernel.map((size, axis) => (fixedDim(x.shape, axis + 2, name) - 1) * stride + size);
  return addNode(graph, {
    name,
    opType: 'ConvTranspose',
    inputs: [x, weight, bias],
    attributes: windowAttributes(kernel, stride, 0),
    shape: [x.shape[0] ?? 1, fixedDim(weight.shape, 1, name), ...spatial],
  });
}

/** Max pooling of [N, C, H, W] over `size`×`size` windows that touch: side floor(H / size). */
export function maxPool(graph: GraphBuilder, name: string, x: Value, size: number): Value {
  expectRank(name, 'input', x, 4);
  const spatial = [2, 3].map((axis) =>
    expectPositive(name, Math.floor(fixedDim(x.shape, axis, name) / size), x),
  );
  return addNode(graph, {
    name,
    opType: 'MaxPool',
    inputs: [x],
    attributes: windowAttributes([size, size], size, 0),
    shape: [...x.shape.slice(0, 2), ...spatial],
  });
}

/** Mean over all places: [N, C, H, W] → [N, C, 1, 1]. */
export function globalAveragePool(graph: GraphBuilder, name: string, x: Value): Value {
  expectRank(name, 'input', x, 4);
  return addNode(graph, {
    name,
    opType: 'GlobalAveragePool',
    inputs: [x],
    shape: [...x.shape.slice(0, 2), 1, 1],
  });
}

/** Checks ranks, element types and the bias. @returns the kernel's height and width */
function expectParameters(
  name: string,
  x: Value,
  weight: Value,
  bias: Value,
  outChannelAxis: number,
): readonly number[] {
  expectRank(name, 'input', x, 4);
  expectRank(name, 'weight', weight, 4);
  expectDtype(name, 'weight', weight, x.dtype);
  expectDtype(name, 'bias', bias, x.dtype);
  expectLength(name, 'bias', bias, fixedDim(weight.shape, outChannelAxis, name));
  return [fixedDim(weight.shape, 2, name), fixedDim(weight.shape, 3, name)];
}

function windowAttributes(
  kernel: readonly number[],
  stride: number,
  padding: number,
): Readonly<Record<string, AttributeValue>> {
  return {
    kernel_shape: { kind: 'ints', value: kernel },
    strides: { kind: 'ints', value: [stride, stride] },
    pads: { kind: 'ints', value: [padding, padding, padding, padding] },
  };
}

function expectPositive(name: string, size: number, x: Value): number {
  if (size >= 1) return size;
  throw graphInvalid(`${name}: nothing is left of an input of ${formatShape(x.shape)}`);
}
