import { MAX_CUT_SIDE_PIXELS } from '../../utils/domain/frames-port.ts';
import type { CutRegion } from '../../utils/domain/frames-port.ts';
import type { Box, DetectedFace } from '../face/geometry.ts';
import { refineFace, secondPassSquare, type DrawnSquare } from '../face/second-pass.ts';
import { mergeFaces } from '../face/tiles.ts';

/** A frame holds few faces that are large enough to judge; a crowd must not make one frame cost seconds. */
const MAX_REFINED_FACES = 12;

/** The faces of the first pass that get a second pass, each with its square. Most confident first. */
export function secondPasses(
  faces: readonly DetectedFace[],
): readonly { readonly face: DetectedFace; readonly square: DrawnSquare }[] {
  return faces.slice(0, MAX_REFINED_FACES).map((face) => ({ face, square: secondPassSquare(face.box) }));
}

/** The square as a frame is asked for it. */
export function regionOfSquare({ left, top, sidePixels, drawnSidePixels }: DrawnSquare): CutRegion {
  return {
    left,
    top,
    width: sidePixels,
    height: sidePixels,
    outWidth: drawnSidePixels,
    outHeight: drawnSidePixels,
  };
}

/** A face crop at the frame's own resolution; only one that is too large for a port is drawn smaller. */
export function regionOfCrop({ left, top, right, bottom }: Box): CutRegion {
  const width = right - left;
  const height = bottom - top;
  const scale = Math.min(1, MAX_CUT_SIDE_PIXELS / Math.max(width, height));
  return {
    left,
    top,
    width,
    height,
    outWidth: Math.max(1, Math.round(width * scale)),
    outHeight: Math.max(1, Math.round(height * scale)),
  };
}

/** The faces after the second pass. Two faces that overlapped little before can be one face now. */
export function refineFaces(
  passes: readonly { readonly face: DetectedFace }[],
  found: readonly (readonly DetectedFace[])[],
): DetectedFace[] {
  return mergeFaces(passes.map(({ face }, index) => refineFace(face, found[index] ?? [])));
}
