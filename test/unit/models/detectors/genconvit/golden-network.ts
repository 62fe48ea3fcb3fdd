import { readFileSync } from 'node:fs';
import { decode } from 'fast-png';
import type { NetworkLayout } from '../../../../../models/detectors/genconvit/network-layout.ts';
import type { Noise } from '../../../../../models/detectors/detector.ts';
import type { RgbImage } from '../../../../../models/image/raster-image.ts';
import type { TensorValue } from '../../../../../models/runtime/session.ts';
import { sharedFolder } from '../../../../support/shared-folder.ts';

/** One stage of the original network for one image: float64 statistics and samples, C × H × W. */
export type GoldenStage = {
  readonly shape: readonly number[];
  readonly mean: number;
  readonly l2: number;
  readonly first16: readonly number[];
  /** Element floor(i · n / 16). */
  readonly strided16: readonly number[];
};

export type GoldenRunName = 'ed' | 'vae_eps0' | 'vae_eps';

export type GoldenImage = {
  readonly name: string;
  /** Place in the batch that the original ran. The noise depends on it. */
  readonly index: number;
  readonly image: RgbImage;
  readonly logits: Readonly<Record<GoldenRunName, readonly [number, number]>>;
  readonly stages: Readonly<Record<GoldenRunName, Readonly<Record<string, GoldenStage>> | undefined>>;
};

const RUN_NAMES: readonly GoldenRunName[] = ['ed', 'vae_eps0', 'vae_eps'];
/** Seed of the golden runs' weights and noise. */
export const GOLDEN_SEED = 0x600a6;
export const GOLDEN_NOISE: Readonly<Record<GoldenRunName, Noise>> = {
  ed: { kind: 'none' },
  vae_eps0: { kind: 'none' },
  vae_eps: { kind: 'seed', seed: GOLDEN_SEED },
};

type GoldenRun = {
  readonly logits: readonly (readonly [number, number])[];
  readonly checkpoints: Readonly<Record<string, Readonly<Record<string, GoldenStage>> | undefined>>;
};

/** The made image that the project holds, and the seven of ../shared where it is there. */
export function goldenImages(): readonly GoldenImage[] {
  const shared = sharedFolder('golden/network', "the networks' parity on six face crops");
  return shared === undefined ? [readOwnImage()] : readSharedImages(shared);
}

function readOwnImage(): GoldenImage {
  const folder = new URL('../../../../fixtures/golden/', import.meta.url);
  const golden = JSON.parse(readFileSync(new URL('image6.json', folder), 'utf8')) as {
    readonly imageIndex: number;
    readonly image: string;
    readonly runs: Readonly<
      Record<
        GoldenRunName,
        { readonly logits: readonly [number, number]; readonly stages: Record<string, GoldenStage> }
      >
    >;
  };
  return {
    name: golden.image,
    index: golden.imageIndex,
    image: readPng(new URL(golden.image, folder)),
    logits: byRun((run) => golden.runs[run].logits),
    stages: byRun((run) => golden.runs[run].stages),
  };
}

function readSharedImages(folder: URL): readonly GoldenImage[] {
  const runs = byRun((run) => JSON.parse(readFileSync(new URL(`${run}.json`, folder), 'utf8')) as GoldenRun);
  const { images } = JSON.parse(readFileSync(new URL('inputs.json', folder), 'utf8')) as {
    readonly images: readonly { readonly file: string }[];
  };
  return images.map(({ file }, index) => ({
    name: file,
    index,
    image: readPng(new URL(`inputs/${file}`, folder)),
    logits: byRun((run) => runs[run].logits[index]!),
    stages: byRun((run) => runs[run].checkpoints[`image${index}`]),
  }));
}

function byRun<T>(make: (run: GoldenRunName) => T): Record<GoldenRunName, T> {
  return Object.fromEntries(RUN_NAMES.map((run) => [run, make(run)])) as Record<GoldenRunName, T>;
}

function readPng(path: URL): RgbImage {
  const { width, height, channels, data } = decode(readFileSync(path));
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      rgb[pixel * 3 + channel] = data[pixel * channels + channel]!;
    }
  }
  return { data: rgb, width, height, channels: 3 };
}

/**
 * The graph's value for a stage of the original: its name, and which half of a doubled batch (ED runs reconstruction
 * and image in one).
 */
export function valueOfStage(
  stage: string,
  layout: NetworkLayout,
): { readonly name: string; readonly half: 0 | 1 | null } {
  const lastDecoder = `decoder.features.${String(layout.decoderChannels.length * 2 - 1)}`;
  if (stage === lastDecoder) return { name: 'reconstruction', half: null };
  if (stage === 'fc2') return { name: 'logits', half: null };
  let name = stage.replace(/(stages\.\d)\.downsample$/, '$1.downsample.1');
  // A stage ends with its last block.
  const wholeStage = /stages\.(\d)$/.exec(name)?.[1];
  if (wholeStage !== undefined) name += `.blocks.${String(layout.depths[Number(wholeStage)]! - 1)}`;
  if (layout.network === 'vae') return { name, half: null };
  const pass = /^(recon|image)\./.exec(name)?.[1];
  if (pass === undefined) return { name, half: null };
  return { name: `backbone.${name.slice(pass.length + 1)}`, half: pass === 'recon' ? 0 : 1 };
}

/** The largest difference of a stage's samples and norm, as a share of its root mean square. */
export function stageError(golden: GoldenStage, value: TensorValue, half: 0 | 1 | null): number {
  const length = half === null ? value.data.length : value.data.length / 2;
  const data = value.data.subarray((half ?? 0) * length, (half ?? 0) * length + length);
  const expectedLength = golden.shape.reduce((product, dim) => product * dim, 1);
  if (length !== expectedLength) return Infinity;
  const rootMeanSquare = golden.l2 / Math.sqrt(length);
  const l2 = Math.sqrt(data.reduce((sum, element) => sum + element * element, 0));
  const samples = [
    ...golden.first16.map((expected, index) => expected - data[index]!),
    ...golden.strided16.map((expected, index) => expected - data[Math.floor((index * length) / 16)]!),
  ];
  return Math.max(
    Math.abs(l2 - golden.l2) / golden.l2,
    ...samples.map((error) => Math.abs(error) / rootMeanSquare),
  );
}
