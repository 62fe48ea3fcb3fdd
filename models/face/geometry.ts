/** A point in pixels of the frame it was found in: x to the right, y down, pixel centres at integers. */
export type Point = { readonly x: number; readonly y: number };

/** A box in pixels of the frame. Right and bottom are exclusive, as in `frame[top:bottom, left:right]`. */
export type Box = {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
};

/** The size of a frame or an image in pixels. */
export type Size = { readonly width: number; readonly height: number };

/**
 * A face as MediaPipe's face detector finds it, in pixels of the full-size video frame. The keypoints are in
 * the detector's own order; left and right are the image's, not the person's.
 */
export type DetectedFace = {
  readonly box: Box;
  /** The detector's confidence, 0 to 1. */
  readonly score: number;
  readonly keypoints: FaceKeypoints;
};

/** The four of MediaPipe's six keypoints that determine the crop. */
export type FaceKeypoints = {
  readonly leftEye: Point;
  readonly rightEye: Point;
  readonly noseTip: Point;
  readonly mouth: Point;
};

export function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** The middle of the eyes, the distance between them, and the distance from their middle to the mouth. */
export function eyesOf({ leftEye, rightEye, mouth }: FaceKeypoints) {
  const middle = { x: (leftEye.x + rightEye.x) / 2, y: (leftEye.y + rightEye.y) / 2 };
  return { middle, distance: distance(leftEye, rightEye), toMouth: distance(middle, mouth) };
}

/**
 * The angle by which a face is turned in the picture's plane, in degrees from -180 to 180: 0 upright, 90 with the chin
 * to the right. It is that of the line from the eyes to the mouth, since the line between the eyes is short in a
 * profile.
 */
export function rollOf(keypoints: FaceKeypoints): number {
  const { middle } = eyesOf(keypoints);
  const { mouth } = keypoints;
  return (Math.atan2(mouth.x - middle.x, mouth.y - middle.y) * 180) / Math.PI;
}

export function boxCentre(box: Box): Point {
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
}

/** Intersection over union, 0 to 1; 0 where both boxes are empty. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
  const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (area(a) + area(b) - shared);
}

/** The part of a box that lies inside the frame; null where no part does. */
export function clipBox(box: Box, frame: Size): Box | null {
  const left = Math.max(0, box.left);
  const top = Math.max(0, box.top);
  const right = Math.min(frame.width, box.right);
  const bottom = Math.min(frame.height, box.bottom);
  return left < right && top < bottom ? { left, top, right, bottom } : null;
}

function area(box: Box): number {
  return (box.right - box.left) * (box.bottom - box.top);
}
