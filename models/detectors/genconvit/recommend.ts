import type { Recommendation } from '../../../utils/domain/installation.ts';
import type { Machine } from '../detector.ts';
import type { Network } from './network-layout.ts';
import { PUBLISHED_CHECKPOINTS } from './published.ts';

/**
 * Each part of the VAE's linear layer has 120 MiB when it is widened. WebGPU's default of 128 MiB a binding is enough for
 * it, but some adapters offer less.
 */
const MIN_BINDING_BYTE_LENGTH = 128 * 2 ** 20;
/** On a computer with less memory, the half gigabyte of browser and network slows every other program down. */
const LITTLE_MEMORY_GIGABYTES = 2;
/** Room that must be left on the disk beside the network. */
const SPARE_BYTE_LENGTH = 200_000_000;

/**
 * The form in which a published network suits a computer. fp16 is half the size of the original and changes a score by
 * less than the screen shows (models/README.md). int8 is smaller, and faster without a graphics card, but changes scores
 * more: it is for computers with little room, and for the VAE on WASM, whose one matrix takes seconds in any other form.
 */
export function recommendForm(network: Network, machine: Machine): Recommendation {
  const hasGpu = isUsable(machine.gpu);
  if (network === 'vae') {
    return hasGpu
      ? { dtype: 'int4', device: 'webgpu', reason: 'smallest-fits-graphics-card' }
      : { dtype: 'int8', device: 'wasm', reason: 'integers-without-graphics-card' };
  }
  if (isTight(machine)) return { dtype: 'int8', device: 'wasm', reason: 'little-room' };
  return hasGpu
    ? { dtype: 'fp16', device: 'webgpu', reason: 'half-size-on-graphics-card' }
    : { dtype: 'fp16', device: 'wasm', reason: 'half-size-on-processor' };
}

function isUsable(gpu: Machine['gpu']): boolean {
  return gpu !== null && !gpu.isFallbackAdapter && gpu.maxStorageBufferBindingSize >= MIN_BINDING_BYTE_LENGTH;
}

function isTight({ freeByteLength, memoryGigabytes }: Machine): boolean {
  const ed = PUBLISHED_CHECKPOINTS.find(({ network }) => network === 'ed');
  const needed = ed?.installedByteLength.fp16 ?? 0;
  return (
    (freeByteLength !== null && freeByteLength < needed + SPARE_BYTE_LENGTH) ||
    (memoryGigabytes !== null && memoryGigabytes <= LITTLE_MEMORY_GIGABYTES)
  );
}
