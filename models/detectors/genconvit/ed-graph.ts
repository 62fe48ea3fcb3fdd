import type { GraphDevice } from '../../../utils/domain/model.ts';
import type { GraphBuilder, Value } from '../../onnx/graph-builder.ts';
import { conv, convTranspose, maxPool } from '../../onnx/operators/convolution.ts';
import { gelu, relu } from '../../onnx/operators/elementwise.ts';
import { linear } from '../../onnx/operators/linear.ts';
import { concat, splitEqually } from '../../onnx/operators/shaping.ts';
import { LOGITS_OUTPUT } from '../detector.ts';
import { convnext, FEATURES_OUTPUT, RECONSTRUCTION_OUTPUT } from './convnext-graph.ts';
import type { NetworkLayout } from './network-layout.ts';
import type { Parameters } from '../parameters.ts';

/**
 * Network A (model/genconvit_ed.py): image [N, 3, S, S] → logits [N, 2], reconstruction [N, 3, S, S], features
 * [N, 2 · featureCount] (of the reconstruction, then of the image).
 */
export function addEdNetwork(
  graph: GraphBuilder,
  parameters: Parameters,
  layout: NetworkLayout,
  device: GraphDevice,
  image: Value,
): void {
  const { affine } = parameters;
  let value = image;
  layout.encoderChannels.forEach((_channels, stage) => {
    // nn.Sequential of Conv2d, ReLU, MaxPool2d for each stage.
    const place = (offset: number): string => `encoder.features.${String(stage * 3 + offset)}`;
    value = conv(graph, place(0), value, ...affine(place(0)), { padding: 1 });
    value = relu(graph, place(1), value);
    value = maxPool(graph, place(2), value, 2);
  });
  layout.decoderChannels.forEach((_channels, stage) => {
    const place = (offset: number): string => `decoder.features.${String(stage * 2 + offset)}`;
    const isLast = stage === layout.decoderChannels.length - 1;
    value = convTranspose(graph, place(0), value, ...affine(place(0)), { stride: 2 });
    value = relu(graph, isLast ? RECONSTRUCTION_OUTPUT : place(1), value);
  });
  const reconstruction = value;

  // One batch for both passes: the parameters are read once, and the order is x1 = reconstruction, x2 = image.
  const both = concat(graph, 'backbone.input', [reconstruction, image], 0);
  const pooled = convnext(graph, parameters, layout, device, 'backbone', both);
  const passes = splitEqually(graph, 'x', pooled, 0, 2);
  const features = concat(graph, FEATURES_OUTPUT, passes, 1);
  const hidden = linear(graph, 'fc', gelu(graph, 'features.gelu', features), ...affine('fc'));
  const logits = linear(graph, LOGITS_OUTPUT, gelu(graph, 'fc.gelu', hidden), ...affine('fc2'));
  for (const output of [logits, reconstruction, features]) graph.output(output);
}
