import { createFaceCropper } from '../../../../models/face/face-cropper.ts';
import type { Box, DetectedFace, FaceKeypoints, Point, Size } from '../../../../models/face/geometry.ts';

/** A face seen from the front whose mapped square (K2) has this centre and about this side, in frame pixels. */
export function frontalFace(x: number, y: number, sidePixels: number, score = 0.9): DetectedFace {
  // Equal eye distance and eye-to-mouth distance d: side = 1.543 · √2 · d; centre 0.46 · d below the eyes.
  const d = sidePixels / (1.543 * Math.SQRT2);
  const eyesY = y - (0.535 - 0.202 * 0.6) * d;
  const half = sidePixels / 2;
  return {
    box: { left: x - half, top: y - half, right: x + half, bottom: y + half },
    score,
    keypoints: {
      leftEye: { x: x - d / 2, y: eyesY },
      rightEye: { x: x + d / 2, y: eyesY },
      noseTip: { x, y: eyesY + 0.6 * d },
      mouth: { x, y: eyesY + d },
    },
  };
}

/** A face like {@link frontalFace} that lies on its side, with the chin to the right. */
export function lyingFace(x: number, y: number, sidePixels: number): DetectedFace {
  const face = frontalFace(x, y, sidePixels);
  const turn = (point: Point): Point => ({ x: x + (point.y - y), y: y - (point.x - x) });
  const { leftEye, rightEye, noseTip, mouth } = face.keypoints;
  return {
    ...face,
    keypoints: {
      leftEye: turn(leftEye),
      rightEye: turn(rightEye),
      noseTip: turn(noseTip),
      mouth: turn(mouth),
    },
  };
}

/** The crop of one face in the first frame of a scan: its level is judged from this frame alone. */
export function cropOfOneFrame(keypoints: FaceKeypoints, frame: Size): Box | null {
  const box = { left: 0, top: 0, right: 1, bottom: 1 };
  return createFaceCropper(0).place([{ box, score: 1, keypoints }], frame).usable[0]?.crop ?? null;
}
