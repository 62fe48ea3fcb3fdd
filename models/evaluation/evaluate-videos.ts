import { MAX_TITLE_LENGTH, plainText } from '../../utils/domain/addresses.ts';
import { DEFAULT_BADGE_SETTINGS } from '../../utils/domain/automatic.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import { settingsKeyOf } from '../../utils/domain/evaluation.ts';
import type {
  EvaluatedVideo,
  EvaluationSettings,
  FailedVideo,
  FileStamp,
  PlannedVideo,
} from '../../utils/domain/evaluation.ts';
import type { FrameOfFolder } from '../../utils/domain/frames-port.ts';
import type { InstalledModel } from '../../utils/domain/model.ts';
import { isFinal } from '../../utils/domain/scan.ts';
import type { Scan, ScannedVideo, ScanState } from '../../utils/domain/scan.ts';
import { openSources } from '../frames/open-sources.ts';
import type { OpenedSource, SourceDeps } from '../frames/open-sources.ts';
import { createAutomaticScheduler } from '../host/automatic-scheduler.ts';
import { createEngineClient } from '../host/engine-client.ts';
import type { EngineClient } from '../host/engine-client.ts';
import { createDetailsStore } from '../host/kept-crops.ts';
import { createScanRunner } from '../host/scan-runner.ts';
import type { ScanRunner } from '../host/scan-runner.ts';
import { MAX_THREADS } from '../runtime/session.ts';
import type { ScanJob } from '../host/engine-protocol.ts';
import { BROWSER_STORE } from '../store/browser-store.ts';
import { listModels } from '../store/model-store.ts';
import type { RunAction } from './evaluation-run.ts';

/** A video as it is given to the engine: a file of the user's, an address, or the pictures of a folder, in order. */
export type GivenVideo = { readonly stamp: FileStamp } & (
  | { readonly kind: 'file'; readonly file: File }
  | { readonly kind: 'address'; readonly url: string }
  | { readonly kind: 'images'; readonly images: readonly FrameOfFolder[] }
);

/** A video that an engine is to judge, by settings of its own. */
export type NextVideo = {
  readonly video: PlannedVideo;
  readonly settings: Omit<EvaluationSettings, 'device'>;
  /** Ends the scan; the video is pending again. */
  readonly signal: AbortSignal;
};

export type EvaluationDeps = {
  readonly startEngineWorker: () => Worker;
  readonly startDecodeWorker: () => Worker;
  /** Of the extension, for the reports. */
  readonly appVersion: string;
  readonly isHostAllowed: SourceDeps['isHostAllowed'];
  /** @throws DOMException where the file has gone or may not be read any more */
  readonly open: (video: PlannedVideo) => Promise<GivenVideo>;
  /** Called by an engine that is free. null ends its work. The same video is given once. */
  readonly next: () => NextVideo | null | Promise<NextVideo | null>;
  readonly dispatch: (action: RunAction) => void;
  /** Keeps a result where a closed tab does not lose it. It is awaited before the video counts as done. */
  readonly keep: (evaluated: EvaluatedVideo) => Promise<void>;
};

export type EngineOptions = Pick<EvaluationSettings, 'device'> & {
  /** Engines side by side, from 1. */
  readonly jobs: number;
};

export type EvaluationOptions = EvaluationSettings & EngineOptions;

/** The two ends of an engine's failure that every further video would meet, too. */
const FATAL_CODES: readonly string[] = ['model-invalid', 'host-lost'];

/**
 * Judges videos, as many at a time as there are engines. Each engine runs in a Worker of its own and takes its videos by the
 * path of "Check a file".
 */
export function createEvaluation(deps: EvaluationDeps, { jobs, device }: EngineOptions) {
  const { dispatch } = deps;
  const numThreads = threadsOfEach(jobs, navigator.hardwareConcurrency);
  const engines = Array.from({ length: jobs }, () =>
    createEngineClient(deps.startEngineWorker, { device, numThreads }),
  );

  /** @returns a function that judges one video with this engine */
  function createJudge(engine: EngineClient): (next: NextVideo) => Promise<void> {
    let modelIds: readonly string[] = [];
    const runner = createScanRunner({
      engine,
      appVersion: deps.appVersion,
      scheduler: createAutomaticScheduler(DEFAULT_BADGE_SETTINGS, () => undefined),
      coresBusy: () => numThreads,
      details: createDetailsStore(),
      offeredBands: BROWSER_STORE.registry.detectors[0]!.bands,
      chooseModels: () => modelsWithBands(modelIds),
      report: () => undefined,
      onState: () => undefined,
    });
    return async ({ video, settings, signal }) => {
      const { path } = video;
      const startedAt = performance.now();
      let given: GivenVideo;
      try {
        given = await deps.open(video);
      } catch (error) {
        dispatch({ type: 'failed', failed: failureOf(video, error) });
        return;
      }
      modelIds = settings.modelIds;
      const state = await scanOnce(runner, { video, given, settings, deps }, signal);
      switch (state.kind) {
        case 'finished': {
          const milliseconds = Math.round(performance.now() - startedAt);
          const settingsKey = settingsKeyOf({ ...settings, device });
          const evaluated = { video, stamp: given.stamp, settingsKey, milliseconds, report: state.report };
          await deps.keep(evaluated);
          dispatch({ type: 'done', evaluated });
          return;
        }
        case 'failed':
          dispatch({ type: 'failed', failed: { video, code: state.code, message: state.message } });
          if (FATAL_CODES.includes(state.code)) dispatch({ type: 'cancel' });
          return;
        default:
          dispatch({ type: 'stopped', path });
      }
    };
  }

  async function work(engine: EngineClient): Promise<void> {
    const judge = createJudge(engine);
    for (let next = await deps.next(); next !== null; next = await deps.next()) await judge(next);
  }

  return {
    /** Works until there is no next video. */
    run: async (): Promise<void> => {
      await Promise.all(engines.map(work));
    },
    /** Ends the Workers with all their memory. */
    close: () => {
      for (const engine of engines) engine.terminate();
    },
  };
}

