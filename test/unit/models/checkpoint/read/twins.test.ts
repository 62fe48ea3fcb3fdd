import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createBytesSource } from '../../../../fixtures/checkpoints/bytes-source.ts';
import { openCheckpoint } from '../../../../../models/checkpoint/read/checkpoint.ts';
import {
  type KeyInfo,
  LARGE,
  PUBLISHED,
  TINY,
  networkKeys,
} from '../../../../fixtures/checkpoints/network-keys.ts';
import { epsNormal, fillSynthetic } from '../../../../fixtures/checkpoints/synthetic-weights.ts';
import { DEFAULT_SEED, twinBytes, writeTwinTo } from '../../../../fixtures/checkpoints/twin.ts';
import { sharedFolder } from '../../../../support/shared-folder.ts';

const golden = sharedFolder('golden/network', 'keys and weights against the original’s');

const NETWORKS = ['ed', 'vae'] as const;

function countOf(keys: readonly KeyInfo[]): number {
  return keys.reduce((total, { shape }) => total + shape.reduce((product, dim) => product * dim, 1), 0);
}

describe.each(NETWORKS)('the %s twin', (network) => {
  it('is complete and less than a megabyte when tiny, and reads back as generated', async () => {
    const bytes = twinBytes({ network, sizes: TINY });
    expect(bytes.byteLength).toBeLessThan(2 ** 20);
    const checkpoint = await openCheckpoint(createBytesSource(bytes, 'tiny.pth'));
    const stateDict = checkpoint.stateDict();
    const keys = networkKeys(network, TINY);
    expect([...stateDict.keys()]).toEqual(keys.map(({ key }) => key));
    for (const { key, shape, live, dtype } of keys) {
      const info = stateDict.get(key);
      if (info === undefined) throw new Error(`no ${key}`);
      expect({ shape: info.shape, dtype: info.dtype }).toEqual({ shape, dtype });
      const values = await checkpoint.readFloat32(info);
      if (live) expect(values).toEqual(fillSynthetic(network, key, shape, DEFAULT_SEED));
      else if (dtype === 'float32') expect(values.every(Number.isNaN)).toBe(true);
    }
  });

  it('shares the storages of the two names of the Swin transformer', async () => {
    const checkpoint = await openCheckpoint(
      createBytesSource(twinBytes({ network, sizes: TINY }), 'tiny.pth'),
    );
    const backbone = network === 'ed' ? 'backbone' : 'convnext_backbone';
    const shared = [...checkpoint.tensors].filter(([key]) => key.startsWith('embedder.'));
    expect(shared.length).toBeGreaterThan(50);
    for (const [key, info] of shared) {
      const alias = checkpoint.tensors.get(`${backbone}.patch_embed.backbone${key.slice('embedder'.length)}`);
      expect(alias?.storageKey, key).toBe(info.storageKey);
    }
  });

  it('has only live tensors when asked for', () => {
    const keys = networkKeys(network, { ...TINY, withDeadTensors: false });
    expect(keys).toEqual(networkKeys(network, TINY).filter(({ live }) => live));
  });

  it('is wider and deeper when large', () => {
    const keys = networkKeys(network, LARGE);
    const backbone = network === 'ed' ? 'backbone' : 'convnext_backbone';
    expect(keys.find(({ key }) => key === `${backbone}.stages.2.blocks.26.mlp.fc1.weight`)?.shape).toEqual([
      3072, 768,
    ]);
    expect(keys.find(({ key }) => key === `${backbone}.head.fc.weight`)?.shape).toEqual([1000, 1536]);
  });
});

describe('the published twin', () => {
  it('of ED has the byte count that torch 1.13 gives it', () => {
    expect(writeTwinTo({ write: () => undefined }, { network: 'ed', sizes: PUBLISHED })).toBe(238_167_605);
  });

  it('has the live parameters of the published networks', () => {
    const live = (network: 'ed' | 'vae'): number =>
      countOf(networkKeys(network, PUBLISHED).filter((info) => info.live));
    expect(live('ed')).toBe(30_157_753);
    expect(live('vae')).toBe(344_481_529);
  });
});

describe('the synthetic weights', () => {
  // First and last values from ../shared/golden/network/weights_manifest.json (seed 0x600A6).
  it('have the values of their definition', () => {
    const weight = fillSynthetic('ed', 'encoder.features.0.weight', [16, 3, 3, 3], DEFAULT_SEED);
    expect([...weight.subarray(0, 3)]).toEqual([-0.383963674, -0.204510391, 0.102524817].map(Math.fround));
    expect(weight.at(-1)).toBe(Math.fround(0.0599989556));
    const bias = fillSynthetic('ed', 'encoder.features.0.bias', [16], DEFAULT_SEED);
    expect([...bias.subarray(0, 3)]).toEqual([0.0922870561, 0.0258101542, 0.00757438689].map(Math.fround));
  });

  it('can be made from anywhere', () => {
    const whole = fillSynthetic('vae', 'encoder.mu.weight', [4, 100], 7);
    expect(fillSynthetic('vae', 'encoder.mu.weight', [4, 100], 7, 123, 45)).toEqual(whole.subarray(123, 168));
  });

  it('have normal noise that can be made from anywhere', () => {
    const eps = epsNormal('eps', DEFAULT_SEED, 0, 1000);
    // From the same manifest.
    expect([...eps.subarray(0, 4)]).toEqual(
      [-0.199452654, 0.464800179, 1.12375152, 0.710010946].map(Math.fround),
    );
    expect(epsNormal('eps', DEFAULT_SEED, 500, 100)).toEqual(eps.subarray(500, 600));
  });
});

describe.skipIf(golden === undefined).each(NETWORKS)('against the original %s', (network) => {
  const readJson = (name: string): unknown => JSON.parse(readFileSync(new URL(name, golden), 'utf8'));

  it('keys, shapes, dtypes, order and liveness are the same', () => {
    const keys = networkKeys(network, PUBLISHED).map(({ key, shape, dtype, live }) => ({
      key,
      shape,
      dtype,
      live,
    }));
    expect(keys).toEqual(readJson(`keys_${network}.json`));
  });

  it('every weight is the same to the last bit', () => {
    type Entry = { readonly key: string; readonly shape: readonly number[]; readonly sha256: string };
    const manifest = readJson('weights_manifest.json') as Readonly<Record<'ed' | 'vae', readonly Entry[]>>;
    expect(manifest[network].length).toBeGreaterThan(200);
    for (const { key, shape, sha256 } of manifest[network]) {
      // The VAE's large matrix takes seconds; another size of the same kind stands for it.
      if (key === 'encoder.mu.weight') continue;
      const values = fillSynthetic(network, key, shape, DEFAULT_SEED);
      expect(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex'), key).toBe(sha256);
    }
  });
});
