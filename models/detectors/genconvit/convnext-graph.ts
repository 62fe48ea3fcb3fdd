import type { GraphDevice } from '../../../utils/domain/model.ts';
import type { GraphBuilder, Value } from '../../onnx/graph-builder.ts';
import { conv, globalAveragePool } from '../../onnx/operators/convolution.ts';
import { add, gelu, layerNormalization } from '../../onnx/operators/elementwise.ts';
import { linear } from '../../onnx/operators/linear.ts';
import { flatten, transpose } from '../../onnx/operators/shaping.ts';
import type { NetworkLayout } from './network-layout.ts';
import type { Parameters } from '../parameters.ts';
import { pointwiseConv, pointwiseMatMul } from '../pointwise.ts';

/** Graph outputs beside the logits, for tests. Both are intermediate results and cost nothing unless a run asks for them. */
export const RECONSTRUCTION_OUTPUT = 'reconstruction';
export const FEATURES_OUTPUT = 'features';

/** Every LayerNorm of timm 0.6.5's ConvNeXt (timm/models/convnext.py). */
const LAYER_NORM_EPSILON = 1e-6;
const TO_CHANNELS_LAST = [0, 2, 3, 1];
const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const STEM_STRIDE = 4;
const DOWNSAMPLE_STRIDE = 2;
const DEPTHWISE_PADDING = 3;

/**
 * ConvNeXt (arXiv 2201.03545, timm's `convnext_*`): x [N, 3, H, W] → features [N, featureCount]. Values are named
 * `<scope>.<PyTorch module>`, so two passes over the same parameters take two scopes.
 */
export function convnext(
  graph: GraphBuilder,
  parameters: Parameters,
  layout: NetworkLayout,
  device: GraphDevice,
  scope: string,
  x: Value,
): Value {
  const { backbonePrefix: prefix, depths } = layout;

  const affine = (module: string): readonly [Value, Value] => parameters.affine(`${prefix}.${module}`);
  const layerNorm = (name: string, input: Value, module: string): Value =>
    layerNormalization(graph, name, input, ...affine(module), LAYER_NORM_EPSILON);
  /** LayerNorm over the channels of [N, C, H, W]. */
  function channelNorm(module: string, input: Value): Value {
    const name = `${scope}.${module}`;
    const last = transpose(graph, `${name}.channels_last`, input, TO_CHANNELS_LAST);
    const normed = layerNorm(`${name}.norm`, last, module);
    return transpose(graph, name, normed, TO_CHANNELS_FIRST);
  }
  function block(module: string, input: Value): Value {
    const name = `${scope}.${module}`;
    const [width = 0] = parameters.info(`${prefix}.${module}.conv_dw.weight`).shape;
    const spatial = conv(graph, `${name}.conv_dw`, input, ...affine(`${module}.conv_dw`), {
      padding: DEPTHWISE_PADDING,
      groups: width,
    });
    const fc1 = { key: `${prefix}.${module}.mlp.fc1`, scaleKey: null };
    const fc2 = { key: `${prefix}.${module}.mlp.fc2`, scaleKey: `${prefix}.${module}.gamma` };
    if (device === 'webgpu') {
      const normed = channelNorm(`${module}.norm`, spatial);
      const wide = pointwiseConv(graph, parameters, `${name}.mlp.fc1`, normed, fc1);
      const active = gelu(graph, `${name}.mlp.act`, wide);
      return add(graph, name, pointwiseConv(graph, parameters, `${name}.mlp.fc2`, active, fc2), input);
    }
    const last = transpose(graph, `${name}.channels_last`, spatial, TO_CHANNELS_LAST);
    const normed = layerNorm(`${name}.norm`, last, `${module}.norm`);
    const wide = pointwiseMatMul(graph, parameters, `${name}.mlp.fc1`, normed, fc1);
    const active = gelu(graph, `${name}.mlp.act`, wide);
    const narrow = pointwiseMatMul(graph, parameters, `${name}.mlp.fc2`, active, fc2);
    return add(graph, name, transpose(graph, `${name}.channels_first`, narrow, TO_CHANNELS_FIRST), input);
  }

  let value = conv(graph, `${scope}.stem.0`, x, ...affine('stem.0'), { stride: STEM_STRIDE });
  value = channelNorm('stem.1', value);
  depths.forEach((depth, stage) => {
    const module = `stages.${String(stage)}`;
    if (stage > 0) {
      value = channelNorm(`${module}.downsample.0`, value);
      value = conv(graph, `${scope}.${module}.downsample.1`, value, ...affine(`${module}.downsample.1`), {
        stride: DOWNSAMPLE_STRIDE,
      });
    }
    for (let index = 0; index < depth; index++) value = block(`${module}.blocks.${String(index)}`, value);
  });
  const pooled = globalAveragePool(graph, `${scope}.head.global_pool`, value);
  const flat = flatten(graph, `${scope}.head.flatten`, pooled);
  const normed = layerNorm(`${scope}.head.norm`, flat, 'head.norm');
  return linear(graph, `${scope}.head.fc`, normed, ...affine('head.fc'));
}