/** An evaluation measures the bands that the detector is published with, and not the user's sensitivity. */
async function modelsWithBands(
  modelIds: readonly string[],
): Promise<Pick<ScanJob, 'modelIds' | 'bands'> | null> {
  const installed = await listModels(BROWSER_STORE);
  const first = installed.find(({ modelId }) => modelId === modelIds[0]);
  if (first === undefined) return null;
  return { modelIds, bands: BROWSER_STORE.registry.get(first.detectorId).bands };
}

type OneScan = {
  readonly video: PlannedVideo;
  readonly given: GivenVideo;
  readonly settings: NextVideo['settings'];
  readonly deps: Pick<EvaluationDeps, 'dispatch' | 'isHostAllowed' | 'startDecodeWorker'>;
};

/** @returns the final state */
async function scanOnce(
  runner: ScanRunner,
  { video, given, settings, deps }: OneScan,
  signal: AbortSignal,
): Promise<ScanState> {
  const { framesAsked } = settings;
  const scan: Scan = {
    scanId: crypto.randomUUID(),
    ...OF_NO_TAB,
    frameId: 0,
    video: describeGiven(video, given),
    startedAt: Date.now(),
    state: { kind: 'waiting' },
  };
  let final: ScanState = { kind: 'cancelled' };
  await runner.run(
    {
      scan,
      policy: 'evaluation',
      framesAsked,
      given: given.kind === 'file' ? { kind: 'file', file: given.file } : { kind: given.kind },
      openSources: (scanSignal) => openGiven({ video, given, settings, deps }, scanSignal),
      sawVideoGone: () => false,
      onState: (state) => {
        if (isFinal(state)) final = state;
        if (state.kind !== 'running') return;
        const { framesScanned, framesAsked: asked } = state;
        deps.dispatch({ type: 'progress', path: video.path, framesScanned, framesAsked: asked });
      },
      onScheduled: () => undefined,
    },
    signal,
  );
  return final;
}

/** No tab shows the video. */
const OF_NO_TAB = { tabId: -1, isPrivate: false } as const;

function describeGiven(video: PlannedVideo, given: GivenVideo): ScannedVideo {
  const url = given.kind === 'address' ? given.url : null;
  const name = plainText(video.name).slice(0, MAX_TITLE_LENGTH);
  return {
    pageUrl: url ?? `file:///${encodeURIComponent(name)}`,
    title: name,
    fileUrl: url,
    widthPixels: 0,
    heightPixels: 0,
    durationSeconds: null,
  };
}

/** Opens a video's frames as "Check a file" does. @throws AbortError */
export async function openGiven(
  {
    video,
    given,
    settings: { framesAsked, sampling },
    deps,
  }: {
    readonly video: PlannedVideo;
    readonly given: GivenVideo;
    readonly settings: Pick<EvaluationSettings, 'framesAsked' | 'sampling'>;
    readonly deps: Pick<EvaluationDeps, 'isHostAllowed' | 'startDecodeWorker'>;
  },
  signal: AbortSignal,
): Promise<OpenedSource> {
  return await openSources(
    {
      video: describeGiven(video, given),
      framesAsked,
      sampling,
      isAutomatic: false,
      ...OF_NO_TAB,
      origin: location.origin,
      from: {
        kind: 'own-page',
        file: given.kind === 'file' ? given.file : null,
        ...(given.kind === 'images' && { images: given.images }),
      },
    },
    {
      isHostAllowed: deps.isHostAllowed,
      startDecodeWorker: deps.startDecodeWorker,
      captureTab: () => Promise.resolve(null),
    },
    signal,
  );
}

/** All cores but one, shared by the engines. */
export function threadsOfEach(jobs: number, cores: number): number {
  return Math.min(MAX_THREADS, Math.max(1, Math.floor((cores - 1) / jobs)));
}

/** A Worker's runtime, face detector and pictures, beside the weights. */
const ENGINE_BYTE_LENGTH = 600e6;
/** Loaded weights are held once more while they are prepared. */
const WEIGHT_COPIES = 2;

/**
 * How many engines suit a computer: one on a graphics card, which they would only share; else one for each core but one, as
 * far as half of the memory holds their networks.
 * @param memoryGigabytes null where the browser does not say
 */
export function suitableJobs(
  models: readonly Pick<InstalledModel, 'byteLength' | 'selfTest'>[],
  device: EvaluationSettings['device'],
  { cores, memoryGigabytes }: { readonly cores: number; readonly memoryGigabytes: number | null },
): number {
  if (device === 'webgpu') return 1;
  if (device === null && models.some(({ selfTest }) => selfTest?.device === 'webgpu')) return 1;
  const weights = models.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const room = ((memoryGigabytes ?? 8) * 1e9) / 2;
  const fitting = Math.floor(room / (ENGINE_BYTE_LENGTH + WEIGHT_COPIES * weights));
  return Math.max(1, Math.min(cores - 1, fitting));
}

/** A video that could not be opened, or whose frames could not be read. */
export function failureOf(video: PlannedVideo, error: unknown): FailedVideo {
  const message = error instanceof Error ? error.message : String(error);
  return isDetectorError(error)
    ? { video, code: error.code, message }
    : { video, code: 'source-failed', message };
}
