import { DetectorError } from '../../../utils/domain/errors.ts';
import { showForeign } from '../../checkpoint/read/foreign-text.ts';
import { isSameShape } from '../../onnx/shape.ts';

/** The two networks of GenConViT (arXiv 2307.07036): A, an autoencoder, and B, a variational autoencoder. */
export type Network = 'ed' | 'vae';
export const NETWORKS: readonly Network[] = ['ed', 'vae'];

/** Names and shapes of a state_dict's tensors. */
export type StateDictShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;

/** Every size of a network, read from its checkpoint. */
export type NetworkLayout = {
  readonly network: Network;
  /** Side of the input image in pixels. */
  readonly imageSize: number;
  /** Side of the reconstruction in pixels: ED's is as large as the input, the published VAE's half as large. */
  readonly reconstructionSize: number;
  readonly backbonePrefix: 'backbone' | 'convnext_backbone';
  /** Blocks and channels of each of ConvNeXt's stages. */
  readonly depths: readonly number[];
  readonly widths: readonly number[];
  /** Outputs of the backbone's head, used as features. */
  readonly featureCount: number;
  readonly hiddenCount: number;
  /** Channels after each encoder stage, and after each decoder stage. */
  readonly encoderChannels: readonly number[];
  readonly decoderChannels: readonly number[];
  /**
   * VAE only: the number of mu's inputs, and the dims of the latent as the decoder takes it, [channels, side, side].
   */
  readonly latent: { readonly inFeatures: number; readonly dims: readonly [number, number, number] } | null;
  /** Every key that inference reads, with the shape that it must have. */
  readonly tensors: ReadonlyMap<string, readonly number[]>;
};

/**
 * Side of the published networks' input. ED's convolutions take any multiple of 32, so its checkpoint does not tell the
 * side.
 */
export const PUBLISHED_IMAGE_SIZE = 224;
const BACKBONE_PREFIX = { ed: 'backbone', vae: 'convnext_backbone' } as const;
/** Indices of the convolutions in `encoder.features` and `decoder.features` (model/genconvit_ed.py, _vae.py). */
const ENCODER_CONVS = { ed: [0, 3, 6, 9, 12], vae: [0, 3, 6, 9] } as const;
const DECODER_CONVS = { ed: [0, 2, 4, 6, 8], vae: [0, 2, 4, 6] } as const;
/** Fixed by timm's ConvNeXt. */
const STEM_KERNEL = 4;
const DEPTHWISE_KERNEL = 7;
const DOWNSAMPLE_KERNEL = 2;
const MLP_RATIO = 4;
const RGB = 3;
/** index 0 = FAKE, 1 = REAL */
const CLASS_COUNT = 2;

/**
 * Keys that the original holds but never uses for its logits: the Swin embedder, the VAE's training-only heads and
 * BatchNorm's counters. This was tested by overwriting all of these tensors: the logits stayed the same.
 */
const DEAD_KEYS: Readonly<Record<Network, RegExp>> = {
  ed: /^(embedder\.|backbone\.patch_embed\.)|\.num_batches_tracked$/,
  vae: /^(embedder\.|convnext_backbone\.patch_embed\.|encoder\.(var|fc1|fc2)\.|fc3\.)|\.num_batches_tracked$/,
};
/** A message with more names than this is no easier to understand. */
const MAX_NAMED_KEYS = 12;
/** ConvNeXt-XLarge has 27. A number far beyond it would exhaust the builder's memory. */
const MAX_BLOCKS_PER_STAGE = 256;
const STAGES = 4;

/**
 * The network to which a state_dict belongs; null when it is neither. The prefixes of the backbone and of mu decide,
 * not single keys. So a missing key does not change the answer, and {@link readNetworkLayout} can name that key.
 */
export function detectNetwork(shapes: StateDictShapes): Network | null {
  const hasKeyBelow = (...prefixes: readonly string[]): boolean =>
    [...shapes.keys()].some((key) => prefixes.some((prefix) => key.startsWith(`${prefix}.`)));
  if (hasKeyBelow(BACKBONE_PREFIX.vae, 'encoder.mu')) return 'vae';
  return hasKeyBelow(BACKBONE_PREFIX.ed) ? 'ed' : null;
}

/**
 * Reads a network's sizes from its state_dict and checks every key against them.
 * @param imageSize ED only, default 224; the VAE's is read from `encoder.mu.weight`
 * @throws DetectorError `network-mismatch` that names missing, surplus and misshapen keys
 */
