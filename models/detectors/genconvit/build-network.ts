import type { TensorInfo } from '../../checkpoint/read/checkpoint.ts';
import { createGraphBuilder } from '../../onnx/graph-builder.ts';
import type { BuiltGraph } from '../../onnx/graph-builder.ts';
import { symbolicDim } from '../../onnx/shape.ts';
import { assertConvertible } from './conversion-options.ts';
import type { GraphDevice, WeightDtype } from './conversion-options.ts';
import { addEdNetwork } from './ed-graph.ts';
import { BATCH_SYMBOL, INPUT_NAMES } from './network-interface.ts';
import { readNetworkLayout } from './network-layout.ts';
import type { Network, NetworkLayout } from './network-layout.ts';
import { createParameters } from './parameters.ts';
import type { WeightReader } from './parameters.ts';
import { addVaeNetwork } from './vae-graph.ts';

export type BuildOptions = {
  readonly network: Network;
  readonly dtype: WeightDtype;
  readonly device: GraphDevice;
  /** ED only; null means the published 224. */
  readonly imageSize?: number | null;
};

/**
 * The graph of one network over a checkpoint's state_dict. Nothing is read from the checkpoint yet but what its
 * directory told; weights are read when the graph's external groups are produced.
 * @throws DetectorError `network-mismatch`, `options-invalid`, `graph-invalid`
 */
export function buildNetwork(
  stateDict: ReadonlyMap<string, TensorInfo>,
  reader: WeightReader,
  options: BuildOptions,
): { readonly layout: NetworkLayout; readonly built: BuiltGraph } {
  const { network, dtype, device } = options;
  assertConvertible(network, dtype, device);
  const layout = readNetworkLayout(network, stateDict, options.imageSize ?? null);
  const graph = createGraphBuilder(`genconvit_${network}`, `GenConViT ${network}, ${dtype}, for ${device}`);
  const parameters = createParameters(graph, stateDict, reader, dtype);
  const batch = symbolicDim(BATCH_SYMBOL);
  const image = graph.input(INPUT_NAMES.image, 'float32', [batch, 3, layout.imageSize, layout.imageSize]);
  if (layout.latent === null) {
    addEdNetwork(graph, parameters, layout, device, image);
  } else {
    const latentSize = layout.latent.dims[0] * layout.latent.dims[1] * layout.latent.dims[2];
    const noise = graph.input(INPUT_NAMES.noise, 'float32', [batch, latentSize]);
    addVaeNetwork(graph, parameters, layout, device, image, noise);
  }
  return { layout, built: graph.finish() };
}
