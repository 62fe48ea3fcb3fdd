import { describe, expect, it, vi } from 'vitest';
import { largestLogitError, loadSynthetic, SLOW_MACHINE } from './parity.ts';

vi.setConfig(SLOW_MACHINE);

// Levels: the largest change of a logit over the seven golden images, measured on 2026-11-23 (models/README.md), and a
// quarter more, so that a coarser rounding cannot slip in.
const QUANTISED = [
  { network: 'ed', dtype: 'fp16', device: 'webgpu', run: 'ed', limit: 0.0023 },
  { network: 'ed', dtype: 'fp16', device: 'wasm', run: 'ed', limit: 0.0023 },
  { network: 'ed', dtype: 'int8', device: 'wasm', run: 'ed', limit: 0.041 },
  { network: 'vae', dtype: 'fp16', device: 'webgpu', run: 'vae_eps0', limit: 0.0018 },
  { network: 'vae', dtype: 'int8', device: 'wasm', run: 'vae_eps0', limit: 0.058 },
  { network: 'vae', dtype: 'int4', device: 'webgpu', run: 'vae_eps0', limit: 0.035 },
] as const;

describe('quantised weights', () => {
  it.each(QUANTISED)(
    '$network in $dtype, $device form, stays within $limit of the original logits',
    async ({ network: name, dtype, device, run, limit }) => {
      const network = await loadSynthetic(name, { dtype, device });
      const largest = await largestLogitError(network, run);
      await network.session.release();
      console.info(`${name} ${dtype} ${device}: largest change of a logit ${largest.toFixed(4)}`);
      expect(largest).toBeLessThanOrEqual(limit);
      // Not the float32 network by mistake.
      expect(largest).toBeGreaterThan(1e-5);
    },
  );
});
