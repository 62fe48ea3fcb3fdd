import { expect } from 'vitest';
import { computeLogits } from '../../../../../models/scan/compute-logits.ts';
import type { LoadedNetwork } from '../../../../../models/scan/compute-logits.ts';
import { GENCONVIT } from '../../../../../models/detectors/genconvit/genconvit.ts';
import type { GraphDevice, WeightDtype } from '../../../../../utils/domain/model.ts';
import type { NetworkLayout } from '../../../../../models/detectors/genconvit/network-layout.ts';
import { noiseForImage } from '../../../../../models/detectors/genconvit/noise.ts';
import { createNormaliser } from '../../../../../models/image/normalise.ts';
import type { RgbImage } from '../../../../../models/image/raster-image.ts';
import { loadOrtForNode } from '../../../../../models/runtime/load-ort-node.ts';
import { createNetworkSession } from '../../../../../models/runtime/session.ts';
import { PUBLISHED } from '../../../../fixtures/checkpoints/network-keys.ts';
import { makeSyntheticModel } from '../../../../fixtures/networks/synthetic-model.ts';
import { GOLDEN_NOISE, GOLDEN_SEED, goldenImages, stageError, valueOfStage } from './golden-network.ts';
import type { GoldenRunName } from './golden-network.ts';

/** Five times what float32 sums in another order were seen to give (0.4 to 0.9e-5), a tenth of any deliberate mistake. */
export const MAX_LOGIT_ERROR = 5e-5;
const MAX_STAGE_ERROR = 1e-4;

/** Seconds on an idle machine, and many times that on a busy one. */
export const SLOW_MACHINE = { testTimeout: 300_000, hookTimeout: 300_000 } as const;

export const FORMS: readonly GraphDevice[] = ['wasm', 'webgpu'];
export const IMAGES = goldenImages();

export type LoadedSynthetic = LoadedNetwork & { readonly layout: NetworkLayout };

/** A network of the published size with the golden runs' weights, in ONNX Runtime. */
export async function loadSynthetic(
  network: 'ed' | 'vae',
  form: { readonly dtype: WeightDtype; readonly device: GraphDevice },
  withTaps = false,
): Promise<LoadedSynthetic> {
  const { files, layout } = await makeSyntheticModel({
    network,
    sizes: PUBLISHED,
    ...form,
    seed: GOLDEN_SEED,
    withTaps,
  });
  const ort = loadOrtForNode();
  // Its threads wait spinning, and the other core runs another file.
  ort.env.wasm.numThreads = 1;
  const session = await createNetworkSession(ort, files, { device: 'wasm' });
  const extraInputs = layout.latent === null ? {} : { noise: 12544 };
  const facts = { network, imageSize: layout.imageSize, extraInputs };
  return { detector: GENCONVIT, session, layout, facts };
}

/** One face as the network is fed it. */
export function normalised(image: RgbImage): Float32Array {
  const values = new Float32Array(3 * image.width * image.height);
  createNormaliser(GENCONVIT.input).write(image, values, 0);
  return values;
}

/** The largest difference of a logit over all images. */
export async function largestLogitError(network: LoadedNetwork, run: GoldenRunName): Promise<number> {
  let largest = 0;
  for (const { image, index, logits } of IMAGES) {
    const [row] = await computeLogits(network, [image], {
      noise: GOLDEN_NOISE[run],
      first: index,
    });
    largest = Math.max(largest, ...row!.map((logit, place) => Math.abs(logit - logits[run][place]!)));
  }
  return largest;
}

/** Every stage that is further off than it may be. */
export async function wrongStages(
  { session, layout }: LoadedSynthetic,
  run: GoldenRunName,
): Promise<string[]> {
  const wrong: string[] = [];
  let compared = 0;
  for (const { name: imageName, image, index, stages } of IMAGES) {
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
