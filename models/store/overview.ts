import type { StoreOverview } from '../../utils/domain/installation.ts';
import type { Machine } from '../detectors/detector.ts';
import { offersFor } from '../detectors/registry.ts';
import { readFreeByteLength } from './backends/opfs.ts';
import { listPartialDownloads } from './download/partial-download.ts';
import { measureLeftovers } from './leftovers.ts';
import { listModels } from './model-store.ts';
import type { ModelStore } from './model-store.ts';

/** The computer as the browser describes it. @param describeGpu of models/runtime, which alone knows devices */
export async function readMachine(describeGpu: () => Promise<Machine['gpu']>): Promise<Machine> {
  const [gpu, freeByteLength] = await Promise.all([describeGpu(), readFreeByteLength()]);
  const memoryGigabytes = (navigator as { deviceMemory?: number }).deviceMemory ?? null;
  return { gpu, freeByteLength, memoryGigabytes };
}

/**
 * Makes a function that reads the content of the store and the offers for this computer. It asks for the graphics card
 * once, since the card does not change. If that fails, the computer counts as one without a card.
 */
export function createOverviewReader(
  store: ModelStore,
  describeGpu: () => Promise<Machine['gpu']>,
): () => Promise<StoreOverview> {
  let gpu: Promise<Machine['gpu']> | undefined;
  return async () => {
    gpu ??= describeGpu().catch(() => null);
    const asked = gpu;
    const [models, partials, leftoverByteLength, machine] = await Promise.all([
      listModels(store),
      listPartialDownloads(store),
      measureLeftovers(store),
      readMachine(() => asked),
    ]);
    return { models, partials, leftoverByteLength, offers: offersFor(store.registry, machine) };
  };
}
