import { eyesOf } from './geometry.ts';
import type { Box, FaceKeypoints, Point } from './geometry.ts';

/**
 * From MediaPipe's keypoints to the crop that dlib's HOG face detector would have cut, which is what detectors of the
 * box `dlib` were trained on (`face_recognition.face_locations(frame, number_of_times_to_upsample=0)`).
 *
 * dlib slides an 80-pixel window in steps of one 8-pixel HOG cell over a pyramid that shrinks by 5/6 a level
 * (`dlib::scan_fhog_pyramid<pyramid_down<6>>`), so its boxes lie on a lattice. A box that is right but off
 * the lattice overlaps dlib's by .87 on average; on the lattice, most crops are dlib's to the pixel.
 */

/** A square by its centre and side, in pixels of the frame. */
export type Square = { readonly centre: Point; readonly sidePixels: number };

/** A place in dlib's lattice: the pyramid level and the window's cell in x and y. */
export type LatticeCell = { readonly level: number; readonly cellX: number; readonly cellY: number };

/** The ratio of one pyramid level to the next, `pyramid_down<6>`. */
const PYRAMID_RATIO = 1.2;
/** The side of dlib's window in pixels of its own level, 72 from (8n − 59) to (8n + 13). */
const WINDOW_SIDE_PIXELS = 72;
const CELL_PIXELS = 8;
const WINDOW_END_PIXELS = 13;
/** The window starts one cell further out where the division of a negative cell number truncates to zero. */
const WINDOW_START_PIXELS = -59;
const TRUNCATED_START_PIXELS = -67;
const LAST_TRUNCATED_CELL = 7;
/** `pyramid_down<6>::point_up` adds this offset at each level; the sum of the geometric series is 1.5 (1.2^k − 1). */
const LEVEL_OFFSET_PIXELS = 1.5;
/** dlib stops when a level is smaller than the window; no video frame (≤ 16 384 pixels) has more levels. */
const MAX_LEVEL = 30;

/**
 * The square that dlib's box is nearest to (mapping K2, fitted to dlib's boxes on sample videos). Keypoints and square
 * are in pixels of the full-size frame.
 */
export function squareFromKeypoints(keypoints: FaceKeypoints): Square {
  const { noseTip, mouth } = keypoints;
  const eyes = eyesOf(keypoints);
  return {
    centre: {
      x: 0.667 * eyes.middle.x - 0.202 * noseTip.x + 0.535 * mouth.x,
      y: 0.667 * eyes.middle.y - 0.202 * noseTip.y + 0.535 * mouth.y,
    },
    sidePixels: 1.543 * Math.hypot(eyes.toMouth, eyes.distance),
  };
}

/** The level as a real number: 0 for a side of 72 pixels, 1 more for each factor of 1.2. The side must be > 0. */
export function continuousLevel(sidePixels: number): number {
  return Math.log(sidePixels / WINDOW_SIDE_PIXELS) / Math.log(PYRAMID_RATIO);
}

/** The pyramid level at which dlib would find a face of this continuous level. */
export function nearestLevel(level: number): number {
  return Math.min(MAX_LEVEL, Math.max(0, Math.round(level)));
}

/** dlib's box at a place of its lattice, in pixels of the frame, not yet clipped to it. */
export function dlibBox({ level, cellX, cellY }: LatticeCell): Box {
  const [left, right] = windowSpan(level, cellX);
  const [top, bottom] = windowSpan(level, cellY);
  return { left, top, right, bottom };
}

/** The place in the lattice, at a given level, whose box has its centre nearest to the given one. */
export function snapCentre(centre: Point, level: number): LatticeCell {
  return { level, cellX: nearestCell(centre.x, level), cellY: nearestCell(centre.y, level) };
}

function windowSpan(level: number, cell: number): [start: number, end: number] {
  const start = cell <= LAST_TRUNCATED_CELL ? TRUNCATED_START_PIXELS : WINDOW_START_PIXELS;
  return [
    toFramePixel(level, CELL_PIXELS * cell + start),
    toFramePixel(level, CELL_PIXELS * cell + WINDOW_END_PIXELS),
  ];
}

/** dlib turns its `drectangle` into a `rectangle` by floor(x + .5), which is what `Math.round` does. */
function toFramePixel(level: number, levelPixel: number): number {
  const scale = PYRAMID_RATIO ** level;
  return Math.round(levelPixel * scale + LEVEL_OFFSET_PIXELS * (scale - 1));
}

function toLevelPixel(level: number, framePixel: number): number {
  const scale = PYRAMID_RATIO ** level;
  return (framePixel - LEVEL_OFFSET_PIXELS * (scale - 1)) / scale;
}

function nearestCell(centre: number, level: number): number {
  const centreOffset = (WINDOW_START_PIXELS + WINDOW_END_PIXELS) / 2;
  const guess = Math.round((toLevelPixel(level, centre) - centreOffset) / CELL_PIXELS);
  // The wider windows at the edge have their centre half a cell further out, so the next one can be nearer.
  const next = guess + 1;
  return centreDistance(next, level, centre) < centreDistance(guess, level, centre) ? next : guess;
}

function centreDistance(cell: number, level: number, centre: number): number {
  const [start, end] = windowSpan(level, cell);
  return Math.abs((start + end) / 2 - centre);
}
