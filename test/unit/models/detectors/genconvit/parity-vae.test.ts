import { totalmem } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  FORMS,
  largestLogitError,
  loadSynthetic,
  MAX_LOGIT_ERROR,
  SLOW_MACHINE,
  wrongStages,
} from './parity.ts';
import type { LoadedSynthetic } from './parity.ts';

vi.setConfig(SLOW_MACHINE);

/** The VAE's float32 weights twice (as bytes and in the WASM heap), and room for the rest. */
const VAE_FP32_MEMORY_BYTES = 7e9;
const hasMemory = totalmem() >= VAE_FP32_MEMORY_BYTES;
if (!hasMemory) {
  console.warn(`skipped: the VAE in fp32, because it needs ${VAE_FP32_MEMORY_BYTES / 1e9} GB of memory`);
}

describe.each(FORMS)('VAE in fp32, %s form', (device) => {
  let network: LoadedSynthetic;
  beforeAll(async () => {
    if (hasMemory) network = await loadSynthetic('vae', { dtype: 'fp32', device }, true);
  });
  afterAll(async () => {
    if (hasMemory) await network.session.release();
  });

  it.skipIf(!hasMemory).each(['vae_eps0', 'vae_eps'] as const)(
    "gives the original's logits, %s",
    async (run) => {
      const largest = await largestLogitError(network, run);
      console.info(`${run} fp32 ${device}: largest difference of a logit ${largest.toExponential(1)}`);
      expect(largest).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
    },
  );
  it.skipIf(!hasMemory).each(['vae_eps0', 'vae_eps'] as const)(
    "gives the original's values at every stage, %s",
    async (run) => {
      expect(await wrongStages(network, run)).toEqual([]);
    },
  );
});
