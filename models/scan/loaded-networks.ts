import { DetectorError } from '../../utils/domain/errors.ts';
import { EVIDENCE_SIDE_PIXELS } from '../../utils/domain/scan.ts';
import { describeTogether } from '../../utils/domain/choose-models.ts';
import { FACES_PER_RUN, logitsOfNetworks } from './compute-logits.ts';
import type { LoadedNetwork } from './compute-logits.ts';
import { DEFAULT_NOISE } from '../detectors/detector.ts';
import { toImageData } from '../image/raster-image.ts';
import { resizeArea } from '../image/resize-area.ts';
import { sha256Of } from '../../utils/domain/sha256.ts';
import type { RasterImage } from '../image/raster-image.ts';
import { BROWSER_STORE } from '../store/browser-store.ts';
import type { ScanReport } from '../../utils/domain/report.ts';
import type { KeptPicture, RepeatedScan } from '../../utils/domain/repeat.ts';
import { repeatScores } from './repeat-scan.ts';
import { openModel, storedSha256Of } from '../store/model-store.ts';
import type { OpenedModel } from '../store/model-store.ts';
import type { JudgedFace, LoadedModel } from './analysis.ts';
import { DETAIL_SIDE_PIXELS, fineDetail } from './fine-detail.ts';
import type { NetworkOpener } from './open-network.ts';
import type { SelfTest } from '../../utils/domain/model.ts';

type Loaded = {
  readonly key: string;
  readonly networks: readonly LoadedNetwork[];
  readonly model: LoadedModel;
};

/** The networks of the scans, kept loaded while the next scan asks for the same ones. */
export function createLoadedNetworks(openNetwork: NetworkOpener) {
  let loaded: Loaded | null = null;

  /** Frees the sessions' memory. */
  async function release(): Promise<void> {
    const networks = loaded?.networks ?? [];
    loaded = null;
    for (const { session } of networks) await session.release();
  }

  async function load(modelIds: readonly string[]): Promise<LoadedModel> {
    const key = modelIds.join(' ');
    if (loaded?.key === key) return loaded.model;
    await release();
    const networks: LoadedNetwork[] = [];
    const models: OpenedModel[] = [];
    try {
      for (const modelId of modelIds) {
        const opened = await openModel(BROWSER_STORE, modelId);
        const { detector, description } = opened;
        models.push(opened);
        networks.push({ detector, facts: description, session: await openNetwork.open(modelId, opened) });
      }
      const model = await describeLoaded(modelIds, models, networks);
      loaded = { key, networks, model };
      // Sessions on a lost device do not answer any more, so the next scan loads the networks anew.
      openNetwork.onDeviceLost(() => {
        if (loaded?.key === key) loaded = null;
      });
      return model;
    } catch (error) {
      for (const { session } of networks) await session.release();
      throw error;
    }
  }

  return {
    load,
    /** @param first place of the first crop among the scan's, from 0 */
    judge: async (crops: readonly RasterImage[], first: number): Promise<readonly JudgedFace[]> => {
      if (loaded === null) throw new DetectorError('runtime-failed', 'the networks are not loaded any more');
      const { networks } = loaded;
      const side = networks[0]!.facts.imageSize;
      const inputs = crops.map((crop) => resizeArea(crop, side, side));
      const hashing = Promise.all(inputs.map(({ data }) => sha256Of(data)));
      const logits = await logitsOfNetworks(networks, inputs, { first, noise: DEFAULT_NOISE });
      const hashes = await hashing;
      return inputs.map((input, index) => ({
        logits: logits[index]!,
        input: toImageData(input),
        pixelsSha256: hashes[index]!,
        // The networks' own input, if it has the size at which detail is measured.
        fineDetail: fineDetail(side === DETAIL_SIDE_PIXELS ? input : crops[index]!),
        evidence: toImageData(
          side <= EVIDENCE_SIDE_PIXELS
            ? input
            : resizeArea(input, EVIDENCE_SIDE_PIXELS, EVIDENCE_SIDE_PIXELS),
        ),
      }));
    },
    /** Judges a report's pictures again. @throws DetectorError as {@link repeatScores} @param onRun after each run */
    repeat: async (
      modelIds: readonly string[],
      report: ScanReport,
      pictures: readonly KeptPicture[],
      onRun: () => void,
    ): Promise<RepeatedScan> => {
      const model = await load(modelIds);
      const { networks } = loaded!;
      return await repeatScores(report, pictures, {
        ...model,
        sidePixels: networks[0]!.facts.imageSize,
        logitsOf: async (inputs, order) => {
          const logits = await logitsOfNetworks(networks, inputs, order);
          onRun();
          return logits;
        },
      });
    },
    /**
     * The score of each crop by itself, 0 to 1. There is no noise, so equal crops have equal scores at any place.
     * @param crops of the networks' own size
     */
    scores: async (crops: readonly RasterImage[]): Promise<readonly number[]> => {
      if (loaded === null) throw new DetectorError('runtime-failed', 'the networks are not loaded any more');
      const { networks } = loaded;
      const side = networks[0]!.facts.imageSize;
      const inputs = crops.map((crop) => resizeArea(crop, side, side));
      const logits = await logitsOfNetworks(networks, inputs, { noise: { kind: 'none' } });
      return logits.map((rows) => networks[0]!.detector.score(Object.values(rows)).score);
    },
    /** The self-test of one model; releases the loaded networks first. */
    test: async (modelId: string): Promise<SelfTest> => {
      await release();
      return await openNetwork.test(modelId, await openModel(BROWSER_STORE, modelId));
    },
    release,
  };
}

/** @throws DetectorError `model-invalid` for networks that don't judge the same faces */
async function describeLoaded(
  modelIds: readonly string[],
  opened: readonly OpenedModel[],
  networks: readonly LoadedNetwork[],
): Promise<LoadedModel> {
  const { detector } = networks[0]!;
  if (networks.some((network) => network.detector !== detector)) {
    throw new DetectorError('model-invalid', 'the networks are of different detectors');
  }
  if (new Set(networks.map(({ facts }) => facts.imageSize)).size > 1) {
    throw new DetectorError('model-invalid', 'the networks take faces of different sizes');
  }
  const isOnGpu = networks.every(({ session }) => session.device === 'webgpu');
  const models = opened.map(({ isForeign, description: { network, dtype, isDemo = false } }, index) => ({
    modelId: modelIds[index]!,
    detector,
    networks: [network],
    dtype,
    isDemo,
    isForeign,
  }));
  const hashes = opened.map(async ({ description }) => ({
    checkpointSha256: description.source.sha256,
    storedSha256: await storedSha256Of(description),
  }));
  return {
    usedModel: {
      ...describeTogether(models),
      device: isOnGpu ? 'webgpu' : 'wasm',
      hashes: await Promise.all(hashes),
    },
    scoring: detector,
    noise: DEFAULT_NOISE,
    cropMargin: detector.input.crop.margin,
    facesPerRun: Math.max(...networks.map(({ session }) => FACES_PER_RUN[session.device])),
  };
}
