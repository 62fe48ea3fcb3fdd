import { createFaceDetector } from '../face/face-detector.ts';
import { createFaceFinder } from '../face/face-finder.ts';
import type { FaceFinder } from '../face/face-finder.ts';
import { createCuttingSource } from '../frames/cutting-source.ts';
import { closePixels } from '../frames/frame-source.ts';
import type { FrameSource, FrameSourceEnd, UncutFrame } from '../frames/frame-source.ts';
import { toRaster } from '../image/raster-image.ts';
import { DetectorError } from '../../utils/domain/errors.ts';
import { createSerialQueue } from '../../utils/domain/serial-queue.ts';
import type { ScanDetector } from '../scan/analysis.ts';
import { extractFaces } from '../scan/extract-faces.ts';
import type { ExtractedFace } from '../scan/extract-faces.ts';
import { createLoadedNetworks } from '../scan/loaded-networks.ts';
import { occlusionMap } from '../scan/occlusion-map.ts';
import { createNetworkOpener } from '../scan/open-network.ts';
import { runScan } from '../scan/run-scan.ts';
import type { ScanEvent, ScanResult } from '../scan/run-scan.ts';
import { untilAborted } from '../../utils/domain/until-aborted.ts';
import { serializeError } from './engine-protocol.ts';
import type {
  CallName,
  CallReply,
  CallRequest,
  EngineCommand,
  EngineMessage,
  FrameAnswer,
  FrameQuestion,
  OcclusionJob,
  ScanJob,
} from './engine-protocol.ts';

/** One call that asks for frames, while it runs here. */
type RunningCall = {
  readonly abort: AbortController;
  /** Settles the question that is open. */
  answered: PromiseWithResolvers<FrameAnswer> | null;
};

/** Loading, running and releasing networks must not overlap. */
const networkQueue = createSerialQueue();
const scans = new Map<number, RunningCall>();
/** Of the occlusion maps that are being made. */
const mapAborts = new Map<number, AbortController>();
let networks = createLoadedNetworks(createNetworkOpener());
let finder: Promise<FaceFinder> | undefined;

function getFinder(): Promise<FaceFinder> {
  finder ??= createFaceDetector({
    wasmDirectory: new URL('/mediapipe', self.location.origin).href,
    modelUrl: new URL('/models/face_detection_full_range_sparse.tflite', self.location.origin).href,
  })
    .then((detector) => {
      // The first run prepares the detector's own kernels and takes five times as long as any other.
      detector.detect(new ImageData(1, 1));
      return createFaceFinder(detector);
    })
    .catch((error: unknown) => {
      // The next scan tries to load it again.
      finder = undefined;
      throw error;
    });
  return finder;
}

function createDetector(id: number, { modelIds, bands }: ScanJob): ScanDetector {
  return {
    load: async () => {
      const [loaded, faceFinder] = await Promise.all([
        networkQueue.run(() => networks.load(modelIds)),
        getFinder(),
      ]);
      say({ type: 'loaded', id, model: loaded.usedModel });
      return {
        ...loaded,
        scoring: { ...loaded.scoring, bands },
        finder: faceFinder,
        judge: async (crops, firstIndex) => {
          // A run blocks this Worker: the question for the next frame is sent before, and an abort is received.
          await nextTask();
          return await networkQueue.run(async () => {
            // A scan with other networks may have replaced the loaded ones meanwhile.
            await networks.load(modelIds);
            const startedAt = performance.now();
            const faces = await networks.judge(crops, firstIndex);
            return { faces, milliseconds: performance.now() - startedAt };
          });
        },
      };
    },
  };
}

/** The source in the document, which is asked over the Worker's messages. */
function createRemoteSource(id: number, scan: RunningCall): FrameSource<UncutFrame> {
  let ending: FrameSourceEnd | null = null;

  async function ask<Name extends FrameQuestion['name']>(
    question: Extract<FrameQuestion, { readonly name: Name }>,
    signal: AbortSignal,
  ): Promise<Extract<FrameAnswer, { readonly name: Name }>> {
    signal.throwIfAborted();
    const answered = Promise.withResolvers<FrameAnswer>();
    scan.answered = answered;
    say({ type: 'question', id, question });
    try {
      const answer = await untilAborted(answered.promise, signal);
      ending = answer.ending;
      return answer as Extract<FrameAnswer, { readonly name: Name }>;
    } finally {
      scan.answered = null;
    }
  }

  return {
    // The document knows which source it is.
    kind: 'source',
    nextFrame: async (signal) => {
      if (ending !== null) return null;
      const { frame } = await ask({ name: 'next-frame' }, signal);
      if (frame?.pixels.kind !== 'remote') return frame;
      return {
        ...frame,
        cut: async (regions, cutSignal) => (await ask({ name: 'cut', regions }, cutSignal)).cuts,
      };
    },
    ending: () => ending,
    close: () => undefined,
  };
}

