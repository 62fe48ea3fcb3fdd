import type { GraphDevice } from '../../../utils/domain/model.ts';
import type { GraphBuilder, Value } from '../../onnx/graph-builder.ts';
import { conv, convTranspose } from '../../onnx/operators/convolution.ts';
import { add, exp, leakyRelu, mul, relu } from '../../onnx/operators/elementwise.ts';
import { linear } from '../../onnx/operators/linear.ts';
import { concat, flatten, unflatten } from '../../onnx/operators/shaping.ts';
import { LOGITS_OUTPUT } from '../detector.ts';
import { convnext, FEATURES_OUTPUT, RECONSTRUCTION_OUTPUT } from './convnext-graph.ts';
import { latentLinear } from './latent-linear.ts';
import type { NetworkLayout } from './network-layout.ts';
import type { Parameters } from '../parameters.ts';

/** nn.BatchNorm2d's and nn.LeakyReLU's defaults. */
const BATCH_NORM_EPSILON = 1e-5;
const LEAKY_SLOPE = 0.01;

/**
 * Network B (model/genconvit_vae.py): image [N, 3, S, S] and noise [N, latent] → logits [N, 2], reconstruction [N, 3,
 * R, R], features [N, 2 · featureCount]. The features of the image come first, then those of the reconstruction; ED has
 * the other order.
 */
export function addVaeNetwork(
  graph: GraphBuilder,
  parameters: Parameters,
  layout: NetworkLayout,
  device: GraphDevice,
  image: Value,
  noise: Value,
): void {
  const { affine } = parameters;
  let value = image;
  layout.encoderChannels.forEach((_channels, stage) => {
    // nn.Sequential of Conv2d, BatchNorm2d, LeakyReLU for each stage.
    const place = (offset: number): string => `encoder.features.${String(stage * 3 + offset)}`;
    value = conv(graph, place(1), value, ...foldedConv(parameters, place(0), place(1)), {
      stride: 2,
      padding: 1,
    });
    value = leakyRelu(graph, place(2), value, LEAKY_SLOPE);
  });
  const mu = latentLinear(graph, parameters, 'encoder.mu', flatten(graph, 'encoder.flatten', value));

  // z = eps · exp(mu / 2) + mu. The original takes the deviation from mu; `var` only feeds its training loss.
  const half = graph.constant('encoder.half', 'float32', [1], new Uint8Array(Float32Array.of(0.5).buffer));
  const deviation = exp(graph, 'encoder.deviation', mul(graph, 'encoder.half_mu', mu, half));
  const z = add(graph, 'encoder.z', mul(graph, 'encoder.scaled_noise', noise, deviation), mu);

  value = unflatten(graph, 'decoder.input', z, layout.latent?.dims ?? []);
  layout.decoderChannels.forEach((_channels, stage) => {
    const place = (offset: number): string => `decoder.features.${String(stage * 2 + offset)}`;
    const isLast = stage === layout.decoderChannels.length - 1;
    value = convTranspose(graph, place(0), value, ...affine(place(0)), { stride: 2 });
    value = leakyRelu(graph, isLast ? RECONSTRUCTION_OUTPUT : place(1), value, LEAKY_SLOPE);
  });
  const reconstruction = value;

  // The two pictures differ in size, so each has its own pass. Both passes share the parameters.
  const x1 = convnext(graph, parameters, layout, device, 'image', image);
  const x2 = convnext(graph, parameters, layout, device, 'recon', reconstruction);
  const features = concat(graph, FEATURES_OUTPUT, [x1, x2], 1);
  const hidden = linear(graph, 'fc', relu(graph, 'features.relu', features), ...affine('fc'));
  const logits = linear(graph, LOGITS_OUTPUT, relu(graph, 'fc.relu', hidden), ...affine('fc2'));
  for (const output of [logits, reconstruction, features]) graph.output(output);
}

/** A convolution with the BatchNorm after it (running statistics) folded into its weight and bias. */
function foldedConv(parameters: Parameters, convKey: string, normKey: string): readonly [Value, Value] {
  const weightKey = `${convKey}.weight`;
  const { shape } = parameters.info(weightKey);
  const [outChannels = 0] = shape;
  const weight = parameters.computed(
    weightKey,
    shape,
    [weightKey, `${normKey}.weight`, `${normKey}.running_var`],
    (values, scale, variance) => {
      const gain = channelGains(scale, variance);
      const perChannel = values.length / outChannels;
      return values.map((value, index) => value * gain[Math.floor(index / perChannel)]!);
    },
  );
  const bias = parameters.computed(
    `${convKey}.bias`,
    [outChannels],
    [
      `${convKey}.bias`,
      `${normKey}.weight`,
      `${normKey}.running_var`,
      `${normKey}.running_mean`,
      `${normKey}.bias`,
    ],
    (values, scale, variance, mean, shift) => {
      const gain = channelGains(scale, variance);
      return values.map((value, channel) => (value - mean[channel]!) * gain[channel]! + shift[channel]!);
    },
  );
  return [weight, bias];
}

/** BatchNorm's factor for each channel, in float64: scale / sqrt(variance + epsilon). */
function channelGains(scale: Float32Array, variance: Float32Array): Float64Array {
  return Float64Array.from(
    scale,
    (value, channel) => value / Math.sqrt(variance[channel]! + BATCH_NORM_EPSILON),
  );
}
