import { MAX_CUT_SIDE_PIXELS } from '../../utils/domain/frames-port.ts';
import type { CutRegion } from '../../utils/domain/frames-port.ts';
import { appearanceOf, type Appearance } from '../face/appearance.ts';
import { squareFromKeypoints } from '../face/crop-geometry.ts';
import type { Box, DetectedFace } from '../face/geometry.ts';
import { refineFace, secondPassSquare, type DrawnSquare } from '../face/second-pass.ts';
import { mergeFaces } from '../face/tiles.ts';
import type { FollowedFace } from '../face/tracks.ts';
import type { RasterImage } from '../image/raster-image.ts';

/** A frame holds few faces that are large enough to judge; a crowd must not make one frame cost seconds. */
const MAX_REFINED_FACES = 12;

/** The faces of the first pass that get a second pass, each with its square. The most confident faces come first. */
export function secondPasses(
  faces: readonly DetectedFace[],
): readonly { readonly face: DetectedFace; readonly square: DrawnSquare }[] {
  return faces.slice(0, MAX_REFINED_FACES).map((face) => ({ face, square: secondPassSquare(face.box) }));
}

/** The region by which the square is asked of a frame. */
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

/** A face crop at the frame's own resolution. It is drawn smaller only if it is too large for a port. */
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

/**
 * The faces after the second pass, each with its look. Two faces that overlapped little before can be one face now.
 * @param found in each pass's square
 * @param pictures of the squares
 */
export function refineFaces(
  passes: readonly { readonly face: DetectedFace; readonly square: DrawnSquare }[],
  found: readonly (readonly DetectedFace[])[],
  pictures: readonly RasterImage[],
): FollowedFace[] {
  return mergeFaces(
    passes.map(({ face, square }, index) => {
      const refined = refineFace(face, found[index] ?? []);
      const picture = pictures[index];
      return { ...refined, appearance: picture === undefined ? null : lookOf(refined, square, picture) };
    }),
  );
}

/**
 * The part of the picture that is compared, over the face's side. Hair and shoulders tell people apart better than
 * features do at this coarse resolution. Measured with 1, 1.4, 1.8, 2.2 and 2.5; a wider part changes with the
 * background.
 */
const LOOK_MARGIN = 2.2;

function lookOf({ keypoints }: DetectedFace, square: DrawnSquare, picture: RasterImage): Appearance | null {
  const { centre, sidePixels } = squareFromKeypoints(keypoints);
  const scale = square.drawnSidePixels / square.sidePixels;
  const half = (LOOK_MARGIN * sidePixels) / 2;
  return appearanceOf(picture, {
    left: (centre.x - half - square.left) * scale,
    top: (centre.y - half - square.top) * scale,
    right: (centre.x + half - square.left) * scale,
    bottom: (centre.y + half - square.top) * scale,
  });
}
