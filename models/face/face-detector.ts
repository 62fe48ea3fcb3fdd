import { FaceDetector as MediaPipeFaceDetector, FilesetResolver } from '@mediapipe/tasks-vision';
import { DetectorError } from '../../utils/domain/errors.ts';
import type { DetectedFace } from './geometry.ts';

export type DetectableImage = ImageData | ImageBitmap | OffscreenCanvas;

/** The threshold at which the mapping from MediaPipe's boxes to the network's training crops was fitted. */
const MIN_DETECTION_SCORE = 0.5;

export type FaceDetector = Awaited<ReturnType<typeof createFaceDetector>>;

/**
 * Creates MediaPipe's BlazeFace detector (full range, sparse) on the CPU, for a module Worker: the loader is
 * MediaPipe's ES module build, imported from `wasmDirectory`. A GPU delegate would share the device with the network
 * and is no faster at this size.
 * @param wasmDirectory address of the packaged `vision_wasm_module_internal.{js,wasm}`, without a slash at the end
 * @param modelUrl address of a TFLite face model with `TFLITE_METADATA`
 * @throws DetectorError `runtime-failed` when the model or the WASM could not be loaded
 */
export async function createFaceDetector(deps: {
  readonly wasmDirectory: string;
  readonly modelUrl: string;
}) {
  const detector = await createMediaPipe(deps.wasmDirectory, deps.modelUrl);
  return {
    /**
     * Finds faces in one image of any size, in its pixels, most confident first, with scores from
     * {@link MIN_DETECTION_SCORE} to 1. Keypoints may lie outside the image. Synchronous: about 30 ms on a CPU.
     */
    detect: (image: DetectableImage): DetectedFace[] =>
      detector
        .detect(image)
        .detections.map((detection) => toDetection(detection, image.width, image.height))
        .filter((detection) => detection !== undefined)
        .toSorted((a, b) => b.score - a.score),
    /** Frees the WASM heap. The detector must not be used afterwards. */
    release: (): void => detector.close(),
  };
}

async function createMediaPipe(wasmDirectory: string, modelUrl: string): Promise<MediaPipeFaceDetector> {
  try {
    const fileset = await FilesetResolver.forVisionTasks(wasmDirectory, true);
    return await MediaPipeFaceDetector.createFromOptions(fileset, {
      baseOptions: { modelAssetPath: modelUrl, delegate: 'CPU' },
      runningMode: 'IMAGE',
      minDetectionConfidence: MIN_DETECTION_SCORE,
    });
  } catch (cause) {
    throw new DetectorError('runtime-failed', `MediaPipe could not load ${modelUrl}`, { cause });
  }
}

type MediaPipeDetection = ReturnType<MediaPipeFaceDetector['detect']>['detections'][number];

/**
 * MediaPipe gives keypoints as shares of the image's sides and the box in whole pixels. It names the eyes and ears
 * as the person's own, starting with the right one, which in a picture is the left one.
 */
function toDetection(detection: MediaPipeDetection, width: number, height: number): DetectedFace | undefined {
  const { boundingBox, categories } = detection;
  const [leftEye, rightEye, noseTip, mouth] = detection.keypoints.map(({ x, y }) => ({
    x: x * width,
    y: y * height,
  }));
  const score = categories[0]?.score;
  if (boundingBox === undefined || score === undefined) return undefined;
  if (!leftEye || !rightEye || !noseTip || !mouth) return undefined;
  const { originX, originY } = boundingBox;
  return {
    box: {
      left: originX,
      top: originY,
      right: originX + boundingBox.width,
      bottom: originY + boundingBox.height,
    },
    score,
    keypoints: { leftEye, rightEye, noseTip, mouth },
  };
}