export function readNetworkLayout(
  network: Network,
  shapes: StateDictShapes,
  imageSize: number | null = null,
): NetworkLayout {
  const layout = readSizes(network, shapes, imageSize);
  const { tensors } = layout;
  const missing = [...tensors.keys()].filter((key) => !shapes.has(key));
  const surplus = [...shapes.keys()].filter((key) => !tensors.has(key) && !DEAD_KEYS[network].test(key));
  const misshapen = [...tensors].flatMap(([key, expected]) => {
    const found = shapes.get(key)?.shape;
    if (found === undefined || isSameShape(found, expected)) return [];
    return [`${key} is [${found.join(', ')}], expected [${expected.join(', ')}]`];
  });
  const problems = Object.entries({ missing, surplus, misshapen }).flatMap(([problem, keys]) =>
    listKeys(problem, keys),
  );
  if (problems.length > 0) throw mismatch(network, problems.join('; '));
  return layout;
}

function readSizes(network: Network, shapes: StateDictShapes, imageSize: number | null): NetworkLayout {
  const prefix = BACKBONE_PREFIX[network];
  const dim = (key: string, axis: number): number => {
    const found = shapes.get(key);
    if (found === undefined) throw mismatch(network, `missing ${key}`);
    const size = found.shape[axis];
    if (size === undefined || size < 1) {
      throw mismatch(network, `misshapen ${key} is [${found.shape.join(', ')}], too few dimensions or empty`);
    }
    return size;
  };
  const depths = Array.from({ length: STAGES }, (_unused, stage) => {
    const pattern = new RegExp(`^${prefix}\\.stages\\.${String(stage)}\\.blocks\\.(\\d{1,6})\\.`);
    let depth = 0;
    for (const key of shapes.keys()) depth = Math.max(depth, Number(pattern.exec(key)?.[1] ?? -1) + 1);
    if (depth === 0) throw mismatch(network, `missing ${prefix}.stages.${stage}.blocks.0.conv_dw.weight`);
    if (depth > MAX_BLOCKS_PER_STAGE) {
      throw mismatch(network, `${depth} blocks in one stage, at most ${MAX_BLOCKS_PER_STAGE}`);
    }
    return depth;
  });
  const widths = depths.map((_depth, stage) =>
    dim(`${prefix}.${stage === 0 ? 'stem.0' : `stages.${stage}.downsample.1`}.weight`, 0),
  );
  const encoderChannels = ENCODER_CONVS[network].map((at) => dim(`encoder.features.${at}.weight`, 0));
  const decoderChannels = DECODER_CONVS[network].map((at) => dim(`decoder.features.${at}.weight`, 1));
  const sides =
    network === 'ed'
      ? readEdSides(imageSize ?? PUBLISHED_IMAGE_SIZE, encoderChannels)
      : readVaeSides(encoderChannels.at(-1) ?? 1, dim, imageSize);
  const layout = {
    network,
    ...sides,
    backbonePrefix: prefix,
    depths,
    widths,
    featureCount: dim(`${prefix}.head.fc.weight`, 0),
    hiddenCount: dim('fc.weight', 0),
    encoderChannels,
    decoderChannels,
  } as const;
  return { ...layout, tensors: liveTensors(layout) };
}

type Sides = Pick<NetworkLayout, 'imageSize' | 'reconstructionSize' | 'latent'>;

function readEdSides(imageSize: number, encoderChannels: readonly number[]): Sides {
  const multiple = 2 ** encoderChannels.length;
  if (!Number.isInteger(imageSize / multiple) || imageSize < multiple) {
    throw mismatch('ed', `an image size of ${String(imageSize)} is no multiple of ${String(multiple)}`);
  }
  return { imageSize, reconstructionSize: imageSize, latent: null };
}

function readVaeSides(
  encoderOut: number,
  dim: (key: string, axis: number) => number,
  imageSize: number | null,
): Sides {
  const scale = 2 ** ENCODER_CONVS.vae.length;
  const inFeatures = dim('encoder.mu.weight', 1);
  const outFeatures = dim('encoder.mu.weight', 0);
  const latentChannels = dim('decoder.features.0.weight', 0);
  const encoderSide = Math.sqrt(inFeatures / encoderOut);
  const latentSide = Math.sqrt(outFeatures / latentChannels);
  if (!Number.isInteger(encoderSide) || !Number.isInteger(latentSide)) {
    throw mismatch(
      'vae',
      `misshapen encoder.mu.weight is [${String(outFeatures)}, ${String(inFeatures)}], expected square maps of ` +
        `${String(latentChannels)} and ${String(encoderOut)} channels`,
    );
  }
  if (imageSize !== null && imageSize !== encoderSide * scale) {
    throw mismatch('vae', `its image size is ${String(encoderSide * scale)}, not ${String(imageSize)}`);
  }
  return {
    imageSize: encoderSide * scale,
    reconstructionSize: latentSide * 2 ** DECODER_CONVS.vae.length,
    latent: { inFeatures, dims: [latentChannels, latentSide, latentSide] },
  };
}

