import { totalmem } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { computeLogits } from '../../../../../models/scan/compute-logits.ts';
import type { LoadedNetwork } from '../../../../../models/scan/compute-logits.ts';
import { GENCONVIT } from '../../../../../models/detectors/genconvit/genconvit.ts';
import type { GraphDevice, WeightDtype } from '../../../../../utils/domain/model.ts';
import type { NetworkLayout } from '../../../../../models/detectors/genconvit/network-layout.ts';
import { noiseForImage } from '../../../../../models/detectors/genconvit/noise.ts';
import { createNormaliser } from '../../../../../models/image/normalise.ts';
import type { RgbImage } from '../../../../../models/image/raster-image.ts';
import { aggregateReference, sigmoid } from '../../../../../models/detectors/genconvit/reference-score.ts';
import { loadOrtForNode } from '../../../../../models/runtime/load-ort-node.ts';
import { createNetworkSession } from '../../../../../models/runtime/session.ts';
import { PUBLISHED } from '../../../../fixtures/checkpoints/network-keys.ts';
import { makeSyntheticModel } from '../../../../fixtures/networks/synthetic-model.ts';
import { GOLDEN_NOISE, GOLDEN_SEED, goldenImages, stageError, valueOfStage } from './golden-network.ts';
import type { GoldenRunName } from './golden-network.ts';

/** Five times what float32 sums in another order were seen to give (0.4 to 0.9e-5), a tenth of any deliberate mistake. */
const MAX_LOGIT_ERROR = 5e-5;
const MAX_STAGE_ERROR = 1e-4;

/** The VAE's float32 weights twice (as bytes and in the WASM heap), and room for the rest. */
const VAE_FP32_MEMORY_BYTES = 7e9;
const hasMemory = totalmem() >= VAE_FP32_MEMORY_BYTES;
if (!hasMemory) {
  console.warn(`skipped: the VAE in fp32, because it needs ${VAE_FP32_MEMORY_BYTES / 1e9} GB of memory`);
}

// Seconds on an idle machine; ONNX Runtime's threads wait spinning, so on a busy one many times that.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const images = goldenImages();
const FORMS: readonly GraphDevice[] = ['wasm', 'webgpu'];

async function load(
  network: 'ed' | 'vae',
  dtype: WeightDtype,
  device: GraphDevice,
  withTaps: boolean,
): Promise<LoadedNetwork & { readonly layout: NetworkLayout }> {
  const { files, layout } = await makeSyntheticModel({
    network,
    sizes: PUBLISHED,
    dtype,
    device,
    seed: GOLDEN_SEED,
    withTaps,
  });
  const session = await createNetworkSession(loadOrtForNode(), files, { device: 'wasm' });
  const extraInputs = layout.latent === null ? {} : { noise: 12544 };
  const facts = { network, imageSize: layout.imageSize, extraInputs };
  return { detector: GENCONVIT, session, layout, facts };
}

/** One face as the network is fed it. */
function normalised(image: RgbImage): Float32Array {
  const values = new Float32Array(3 * image.width * image.height);
  createNormaliser(GENCONVIT.input).write(image, values, 0);
  return values;
}

/** The largest difference of a logit over all images. */
async function largestLogitError(network: LoadedNetwork, run: GoldenRunName): Promise<number> {
  let largest = 0;
  for (const { image, index, logits } of images) {
    const [row] = await computeLogits(network, [image], {
      noise: GOLDEN_NOISE[run],
      first: index,
    });
    largest = Math.max(largest, ...row!.map((logit, place) => Math.abs(logit - logits[run][place]!)));
  }
  return largest;
}

