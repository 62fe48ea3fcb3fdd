import { DetectorError } from '../../utils/domain/errors.ts';
import type { EVIDENCE_SIDE_PIXELS } from '../../utils/domain/scan.ts';
import { computeLogits, FACES_PER_RUN } from './compute-logits.ts';
import type { LoadedNetwork, LogitRow } from './compute-logits.ts';
import type { ModelDescription } from '../detectors/genconvit/model-description.ts';
import type { Network } from '../detectors/genconvit/network-layout.ts';
import { DEFAULT_NOISE } from '../detectors/genconvit/noise.ts';
import { INPUT_SIDE_PIXELS, resizeToInput } from '../detectors/genconvit/preprocess.ts';
import { resizeArea } from '../image/resize-area.ts';
import type { RasterImage, RgbImage } from '../image/raster-image.ts';
import { openModel } from '../store/model-directory.ts';
import type { JudgedFace, LoadedModel } from './analysis.ts';
import { fineDetail } from './fine-detail.ts';
import type { NetworkOpener } from './open-network.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

/** Of utils, models take types only; the literal type keeps this equal to what the pages show. */
const EVIDENCE_SIDE: typeof EVIDENCE_SIDE_PIXELS = 96;

/** The networks of one scan after the other, kept while the same ones are asked for. */
export type LoadedNetworks = {
  readonly load: (modelIds: readonly string[]) => Promise<LoadedModel>;
  /** @param firstIndex place of the first crop among the scan's, from 0 */
  readonly judge: (crops: readonly RasterImage[], firstIndex: number) => Promise<readonly JudgedFace[]>;
  /** The self-test of one model. Whatever was loaded is released for it. */
  readonly test: (modelId: string) => Promise<SelfTest>;
  /** Frees what the sessions hold. */
  readonly release: () => Promise<void>;
};

type Loaded = {
  readonly key: string;
  readonly networks: readonly LoadedNetwork[];
  readonly model: LoadedModel;
};

export function createLoadedNetworks(openNetwork: NetworkOpener): LoadedNetworks {
  let loaded: Loaded | null = null;

  async function release(): Promise<void> {
    const networks = loaded?.networks ?? [];
    loaded = null;
    for (const { session } of networks) await session.release();
  }

  return {
    load: async (modelIds) => {
      const key = modelIds.join(' ');
      if (loaded?.key === key) return loaded.model;
      await release();
      const networks: LoadedNetwork[] = [];
      try {
        for (const modelId of modelIds) {
          const { description, files } = await openModel(modelId);
          networks.push({ description, session: await openNetwork.open(modelId, description, files) });
        }
        const model = describeLoaded(modelIds, networks);
        loaded = { key, networks, model };
        // Sessions on a lost device answer nothing any more: the next scan loads anew.
        openNetwork.onDeviceLost(() => {
          if (loaded?.key === key) loaded = null;
        });
        return model;
      } catch (error) {
        for (const { session } of networks) await session.release();
        throw error;
      }
    },
    judge: async (crops, firstIndex) => {
      if (loaded === null) throw new DetectorError('runtime-failed', 'the networks are not loaded any more');
      const { networks } = loaded;
      const side = networks[0]!.description.imageSize;
      const inputs = crops.map((crop) => resizeToInput(crop, side));
      const rowsOfNetworks: (readonly [Network, readonly LogitRow[]])[] = [];
      for (const network of networks) {
        const rows = await computeLogits(network, inputs, DEFAULT_NOISE, firstIndex);
        rowsOfNetworks.push([network.description.network, rows]);
      }
      return inputs.map((input, index) => ({
        logits: Object.fromEntries(rowsOfNetworks.map(([network, rows]) => [network, rows[index]!])),
        input: toImageData(input),
        fineDetail: detailOf(input, crops[index]!),
        evidence: toImageData(
          side <= EVIDENCE_SIDE ? input : resizeArea(input, EVIDENCE_SIDE, EVIDENCE_SIDE),
        ),
      }));
    },
    test: async (modelId) => {
      await release();
      const { description, files } = await openModel(modelId);
      return await openNetwork.test(modelId, description, files);
    },
    release,
  };
}

/** @throws DetectorError `model-invalid` for networks that don't judge the same faces */
function describeLoaded(modelIds: readonly string[], networks: readonly LoadedNetwork[]): LoadedModel {
  const descriptions = networks.map(({ description }) => description);
  if (!isOneList(descriptions.map(({ imageSize }) => imageSize))) {
    throw new DetectorError('model-invalid', 'the networks take faces of different sizes');
  }
  const isOnGpu = networks.every(({ session }) => session.device === 'webgpu');
  return {
    usedModel: {
      modelId: modelIds.join('+'),
      networks: descriptions.map(({ network }) => network),
      dtype: unique(descriptions.map(({ dtype }: ModelDescription) => dtype)).join('+'),
      device: isOnGpu ? 'webgpu' : 'wasm',
      isDemo: descriptions.some(({ isDemo }) => isDemo === true),
    },
    facesPerRun: Math.max(...networks.map(({ session }) => FACES_PER_RUN[session.device])),
  };
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

function isOneList(values: readonly number[]): boolean {
  return unique(values).length === 1;
}

/** The networks' own input where it has the size at which detail is measured. */
function detailOf(input: RgbImage, crop: RasterImage): number {
  return fineDetail(input.width === INPUT_SIDE_PIXELS ? input : crop);
}

function toImageData({ data, width, height }: RgbImage): ImageData {
  const rgba = new Uint8ClampedArray(width * height * 4);
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + 1]!;
    rgba[to + 2] = data[from + 2]!;
    rgba[to + 3] = 255;
  }
  return new ImageData(rgba, width, height);
}
