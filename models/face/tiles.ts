import { intersectionOverUnion, type DetectedFace, type Size } from './geometry.ts';
import { drawnSquare, type DrawnSquare } from './second-pass.ts';

/** The detector sees the whole frame at 192 pixels. Below about this side it begins to lose faces. */
const SMALL_FACE_SIDE_PIXELS = 70;
/** Two found faces that share this much of their area are one face: the boxes of neighbours hardly touch. */
const SAME_FACE_IOU = 0.3;
/** Enough to cover a frame of 3:1; a longer frame is no picture of people. */
const TILE_COUNT = 3;

/** Whether the frame should be searched tile by tile: no face was found in it, or a small one. */
export function needsTiles(faces: readonly DetectedFace[]): boolean {
  return faces.length === 0 || faces.some(({ box }) => box.right - box.left < SMALL_FACE_SIDE_PIXELS);
}

/** Three squares along the frame's long side, as wide as its short side; none for a square frame. */
export function tilesOf(frame: Size): DrawnSquare[] {
  const sidePixels = Math.min(frame.width, frame.height);
  const isWide = frame.width > frame.height;
  const slack = Math.max(frame.width, frame.height) - sidePixels;
  if (slack === 0) return [];
  return Array.from({ length: TILE_COUNT }, (_, index) => {
    const along = sidePixels / 2 + (slack * index) / (TILE_COUNT - 1);
    const across = sidePixels / 2;
    return drawnSquare(isWide ? { x: along, y: across } : { x: across, y: along }, sidePixels);
  });
}

/** The faces from the whole frame and its tiles, each face once: of faces that overlap, the most confident. */
export function mergeFaces<Face extends DetectedFace>(faces: readonly Face[]): Face[] {
  const merged: Face[] = [];
  for (const face of faces.toSorted((a, b) => b.score - a.score)) {
    if (merged.every((kept) => intersectionOverUnion(kept.box, face.box) < SAME_FACE_IOU)) merged.push(face);
  }
  return merged;
}
