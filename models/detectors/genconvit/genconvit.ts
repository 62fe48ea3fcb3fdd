import { VERDICT_BANDS } from '../../../utils/domain/verdict.ts';
import type { Detector, Feed, LogitRow, NetworkFacts, Noise } from '../detector.ts';
import { CALIBRATION } from './calibration.ts';
import { assertConvertible, buildNetwork, NOISE_INPUT } from './build-network.ts';
import { detectNetwork, NETWORKS, PUBLISHED_IMAGE_SIZE } from './network-layout.ts';
import type { Network } from './network-layout.ts';
import { noiseForImage } from './noise.ts';
import { PUBLISHED_CHECKPOINTS, PUBLISHER } from './published.ts';
import { recommendForm } from './recommend.ts';
import { aggregateReference, scoreInterval, sigmoid } from './reference-score.ts';
import type { SigmoidRow } from './reference-score.ts';

/** GenConViT (arXiv 2307.07036): two networks, the mean of whose answers is the published score. */
export const GENCONVIT: Detector = {
  id: 'genconvit',
  name: 'GenConViT',
  networks: [
    { id: 'ed', name: 'ED', dtypes: ['fp32', 'fp16', 'int8'], extraInputs: [] },
    { id: 'vae', name: 'VAE', dtypes: ['fp32', 'fp16', 'int8', 'int4'], extraInputs: [NOISE_INPUT] },
  ],
  input: {
    crop: { box: 'dlib', margin: 0 },
    sidePixels: PUBLISHED_IMAGE_SIZE,
    // ImageNet's statistics, `torchvision.transforms.Normalize` in GenConViT's `preprocess_frame`.
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  // The alphabetical order of the training folders.
  classes: ['fake', 'real'],
  graphVersion: 2,
  identify: detectNetwork,
  assertConvertible: (network, dtype, device) => assertConvertible(asNetwork(network), dtype, device),
  build: (stateDict, reader, options) => {
    const network = asNetwork(options.network);
    const { layout, built } = buildNetwork(stateDict, reader, { ...options, network });
    const latentSize = layout.latent?.dims.reduce((product, dim) => product * dim, 1);
    return {
      built,
      imageSize: layout.imageSize,
      extraInputs: latentSize === undefined ? {} : { [NOISE_INPUT]: latentSize },
    };
  },
  extraFeeds,
  fakeProbability: (row) => sigmoids(row)[0],
  scoreRule: `P(fake) of an image is the sigmoid of its FAKE logit, averaged over the networks. The video's score is the
original's (prediction.py): the mean FAKE sigmoid where that is the larger mean, else 1 minus the mean REAL sigmoid; its
label is the larger mean's. Higher is more likely manipulated.`,
  score: (rows) => aggregateReference(rows.map(sigmoids)),
  scoreInterval: (rows, maxMoreRows) => scoreInterval(rows.map(sigmoids), maxMoreRows),
  bands: VERDICT_BANDS,
  calibration: CALIBRATION,
  trainedOn: {
    // The network was trained on crops of faces that dlib's detector found. On the authors' sample videos dlib finds
    // all faces from this side on, some of 62 to 70 pixels, and almost none below.
    minFaceSidePixels: 70,
    // The six faces of the authors' own sample videos have .0059 to .019. Blurred with a Gaussian of 3 pixels at 224,
    // all of them have less than this (.0011 to .0024); with one of 1 pixel, none has less (.0034 and more). It was not
    // measured how the networks score such faces.
    minFineDetail: 0.0025,
  },
  published: {
    authors: 'Deressa Wodajo Deressa et al.',
    publisher: PUBLISHER,
    checkpoints: PUBLISHED_CHECKPOINTS,
  },
  recommend: (network, machine) => recommendForm(asNetwork(network), machine),
  upgradeDescription: ({ latentSize, ...fields }) => ({
    ...fields,
    detector: 'genconvit',
    extraInputs: latentSize === null ? {} : { [NOISE_INPUT]: latentSize },
  }),
};

/** @throws Error for a network that GenConViT does not have: a bug, since every input was checked before */
function asNetwork(id: string): Network {
  const found = NETWORKS.find((network) => network === id);
  if (found === undefined) throw new Error(`GenConViT has no network ${id}`);
  return found;
}

function extraFeeds(
  { extraInputs }: NetworkFacts,
  { first, count }: { readonly first: number; readonly count: number },
  noise: Noise,
): Readonly<Record<string, Feed>> {
  const latentSize = extraInputs[NOISE_INPUT];
  if (latentSize === undefined) return {};
  const data = new Float32Array(count * latentSize);
  for (let face = 0; face < count; face++) {
    data.set(noiseForImage(noise, first + face, latentSize), face * latentSize);
  }
  return { [NOISE_INPUT]: { dims: [count, latentSize], data } };
}

function sigmoids([fake = Number.NaN, real = Number.NaN]: LogitRow): SigmoidRow {
  return [sigmoid(fake), sigmoid(real)];
}