/** Runs a call on the frames of the document's source. */
async function onFrames<T>(
  id: number,
  work: (source: FrameSource, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const running: RunningCall = { abort: new AbortController(), answered: null };
  scans.set(id, running);
  try {
    return await work(createCuttingSource(createRemoteSource(id, running)), running.abort.signal);
  } finally {
    scans.delete(id);
  }
}

function scan(id: number, job: ScanJob): Promise<ScanResult> {
  return onFrames(id, (source, signal) =>
    runScan(
      {
        source,
        detector: createDetector(id, job),
        policy: {
          ...job,
          // The document waits for the turn before it answers with the next frame.
          beforeFrame: () => Promise.resolve(),
          spent: (busyMilliseconds) => say({ type: 'spent', id, busyMilliseconds }),
        },
        onEvent: (event) => say({ type: 'event', id, event }),
      },
      signal,
    ),
  );
}

async function occlusion(id: number, { picture, modelIds }: OcclusionJob): Promise<CallReply<'occlusion'>> {
  const abort = new AbortController();
  mapAborts.set(id, abort);
  try {
    const loaded = await networkQueue.run(() => networks.load(modelIds));
    say({ type: 'loaded', id, model: loaded.usedModel });
    const map = await occlusionMap(
      toRaster(picture),
      {
        batch: loaded.facesPerRun,
        judge: async (pictures) => {
          // A run blocks this Worker: an abort is received before.
          await nextTask();
          abort.signal.throwIfAborted();
          return await networkQueue.run(async () => {
            // A scan with other networks may have replaced the loaded ones meanwhile.
            await networks.load(modelIds);
            return await networks.scores(pictures);
          });
        },
        onProgress: (done, all) => say({ type: 'progress', id, done, all }),
      },
      abort.signal,
    );
    return { map, model: loaded.usedModel };
  } finally {
    mapAborts.delete(id);
  }
}
/** A sign of life: the document ends a Worker that is silent for long. */
const REPEATING: ScanEvent = { kind: 'running', framesScanned: 0, framesAsked: 0 };

const calls: {
  readonly [Name in CallName]: (id: number, request: CallRequest<Name>) => Promise<CallReply<Name>>;
} = {
  scan,
  extractFaces: async (id, input) => {
    const onFace = (face: ExtractedFace): void => say({ type: 'face', id, face });
    const faceFinder = await getFinder();
    return await onFrames(id, (source, signal) =>
      extractFaces({ source, finder: faceFinder, input, onFace }, signal),
    );
  },
  occlusion,
  testModel: (_id, { modelId }) => networkQueue.run(() => networks.test(modelId)),
  repeatScan: (id, { modelIds, report, pictures }) =>
    networkQueue.run(() =>
      networks.repeat(modelIds, report, pictures, () => say({ type: 'event', id, event: REPEATING })),
    ),
  releaseModels: async () => {
    await networkQueue.run(() => networks.release());
    return null;
  },
  configure: (_id, { device, numThreads }) => {
    networks = createLoadedNetworks(createNetworkOpener(device, numThreads));
    return Promise.resolve(null);
  },
};

async function answer(command: Extract<EngineCommand, { readonly type: 'call' }>): Promise<void> {
  const { id, name, request } = command;
  try {
    // The union's members pair each name with its own request, which a lookup by name cannot express.
    const call = calls[name] as (id: number, request: unknown) => Promise<unknown>;
    say({ type: 'reply', id, value: await call(id, request) });
  } catch (error) {
    say({ type: 'error', id, error: serializeError(error) });
  }
}

function takeAnswer(id: number, given: FrameAnswer): void {
  const answered = scans.get(id)?.answered;
  if (answered) answered.resolve(given);
  // The scan has ended meanwhile. The frame is closed here, since an open frame keeps its decoder's buffer.
  else if (given.name === 'next-frame' && given.frame !== null) closePixels(given.frame.pixels);
}

function say(message: EngineMessage): void {
  self.postMessage(message);
}

/** Resolves after the handling of the messages that are waiting. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}

self.addEventListener('message', ({ data }: MessageEvent<EngineCommand>) => {
  switch (data.type) {
    case 'call':
      void answer(data);
      return;
    case 'abort':
      scans.get(data.id)?.abort.abort();
      mapAborts.get(data.id)?.abort();
      return;
    case 'frame-answer':
      takeAnswer(data.id, data.answer);
      return;
    case 'frame-error':
      scans.get(data.id)?.answered?.reject(new DetectorError(data.error.code, data.error.message));
      return;
    default:
      data satisfies never;
  }
});
