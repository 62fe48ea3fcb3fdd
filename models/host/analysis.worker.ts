import { createFaceDetector } from '../face/face-detector.ts';
import { createFaceFinder } from '../face/face-finder.ts';
import type { FaceFinder } from '../face/face-finder.ts';
import { createLoadedNetworks } from '../scan/loaded-networks.ts';
import { createNetworkOpener } from '../scan/open-network.ts';
import { isDetectorError } from '../../utils/domain/errors.ts';
import type {
  AnalysisAnswer,
  AnalysisCalls,
  AnalysisMessage,
  CallName,
  CallReply,
  CallRequest,
} from './analysis-protocol.ts';

let finder: Promise<FaceFinder> | undefined;
let networks = createLoadedNetworks(createNetworkOpener());

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
      // A failed load must not answer for every later frame: the next one tries again.
      finder = undefined;
      throw error;
    });
  return finder;
}

const calls: { readonly [Name in CallName]: (request: CallRequest<Name>) => Promise<CallReply<Name>> } = {
  loadModel: async ({ modelIds }) => {
    const [model] = await Promise.all([networks.load(modelIds), getFinder()]);
    return model;
  },
  findFaces: async ({ thumbnail, frame }) => {
    const { findFirst } = await getFinder();
    const startedAt = performance.now();
    const faces = findFirst(thumbnail, frame);
    return { faces, milliseconds: performance.now() - startedAt };
  },
  findFacesInSquares: async ({ squares }) => {
    const { findInSquare } = await getFinder();
    const startedAt = performance.now();
    const faces = squares.map(({ picture, square }) => findInSquare(picture, square));
    return { faces, milliseconds: performance.now() - startedAt };
  },
  judgeFaces: async ({ crops, firstIndex }) => {
    const startedAt = performance.now();
    const faces = await networks.judge(crops, firstIndex);
    return { faces, milliseconds: performance.now() - startedAt };
  },
  testModel: ({ modelId }) => networks.test(modelId),
  releaseModels: async () => {
    await networks.release();
    return null;
  },
  forceDevice: ({ device }) => {
    networks = createLoadedNetworks(createNetworkOpener(device));
    return Promise.resolve(null);
  },
};

async function answer(message: AnalysisMessage): Promise<AnalysisAnswer> {
  const { id, name, request } = message;
  // The union's members pair each name with its own request, which a lookup by name cannot express.
  const call = calls[name] as (request: unknown) => Promise<ReturnType<AnalysisCalls[CallName]>>;
  try {
    return { id, ok: true, value: await call(request) };
  } catch (error) {
    const code = isDetectorError(error) ? error.code : 'internal';
    return {
      id,
      ok: false,
      error: { code, message: error instanceof Error ? error.message : String(error) },
    };
  }
}

let last: Promise<void> = Promise.resolve();

self.addEventListener('message', ({ data }: MessageEvent<AnalysisMessage>) => {
  last = last.then(async () => self.postMessage(await answer(data)));
});
