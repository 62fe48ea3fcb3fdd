import type { InstallItem } from '../../utils/domain/installation.ts';
import type { Network } from '../detectors/genconvit/network-layout.ts';
import { publishedCheckpoint } from '../detectors/genconvit/published.ts';
import type { GpuAdapterSummary } from '../runtime/webgpu-device.ts';
import { readFreeByteLength } from './backends/opfs.ts';

/** What is known of this computer before a network is chosen for it. */
export type Machine = {
  /** null where the browser has no WebGPU. */
  readonly gpu: GpuAdapterSummary | null;
  /** What the browser would still let us store; null where it does not say. */
  readonly freeByteLength: number | null;
  /** As the browser tells it, rounded and capped (8 in older versions); null where it does not. */
  readonly memoryGigabytes: number | null;
};

export type Recommendation = InstallItem & {
  /** Why, in a sentence for the user. */
  readonly reason: string;
};

/**
 * The VAE's parts of its linear layer, widened, are 120 MiB each, and a face's activations come on top; WebGPU's own
 * default of 128 MiB a binding is enough for each, but adapters exist that offer less than a card has to.
 */
const MIN_BINDING_BYTE_LENGTH = 128 * 2 ** 20;
/** With less, half a gigabyte of browser and network is felt everywhere. */
const LITTLE_MEMORY_GIGABYTES = 2;
/** Room that must be left on the disk beside the network. */
const SPARE_BYTE_LENGTH = 200_000_000;

/** Asks the browser. @param describeGpu of models/runtime, which alone knows devices */
export async function readMachine(describeGpu: () => Promise<GpuAdapterSummary | null>): Promise<Machine> {
  const [gpu, freeByteLength] = await Promise.all([describeGpu(), readFreeByteLength()]);
  const memoryGigabytes = (navigator as { deviceMemory?: number }).deviceMemory ?? null;
  return { gpu, freeByteLength, memoryGigabytes };
}

/**
 * In which form a published network suits a computer. fp16 is half the size of the original with a change of a score
 * that nobody sees (models/README.md); int8 is smaller and faster without a graphics card, but moves scores more, so it is
 * taken where there is little room, and for the VAE, whose one matrix takes seconds in any other form on WASM.
 */
export function recommendItem(network: Network, machine: Machine): Recommendation {
  const hasGpu = isUsable(machine.gpu);
  if (network === 'vae') {
    return hasGpu
      ? {
          network,
          dtype: 'int4',
          device: 'webgpu',
          reason: 'This computer has a graphics card that WebGPU can use: its smallest form fits.',
        }
      : {
          network,
          dtype: 'int8',
          device: 'wasm',
          reason: 'Without a graphics card, whole numbers are many times faster for this network.',
        };
  }
  if (isTight(machine)) {
    return {
      network,
      dtype: 'int8',
      device: 'wasm',
      reason: 'This computer has little room: the smallest form is half as large. Scores move a little.',
    };
  }
  return {
    network,
    dtype: 'fp16',
    device: hasGpu ? 'webgpu' : 'wasm',
    reason: hasGpu
      ? 'Half the size of the published weights, and it runs on this computer’s graphics card.'
      : 'Half the size of the published weights. It runs on the processor, since no graphics card can be used.',
  };
}

function isUsable(gpu: GpuAdapterSummary | null): boolean {
  return gpu !== null && !gpu.isFallbackAdapter && gpu.maxStorageBufferBindingSize >= MIN_BINDING_BYTE_LENGTH;
}

function isTight({ freeByteLength, memoryGigabytes }: Machine): boolean {
  const needed = publishedCheckpoint('ed').installedByteLength.fp16 ?? 0;
  return (
    (freeByteLength !== null && freeByteLength < needed + SPARE_BYTE_LENGTH) ||
    (memoryGigabytes !== null && memoryGigabytes <= LITTLE_MEMORY_GIGABYTES)
  );
}
