import { DetectorError } from '../../../utils/domain/errors.ts';
import type { Network } from './network-layout.ts';

/** How weights are stored. Everything but int8's and int4's own layers computes in float32. */
export type WeightDtype = 'fp32' | 'fp16' | 'int8' | 'int4';
export const WEIGHT_DTYPES: readonly WeightDtype[] = ['fp32', 'fp16', 'int8', 'int4'];

/** Which execution provider the graph is shaped for. Either form computes the same on any provider that has its operators. */
export type GraphDevice = 'wasm' | 'webgpu';
export const GRAPH_DEVICES: readonly GraphDevice[] = ['wasm', 'webgpu'];

/** @throws DetectorError `options-invalid` for a combination that has no meaning, with what to choose instead */
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