/** Every stage that is further off than it may be. */
async function wrongStages(
  { session, layout }: Awaited<ReturnType<typeof load>>,
  run: GoldenRunName,
): Promise<string[]> {
  const wrong: string[] = [];
  let compared = 0;
  for (const { name: imageName, image, index, stages } of images) {
    const golden = stages[run];
    if (golden === undefined) continue;
    const feeds = {
      image: { dims: [1, 3, 224, 224], data: normalised(image) },
      ...(layout.latent !== null && {
        noise: { dims: [1, 12544], data: noiseForImage(GOLDEN_NOISE[run], index, 12544) },
      }),
    };
    const names = [...new Set(Object.keys(golden).map((stage) => valueOfStage(stage, layout).name))];
    const outputs = await session.run(feeds, names);
    for (const [stage, expected] of Object.entries(golden)) {
      const { name, half } = valueOfStage(stage, layout);
      const error = stageError(expected, outputs[name]!, half);
      compared++;
      if (!(error <= MAX_STAGE_ERROR)) wrong.push(`${imageName} ${stage}: ${error.toExponential(1)}`);
    }
  }
  expect(compared).toBeGreaterThanOrEqual(38);
  return wrong;
}

describe.each(FORMS)('ED in fp32, %s form', (device) => {
  let network: Awaited<ReturnType<typeof load>>;
  beforeAll(async () => {
    network = await load('ed', 'fp32', device, true);
  });
  afterAll(async () => {
    await network.session.release();
  });

  it("gives the original's logits", async () => {
    const largest = await largestLogitError(network, 'ed');
    console.info(`ed fp32 ${device}: largest difference of a logit ${largest.toExponential(1)}`);
    expect(largest).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
  });
  it("gives the original's values at every stage", async () => {
    expect(await wrongStages(network, 'ed')).toEqual([]);
  });
  it('gives a face the same logits alone and in a batch', async () => {
    const { image, index } = images.at(-1)!;
    const face = normalised(image);
    const data = new Float32Array(2 * face.length);
    data.set(normalised({ ...image, data: image.data.toReversed() }));
    data.set(face, face.length);
    const { logits } = await network.session.run({ image: { dims: [2, 3, 224, 224], data } }, ['logits']);
    const [alone] = await computeLogits(network, [image], { noise: { kind: 'none' }, first: index });
    expect(Math.abs(logits!.data[2]! - alone![0]!)).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
    expect(Math.abs(logits!.data[3]! - alone![1]!)).toBeLessThanOrEqual(MAX_LOGIT_ERROR);
  });
});

describe.each(FORMS)('VAE in fp32, %s form', (device) => {
  let network: Awaited<ReturnType<typeof load>>;
  beforeAll(async () => {
    if (hasMemory) network = await load('vae', 'fp32', device, true);
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
      const network = await load(name, dtype, device, false);
      const largest = await largestLogitError(network, run);
      await network.session.release();
      console.info(`${name} ${dtype} ${device}: largest change of a logit ${largest.toFixed(4)}`);
      expect(largest).toBeLessThanOrEqual(limit);
      // Not the float32 network by mistake.
      expect(largest).toBeGreaterThan(1e-5);
    },
  );
});

// genconvit.json's two runs: over the seven images, and image 6 alone.
const POOLED = [
  {
    run: 'vae_eps0',
    seven: { score: 0.762147903, label: 'FAKE' },
    six: { score: 0.22422111, label: 'REAL' },
  },
  {
    run: 'vae_eps',
    seven: { score: 0.746821046, label: 'FAKE' },
    six: { score: 0.216933966, label: 'REAL' },
  },
] as const;

describe('both networks', () => {
  it.each(POOLED)(
    'pool to the score and label of the original, from its own logits, $run',
    ({ run, seven, six }) => {
      const rows = images.flatMap(({ logits }) => [logits.ed, logits[run]]);
      const { score, label } = aggregateReference(rows.map(([fake, real]) => [sigmoid(fake), sigmoid(real)]));
      const expected = images.length === 7 ? seven : six;
      expect(score).toBeCloseTo(expected.score, 6);
      expect(label).toBe(expected.label);
    },
  );
});
