import { DetectorError } from '../../../utils/domain/errors.ts';
import type { GraphDevice, WeightDtype } from '../../../utils/domain/model.ts';
import type { TensorInfo } from '../../checkpoint/read/checkpoint.ts';
import { createGraphBuilder } from '../../onnx/graph-builder.ts';
import type { BuiltGraph } from '../../onnx/graph-builder.ts';
import { symbolicDim } from '../../onnx/shape.ts';
import { BATCH_SYMBOL, IMAGE_INPUT } from '../detector.ts';
import type { BuildOptions } from '../detector.ts';
import { createParameters } from '../parameters.ts';
import type { WeightReader } from '../parameters.ts';
import { addEdNetwork } from './ed-graph.ts';
import { readNetworkLayout } from './network-layout.ts';
import type { Network, NetworkLayout } from './network-layout.ts';
import { addVaeNetwork } from './vae-graph.ts';

/** The VAE's further input: noise, dims [batch, latent]. */
export const NOISE_INPUT = 'noise';

/**
 * Checks whether a network can have this form.
 * @throws DetectorError `options-invalid` for a combination that has no meaning. The message says what to choose
 *   instead
 */
export function assertConvertible(network: Network, dtype: WeightDtype, device: GraphDevice): void {
  if (dtype === 'int8' && device === 'webgpu') {
    throw new DetectorError(
      'options-invalid',
      'int8 runs on WASM only: WebGPU has no kernel for integer matrix products. Use fp16, or int4 for the VAE.',
    );
  }
  if (dtype === 'int4' && network === 'ed') {
    throw new DetectorError(
      'options-invalid',
      "int4 is for the VAE's linear layer, which ED does not have: its backbone loses too much. Use fp16 or int8.",
    );
  }
}

/**
 * Builds the graph as `Detector.build` does, and returns the sizes of the network as well.
 * @throws DetectorError `options-invalid`, `network-mismatch`, `graph-invalid`
 */
export function buildNetwork(
  stateDict: ReadonlyMap<string, TensorInfo>,
  reader: WeightReader,
  options: BuildOptions & { readonly network: Network },
): { readonly layout: NetworkLayout; readonly built: BuiltGraph } {
  const { network, dtype, device } = options;
  assertConvertible(network, dtype, device);
  const layout = readNetworkLayout(network, stateDict, options.imageSize ?? null);
  const graph = createGraphBuilder(`genconvit_${network}`, `GenConViT ${network}, ${dtype}, for ${device}`);
  const parameters = createParameters(graph, stateDict, reader, dtype);
  const batch = symbolicDim(BATCH_SYMBOL);
  const image = graph.input(IMAGE_INPUT, 'float32', [batch, 3, layout.imageSize, layout.imageSize]);
  if (layout.latent === null) {
    addEdNetwork(graph, parameters, layout, device, image);
  } else {
    const latentSize = layout.latent.dims[0] * layout.latent.dims[1] * layout.latent.dims[2];
    const noise = graph.input(NOISE_INPUT, 'float32', [batch, latentSize]);
    addVaeNetwork(graph, parameters, layout, device, image, noise);
  }
  return { layout, built: graph.finish() };
}
