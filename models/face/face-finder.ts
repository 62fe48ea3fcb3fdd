import type { DetectableImage, FaceDetector } from './face-detector.ts';
import type { DetectedFace } from './geometry.ts';
import { drawArguments, faceToFrame, refineFace, secondPassSquare, type DrawnSquare } from './second-pass.ts';
import { mergeFaces, needsTiles, tilesOf } from './tiles.ts';

export type FaceFinder = {
  /**
   * Finds the faces of one frame, most confident first, in pixels of that frame: the whole frame first, tile by tile
   * as well where that shows nobody or somebody small, then each face once more in a square of its own. The second
   * look is what the mapping to the network's crops was fitted on. Synchronous; one run of the detector for the
   * frame and one for each face, three more with tiles.
   */
  readonly find: (frame: DetectableImage) => DetectedFace[];
};

/** A frame holds few faces that are large enough to judge; a crowd must not make one frame cost seconds. */
const MAX_REFINED_FACES = 12;

/** Composes the detector with the pure geometry of the second pass and the tiles. Needs OffscreenCanvas (a Worker). */
export function createFaceFinder(detector: FaceDetector): FaceFinder {
  const square = createReadableContext(1, 1);

  const detectIn = (
    source: CanvasImageSource,
    place: DrawnSquare,
    frame: DetectableImage,
  ): DetectedFace[] => {
    const part = drawArguments(place, frame);
    if (part === null) return [];
    const side = place.drawnSidePixels;
    square.canvas.width = side;
    square.canvas.height = side;
    // Resizing has cleared the canvas; without an alpha channel that is black, as the geometry asks for.
    square.drawImage(
      source,
      part.sourceX,
      part.sourceY,
      part.sourceWidth,
      part.sourceHeight,
      part.x,
      part.y,
      part.width,
      part.height,
    );
    return detector.detect(square.getImageData(0, 0, side, side)).map((face) => faceToFrame(face, place));
  };

  return {
    find: (frame) => {
      const source = toDrawable(frame);
      const whole = detector.detect(frame);
      const inTiles = needsTiles(whole)
        ? tilesOf(frame).flatMap((tile) => detectIn(source, tile, frame))
        : [];
      const refined = mergeFaces([...whole, ...inTiles])
        .slice(0, MAX_REFINED_FACES)
        .map((face) => refineFace(face, detectIn(source, secondPassSquare(face.box), frame)));
      // Two finds that overlapped little before can be one face after the second look.
      return mergeFaces(refined);
    },
  };
}

function toDrawable(frame: DetectableImage): CanvasImageSource {
  if (!(frame instanceof ImageData)) return frame;
  const context = createReadableContext(frame.width, frame.height);
  context.putImageData(frame, 0, 0);
  return context.canvas;
}

/** Kept in main memory: every square that is drawn is read back. */
function createReadableContext(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext('2d', {
    alpha: false,
    willReadFrequently: true,
  });
  if (!context) throw new TypeError(`no 2D context of ${width} × ${height} pixels`);
  return context;
}