function liveTensors(layout: Omit<NetworkLayout, 'tensors'>): ReadonlyMap<string, readonly number[]> {
  const { network, encoderChannels, decoderChannels, latent } = layout;
  const tensors = new Map<string, readonly number[]>();
  const affine = (name: string, weight: readonly number[], outputs: number): void => {
    tensors.set(`${name}.weight`, weight);
    tensors.set(`${name}.bias`, [outputs]);
  };
  let channels = RGB;
  ENCODER_CONVS[network].forEach((place, stage) => {
    const out = encoderChannels[stage] ?? 0;
    affine(`encoder.features.${String(place)}`, [out, channels, 3, 3], out);
    if (network === 'vae') {
      const norm = `encoder.features.${String(place + 1)}`;
      affine(norm, [out], out);
      tensors.set(`${norm}.running_mean`, [out]);
      tensors.set(`${norm}.running_var`, [out]);
    }
    channels = out;
  });
  if (latent !== null) {
    const outFeatures = latent.dims[0] * latent.dims[1] * latent.dims[2];
    affine('encoder.mu', [outFeatures, latent.inFeatures], outFeatures);
    channels = latent.dims[0];
  }
  DECODER_CONVS[network].forEach((place, stage) => {
    const isLast = stage === DECODER_CONVS[network].length - 1;
    const out = isLast ? RGB : (decoderChannels[stage] ?? 0);
    affine(`decoder.features.${String(place)}`, [channels, out, 2, 2], out);
    channels = out;
  });
  addBackbone(layout, affine, tensors);
  affine('fc', [layout.hiddenCount, 2 * layout.featureCount], layout.hiddenCount);
  affine('fc2', [CLASS_COUNT, layout.hiddenCount], CLASS_COUNT);
  return tensors;
}

function addBackbone(
  layout: Omit<NetworkLayout, 'tensors'>,
  affine: (name: string, weight: readonly number[], outputs: number) => void,
  tensors: Map<string, readonly number[]>,
): void {
  const { backbonePrefix: prefix, depths, widths } = layout;
  const firstWidth = widths[0] ?? 0;
  const lastWidth = widths.at(-1) ?? 0;
  affine(`${prefix}.stem.0`, [firstWidth, RGB, STEM_KERNEL, STEM_KERNEL], firstWidth);
  affine(`${prefix}.stem.1`, [firstWidth], firstWidth);
  depths.forEach((depth, stage) => {
    const width = widths[stage] ?? 0;
    const name = `${prefix}.stages.${String(stage)}`;
    const before = widths[stage - 1];
    if (before !== undefined) {
      affine(`${name}.downsample.0`, [before], before);
      affine(`${name}.downsample.1`, [width, before, DOWNSAMPLE_KERNEL, DOWNSAMPLE_KERNEL], width);
    }
    for (let block = 0; block < depth; block++) {
      const blockName = `${name}.blocks.${String(block)}`;
      affine(`${blockName}.conv_dw`, [width, 1, DEPTHWISE_KERNEL, DEPTHWISE_KERNEL], width);
      affine(`${blockName}.norm`, [width], width);
      affine(`${blockName}.mlp.fc1`, [MLP_RATIO * width, width], MLP_RATIO * width);
      affine(`${blockName}.mlp.fc2`, [width, MLP_RATIO * width], width);
      tensors.set(`${blockName}.gamma`, [width]);
    }
  });
  affine(`${prefix}.head.norm`, [lastWidth], lastWidth);
  affine(`${prefix}.head.fc`, [layout.featureCount, lastWidth], layout.featureCount);
}

/** One text that names the first of the keys; none if there are no keys. */
function listKeys(problem: string, keys: readonly string[]): readonly string[] {
  if (keys.length === 0) return [];
  const named = keys.slice(0, MAX_NAMED_KEYS).map((key) => showForeign(key));
  const more = keys.length > MAX_NAMED_KEYS ? ` and ${keys.length - MAX_NAMED_KEYS} more` : '';
  return [`${problem} ${named.join(', ')}${more}`];
}

function mismatch(network: Network, detail: string): DetectorError {
  const message = `this state_dict is not a GenConViT ${network} network: ${detail}`;
  return new DetectorError('network-mismatch', message);
}
