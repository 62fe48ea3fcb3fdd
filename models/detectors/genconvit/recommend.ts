import type { Recommendation } from '../../../utils/domain/installation.ts';
import type { Machine } from '../detector.ts';
import type { Network } from './network-layout.ts';
import { PUBLISHED_CHECKPOINTS } from './published.ts';

/**
 * The VAE's parts of its linear layer, widened, are 120 MiB each, and a face's activations come on top; WebGPU's own
 * default of 128 MiB a binding is enough for each, but adapters exist that offer less than a card has to.
 */
const MIN_BINDING_BYTE_LENGTH = 128 * 2 ** 20;
/** With less, the user feels half a gigabyte of browser and network everywhere. */
const LITTLE_MEMORY_GIGABYTES = 2;
/** Room that must be left on the disk beside the network. */
const SPARE_BYTE_LENGTH = 200_000_000;

/**
 * In which form a published network suits a computer. fp16 is half the size of the original with a change of a score
 * that is too small to be seen (models/README.md); int8 is smaller and faster without a graphics card, but moves scores
 * more, so it is taken where there is little room, and for the VAE, whose one matrix takes seconds in any other form on
 * WASM.
 */
export function recommendForm(network: Network, machine: Machine): Recommendation {
  const hasGpu = isUsable(machine.gpu);
  if (network === 'vae') {
    return hasGpu
      ? {
          dtype: 'int4',
          device: 'webgpu',
          reason: 'smallest-fits-graphics-card',
        }
      : {
          dtype: 'int8',
          device: 'wasm',
          reason: 'integers-without-graphics-card',
        };
  }
  if (isTight(machine)) {
    return {
      dtype: 'int8',
      device: 'wasm',
      reason: 'little-room',
    };
  }
  return {
    dtype: 'fp16',
    device: hasGpu ? 'webgpu' : 'wasm',
    reason: hasGpu ? 'half-size-on-graphics-card' : 'half-size-on-processor',
  };
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
