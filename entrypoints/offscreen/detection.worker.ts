import { createFaceDetector } from '../../models/face/face-detector.ts';
import { createFaceFinder, type FaceFinder } from '../../models/face/face-finder.ts';
import type { DetectedFace } from '../../models/face/geometry.ts';

/** One frame to the Worker; `id` comes back with the answer. */
export type DetectionRequest = { readonly id: number; readonly frame: ImageData };

export type DetectionReply =
  | {
      readonly id: number;
      readonly ok: true;
      readonly faces: readonly DetectedFace[];
      readonly milliseconds: number;
    }
  | { readonly id: number; readonly ok: false; readonly message: string };

let finder: Promise<FaceFinder> | undefined;

function getFinder(): Promise<FaceFinder> {
  finder ??= createFaceDetector({
    wasmDirectory: new URL('/mediapipe', self.location.origin).href,
    modelUrl: new URL('/models/face_detection_full_range_sparse.tflite', self.location.origin).href,
  })
    .then(createFaceFinder)
    .catch((error: unknown) => {
      // A failed load must not answer for every later frame: the next one tries again.
      finder = undefined;
      throw error;
    });
  return finder;
}

async function answer({ id, frame }: DetectionRequest): Promise<DetectionReply> {
  try {
    const ready = await getFinder();
    const startMilliseconds = performance.now();
    const faces = ready.find(frame);
    return { id, ok: true, faces, milliseconds: performance.now() - startMilliseconds };
  } catch (error) {
    return { id, ok: false, message: String(error) };
  }
}

self.addEventListener('message', (event: MessageEvent<DetectionRequest>) => {
  void answer(event.data).then((reply) => self.postMessage(reply));
});
