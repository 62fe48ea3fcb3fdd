import { readFileSync } from 'node:fs';
import type { Box, DetectedFace, Size } from '../../../../models/face/geometry.ts';
import { sharedFolder } from '../../../support/shared-folder.ts';

/** One frame of a reference video: dlib's crops and boxes, and MediaPipe's faces in either pass. */
export type GoldenFrame = {
  readonly frame: Size;
  readonly crops: readonly Box[];
  /** dlib's boxes before clipping, right and bottom as the crop's exclusive ends. */
  readonly boxes: readonly Box[];
  readonly firstPass: readonly DetectedFace[];
  readonly secondPass: readonly DetectedFace[];
};

type RawFace = { x: number; y: number; w: number; h: number; score: number; keypoints: number[][] };
type RawFrame = {
  width: number;
  height: number;
  dlib: (Box & { crop: Box })[];
  mediapipe: { full_range_sparse: RawFace[]; full_range_sparse_2pass: RawFace[] };
};

const folder = sharedFolder('golden/faces', 'faces golden');

/** Whether the reference numbers are there for the comparison. */
export const hasGoldenFaces = folder !== undefined;

/** Videos whose boxes the mapping's table in the reference document was measured on. */
export const GOLDEN_VIDEOS = ['0017_fake', 'anndvqgoko', 'sample_2', 'sample_4'] as const;

export function readGoldenVideo(name: string): GoldenFrame[] {
  return (readJson(`${name}.json`) as { frames: RawFrame[] }).frames.map(toGoldenFrame);
}

/** Short clips cut and encoded from some of the same videos, and made ones, by name. */
export function readGoldenClips(): Map<string, GoldenFrame[]> {
  const clips = readJson('clips.json') as Record<string, RawFrame[]>;
  return new Map(Object.entries(clips).map(([name, frames]) => [name, frames.map(toGoldenFrame)]));
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

function toGoldenFrame({ width, height, dlib, mediapipe }: RawFrame): GoldenFrame {
  return {
    frame: { width, height },
    crops: dlib.map(({ crop }) => crop),
    boxes: dlib.map(({ left, top, right, bottom }) => ({ left, top, right, bottom })),
    firstPass: mediapipe.full_range_sparse.map(toFace),
    secondPass: mediapipe.full_range_sparse_2pass.map(toFace),
  };
}

function toFace({ x, y, w, h, score, keypoints }: RawFace): DetectedFace {
  const point = (index: number) => ({ x: keypoints[index]![0]!, y: keypoints[index]![1]! });
  return {
    box: { left: x, top: y, right: x + w, bottom: y + h },
    score,
    keypoints: { leftEye: point(0), rightEye: point(1), noseTip: point(2), mouth: point(3) },
  };
}
