import {
  boxCentre,
  clipBox,
  intersectionOverUnion,
  type Box,
  type DetectedFace,
  type Point,
  type Size,
} from './geometry.ts';

/**
 * A square of the frame that is drawn separately for the face detector. It may reach beyond the frame; the part outside
 * is black. Sides are in pixels: of the frame, and of the square as drawn.
 */
export type DrawnSquare = {
  readonly left: number;
  readonly top: number;
  readonly sidePixels: number;
  readonly drawnSidePixels: number;
};

/** Side of the second pass's square over the face's side: the keypoint mapping was fitted with this much around the face. */
const SECOND_PASS_MARGIN = 2.5;
/** The detector scales its input to 192 pixels: more than this adds drawing time and no detail. */
const MAX_DRAWN_SIDE_PIXELS = 512;
/** With less overlap, the second pass has found another face, a neighbour inside the square. */
const MIN_SAME_FACE_IOU = 0.3;

/** The square round a box of the first pass (frame pixels) in which the detector searches again. */
export function secondPassSquare(box: Box): DrawnSquare {
  const centre = boxCentre(box);
  const sidePixels = Math.round(SECOND_PASS_MARGIN * Math.max(box.right - box.left, box.bottom - box.top));
  return drawnSquare(centre, Math.max(1, sidePixels));
}

export function drawnSquare(centre: Point, sidePixels: number): DrawnSquare {
  return {
    left: Math.round(centre.x - sidePixels / 2),
    top: Math.round(centre.y - sidePixels / 2),
    sidePixels,
    drawnSidePixels: Math.min(MAX_DRAWN_SIDE_PIXELS, sidePixels),
  };
}

/**
 * The part of the square that lies inside the frame, and its place in the drawn square; the rest stays black. The
 * numbers are those that `drawImage` takes: left, top, width and height of the source, then of the target.
 * @returns null where the square lies outside the frame
 */
export function drawArguments({ left, top, sidePixels, drawnSidePixels }: DrawnSquare, frame: Size) {
  const part = clipBox({ left, top, right: left + sidePixels, bottom: top + sidePixels }, frame);
  if (part === null) return null;
  const [width, height] = [part.right - part.left, part.bottom - part.top];
  const scale = drawnSidePixels / sidePixels;
  const target = [
    (part.left - left) * scale,
    (part.top - top) * scale,
    width * scale,
    height * scale,
  ] as const;
  return [part.left, part.top, width, height, ...target] as const;
}

/** Maps a face found in the drawn square to pixels of the frame. */
export function faceToFrame(face: DetectedFace, square: DrawnSquare): DetectedFace {
  const scale = square.sidePixels / square.drawnSidePixels;
  return mapFace(face, ({ x, y }) => ({ x: square.left + x * scale, y: square.top + y * scale }));
}

/** Maps a face found in a copy of the whole frame (a thumbnail) to pixels of the frame. */
export function scaleFace(face: DetectedFace, from: Size, to: Size): DetectedFace {
  return mapFace(face, ({ x, y }) => ({ x: (x * to.width) / from.width, y: (y * to.height) / from.height }));
}

/**
 * The second pass's version of a face of the first pass: of the faces in the square (in frame pixels), the one that
 * overlaps it most. Where none does, the second pass has lost the face, and this is the first pass's own.
 */
export function refineFace(first: DetectedFace, found: readonly DetectedFace[]): DetectedFace {
  let best = first;
  let bestOverlap = MIN_SAME_FACE_IOU;
  for (const face of found) {
    const overlap = intersectionOverUnion(first.box, face.box);
    if (overlap >= bestOverlap) {
      best = face;
      bestOverlap = overlap;
    }
  }
  return best;
}

function mapFace(face: DetectedFace, map: (point: Point) => Point): DetectedFace {
  const { box, score, keypoints } = face;
  const start = map({ x: box.left, y: box.top });
  const end = map({ x: box.right, y: box.bottom });
  return {
    box: { left: start.x, top: start.y, right: end.x, bottom: end.y },
    score,
    keypoints: {
      leftEye: map(keypoints.leftEye),
      rightEye: map(keypoints.rightEye),
      noseTip: map(keypoints.noseTip),
      mouth: map(keypoints.mouth),
    },
  };
}
