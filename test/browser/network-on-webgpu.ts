import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Network } from '../../models/detectors/genconvit/network-layout.ts';
import { noiseForImage } from '../../models/detectors/genconvit/noise.ts';
import type { TensorValue } from '../../models/runtime/session.ts';
import type { WeightDtype } from '../../utils/domain/model.ts';
import { TINY } from '../fixtures/checkpoints/network-keys.ts';
import { makeSyntheticModel } from '../fixtures/networks/synthetic-model.ts';
import { createRandom } from '../support/random.ts';
import { startWebGpuHarness } from './webgpu-harness.ts';

const BATCH = 2;
/** The largest difference between the two execution providers; the largest seen was 1e-6. */
const MAX_DIFFERENCE = 1e-4;

/** About as large as normalised pixels. */
function randomImages(length: number): Float32Array {
  const random = createRandom(7);
  return Float32Array.from({ length }, () => 4 * random() - 2);
}

/**
 * Tests of a network's WebGPU form in each dtype, on the software adapter. A file for each network: the adapter compiles
 * shaders for most of a minute, on one core.
 */
export function testOnWebGpu(network: Network, dtypes: readonly WeightDtype[]): void {
  let harness: Awaited<ReturnType<typeof startWebGpuHarness>>;
  beforeAll(async () => {
    harness = await startWebGpuHarness();
  }, 300_000);
  afterAll(async () => {
    await harness.close();
  });

  it.each(dtypes)(
    `${network} in %s runs without a node on the CPU and equals WASM in all three outputs`,
    async (dtype) => {
      const { files, layout } = await makeSyntheticModel({ network, sizes: TINY, dtype, device: 'webgpu' });
      const side = layout.imageSize;
      const feeds: Record<string, TensorValue> = {
        image: { dims: [BATCH, 3, side, side], data: randomImages(BATCH * 3 * side * side) },
      };
      if (layout.latent !== null) {
        const size = layout.latent.dims.reduce((product, dim) => product * dim, 1);
        const noise = noiseForImage({ kind: 'seed', seed: 1 }, 0, BATCH * size);
        feeds.noise = { dims: [BATCH, size], data: noise };
      }
      const outputNames = ['logits', 'reconstruction', 'features'];
      const gpu = await harness.runInChromium({
        files,
        device: 'webgpu',
        feeds,
        outputNames,
        disableCpuFallback: true,
      });
      const wasm = await harness.runInChromium({ files, device: 'wasm', feeds, outputNames });
      for (const name of outputNames) {
        const expected = wasm.outputs[name]!;
        const found = gpu.outputs[name]!;
        expect(found.dims).toEqual(expected.dims);
        const differences = found.data.map((value, index) => Math.abs(value - expected.data[index]!));
        expect(Math.max(...differences), name).toBeLessThanOrEqual(MAX_DIFFERENCE);
      }
      // Made-up weights may give zero everywhere, so two images must give two answers.
      const [first, , second] = gpu.outputs.logits!.data;
      expect(Math.abs(first! - second!)).toBeGreaterThan(1e-6);
      expect(harness.foreignHosts()).toEqual([]);
    },
    120_000,
  );
}
